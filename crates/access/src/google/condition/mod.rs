//! Conditions in three values: whether a grant holds now and here, does not, or depends on what
//! nobody here knows.
//!
//! Google: `iam/docs/conditions-attribute-reference`. Time is that of a given clock; the resource
//! is the one asked about. Everything else a condition may ask (the caller's address, tags, access
//! levels) cannot be told.

mod datum;
mod expression;
mod over;
mod times;

use std::collections::BTreeSet;

use super::{Missing, Verdict, Window};

/// A condition of a binding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Condition {
    /// What it is for.
    pub title: String,
    /// The expression, in Google's CEL.
    pub expression: String,
}

/// What a condition may ask about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// `request.time`, in seconds since 1970; none where any time is meant.
    pub now: Option<i64>,
    /// The resource's attributes, where its service has them.
    pub resource: Option<Attributes>,
}

/// What a service tells conditions about a resource
/// (Google: `iam/docs/conditions-resource-attributes`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attributes {
    /// `resource.service`.
    pub service: &'static str,
    /// `resource.type`; none where it is not known.
    pub kind: Option<&'static str>,
    /// `resource.name`, in each spelling it may have there (a project's id or number); none where a
    /// part of it is not known.
    pub names: Vec<String>,
    /// Whether something in what is named is meant: its name goes on.
    pub within: bool,
}

impl Condition {
    /// Whether it holds.
    pub fn holds(&self, moment: &Moment) -> Verdict {
        let tree = match expression::parse(&self.expression) {
            Some(tree) => tree,
            None => return self.cannot_tell("what it means"),
        };
        let names = match &moment.resource {
            Some(attributes) if !attributes.names.is_empty() => {
                attributes.names.iter().map(Some).collect()
            }
            _ => vec![None],
        };
        let mut verdicts = names.into_iter().map(|name| {
            let name = name.map(String::as_str);
            expression::holds(&tree, &expression::Given { moment, name })
        });
        let first = match verdicts.next() {
            Some(first) => first,
            None => return Verdict::No,
        };
        match verdicts.all(|verdict| verdict == first) {
            true => self.told(first),
            false => self.cannot_tell("how the resource's name spells its project"),
        }
    }

    /// Whether it holds no longer, of whatever resource: it asks for a time before one that is past,
    /// at `now` in seconds since 1970.
    pub(super) fn is_over(&self, now: i64) -> bool {
        expression::parse(&self.expression).is_some_and(|tree| over::is_over(&tree, now))
    }

    /// When it holds, where it asks for nothing but the time: before some, after some.
    pub fn window(&self) -> Option<Window> {
        over::window(&expression::parse(&self.expression)?)
    }

    fn told(&self, verdict: Result<bool, BTreeSet<String>>) -> Verdict {
        match verdict {
            Ok(holds) => holds.into(),
            Err(needs) => Verdict::Unknown(needs.iter().map(|needs| self.missing(needs)).collect()),
        }
    }

    fn cannot_tell(&self, needs: &str) -> Verdict {
        Verdict::unknown(self.missing(needs))
    }

    fn missing(&self, needs: &str) -> Missing {
        Missing::Condition {
            expression: self.expression.clone(),
            needs: needs.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
