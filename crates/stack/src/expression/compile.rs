//! Compiling strings: once per distinct text.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr};
use cel::parser::{Parser, PrattParser};
use rbacform_core::Text;

use super::message;
use super::references::{self, Mention};
use super::scan::{self, Part, Unclosed};

/// An expression is at most this long, in bytes.
pub(crate) const MAX_LENGTH: usize = 2048;
/// An expression has at most this many nodes.
pub(crate) const MAX_NODES: usize = 500;
/// Distinct strings remembered at once: a stack of ten thousand must not keep ten thousand trees.
const MAX_CACHED: usize = 1024;
/// The function every comprehension's range goes through.
pub(super) const IN_ORDER: &str = "@in_order";

/// A string with expressions in it.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) pieces: Vec<Piece>,
}

/// A part of a [`Template`].
#[derive(Debug)]
pub(crate) enum Piece {
    Text(String),
    Expression(Program),
}

/// A compiled expression.
#[derive(Debug)]
pub(crate) struct Program {
    /// Its bytes in the string, without `${` and `}`.
    pub(crate) range: Range<usize>,
    /// Its text.
    pub(crate) text: String,
    pub(super) tree: IdedExpr,
    /// What it refers to.
    pub(crate) mentions: Vec<Mention>,
}

/// Why a string does not compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CompileError {
    pub(crate) code: &'static str,
    /// Bytes in the string.
    pub(crate) range: Range<usize>,
    pub(crate) message: String,
    pub(crate) help: Option<&'static str>,
}

/// The compiled strings of one run.
#[derive(Default)]
pub(crate) struct Compiler {
    cache: HashMap<Text, Result<Rc<Template>, CompileError>>,
}

impl Template {
    pub(crate) fn programs(&self) -> impl Iterator<Item = &Program> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Expression(program) => Some(program),
            Piece::Text(_) => None,
        })
    }
}

impl Compiler {
    pub(crate) fn template(&mut self, text: &str) -> Result<Rc<Template>, CompileError> {
        if let Some(known) = self.cache.get(text) {
            return known.clone();
        }
        if self.cache.len() >= MAX_CACHED {
            self.cache.clear();
        }
        let compiled = compile(text).map(Rc::new);
        self.cache.insert(text.into(), compiled.clone());
        compiled
    }
}

fn compile(text: &str) -> Result<Template, CompileError> {
    let parts = scan::scan(text).map_err(|Unclosed(at)| CompileError {
        code: "expression",
        range: at..text.len(),
        message: "`${` has no closing `}`".to_owned(),
        help: Some("for a literal `${` write `$${`"),
    })?;
    let pieces = parts.into_iter().map(|part| match part {
        Part::Text(text) => Ok(Piece::Text(text)),
        Part::Expression(range) => program(text, range).map(Piece::Expression),
    });
    let pieces = pieces.collect::<Result<_, _>>()?;
    Ok(Template { pieces })
}

fn program(string: &str, range: Range<usize>) -> Result<Program, CompileError> {
    let text = string.get(range.clone()).unwrap_or_default();
    let error = |code, message| CompileError {
        code,
        range: range.clone(),
        message,
        help: None,
    };
    if text.trim().is_empty() {
        return Err(CompileError {
            help: Some("for a literal `${` write `$${`"),
            ..error("expression", "the expression is empty".to_owned())
        });
    }
    if text.len() > MAX_LENGTH {
        let message = format!(
            "the expression has {} bytes, more than the {MAX_LENGTH} allowed",
            text.len()
        );
        return Err(CompileError {
            help: Some("put parts of it into `[locals]`"),
            ..error("expression-too-long", message)
        });
    }
    let mut tree = PrattParser::default().parse(text).map_err(|errors| {
        let (offset, message) = message::syntax(text, &errors);
        let at = offset.map_or(range.start, |offset| range.start + offset);
        CompileError {
            range: at.min(range.end)..range.end,
            ..error("expression", format!("invalid expression: {message}"))
        }
    })?;
    if references::count(&tree) > MAX_NODES {
        return Err(CompileError {
            help: Some("put parts of it into `[locals]`"),
            ..error(
                "expression-too-long",
                format!("the expression has more than the {MAX_NODES} parts allowed"),
            )
        });
    }
    let mentions = references::mentions(&tree);
    order_comprehensions(&mut tree);
    Ok(Program {
        text: text.to_owned(),
        range,
        tree,
        mentions,
    })
}

/// Sends the range of every comprehension through [`IN_ORDER`], since a map has no stable order.
fn order_comprehensions(expression: &mut IdedExpr) {
    match &mut expression.expr {
        Expr::Call(call) => {
            call.target.iter_mut().for_each(|t| order_comprehensions(t));
            call.args.iter_mut().for_each(order_comprehensions);
        }
        Expr::Comprehension(comprehension) => {
            for part in [
                &mut comprehension.iter_range,
                &mut comprehension.accu_init,
                &mut comprehension.loop_cond,
                &mut comprehension.loop_step,
                &mut comprehension.result,
            ] {
                order_comprehensions(part);
            }
            let range = std::mem::take(&mut comprehension.iter_range);
            comprehension.iter_range = IdedExpr {
                id: range.id,
                expr: Expr::Call(CallExpr {
                    func_name: IN_ORDER.to_owned(),
                    target: None,
                    args: vec![range],
                }),
            };
        }
        Expr::List(list) => list.elements.iter_mut().for_each(order_comprehensions),
        Expr::Map(map) => map
            .entries
            .iter_mut()
            .for_each(|e| order_entry(&mut e.expr)),
        Expr::Struct(object) => object
            .entries
            .iter_mut()
            .for_each(|e| order_entry(&mut e.expr)),
        Expr::Select(select) => order_comprehensions(&mut select.operand),
        Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => {}
    }
}

fn order_entry(entry: &mut EntryExpr) {
    match entry {
        EntryExpr::MapEntry(entry) => {
            order_comprehensions(&mut entry.key);
            order_comprehensions(&mut entry.value);
        }
        EntryExpr::StructField(field) => order_comprehensions(&mut field.value),
    }
}

impl Program {
    /// The bytes of a mention within the expression's string. The fast parser keeps no offsets, so
    /// the expression is parsed again by the one that does: only diagnostics need this.
    pub(crate) fn place(&self, mention: &Mention) -> Range<usize> {
        let Ok((tree, info)) = Parser::default().parse_with_source_info(&self.text) else {
            return self.range.clone();
        };
        let placed = references::mentions(&tree);
        let same = self.mentions.iter().zip(&placed);
        let id = same
            .filter(|(ours, _)| ours.id == mention.id)
            .map(|(_, theirs)| theirs.id)
            .next();
        match id.and_then(|id| info.offset_for(id)) {
            Some((start, _)) => {
                let start = start as usize;
                let end = scan::path_end(&self.text, start).max(start);
                self.range.start + start..self.range.start + end
            }
            None => self.range.clone(),
        }
    }
}
