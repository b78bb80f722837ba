//! Walking an expression. Each part is a value, or the things that one would have to know; `&&`
//! and `||` are decided by the side that decides.

use std::collections::BTreeSet;

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, SelectExpr, operators as op};
use cel::parser::PrattParser;

use super::Moment;
use super::datum::Datum;
use super::times;

/// Past this an expression is not parsed: the parser recurses.
const MAX_BYTES: usize = 16 * 1024;
const MAX_NESTING: usize = 500;

/// What an expression is evaluated with.
#[derive(Clone, Copy)]
pub(super) struct Given<'m> {
    pub(super) moment: &'m Moment,
    /// One spelling of `resource.name`.
    pub(super) name: Option<&'m str>,
}

/// What one would have to know.
type Needs = BTreeSet<String>;
type Told = Result<Datum, Needs>;

/// Parses. None where it is no expression.
pub(super) fn parse(text: &str) -> Option<IdedExpr> {
    let nests = |c: &char| matches!(c, '(' | '[' | '{' | '!' | '?' | '-');
    if text.len() > MAX_BYTES || text.chars().filter(nests).count() > MAX_NESTING {
        return None;
    }
    PrattParser::default().parse(text).ok()
}

/// Whether the whole holds.
pub(super) fn holds(tree: &IdedExpr, given: &Given<'_>) -> Result<bool, Needs> {
    given.truth(tree)
}

fn needs<T>(what: impl Into<String>) -> Result<T, Needs> {
    Err(Needs::from([what.into()]))
}

/// What nobody here models, by the name it is written with.
fn unmodelled<T>(name: &str) -> Result<T, Needs> {
    needs(format!("`{name}`"))
}

impl Given<'_> {
    fn truth(&self, at: &IdedExpr) -> Result<bool, Needs> {
        match self.value(at)? {
            Datum::Bool(is) => Ok(is),
            _ => needs("a part that is neither true nor false"),
        }
    }

    fn value(&self, at: &IdedExpr) -> Told {
        match &at.expr {
            Expr::Literal(literal) => constant(literal),
            Expr::List(list) if list.optional_indices.is_empty() => {
                let items = list.elements.iter().map(|item| self.value(item));
                items.collect::<Result<_, _>>().map(Datum::List)
            }
            Expr::Select(select) => self.attribute(select),
            Expr::Call(call) => self.call(call),
            Expr::Ident(name) => unmodelled(name),
            _ => needs("a part that is not modelled"),
        }
    }

    /// `request.time`, `resource.name` and their like.
    fn attribute(&self, select: &SelectExpr) -> Told {
        let root = match &select.operand.expr {
            Expr::Ident(root) if !select.test => root.as_str(),
            _ => return unmodelled(&path(select)),
        };
        let resource = self.moment.resource.as_ref();
        match (root, select.field.as_str()) {
            ("request", "time") => {
                let now = self.moment.now.map(jiff::Timestamp::from_second);
                match now.and_then(Result::ok) {
                    Some(now) => Ok(Datum::Time(now)),
                    None => unmodelled("request.time"),
                }
            }
            ("resource", field @ ("name" | "type" | "service")) => {
                let within = resource.is_some_and(|resource| resource.within);
                let text = match field {
                    "name" => self.name,
                    "type" => resource.and_then(|resource| resource.kind),
                    _ => resource.map(|resource| resource.service),
                };
                match text {
                    Some(name) if within && field == "name" => {
                        Ok(Datum::Beginning(format!("{name}/")))
                    }
                    Some(text) => Ok(Datum::Text(text.to_owned())),
                    None => needs(format!("`resource.{field}` of this resource")),
                }
            }
            _ => unmodelled(&path(select)),
        }
    }

    fn call(&self, call: &CallExpr) -> Told {
        match (call.func_name.as_str(), call.args.as_slice()) {
            (op::LOGICAL_AND, [one, other]) => self.both(one, other, false),
            (op::LOGICAL_OR, [one, other]) => self.both(one, other, true),
            (op::LOGICAL_NOT, [one]) => Ok(Datum::Bool(!self.truth(one)?)),
            (op::CONDITIONAL, [test, yes, no]) => match self.truth(test)? {
                true => self.value(yes),
                false => self.value(no),
            },
            (name, arguments) => {
                let target = call.target.as_deref().into_iter();
                let values = target
                    .chain(arguments)
                    .map(|argument| self.value(argument))
                    .collect::<Result<Vec<_>, _>>()?;
                apply(name, values)
            }
        }
    }

    /// `&&` where `decides` is false, `||` where it is true.
    fn both(&self, one: &IdedExpr, other: &IdedExpr, decides: bool) -> Told {
        let (one, other) = (self.truth(one), self.truth(other));
        if [&one, &other].contains(&&Ok(decides)) {
            return Ok(Datum::Bool(decides));
        }
        match (one, other) {
            (Ok(_), Ok(_)) => Ok(Datum::Bool(!decides)),
            (Err(mut needs), Err(more)) => {
                needs.extend(more);
                Err(needs)
            }
            (Err(needs), Ok(_)) | (Ok(_), Err(needs)) => Err(needs),
        }
    }
}

