//! The arguments `condition` and `until`.

use rbacform_core::{Diagnostic, Node};

use super::{Condition, expression, until};
use crate::input::{Input, argument};
use crate::member;
use crate::roles;
use crate::target::{Conditions, Target};

/// What `condition` and `until` come to.
pub(crate) struct Conditional {
    pub(crate) condition: Option<Condition>,
    /// When it ends, in seconds since 1970.
    pub(crate) expires: Option<i64>,
}

/// Reads `condition` and `until` of a grant of `role` on `target` to `members`. `None` only where an
/// error was reported.
pub(crate) fn read(
    input: &mut Input<'_>,
    arguments: &Node,
    target: Option<&Target>,
    role: Option<&str>,
    members: &[String],
) -> Option<Conditional> {
    let given_node = argument(arguments, "condition");
    let given = match given_node {
        Some(node) => Some(condition(input, node)?),
        None => None,
    };
    let until_node = argument(arguments, "until");
    let time = match until_node {
        Some(node) => Some(time(input, node)?),
        None => None,
    };
    let condition = match time {
        Some(time) => Some(until::until(time, given)),
        None => given,
    };
    let (Some(node), Some(condition)) = (given_node.or(until_node), condition) else {
        return Some(Conditional {
            condition: None,
            expires: None,
        });
    };
    if time.is_some() && given_node.is_some() && too_many(&condition) {
        input.report(
            Diagnostic::error(
                "invalid-condition",
                "the condition and `until` together have more than 12 logical operators",
            )
            .at(node.span)
            .help("`until` adds one; split the condition over several grants"),
        );
        return None;
    }
    let what = if given_node.is_some() {
        "a condition"
    } else {
        "`until`, which is a condition"
    };
    let refused = refusal(what, target, role, members);
    if let Some(error) = refused {
        input.report(error.at(node.span));
        return None;
    }
    if let Some(target) = target.filter(|target| target.conditions == Conditions::Undocumented) {
        let message = format!(
            "Google does not list {} among the resources that take conditions",
            target.one()
        );
        input.report(
            Diagnostic::warning("condition-unproven", message)
                .at(node.span)
                .help(ELSEWHERE),
        );
    }
    Some(Conditional {
        condition: Some(condition),
        expires: time.map(jiff::Timestamp::as_second),
    })
}

const ELSEWHERE: &str =
    "grant the role on the project, with a condition on `resource.name`, if the server refuses it";

/// Why a condition may not stand here, if that is so.
fn refusal(
    what: &str,
    target: Option<&Target>,
    role: Option<&str>,
    members: &[String],
) -> Option<Diagnostic> {
    if let Some(role) = role.filter(|role| roles::is_basic(role)) {
        let message = format!("the basic role `{role}` does not take {what}");
        return Some(
            Diagnostic::error("condition-refused", message)
                .help("grant a narrower role, e.g. `roles/aiplatform.user`, or leave it out"),
        );
    }
    if let Some(member) = members.iter().find(|member| member::is_public(member)) {
        let message = format!("a grant to `{member}` does not take {what}");
        return Some(
            Diagnostic::error("condition-refused", message)
                .help("grant it without one, or to named principals"),
        );
    }
    let target = target.filter(|target| target.conditions == Conditions::Refused)?;
    let message = format!("grants on {} do not take {what}", target.one());
    Some(
        Diagnostic::error("condition-refused", message)
            .help("grant the role on the project, with a condition on `resource.name`"),
    )
}

fn too_many(condition: &Condition) -> bool {
    expression::operators(&condition.expression).is_some_and(|count| count > super::MAX_OPERATORS)
}

/// One `condition` table.
pub(super) fn condition(input: &mut Input<'_>, node: &Node) -> Option<Condition> {
    let mut part = |name: &str| {
        let part = argument(node, name)?;
        input.text(part, name).map(|text| (text, part.span))
    };
    let title = part("title");
    let description = part("description");
    let expression = part("expression");
    for name in ["title", "expression"] {
        if argument(node, name).is_none() {
            input.missing(node.span, &format!("condition.{name}"));
        }
    }
    let ((title, title_span), (expression, span)) = (title?, expression?);
    if title.trim().is_empty() {
        input.report(
            Diagnostic::error("invalid-condition", "the title is empty")
                .at(title_span)
                .help("say in a few words what the condition is for"),
        );
        return None;
    }
    if let Err(error) = expression::check(&expression) {
        input.report(
            Diagnostic::error("invalid-condition", error.message)
                .at(span)
                .maybe_help(error.help),
        );
        return None;
    }
    Some(Condition {
        title: title.into(),
        description: description
            .map(|(text, _)| text.into())
            .filter(|text: &String| !text.is_empty()),
        expression: expression.into(),
    })
}

fn time(input: &mut Input<'_>, node: &Node) -> Option<jiff::Timestamp> {
    let text = input.text(node, "until")?;
    match text.parse() {
        Ok(time) => Some(time),
        Err(_) => {
            input.report(
                Diagnostic::error("invalid-time", format!("`{text}` is no point in time"))
                    .at(node.span)
                    .help("write date, time and zone, e.g. `2027-07-01T00:00:00Z`"),
            );
            None
        }
    }
}
