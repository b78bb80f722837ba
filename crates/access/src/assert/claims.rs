//! `can` and `cannot`: what one subject may do.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::{Asker, Deed};

use super::asker::user;
use super::beyond::{Left, common, left};
use super::nearest::nearest;
use super::region::{Region, Scoped, Sense, What, regions, sample, sample_path};
use super::told::{Chain, Verdict, cannot_tell, fail, listed, pass, place};
use super::unseen::{self, Place};
use super::world::Planned;
use crate::authorize::Held;
use crate::delta::cell::Cell;
use crate::delta::names::Names;
use crate::matching::rule_allows;
use crate::subject::MASTERS;
use crate::{Facts, PolicyRule, Request, User};

/// The subject can do all of it.
pub(super) fn can(world: &Planned<'_>, asker: &Asker, deed: &Deed) -> Verdict {
    let user = user(asker);
    if is_master(&user) {
        return pass(refused_nothing(&asker.subject), Vec::new());
    }
    let (mut via, mut lacking, mut help) = (Vec::new(), Vec::new(), None);
    for region in regions(deed, world.facts, Sense::All) {
        for namespace in all_of(&region, deed) {
            match covered(world, &user, &region, &namespace) {
                Covered::By(chains) => via.extend(chains),
                Covered::Not(request, objects) => {
                    help = help.or_else(|| nearest(world, &user, &region, &request));
                    lacking.push((region.said_of(&objects), namespace));
                }
                Covered::Unclear => return too_intricate(&asker.subject),
            }
        }
    }
    if lacking.is_empty() {
        return pass(format!("`{}` can", asker.subject), via);
    }
    let namespaces = lacking.iter().map(|(_, namespace)| namespace.as_str());
    let place = Place::in_some(namespaces);
    let told = format!("nothing grants `{}` to {}", asker.subject, say(&lacking));
    if let Some(reason) = unseen::of_user(world, &user, &place) {
        let verdict = reason.verdict();
        let message = format!("{told}, as far as is known: {}", verdict.message);
        return Verdict { message, ..verdict };
    }
    Verdict {
        help,
        ..fail(told, Vec::new())
    }
}

/// The subject can do nothing of it.
pub(super) fn cannot(world: &Planned<'_>, asker: &Asker, deed: &Deed) -> Verdict {
    let user = user(asker);
    if is_master(&user) {
        return fail(refused_nothing(&asker.subject), Vec::new());
    }
    let (mut via, mut hits, mut unclear) = (Vec::new(), Vec::new(), false);
    let mut asked = Place::default();
    for region in regions(deed, world.facts, Sense::Any) {
        asked.add(region.place(deed));
        for namespace in any_of(world, &user, &region, deed) {
            let found = meets(world, &user, &region, &namespace);
            unclear |= found.unclear;
            via.extend(found.chains);
            let told = found.words.into_iter();
            hits.extend(told.map(|words| (words, namespace.clone())));
        }
    }
    if !hits.is_empty() {
        return fail(format!("`{}` can {}", asker.subject, say(&hits)), via);
    }
    if unclear {
        return too_intricate(&asker.subject);
    }
    match unseen::of_user(world, &user, &asked) {
        Some(reason) => reason.verdict(),
        None => pass(format!("nothing grants it to `{}`", asker.subject), via),
    }
}

pub(super) fn too_intricate(subject: &str) -> Verdict {
    cannot_tell(format!(
        "the rules that `{subject}` holds are too intricate to compare"
    ))
}

pub(super) fn is_master(user: &User) -> bool {
    user.groups.iter().any(|group| group == MASTERS)
}

pub(super) fn refused_nothing(subject: &str) -> String {
    format!("`{subject}` is in `{MASTERS}`, whose members are refused nothing")
}

/// Where all of a claim is asked: in the namespaces given, else in the whole cluster; of namespaces
/// themselves in those named.
fn all_of(region: &Region, deed: &Deed) -> Vec<String> {
    let places = match region.scoped {
        Scoped::Itself => &deed.names,
        Scoped::Namespaces => &deed.namespaces,
        Scoped::Cluster => return vec![String::new()],
    };
    match places.is_empty() {
        true => vec![String::new()],
        false => places.iter().map(ToString::to_string).collect(),
    }
}

/// Where any of a claim is asked: in the whole cluster, and in the namespaces given or else in all
/// where the user holds anything.
fn any_of(world: &Planned<'_>, user: &User, region: &Region, deed: &Deed) -> BTreeSet<String> {
    let mut places = BTreeSet::from([String::new()]);
    match region.scoped {
        Scoped::Cluster => {}
        Scoped::Namespaces if !deed.namespaces.is_empty() => {
            places.extend(deed.namespaces.iter().map(ToString::to_string));
        }
        Scoped::Namespaces | Scoped::Itself => {
            let held = world.evaluator.namespaces_of(user);
            places.extend(held.into_iter().map(str::to_owned));
        }
    }
    places
}

/// Whether a user can do all of a region.
enum Covered {
    By(Vec<Chain>),
    /// A request that is not allowed, and the names of the objects that lack.
    Not(Request, Names),
    Unclear,
}

