//! Expressions of conditions: parsed as the server parses them, so that a slip is found before it
//! is sent.

use cel::common::ast::{EntryExpr, Expr, IdedExpr, LiteralValue, operators as op};
use cel::parser::PrattParser;
use rbacform_core::hint;

use super::MAX_OPERATORS;

/// What an expression may begin a name with (`iam/docs/conditions-attribute-reference`).
const ROOTS: [&str; 6] = [
    "request",
    "resource",
    "destination",
    "origin",
    "api",
    "source",
];
/// Attributes of `request` and `resource`.
const ATTRIBUTES: [&str; 7] = [
    "request.time",
    "request.auth",
    "request.path",
    "request.host",
    "resource.name",
    "resource.type",
    "resource.service",
];
/// Past this many signs that nest, an expression is no longer parsed: the parser recurses.
const MAX_NESTING: usize = 500;
const MAX_BYTES: usize = 16 * 1024;

/// Why an expression is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExpressionError {
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl ExpressionError {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: Some(help.into()),
        }
    }
}

/// What is wrong with an expression, if anything.
pub(super) fn check(text: &str) -> Result<(), ExpressionError> {
    if text.trim().is_empty() {
        return Err(ExpressionError::new(
            "the expression is empty",
            "write one like `request.time < timestamp('2027-07-01T00:00:00Z')`, or take the \
             condition out",
        ));
    }
    let tree = parse(text)?;
    let mut walk = Walk::default();
    walk.visit(&tree);
    if let Some(error) = walk.error {
        return Err(error);
    }
    if walk.operators > MAX_OPERATORS {
        return Err(ExpressionError::new(
            format!(
                "the expression has {} logical operators, Google allows {MAX_OPERATORS}",
                walk.operators
            ),
            "split it over several grants, or use `in [...]` and `startsWith`",
        ));
    }
    Ok(())
}

/// How many logical operators (`&&`, `||`, `!`) an expression has. None where it does not parse.
pub(super) fn operators(text: &str) -> Option<usize> {
    let tree = parse(text).ok()?;
    let mut walk = Walk::default();
    walk.visit(&tree);
    Some(walk.operators)
}

fn parse(text: &str) -> Result<IdedExpr, ExpressionError> {
    let nests = |c: char| matches!(c, '(' | '[' | '{' | '!' | '?' | '-');
    if text.len() > MAX_BYTES || text.chars().filter(|c| nests(*c)).count() > MAX_NESTING {
        return Err(ExpressionError::new(
            "the expression is too long",
            "Google allows 12 logical operators in one",
        ));
    }
    PrattParser::default().parse(text).map_err(|errors| {
        // The library's own text of an error may quote at length, or point past the end.
        let first = errors.errors.first();
        let told = first.and_then(|error| error.msg.lines().next());
        let told = told
            .map(|told| {
                told.trim_start_matches("Syntax error: ")
                    .replace("<EOF>", "the end")
            })
            .map(|told| told.chars().take(120).collect::<String>());
        ExpressionError {
            message: match told {
                Some(told) => format!("the expression does not parse: {told}"),
                None => "the expression does not parse".to_owned(),
            },
            help: None,
        }
    })
}

/// Counts operators and finds the first name or time that cannot be.
#[derive(Default)]
struct Walk<'e> {
    operators: usize,
    bound: Vec<&'e str>,
    error: Option<ExpressionError>,
}

impl<'e> Walk<'e> {
    fn visit(&mut self, at: &'e IdedExpr) {
        match &at.expr {
            Expr::Call(call) => {
                if [op::LOGICAL_AND, op::LOGICAL_OR, op::LOGICAL_NOT]
                    .contains(&call.func_name.as_str())
                {
                    self.operators += 1;
                }
                self.time(&call.func_name, &call.args);
                call.target.iter().for_each(|target| self.visit(target));
                call.args.iter().for_each(|argument| self.visit(argument));
            }
            Expr::Ident(name) => self.name(name, None),
            Expr::Select(select) => match &select.operand.expr {
                Expr::Ident(root) => self.name(root, Some(&select.field)),
                _ => self.visit(&select.operand),
            },
            Expr::List(list) => list.elements.iter().for_each(|item| self.visit(item)),
            Expr::Map(map) => map.entries.iter().for_each(|entry| self.entry(&entry.expr)),
            Expr::Struct(object) => object
                .entries
                .iter()
                .for_each(|entry| self.entry(&entry.expr)),
            Expr::Comprehension(all) => {
                self.visit(&all.iter_range);
                let depth = self.bound.len();
                self.bound.push(&all.iter_var);
                self.bound.push(&all.accu_var);
                self.bound.extend(all.iter_var2.as_deref());
                // The condition and step of a macro hold operators that nobody wrote.
                let written = self.operators;
                self.visit(&all.loop_step);
                self.operators = written;
                self.bound.truncate(depth);
            }
            Expr::Literal(_) | Expr::Unspecified => {}
        }
    }