fn constant(literal: &LiteralValue) -> Told {
    match literal {
        LiteralValue::Boolean(is) => Ok(Datum::Bool(*is.inner())),
        LiteralValue::Int(number) => Ok(Datum::Int(*number.inner())),
        LiteralValue::String(text) => Ok(Datum::Text(text.inner().to_owned())),
        _ => needs("a constant that is not modelled"),
    }
}

/// Functions and operators over known values.
fn apply(name: &str, values: Vec<Datum>) -> Told {
    let known = match (name, values.as_slice()) {
        (op::EQUALS, [one, other]) => one.equals(other).map(Datum::Bool),
        (op::NOT_EQUALS, [one, other]) => one.equals(other).map(|equal| Datum::Bool(!equal)),
        (op::LESS, [one, other]) => one.order(other).map(|order| Datum::Bool(order.is_lt())),
        (op::LESS_EQUALS, [one, other]) => one.order(other).map(|order| Datum::Bool(order.is_le())),
        (op::GREATER, [one, other]) => one.order(other).map(|order| Datum::Bool(order.is_gt())),
        (op::GREATER_EQUALS, [one, other]) => {
            one.order(other).map(|order| Datum::Bool(order.is_ge()))
        }
        (op::ADD, [one, other]) => one.clone().sum(other.clone()),
        (op::SUBSTRACT, [one, other]) => one.clone().difference(other.clone()),
        (op::NEGATE, [Datum::Int(number)]) => number.checked_neg().map(Datum::Int),
        (op::IN, [one, Datum::List(items)]) => one.is_among(items).map(Datum::Bool),
        ("timestamp", [Datum::Text(text)]) => times::timestamp(text).map(Datum::Time),
        ("duration", [Datum::Text(text)]) => times::duration(text).map(Datum::Duration),
        ("startsWith", [text, Datum::Text(part)]) => text.begins_with(part).map(Datum::Bool),
        ("endsWith", [Datum::Text(text), Datum::Text(part)]) => {
            Some(Datum::Bool(text.ends_with(part.as_str())))
        }
        ("contains", [Datum::Text(text), Datum::Text(part)]) => {
            Some(Datum::Bool(text.contains(part.as_str())))
        }
        ("extract", [Datum::Text(text), Datum::Text(template)]) => {
            extract(text, template).map(Datum::Text)
        }
        ("size", [Datum::Text(text)]) => i64::try_from(text.chars().count()).ok().map(Datum::Int),
        (function, [Datum::Time(time)]) => times::part(*time, function, None).map(Datum::Int),
        (function, [Datum::Time(time), Datum::Text(zone)]) => {
            times::part(*time, function, Some(zone)).map(Datum::Int)
        }
        _ => None,
    };
    match known {
        Some(value) => Ok(value),
        None if values.iter().any(Datum::is_partial) => {
            needs("what in the resource is asked about")
        }
        None => unmodelled(name.trim_start_matches('@')),
    }
}

/// Google's own `extract`: what stands in a text where the template has `{name}`; empty where the
/// template does not fit (`iam/docs/conditions-attribute-reference#extract`).
fn extract(text: &str, template: &str) -> Option<String> {
    let (before, rest) = template.split_once('{')?;
    let (_, after) = rest.split_once('}')?;
    let found = text.split_once(before).map(|(_, found)| found);
    let found = match (found, after) {
        (None, _) => None,
        (Some(found), "") => Some(found),
        (Some(found), after) => found.split_once(after).map(|(found, _)| found),
    };
    Some(found.unwrap_or_default().to_owned())
}

fn path(select: &SelectExpr) -> String {
    let operand = match &select.operand.expr {
        Expr::Ident(name) => name.clone(),
        Expr::Select(inner) => path(inner),
        _ => "...".to_owned(),
    };
    format!("{operand}.{}", select.field)
}
