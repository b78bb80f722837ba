//! `who_can`: who all can do something.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::{Asker, Deed, Holders, Text};

use super::asker::is_everybody;
use super::beyond::Left;
use super::claims::{can, everybodys, reaches, say};
use super::region::{Region, Scoped, Sense, regions};
use super::told::{Chain, Status, Verdict, cannot_tell, fail, listed, pass};
use super::unseen::{self, Place};
use super::world::Planned;
use crate::authorize::{Held, referenced_rules};
use crate::delta::{Bound, Who, bindings};
use crate::subject::{MASTERS, groups_of_members, somebody};
use crate::{PolicyRule, Subject, User};

/// These can do it and nobody else. What a fresh cluster gives its own parts is not counted.
pub(super) fn who_can(world: &Planned<'_>, deed: &Deed, holders: &Holders) -> Verdict {
    let (Holders::Exactly(listed) | Holders::AtMost(listed)) = holders;
    let allowed: BTreeSet<Who> = listed.iter().filter_map(who).collect();
    let mut found = Found::default();
    let wanted = regions(deed, world.facts, Sense::Any);
    let mut asked = Place::default();
    for region in &wanted {
        asked.add(region.place(deed));
        for bound in bindings(world.facts) {
            if is_asked(region, deed, bound.namespace) {
                found.look(world, region, bound, &allowed);
            }
        }
    }
    if !found.others.is_empty() {
        return found.verdict();
    }
    if let Holders::Exactly(listed) = holders {
        for subject in listed {
            let asker = Asker {
                subject: subject.clone(),
                groups: Vec::new(),
            };
            let verdict = can(world, &asker, deed);
            if verdict.status != Status::Pass {
                return verdict;
            }
        }
    }
    if found.unclear {
        return cannot_tell("the rules that grant it are too intricate to compare");
    }
    match unseen::of_anybody(world, &asked) {
        Some(reason) => reason.verdict(),
        None => pass("nobody else can", Vec::new()),
    }
}

fn who(subject: &Text) -> Option<Who> {
    let user = somebody(subject);
    match subject.strip_prefix("group:") {
        Some(group) => Some(Who::Group(group.to_owned())),
        None => (!user.name.is_empty()).then_some(Who::User(user.name)),
    }
}

/// Whether bindings of a namespace, or of the whole cluster (empty), matter for a region.
fn is_asked(region: &Region, deed: &Deed, namespace: &str) -> bool {
    namespace.is_empty()
        || match region.scoped {
            Scoped::Cluster => false,
            Scoped::Itself => true,
            Scoped::Namespaces => {
                deed.namespaces.is_empty() || deed.namespaces.iter().any(|name| name == namespace)
            }
        }
}

/// Those who can although they should not.
#[derive(Default)]
struct Found {
    /// What each of them can do, and where.
    others: BTreeMap<String, Vec<(String, String)>>,
    via: Vec<Chain>,
    unclear: bool,
}

impl Found {
    fn look(
        &mut self,
        world: &Planned<'_>,
        region: &Region,
        bound: Bound<'_>,
        allowed: &BTreeSet<Who>,
    ) {
        let Some(rules) = referenced_rules(world.facts, bound.role_ref, bound.namespace) else {
            return;
        };
        let may = |rule: &&PolicyRule| match region.cell_in(bound.namespace) {
            Some(cell) => !matches!(reaches(rule, &cell, &[], bound.namespace), Left::Nothing),
            None => bound.namespace.is_empty() && region.meets_path(rule),
        };
        if !rules.iter().any(|rule| may(&rule)) {
            return;
        }
        for subject in bound.subjects {
            let Some(who) = Who::of(subject, bound.namespace) else {
                continue;
            };
            if !is_among(&who, allowed) {
                self.judge(world, region, bound, rules, (subject, &who));
            }
        }
    }

    /// Notes what a rule gives somebody beyond what a fresh cluster gives.
    fn judge(
        &mut self,
        world: &Planned<'_>,
        region: &Region,
        bound: Bound<'_>,
        rules: &[PolicyRule],
        (subject, who): (&Subject, &Who),
    ) {
        let fresh = fresh_rules(world, who, bound.namespace, region);
        for (index, rule) in rules.iter().enumerate() {
            let gives = match region.cell_in(bound.namespace) {
                Some(cell) => reaches(rule, &cell, &fresh, bound.namespace),
                None if !region.meets_path(rule) => Left::Nothing,
                None if fresh.iter().any(|rule| region.covers_path(rule)) => Left::Nothing,
                None => {
                    let said = region.words.clone();
                    self.note(said, bound, (index, rule), (subject, who));
                    continue;
                }
            };
            match gives {
                Left::Nothing => {}
                Left::Unclear => self.unclear = true,
                Left::Some(piece) => {
                    let said = region.said(&piece);
                    self.note(said, bound, (index, rule), (subject, who));
                }
            }
        }
    }

    fn note(
        &mut self,
        said: String,
        bound: Bound<'_>,
        (index, rule): (usize, &PolicyRule),
        (subject, who): (&Subject, &Who),
    ) {
        let held = Held {
            namespace: bound.namespace,
            name: bound.name,
            role_ref: bound.role_ref,
            subject,
            rules: None,
        };
        let deeds = self.others.entry(format!("`{}`", who.spelled()));
        let said = (said, bound.namespace.to_owned());
        deeds.or_default().push(said);
        self.via.push(super::claims::chain(&held, index, rule));
    }

    fn verdict(self) -> Verdict {
        let mut alike: Vec<(String, Vec<String>)> = Vec::new();
        for (who, deeds) in self.others {
            let deeds = say(&deeds);
            match alike.iter_mut().find(|(said, _)| *said == deeds) {
                Some((_, whom)) => whom.push(who),
                None => alike.push((deeds, vec![who])),
            }
        }
        let shown = alike.iter().take(SHOWN);
        let mut told: Vec<String> = shown
            .map(|(deeds, whom)| format!("{} can {deeds}", listed(whom)))
            .collect();
        let more: usize = alike.iter().skip(SHOWN).map(|(_, whom)| whom.len()).sum();
        if more > 0 {
            told.push(format!("and {more} more"));
        }
        fail(told.join("; "), self.via)
    }
}

/// How many different deeds a verdict tells of, each with those who can do it.
const SHOWN: usize = 3;

/// Whether somebody is one of those listed, or a member of one for certain.
fn is_among(who: &Who, allowed: &BTreeSet<Who>) -> bool {
    let groups = match who {
        Who::Group(group) if group == MASTERS => return true,
        Who::Group(group) => groups_of_members(group),
        Who::User(name) => crate::subject::implied_groups(name),
    };
    allowed.contains(who)
        || groups
            .into_iter()
            .any(|group| allowed.contains(&Who::Group(group)))
}

/// The rules that a fresh cluster gives somebody who is one of its own parts; and, where everything
/// is asked about, what it gives everybody.
fn fresh_rules(
    world: &Planned<'_>,
    who: &Who,
    namespace: &str,
    region: &Region,
) -> Vec<PolicyRule> {
    let user = match who {
        Who::Group(group) if is_everybody(group) => {
            let user = somebody(&format!("group:{group}"));
            return match region.is_everything {
                true => everybodys(&world.fresh, &user),
                false => Vec::new(),
            };
        }
        Who::Group(group) => User {
            name: String::new(),
            groups: vec![group.clone()],
        },
        Who::User(name) => User {
            name: name.clone(),
            groups: Vec::new(),
        },
    };
    let (rules, _) = crate::rules_for(&world.fresh, &user, namespace);
    rules.into_iter().cloned().collect()
}
