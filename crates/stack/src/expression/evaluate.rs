//! Evaluating strings against a scope.

use std::sync::Arc;

use cel::common::types::DYN_TYPE;
use cel::common::value::CowVal;
use cel::context::VariableResolver;
use cel::{Context, Env, Value as CelValue, extensions};
use rbacform_core::Text;

use super::compile::{IN_ORDER, Piece, Program, Template};
use super::data::Data;
use super::message::{self, Meaning};
use super::value::{in_order, lend, take};

/// What names stand for in an expression.
pub(crate) trait Names: Sync {
    /// The value of a whole dotted name, e.g. `vars.tenants` or `kubernetes.role.reader`.
    fn find(&self, name: &str) -> Option<&Data>;
}

/// Why a program gave no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It touched something that was already reported.
    Broken,
    /// What this names is known after apply.
    Later(String),
    /// A map has no such key.
    NoSuchKey(String),
    /// Anything else.
    Message(String),
}

/// Evaluates programs; one a run, because setting up CEL costs more than an evaluation.
pub(crate) struct Evaluator {
    env: Arc<Env>,
}

struct Resolver<'n>(&'n dyn Names);

impl VariableResolver for Resolver<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        self.0.find(variable).map(lend)
    }
}

impl Evaluator {
    pub(crate) fn new() -> Self {
        let mut env = Env::stdlib();
        // Neither can fail: nothing else declares these names.
        let _ = env.add_extension(extensions::strings);
        let _ = env.add_overload(IN_ORDER, "in_order_dyn", vec![DYN_TYPE], in_order);
        Self { env: Arc::new(env) }
    }

    /// The value of a template: of its expression where it is nothing else, else text. On failure
    /// the program that failed goes with it.
    pub(crate) fn template<'t>(
        &self,
        template: &'t Template,
        names: &dyn Names,
    ) -> Result<Data, (&'t Program, Failure)> {
        match template.pieces.as_slice() {
            [Piece::Expression(program)] => self.program(program, names).map_err(|f| (program, f)),
            pieces => self.interpolate(pieces, names),
        }
    }

    fn interpolate<'t>(
        &self,
        pieces: &'t [Piece],
        names: &dyn Names,
    ) -> Result<Data, (&'t Program, Failure)> {
        let mut text = Text::default();
        for piece in pieces {
            match piece {
                Piece::Text(literal) => text.push_str(literal),
                Piece::Expression(program) => {
                    let data = self.program(program, names).map_err(|f| (program, f))?;
                    append(&mut text, &data).map_err(|failure| (program, failure))?;
                }
            }
        }
        Ok(Data::String(text))
    }

    fn program(&self, program: &Program, names: &dyn Names) -> Result<Data, Failure> {
        let resolver = Resolver(names);
        let mut context = Context::with_env(Arc::clone(&self.env));
        context.set_variable_resolver(&resolver);
        let value =
            CelValue::resolve_val(&program.tree, &context).map_err(
                |error| match message::meaning(&error) {
                    Meaning::Broken => Failure::Broken,
                    Meaning::Later(named) => Failure::Later(named),
                    Meaning::NoSuchKey(key) => Failure::NoSuchKey(key),
                    Meaning::Text(text) => Failure::Message(text),
                },
            )?;
        let Some(data) = take(value.as_ref()) else {
            let kind = message::kind_name(value.as_ref());
            let message = format!("it comes to {kind}, which no argument can hold");
            return Err(Failure::Message(message));
        };
        match data.absent() {
            Some(address) => Err(Failure::Message(message::not_declared(address))),
            None if matches!(data, Data::Broken) => Err(Failure::Broken),
            None => Ok(data),
        }
    }
}

fn append(text: &mut Text, data: &Data) -> Result<(), Failure> {
    use std::fmt::Write;
    let written = match data {
        Data::String(value) => {
            text.push_str(value);
            Ok(())
        }
        Data::Bool(value) => write!(text, "{value}"),
        Data::Int(value) => write!(text, "{value}"),
        Data::Float(value) => write!(text, "{value}"),
        Data::Broken | Data::Absent(_) | Data::Later(_) => return Err(Failure::Broken),
        other => {
            return Err(Failure::Message(format!(
                "{} cannot be written into text",
                other.describe()
            )));
        }
    };
    written.map_err(|_| Failure::Message("the text is too long".to_owned()))
}
