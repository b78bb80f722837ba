//! Conditions: their grammar, their limits, and whether they hold.

use cel::common::ast::{Expr, IdedExpr, operators};
use cel::parser::PrattParser;
use cel::{Context, ExecutionError, Program};
use jiff::Timestamp;

use super::clock::Moment;
use super::policy::Condition;

/// Logic operators in one condition (<https://cloud.google.com/iam/quotas>).
const MAX_OPERATORS: usize = 12;
const MAX_TITLE: usize = 100;
const MAX_DESCRIPTION: usize = 256;
/// No text of ours: Google documents no length, and a parser must not be overrun.
const MAX_EXPRESSION: usize = 12 * 1024;

/// Where in the request a condition is asked about.
#[derive(Debug, Clone)]
pub(crate) struct Request<'a> {
    pub(crate) now: Moment,
    /// The resource's name without the host.
    pub(crate) resource: &'a str,
    /// Such as `cloudresourcemanager.googleapis.com`.
    pub(crate) service: &'a str,
}

/// What is wrong with a condition: the field, and why.
pub(crate) fn fault(condition: &Condition) -> Option<(&'static str, String)> {
    if condition.title.is_empty() {
        return Some(("title", "Condition title must not be empty.".to_owned()));
    }
    if condition.title.len() > MAX_TITLE {
        return Some((
            "title",
            format!("Condition title exceeds {MAX_TITLE} characters."),
        ));
    }
    if condition.description.len() > MAX_DESCRIPTION {
        let why = format!("Condition description exceeds {MAX_DESCRIPTION} characters.");
        return Some(("description", why));
    }
    expression_fault(&condition.expression).map(|why| ("expression", why))
}

fn expression_fault(expression: &str) -> Option<String> {
    if expression.trim().is_empty() {
        return Some("Condition expression must not be empty.".to_owned());
    }
    if expression.len() > MAX_EXPRESSION {
        return Some("Condition expression is too long.".to_owned());
    }
    match PrattParser::default().parse(expression) {
        Err(errors) => Some(format!("Condition expression cannot be parsed: {errors}")),
        Ok(tree) => {
            let count = logic_operators(&tree);
            (count > MAX_OPERATORS).then(|| {
                format!(
                    "Condition expression has {count} logic operators, more than the maximum of \
                     {MAX_OPERATORS}."
                )
            })
        }
    }
}

/// How many `&&`, `||`, `!` and `? :` a tree has.
fn logic_operators(tree: &IdedExpr) -> usize {
    let all = |trees: &[IdedExpr]| trees.iter().map(logic_operators).sum::<usize>();
    match &tree.expr {
        Expr::Call(call) => {
            let logic = [
                operators::LOGICAL_AND,
                operators::LOGICAL_OR,
                operators::LOGICAL_NOT,
                operators::CONDITIONAL,
            ];
            let own = usize::from(logic.contains(&call.func_name.as_str()));
            let target = call.target.as_deref().map_or(0, logic_operators);
            own + target + all(&call.args)
        }
        Expr::Select(select) => logic_operators(&select.operand),
        Expr::List(list) => all(&list.elements),
        _ => 0,
    }
}

/// Whether a condition holds; one that cannot be evaluated does not.
pub(crate) fn holds(condition: &Condition, request: &Request<'_>) -> bool {
    let Ok(program) = Program::compile(&condition.expression) else {
        return false;
    };
    let mut context = Context::default();
    // Times are seconds here, which order as times do; what else times can do is not modelled.
    let declared = context.add_function("timestamp", seconds);
    if declared.is_err() {
        return false;
    }
    let at = std::collections::HashMap::from([("time", request.now.0 / 1_000_000)]);
    let resource = std::collections::HashMap::from([
        ("name", request.resource.to_owned()),
        ("service", request.service.to_owned()),
        ("type", String::new()),
    ]);
    context.add_variable_from_value("request", at);
    context.add_variable_from_value("resource", resource);
    program.execute(&context) == Ok(cel::Value::Bool(true))
}

fn seconds(text: std::sync::Arc<String>) -> Result<i64, ExecutionError> {
    let parsed: Result<Timestamp, _> = text.parse();
    let moment = parsed.map_err(|error| ExecutionError::function_error("timestamp", error))?;
    Ok(moment.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(expression: &str) -> Condition {
        Condition {
            title: "t".into(),
            expression: expression.into(),
            ..Condition::default()
        }
    }

    fn at(second: i64) -> Request<'static> {
        Request {
            now: Moment(second * 1_000_000),
            resource: "projects/p",
            service: "cloudresourcemanager.googleapis.com",
        }
    }

    #[test]
    fn twelve_operators_are_enough() {
        let chain = |count: usize| vec!["resource.name == 'a'"; count + 1].join(" || ");
        assert_eq!(fault(&condition(&chain(12))), None);
        let (field, why) = fault(&condition(&chain(13))).unwrap();
        assert_eq!(field, "expression");
        assert!(why.contains("13"), "{why}");
        let quoted = condition("resource.name == '&& || && || && || && || && || && || &&'");
        assert_eq!(fault(&quoted), None);
    }

    #[test]
    fn what_cannot_be_parsed_is_a_fault() {
        for expression in ["", "request.time <", "(((", "a b"] {
            assert_eq!(
                fault(&condition(expression)).unwrap().0,
                "expression",
                "{expression}"
            );
        }
        for (open, close) in [("[", "]"), ("f(", ")"), ("a[", "]")] {
            let deep = format!("{}true{}", open.repeat(4000), close.repeat(4000));
            assert!(fault(&condition(&deep)).is_some(), "{open}");
        }
    }

    #[test]
    fn time_and_resource_decide() {
        let until = condition("request.time < timestamp('1970-01-01T00:01:40Z')");
        assert!(holds(&until, &at(99)));
        assert!(!holds(&until, &at(100)));
        assert!(holds(
            &condition("resource.name.startsWith('projects/p')"),
            &at(0)
        ));
        assert!(
            !holds(&condition("request.auth.claims.x == 'y'"), &at(0)),
            "unknown"
        );
        assert!(
            !holds(&condition("request.time.getHours() >= 0"), &at(0)),
            "not modelled"
        );
    }
}