    fn entry(&mut self, entry: &'e EntryExpr) {
        match entry {
            EntryExpr::MapEntry(entry) => {
                self.visit(&entry.key);
                self.visit(&entry.value);
            }
            EntryExpr::StructField(field) => self.visit(&field.value),
        }
    }

    fn name(&mut self, root: &str, field: Option<&str>) {
        if self.bound.contains(&root) || self.error.is_some() {
            return;
        }
        if !ROOTS.contains(&root) {
            let help = match hint::closest(root, ROOTS) {
                Some(known) => format!("did you mean `{known}`?"),
                None => "conditions know `request.time`, `resource.name`, `resource.type`, \
                         `resource.service` and their like"
                    .to_owned(),
            };
            self.error = Some(ExpressionError::new(
                format!("a condition knows nothing called `{root}`"),
                help,
            ));
        } else if let (Some(field), "request" | "resource") = (field, root) {
            let path = format!("{root}.{field}");
            if !ATTRIBUTES.contains(&path.as_str())
                && let Some(known) = hint::closest(&path, ATTRIBUTES)
            {
                self.error = Some(ExpressionError::new(
                    format!("a condition knows nothing called `{path}`"),
                    format!("did you mean `{known}`?"),
                ));
            }
        }
    }

    /// A time written out that is none: Google would refuse it, or never let anybody in.
    fn time(&mut self, function: &str, arguments: &[IdedExpr]) {
        let ("timestamp", [argument]) = (function, arguments) else {
            return;
        };
        if let Expr::Literal(LiteralValue::String(text)) = &argument.expr
            && text.inner().parse::<jiff::Timestamp>().is_err()
        {
            let message = format!("`{}` is no point in time", text.inner());
            let help = "write date, time and zone, e.g. `2027-07-01T00:00:00Z`";
            self.error
                .get_or_insert(ExpressionError::new(message, help));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_found_and_google_s_own_examples_are_not() {
        for fine in [
            "request.time < timestamp('2027-07-01T00:00:00Z')",
            r#"resource.name.startsWith("projects/_/buckets/b/objects/x") && !(resource.type == 'a')"#,
            "resource.matchTag('123/env', 'prod')",
            "resource.name.extract('secrets/{name}/versions') == 'x'",
            "request.time.getHours('Europe/Berlin') >= 9 && request.time.getDayOfWeek() in [1, 2]",
            "api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly(['roles/x'])",
            "destination.port == 22 && origin.ip == '1.2.3.4'",
            "['a', 'b'].exists(x, resource.name.startsWith(x))",
        ] {
            assert_eq!(check(fine), Ok(()), "{fine}");
        }
        for (slip, said) in [
            ("", "the expression is empty"),
            ("request.time <", "the expression does not parse"),
            (
                "requests.time < timestamp('2027-07-01T00:00:00Z')",
                "`requests`",
            ),
            (
                "request.tim < timestamp('2027-07-01T00:00:00Z')",
                "`request.tim`",
            ),
            (
                "request.time < timestamp('2027-07-01')",
                "`2027-07-01` is no point in time",
            ),
            (&"!".repeat(MAX_NESTING + 1), "too long"),
        ] {
            let error = check(slip).unwrap_err();
            assert!(error.message.contains(said), "{slip}: {}", error.message);
        }
    }

    #[test]
    fn twelve_operators_are_the_most() {
        let chain = |count: usize| vec!["resource.name == 'a'"; count + 1].join(" || ");
        assert_eq!(operators(&chain(12)), Some(12));
        assert_eq!(operators("!true && (false || true)"), Some(3));
        assert_eq!(check(&chain(12)), Ok(()));
        let error = check(&chain(13)).unwrap_err();
        assert!(
            error.message.contains("13 logical operators"),
            "{}",
            error.message
        );
    }
}
