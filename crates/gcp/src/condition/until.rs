//! `until`: an end, as a condition.

use super::Condition;

/// The condition that ends a grant at `time`, together with one that was given.
///
/// Alone it is titled `until TIME`; a given condition keeps its title and description, and its
/// expression goes into brackets before ` && request.time < ...`.
pub(super) fn until(time: jiff::Timestamp, given: Option<Condition>) -> Condition {
    let end = format!("request.time < timestamp(\"{time}\")");
    match given {
        None => Condition {
            title: format!("until {time}"),
            description: None,
            expression: end,
        },
        Some(given) => Condition {
            expression: format!("({}) && {end}", given.expression),
            ..given
        },
    }
}