fn covered(world: &Planned<'_>, user: &User, region: &Region, namespace: &str) -> Covered {
    let held = || world.evaluator.held_rules(user, namespace);
    if let What::Path(verb, path) = &region.what {
        let mut chains = chains(held(), |rule| region.covers_path(rule));
        return match chains.next() {
            Some(chain) => Covered::By(vec![chain]),
            None => Covered::Not(sample_path(verb, path), Names::all()),
        };
    }
    let Some(cell) = region.cell_in(namespace) else {
        return Covered::Unclear;
    };
    let covers = |rule: &PolicyRule| Cell::of(rule).iter().any(|held| held.covers(&cell));
    if let Some(chain) = chains(held(), covers).next() {
        return Covered::By(vec![chain]);
    }
    let cells: Vec<Cell> = held()
        .flat_map(|(_, rules)| rules.iter().flat_map(Cell::of))
        .collect();
    let allowed = |request: &Request| world.evaluator.allows(user, request);
    match left(&cell, cells.iter(), namespace, allowed) {
        Left::Unclear => Covered::Unclear,
        Left::Some(piece) => match sample(&piece, namespace) {
            Some(request) => Covered::Not(request, objects(cell.without(cells.iter()))),
            None => Covered::Unclear,
        },
        Left::Nothing => {
            let meets = |rule: &PolicyRule| Cell::of(rule).iter().any(|held| held.meets(&cell));
            Covered::By(chains(held(), meets).collect())
        }
    }
}

/// The names of the objects that some pieces are about.
fn objects(pieces: Vec<Cell>) -> Names {
    let names = pieces.into_iter().map(|piece| piece.names);
    names.reduce(|a, b| a.or(&b)).unwrap_or_else(Names::all)
}

/// What a user holds of a region.
#[derive(Default)]
struct Met {
    chains: Vec<Chain>,
    words: Vec<String>,
    unclear: bool,
}

fn meets(world: &Planned<'_>, user: &User, region: &Region, namespace: &str) -> Met {
    // What is held in the whole cluster is told of as such, once.
    let held = world
        .evaluator
        .held_rules(user, namespace)
        .filter(|(held, _)| held.namespace == namespace);
    let Some(cell) = region.cell_in(namespace) else {
        let chains: Vec<Chain> = chains(held, |rule| region.meets_path(rule)).collect();
        return Met {
            words: chains.iter().map(|_| region.words.clone()).collect(),
            chains,
            unclear: false,
        };
    };
    let everybody = match region.is_everything {
        true => everybodys(&world.fresh, user),
        false => Vec::new(),
    };
    let mut met = Met::default();
    for (held, rules) in held {
        for (index, rule) in rules.iter().enumerate() {
            match reaches(rule, &cell, &everybody, namespace) {
                Left::Nothing => {}
                Left::Unclear => met.unclear = true,
                Left::Some(piece) => {
                    met.chains.push(chain(&held, index, rule));
                    met.words.push(region.said(&piece));
                }
            }
        }
    }
    met
}

/// What a rule allows of a cell that `others` do not.
pub(super) fn reaches(
    rule: &PolicyRule,
    cell: &Cell,
    others: &[PolicyRule],
    namespace: &str,
) -> Left {
    let cells: Vec<Cell> = others.iter().flat_map(Cell::of).collect();
    let mut unclear = false;
    for held in Cell::of(rule) {
        let Some(both) = common(&held, cell) else {
            continue;
        };
        let covered = |request: &Request| others.iter().any(|rule| rule_allows(rule, request));
        match left(&both, cells.iter(), namespace, covered) {
            Left::Nothing => {}
            Left::Some(piece) => return Left::Some(piece),
            Left::Unclear => unclear = true,
        }
    }
    match unclear {
        true => Left::Unclear,
        false => Left::Nothing,
    }
}

/// The rules that a fresh cluster gives a user as one of everybody.
pub(super) fn everybodys(fresh: &Facts, user: &User) -> Vec<PolicyRule> {
    let everybody = User {
        name: String::new(),
        groups: user
            .groups
            .iter()
            .filter(|group| super::asker::is_everybody(group))
            .cloned()
            .collect(),
    };
    let (rules, _) = crate::rules_for(fresh, &everybody, "");
    rules.into_iter().cloned().collect()
}

/// The rules among those held that fit, each with its binding.
fn chains<'f>(
    held: impl Iterator<Item = (Held<'f>, &'f [PolicyRule])>,
    fits: impl Fn(&PolicyRule) -> bool,
) -> impl Iterator<Item = Chain> {
    held.filter_map(move |(held, rules)| {
        let index = rules.iter().position(&fits)?;
        Some(chain(&held, index, rules.get(index)?))
    })
}

pub(super) fn chain(held: &Held<'_>, index: usize, rule: &PolicyRule) -> Chain {
    Chain {
        grant: held.grant(index),
        rule: rule.clone(),
    }
}

/// Deeds by place: `get pods and list pods in namespace `a`; get nodes in the whole cluster`.
pub(super) fn say(hits: &[(String, String)]) -> String {
    let mut by_place: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (words, namespace) in hits {
        let told = by_place.entry(namespace).or_default();
        if !told.contains(words) {
            told.push(words.clone());
        }
    }
    let told: Vec<String> = by_place
        .iter()
        .map(|(namespace, words)| format!("{} {}", listed(words), place(namespace)))
        .collect();
    match told.len() > 4 {
        true => format!(
            "{}; and in {} namespaces more",
            told.get(..4).unwrap_or(&told).join("; "),
            told.len() - 4
        ),
        false => told.join("; "),
    }
}
