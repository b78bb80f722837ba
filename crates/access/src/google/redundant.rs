//! Grants that another grant gives anyway.

use std::collections::BTreeSet;

use super::comparison::{Comparison, Left};
use super::principal::canonical;
use super::{Evaluator, Grant, Principal};

impl Evaluator<'_> {
    /// The grants of this world that another one gives anyway, each with that one: the same role or
    /// one that holds as much, to the same member or to a set that it is known to be in, on the same
    /// resource or above it, without a condition or under the same. Of two that give each other, one
    /// is told of.
    ///
    /// A role whose permissions are not known is given by itself alone.
    pub fn redundant(&self) -> Vec<(Grant, Grant)> {
        let mut comparison = Comparison::of(self, self);
        let mut found = Vec::new();
        for grant in self.grants() {
            let who = [Principal::of(&grant.member)];
            let held = comparison.was.covering(&grant, self, &who).into_iter();
            let mut others = held
                .map(|(node, binding, member)| super::evaluator::grant(&node, binding, &member))
                .filter(|other| !is_same(other, &grant));
            let by = others.find(|other| {
                comparison.gives_as_much(&other.role, &grant.role)
                    && (!comparison.gives_back(&grant, other) || order(other) < order(&grant))
            });
            found.extend(by.map(|by| (grant, by)));
        }
        found
    }
}

impl Comparison<'_> {
    fn gives_as_much(&mut self, role: &str, as_role: &str) -> bool {
        role == as_role || matches!(self.left(as_role, &BTreeSet::from([role])), Left::Nothing)
    }

    /// Whether a grant gives all that another one does, to whom and as that one gives it.
    fn gives_back(&mut self, grant: &Grant, other: &Grant) -> bool {
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
