//! From entries to lines: what one binding gives one subject on many resources is one line, and
//! what a changed role gives everybody who holds it is one line too.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::ObjectId;
use rbacform_core::plan::{AccessEntry, ExceptIn, Via};

use super::Line;
use super::words::{self, Way};
use crate::analysis::{Weight, weight};
use crate::planning::GOOGLE;

/// The lines of what is gained, or of what is lost. `changed` are the objects that the plan changes.
pub(super) fn lines(entries: &[AccessEntry], changed: &BTreeSet<&ObjectId>, way: Way) -> Vec<Line> {
    let mut groups: BTreeMap<Key<'_>, BTreeMap<Holder<'_>, BTreeSet<Thing<'_>>>> = BTreeMap::new();
    for entry in entries {
        let holders = groups.entry(Key::of(entry, changed)).or_default();
        let things = holders.entry(Holder::of(entry)).or_default();
        things.insert(Thing::of(entry));
    }
    let told =
        groups.iter().flat_map(
            |(key, holders)| match key.ripple && holders.len() >= CROWD {
                true => together(key, holders, way),
                false => apart(key, holders, way),
            },
        );
    sorted(told.collect())
}

/// The lines of what nobody can tell.
pub(super) fn untold(entries: &[AccessEntry]) -> Vec<Line> {
    let told = entries
        .iter()
        .map(|entry| (weight(entry), words::untold(entry)));
    let mut lines: Vec<Told> = told.collect();
    lines.dedup_by(|a, b| a.1.told == b.1.told);
    sorted(lines)
}

type Told = (Weight, Line);

fn sorted(mut lines: Vec<Told>) -> Vec<Line> {
    lines.sort_by(|a, b| (&a.0, &a.1.told).cmp(&(&b.0, &b.1.told)));
    lines.into_iter().map(|(_, line)| line).collect()
}

/// What the entries of one line have in common, but for who holds it and on which resources.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key<'a> {
    /// Whether the bindings stay as they are, and what their roles give changes.
    ripple: bool,
    pub(super) roles: BTreeSet<&'a ObjectId>,
    pub(super) verbs: &'a [String],
    pub(super) permissions: &'a [String],
    pub(super) role: Option<&'a str>,
    pub(super) acting_as: Option<&'a str>,
    pub(super) except: &'a [String],
    pub(super) condition: Option<&'a str>,
}

impl<'a> Key<'a> {
    fn of(entry: &'a AccessEntry, changed: &BTreeSet<&ObjectId>) -> Self {
        Self {
            ripple: entry.acting_as.is_none()
                && !entry.via.iter().any(|via| changed.contains(&via.binding)),
            roles: entry.via.iter().map(|via| &via.role).collect(),
            verbs: &entry.verbs,
            permissions: &entry.permissions,
            role: entry.role.as_deref(),
            acting_as: entry.acting_as.as_deref(),
            except: &entry.except,
            condition: entry.condition.as_deref(),
        }
    }
}

/// Who holds it, where, and through what.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Holder<'a> {
    pub(super) platform: &'a str,
    pub(super) subject: &'a str,
    pub(super) scope: &'a str,
    pub(super) but_in: &'a [String],
    pub(super) except_in: &'a [ExceptIn],
    pub(super) via: &'a [Via],
}

impl<'a> Holder<'a> {
    fn of(entry: &'a AccessEntry) -> Self {
        Self {
            platform: &entry.platform,
            subject: &entry.subject,
            scope: &entry.scope,
            but_in: &entry.but_in,
            except_in: &entry.except_in,
            via: &entry.via,
        }
    }

    /// What of it does not change in some namespaces.
    fn elsewhere(&self) -> (&'a [String], &'a [ExceptIn]) {
        (self.but_in, self.except_in)
    }

    /// What tells the bindings of one declaration from those of others, in whatever namespace.
    fn declaration(&self) -> Vec<Declaration<'a>> {
        let of = |via: &'a Via| Declaration {
            // A grant of Google stands on one resource.
            resource: (self.platform == GOOGLE).then_some(self.scope),
            binding: via.binding.name(),
            role: via.role.name(),
            place: via.file.as_deref().zip(via.line),
        };
        self.via.iter().map(of).collect()
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Declaration<'a> {
    resource: Option<&'a str>,
    binding: &'a str,
    role: &'a str,
    place: Option<(&'a str, u32)>,
}

/// What it is about, the weightiest first.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Thing<'a> {
    weight: Weight,
    pub(super) api_group: Option<&'a str>,
    pub(super) resource: &'a str,
    pub(super) names: &'a [String],
}

impl<'a> Thing<'a> {
    pub(super) fn of(entry: &'a AccessEntry) -> Self {
        Self {
            weight: weight(entry),
            api_group: entry.api_group.as_deref(),
            resource: &entry.resource,
            names: &entry.names,
        }
    }
}

type Things<'a> = BTreeSet<Thing<'a>>;

fn weightiest(things: &Things<'_>) -> Weight {
    things.first().map(|thing| thing.weight).unwrap_or_default()
}

/// So many subjects who gain or lose the same are told of in one line.
const CROWD: usize = 4;

/// What bindings give that change themselves. The instances of one declaration are one line where
/// they differ in the namespace only.
fn apart(key: &Key<'_>, holders: &BTreeMap<Holder<'_>, Things<'_>>, way: Way) -> Vec<Told> {
    let mut alike: BTreeMap<_, BTreeMap<&str, Vec<&Holder<'_>>>> = BTreeMap::new();
    for (holder, things) in holders {
        let same = (things, holder.declaration(), holder.elsewhere());
        let subjects = alike.entry(same).or_default();
        subjects.entry(holder.subject).or_default().push(holder);
    }
    let mut told = Vec::new();
    for ((things, ..), subjects) in alike {
        let mut places: BTreeMap<Vec<&str>, Vec<&Holder<'_>>> = BTreeMap::new();
        for holders in subjects.into_values() {
            let scopes = holders.iter().map(|holder| holder.scope).collect();
            places.entry(scopes).or_default().extend(holders.first());
        }
        for (scopes, holders) in places {
            let crowd = holders.len() >= CROWD;
            let together = if crowd { holders.len() } else { 1 };
            told.extend(holders.chunks(together).map(|holders| {
                let line = words::alike(key, holders, &scopes, things, way);
                (weightiest(things), line)
            }));
        }
    }
    told
}

/// Holders who gain or lose the same are told of as one.
fn together(key: &Key<'_>, holders: &BTreeMap<Holder<'_>, Things<'_>>, way: Way) -> Vec<Told> {
    let mut alike: BTreeMap<_, Vec<&Holder<'_>>> = BTreeMap::new();
    for (holder, things) in holders {
        let same = alike.entry((things, holder.elsewhere())).or_default();
        same.push(holder);
    }
    let told = alike.into_iter().map(|((things, _), holders)| {
        (
            weightiest(things),
            words::several(key, &holders, things, way),
        )
    });
    told.collect()
}
