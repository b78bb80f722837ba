//! `can_only`: a ceiling over everything that a subject holds.

use rbacform_core::{Asker, Limit, Text};

use super::asker::user;
use super::beyond::{Left, left};
use super::claims::{chain, everybodys, is_master, refused_nothing, say, too_intricate};
use super::told::{Verdict, fail, pass, words};
use super::unseen::{self, Place};
use super::world::Planned;
use crate::delta::cell::Cell;
use crate::delta::url::Paths;
use crate::matching::rule_allows;
use crate::{PolicyRule, Request};

/// The subject can do nothing but this, and what everybody can in a fresh cluster.
pub(super) fn can_only(world: &Planned<'_>, asker: &Asker, limits: &[Limit]) -> Verdict {
    let user = user(asker);
    if is_master(&user) {
        return fail(refused_nothing(&asker.subject), Vec::new());
    }
    let everybody = everybodys(&world.fresh, &user);
    let (mut via, mut beyond, mut unclear) = (Vec::new(), Vec::new(), false);
    let namespaces = world.evaluator.namespaces_of(&user);
    for namespace in std::iter::once("").chain(namespaces) {
        let ceiling = Ceiling::of(limits, &everybody, namespace);
        for (held, rules) in world.evaluator.held_rules(&user, namespace) {
            // What is held in the whole cluster was looked at there.
            if held.namespace != namespace {
                continue;
            }
            for (index, rule) in rules.iter().enumerate() {
                let over = ceiling.over(rule, namespace);
                unclear |= over.unclear;
                if !over.words.is_empty() {
                    via.push(chain(&held, index, rule));
                    let told = over.words.into_iter();
                    beyond.extend(told.map(|words| (words, namespace.to_owned())));
                }
            }
        }
    }
    if !beyond.is_empty() {
        let message = format!("`{}` holds more: {}", asker.subject, say(&beyond));
        return fail(message, via);
    }
    if unclear {
        return too_intricate(&asker.subject);
    }
    match unseen::of_user(world, &user, &Place::Anywhere) {
        Some(reason) => reason.verdict(),
        None => pass(format!("`{}` holds no more", asker.subject), Vec::new()),
    }
}

/// What is allowed in one place.
struct Ceiling {
    rules: Vec<PolicyRule>,
    cells: Vec<Cell>,
    paths: Vec<Paths>,
}

/// What a rule allows over a ceiling.
#[derive(Default)]
struct Over {
    words: Vec<String>,
    unclear: bool,
}

impl Ceiling {
    fn of(limits: &[Limit], everybody: &[PolicyRule], namespace: &str) -> Self {
        let here = |limit: &&Limit| {
            limit.namespaces.is_empty() || limit.namespaces.iter().any(|name| name == namespace)
        };
        let mut rules: Vec<PolicyRule> = limits.iter().filter(here).map(rule).collect();
        rules.extend(everybody.iter().cloned());
        Self {
            cells: rules.iter().flat_map(Cell::of).collect(),
            paths: rules.iter().flat_map(Paths::of).collect(),
            rules,
        }
    }

    fn over(&self, rule: &PolicyRule, namespace: &str) -> Over {
        let mut over = Over::default();
        let covered = |request: &Request| self.rules.iter().any(|rule| rule_allows(rule, request));
        for cell in Cell::of(rule) {
            match left(&cell, self.cells.iter(), namespace, covered) {
                Left::Nothing => {}
                Left::Some(piece) => over.words.push(words(&piece)),
                Left::Unclear => over.unclear = true,
            }
        }
        // A path is asked for in the whole cluster only.
        let paths = Paths::of(rule).into_iter();
        for path in paths.filter(|_| namespace.is_empty()) {
            for piece in path.without(self.paths.iter()) {
                let (verbs, _) = piece.verbs.shown();
                over.words
                    .push(format!("{} {}", verbs.join(","), piece.pattern));
            }
        }
        over
    }
}

fn rule(limit: &Limit) -> PolicyRule {
    let texts = |items: &[Text]| items.iter().map(ToString::to_string).collect();
    PolicyRule {
        verbs: texts(&limit.verbs),
        api_groups: texts(&limit.api_groups),
        resources: texts(&limit.resources),
        resource_names: texts(&limit.resource_names),
        non_resource_urls: texts(&limit.non_resource_urls),
    }
}
