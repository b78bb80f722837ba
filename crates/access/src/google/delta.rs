//! What somebody holds in one world and not in another.

use std::collections::BTreeSet;

use super::comparison::{Comparison, Left};
use super::{Condition, Evaluator, Grant, Principal, Window, standing};

/// Something that somebody gains.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gain {
    /// The grant that gives it.
    pub grant: Grant,
    /// Those permissions of its role that are new; where empty, the role itself is.
    pub permissions: BTreeSet<String>,
    /// When, where that is not all the time in which the grant gives it: it gave it before at other
    /// times, or stays so.
    pub during: Option<Window>,
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
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// on the resource or above it; without a condition or under the same. Where conditions ask for
    /// nothing but the time, it is a gain at those times at which they did not. Of a role that changed,
    /// its holders gain what is new in it; one that is disabled or deleted gives nothing. Deny policies are not looked at.
    pub fn gained_since(&self, before: &Evaluator<'w>) -> Gained {
        let mut comparison = Comparison::of(before, self);
        let mut gained = Gained::default();
        for grant in self.grants() {
            let who = [(Principal::of(&grant.member), Window::ALWAYS)];
            for (news, during) in comparison.news(&grant, &[Window::ALWAYS], &who) {
                match news {
                    News::Untold => gained.untold.push(grant.clone()),
                    news => gained.gains.extend(Gain::of(&grant, news, during)),
                }
            }
        }
        gained.gains.sort();
        gained.untold.sort();
        gained.untold.dedup();
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

/// Somebody who lived in another world, and when.
pub(crate) type Former = (Principal, Window);

impl<'w> Comparison<'w> {
    /// What a grant of the later world gives, at some times, that none of `who` had at these times in
    /// the earlier one; each piece of news with its own time, none where that is all of the grant's.
    pub(crate) fn news(
        &mut self,
        grant: &Grant,
        times: &[Window],
        who: &[Former],
    ) -> Vec<(News, Option<Window>)> {
        let always = who.iter().filter(|(_, when)| *when == Window::ALWAYS);
        // Almost all of them, as a rule.
        let stood = self.was.has(grant, always.map(|(who, _)| who));
        if (stood && self.is_unchanged(&grant.role)) || self.is.is_inert(&grant.role) {
            return Vec::new();
        }
        let condition = grant.condition.as_ref();
        let own = condition.map_or(Some(Window::ALWAYS), Condition::window);
        let present = Window::from(self.is.now);
        let whole = own.unwrap_or(Window::ALWAYS).and(present);
        let held = self.formerly(grant, own, who);
        let mut found: Vec<(News, Window)> = Vec::new();
        for time in times {
            let cuts = held.iter().map(|(_, when)| *when);
            for part in whole.and(*time).cut(cuts) {
                let roles = held.iter().filter(|(_, when)| when.has(part));
                let news = self.news_of(grant, &roles.map(|(role, _)| *role).collect());
                match found.last_mut() {
                    Some((last, when)) if *last == news && when.joined(part).is_some() => {
                        *when = when.joined(part).unwrap_or(*when);
                    }
                    _ => found.push((news, part)),
                }
            }
        }
        let told = found.into_iter().filter(|(news, _)| *news != News::Nothing);
        let now = self.is.now;
        told.map(|(news, when)| (news, (when != whole).then(|| when.since(now))))
            .collect()
    }

    /// The roles that any of `who` held where a grant is in effect, each with when. A condition that
    /// asks for more than the time counts only where the grant has the same.
    fn formerly(
        &self,
        grant: &Grant,
        own: Option<Window>,
        who: &[Former],
    ) -> Vec<(&'w str, Window)> {
        let principals: Vec<&Principal> = who.iter().map(|(who, _)| who).collect();
        let reaching = self.was.reaching(grant, &self.is, &principals).into_iter();
        let held = reaching.filter_map(|reaching| {
            let binding = reaching.binding;
            let when = match own {
                _ if standing::lasts(binding, grant) => Window::ALWAYS,
                Some(_) => binding.condition.as_ref()?.window()?,
                None => return None,
            };
            let (_, lived) = who.get(reaching.who)?;
            Some((binding.role.as_str(), when.and(*lived)))
        });
        held.filter(|(_, when)| !when.is_empty()).collect()
    }

    /// What a grant gives to somebody who held these roles.
    fn news_of(&mut self, grant: &Grant, held: &BTreeSet<&str>) -> News {
        if held.is_empty() {
            return News::Role;
        }
        let role = grant.role.as_str();
        let same = held.contains(role);
        if same && self.is_unchanged(role) {
            return News::Nothing;
        }
        let was = self.was.world;
        let gave = || was.permissions(role).is_some_and(|gave| !gave.is_empty());
        match self.left(role, held) {
            Left::Unknown if same => News::Untold,
            Left::Nothing => News::Nothing,
            Left::Some(new) if same => News::Permissions(new.clone()),
            Left::All(new) if same && gave() => News::Permissions(new.clone()),
            // What holds nothing is told of all the same, where it is new.
            Left::Empty if same => News::Nothing,
            Left::All(_) | Left::Some(_) | Left::Empty | Left::Unknown => News::Role,
        }
    }
}

impl Gain {
    /// None where the news is none.
    pub(crate) fn of(grant: &Grant, news: News, during: Option<Window>) -> Option<Self> {
        let permissions = match news {
            News::Nothing | News::Untold => return None,
            News::Role => BTreeSet::new(),
            News::Permissions(new) => new,
        };
        Some(Self {
            grant: grant.clone(),
            permissions,
            during,
        })
    }
}
