//! What somebody holds in one world and not in another.

use std::collections::{BTreeMap, BTreeSet};

use super::standing::Standing;
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

impl Evaluator<'_> {
    /// What anybody holds in this world and not in `before`. With the worlds swapped, what anybody
    /// loses.
    ///
    /// A grant is no gain where `before` gives its member all of the role's permissions anyway: by
    /// other roles, together; to the member itself, a group that it is known to be in, or everybody;
    /// on the resource or above it; without a condition or under the same. Of a role that changed,
    /// its holders gain what is new in it. Deny policies are not looked at.
    pub fn gained_since(&self, before: &Self) -> Gained {
        let was = Standing::of(before);
        let mut gained = Gained::default();
        // Almost all of them, as a rule.
        let stands = |grant: &Grant| was.has(grant) && self.holds_the_same(&grant.role, before);
        for grant in self.grants().filter(|grant| !stands(grant)) {
            let who = [Principal::of(&grant.member)];
            match self.news(&grant, &who, &was) {
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

    /// Every grant of those who can make use of one.
    pub(crate) fn grants(&self) -> impl Iterator<Item = Grant> {
        let policies = self.facts.policies();
        let bindings =
            policies.flat_map(|(node, bindings)| bindings.iter().map(move |it| (node, it)));
        bindings.flat_map(|(node, binding)| {
            let members = binding.members.iter();
            members
                .filter(|member| self.facts.is_alive(member))
                .map(move |member| super::evaluator::grant(node, binding, member))
        })
    }

    /// What a grant gives that none of `who` had.
    pub(crate) fn news(&self, grant: &Grant, who: &[Principal], was: &Standing<'_>) -> News {
        let held = was.covering(grant, self, who).into_iter();
        let held: BTreeSet<&str> = held.map(|(_, held, _)| held.role.as_str()).collect();
        if held.is_empty() {
            return News::Role;
        }
        let same = held.contains(grant.role.as_str());
        if same && self.holds_the_same(&grant.role, &was.world) {
            return News::Nothing;
        }
        let held = held
            .into_iter()
            .map(|role| (role, was.world.permissions(role)));
        let held: BTreeMap<&str, Option<BTreeSet<&str>>> = held.collect();
        let was_known = held.get(grant.role.as_str()).is_none_or(Option::is_some);
        let mut left = match self.permissions(&grant.role) {
            Some(new) if was_known => new,
            _ if same => return News::Untold,
            _ => return News::Role,
        };
        let all = left.len();
        let had = |permission: &str| held.values().flatten().any(|had| had.contains(permission));
        left.retain(|permission| !had(permission));
        match left.len() {
            // What holds nothing is told of all the same, where it is new.
            0 if all > 0 || same => News::Nothing,
            some if some < all && same => {
                News::Permissions(left.into_iter().map(str::to_owned).collect())
            }
            _ => News::Role,
        }
    }

    /// Whether a role is the same in two worlds, whatever it holds.
    fn holds_the_same(&self, role: &str, other: &Evaluator<'_>) -> bool {
        role.starts_with("roles/") || self.facts.custom_role(role) == other.facts.custom_role(role)
    }
}

impl Gain {
    pub(crate) fn of(grant: Grant, permissions: BTreeSet<String>) -> Self {
        Self { grant, permissions }
    }
}
