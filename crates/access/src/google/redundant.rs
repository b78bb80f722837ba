//! Grants that another grant gives anyway.

use super::principal::canonical;
use super::standing::Standing;
use super::{Evaluator, Grant, Principal};

impl Evaluator<'_> {
    /// Of some grants of this world, those that another grant gives anyway, with that one: the same
    /// role or one that holds as much, to the same member or to a set that it is known to be in, on
    /// the same resource or above it, without a condition or under the same. Of two that give each
    /// other, the one on the same resource with the later role is redundant, so that one stays.
    ///
    /// A role whose permissions are not known is covered by itself alone.
    pub fn redundant(&self, grants: impl IntoIterator<Item = Grant>) -> Vec<(Grant, Grant)> {
        let standing = Standing::of(self);
        let found = grants.into_iter().filter_map(|grant| {
            let who = [Principal::of(&grant.member)];
            let held = standing.covering(&grant, self, &who).into_iter();
            let mut others = held
                .map(|(node, binding, member)| super::evaluator::grant(&node, binding, &member))
                .filter(|other| !is_same(other, &grant));
            let by = others.find(|other| {
                self.gives_as_much(&other.role, &grant.role)
                    && (!self.gives_back(&grant, other) || order(other) < order(&grant))
            })?;
            Some((grant, by))
        });
        found.collect()
    }

    fn gives_as_much(&self, role: &str, as_role: &str) -> bool {
        if role == as_role {
            return true;
        }
        match (self.permissions(role), self.permissions(as_role)) {
            (Some(held), Some(wanted)) => !wanted.is_empty() && wanted.is_subset(&held),
            _ => false,
        }
    }

    /// Whether a grant gives all that another one does, to whom and as that one gives it.
    fn gives_back(&self, grant: &Grant, other: &Grant) -> bool {
        grant.resource == other.resource
            && canonical(&grant.member) == canonical(&other.member)
            && grant.condition.as_ref().map(|it| &it.expression)
                == other.condition.as_ref().map(|it| &it.expression)
            && self.gives_as_much(&grant.role, &other.role)
    }
}

fn is_same(one: &Grant, other: &Grant) -> bool {
    one.resource == other.resource
        && one.role == other.role
        && one.condition == other.condition
        && canonical(&one.member) == canonical(&other.member)
}

fn order(grant: &Grant) -> (&str, Option<&str>) {
    let title = grant.condition.as_ref().map(|it| it.title.as_str());
    (&grant.role, title)
}
