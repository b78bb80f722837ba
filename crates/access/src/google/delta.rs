//! What somebody holds in one world and not in another.

use std::collections::BTreeSet;

use super::comparison::{Comparison, Left};
use super::{Evaluator, Grant, Principal};

/// Something that somebody gains.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gain {
    /// The grant that gives it.
    pub grant: Grant,
    /// Those permissions of its role that are new; where empty, the role itself is.
    pub permissions: BTreeSet<String>,
}

/// The difference between two worlds, one way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gained {
    /// What is gained, in order of resource and role.
    pub gains: Vec<Gain>,
    /// Grants that stand in both worlds, of a role of which one world does not know what it holds.
    pub untold: Vec<Grant>,
}

/// What a grant is to somebody who lived in another world.
pub(crate) enum News {
    Nothing,
    Role,
    Permissions(BTreeSet<String>),
    Untold,
}

impl<'w> Evaluator<'w> {
    /// What anybody holds in this world and not in `before`. With the worlds swapped, what anybody
    /// loses.
    ///
    /// A grant is no gain where `before` gives its member all of the role's permissions anyway: by
    /// other roles, together; to the member itself, a group that it is known to be in, or everybody;
    /// on the resource or above it; without a condition or under the same. Of a role that changed,
    /// its holders gain what is new in it. Deny policies are not looked at.
    pub fn gained_since(&self, before: &Evaluator<'w>) -> Gained {
        let mut comparison = Comparison::of(before, self);
        let mut gained = Gained::default();
        for grant in self.grants() {
            let who = [Principal::of(&grant.member)];
            match comparison.news(&grant, &who) {
                News::Nothing => {}
                News::Role => gained.gains.push(Gain::of(grant, BTreeSet::new())),
                News::Permissions(new) => gained.gains.push(Gain::of(grant, new)),
                News::Untold => gained.untold.push(grant),
            }
        }
        gained.gains.sort();
        gained.untold.sort();
        gained
    }

    /// Every grant of those who can make use of one, but for those whose time is over.
    pub(crate) fn grants(&self) -> impl Iterator<Item = Grant> {
        let policies = self.facts.policies();
        let bindings =
            policies.flat_map(|(node, bindings)| bindings.iter().map(move |it| (node, it)));
        let bindings = bindings.filter(|(_, binding)| {
            let condition = binding.condition.as_ref();
            !condition.is_some_and(|condition| condition.is_over(self.now))
        });
        bindings.flat_map(|(node, binding)| {
            let members = binding.members.iter();
            members
                .filter(|member| self.facts.is_alive(member))
                .map(move |member| super::evaluator::grant(node, binding, member))
        })
    }
}

impl Comparison<'_> {
    /// What a grant of the later world gives that none of `who` had in the earlier one.
    pub(crate) fn news(&mut self, grant: &Grant, who: &[Principal]) -> News {
        // Almost all of them, as a rule.
        let stood = self.was.has(grant, who);
        if stood && self.is_unchanged(&grant.role) {
            return News::Nothing;
        }
        let held = self.was.covering(grant, &self.is, who).into_iter();
        let held: BTreeSet<&str> = held.map(|(_, held, _)| held.role.as_str()).collect();
        if held.is_empty() {
            return News::Role;
        }
        let same = held.contains(grant.role.as_str());
        if same && self.is_unchanged(&grant.role) {
            return News::Nothing;
        }
        match self.left(&grant.role, &held) {
            Left::Unknown if same => News::Untold,
            Left::Nothing => News::Nothing,
            Left::Some(new) if same => News::Permissions(new.clone()),
            // What holds nothing is told of all the same, where it is new.
            Left::Empty if same => News::Nothing,
            Left::All | Left::Some(_) | Left::Empty | Left::Unknown => News::Role,
        }
    }
}

impl Gain {
    pub(crate) fn of(grant: Grant, permissions: BTreeSet<String>) -> Self {
        Self { grant, permissions }
    }
}
