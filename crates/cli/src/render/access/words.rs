//! The words of a line.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::plan::{AccessEntry, Via};

use super::Line;
use super::group::{Holder, Key, Thing};
use super::things::said;
use crate::analysis::ANYBODY;
use crate::planning::{GOOGLE, KUBERNETES};
use crate::render::text::{count, safe};

/// How gaining and losing are said.
#[derive(Clone, Copy)]
pub(super) struct Way {
    one: &'static str,
    several: &'static str,
    /// What is so of what does not change.
    has: &'static str,
    /// When that is so.
    time: &'static str,
}

pub(super) const GAINS: Way = Way {
    one: "gains",
    several: "gain",
    has: "had",
    time: " before",
};
pub(super) const LOSES: Way = Way {
    one: "loses",
    several: "lose",
    has: "keeps",
    time: "",
};

/// How many resources, subjects or namespaces a line names before it counts the rest.
const NAMED: usize = 4;

/// `user:ana gains get, list secrets in namespace train (through RoleBinding x of Role y,
/// access.toml:4)`. The holders differ in their subjects
/// only, and hold it in all these places.
pub(super) fn alike(
    key: &Key<'_>,
    holders: &[&Holder<'_>],
    scopes: &[&str],
    things: &BTreeSet<Thing<'_>>,
    way: Way,
) -> Line {
    let Some(first) = holders.first() else {
        return Line::default();
    };
    let verb = match holders {
        [_] => way.one,
        _ => way.several,
    };
    Line {
        told: format!(
            "{} {verb} {} {}{}{}{}",
            listed(holders.iter().map(|holder| holder.subject), "subjects"),
            what(key, things, way),
            places(first.platform, scopes),
            acting(key.acting_as),
            under(key.condition),
            elsewhere(first, way),
        ),
        through: through(first.via, !key.permissions.is_empty()),
    }
}

/// `holders of ClusterRole admin (group:a, group:b) gain get pods in namespaces x, y`.
pub(super) fn several(
    key: &Key<'_>,
    holders: &[&Holder<'_>],
    things: &BTreeSet<Thing<'_>>,
    way: Way,
) -> Line {
    let roles: Vec<String> = key
        .roles
        .iter()
        .map(|role| match role.instance.as_str() {
            GOOGLE => safe(&role.ident).into_owned(),
            _ => format!("{} {}", role.kind, safe(role.name())),
        })
        .collect();
    let places_of_roles: BTreeSet<String> = holders
        .iter()
        .flat_map(|holder| holder.via)
        .filter_map(written)
        .collect();
    let through = match places_of_roles.len() {
        1 => places_of_roles.first().map(|place| format!(" ({place})")),
        _ => None,
    };
    let (among, each) = spread(holders);
    Line {
        told: format!(
            "holders of {}{among} {} {}{each}{}{}",
            roles.join(" and "),
            way.several,
            what(key, things, way),
            under(key.condition),
            holders
                .first()
                .map_or_else(String::new, |holder| elsewhere(holder, way)),
        ),
        through: through.unwrap_or_default(),
    }
}

/// Who the holders are, after the role, and where they hold it. Each is told of only where it holds
/// it itself.
fn spread(holders: &[&Holder<'_>]) -> (String, String) {
    let platform = holders.first().map_or(KUBERNETES, |holder| holder.platform);
    let mut scopes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for holder in holders {
        let of = scopes.entry(holder.subject).or_default();
        of.insert(holder.scope);
    }
    let mut alike: BTreeMap<Vec<&str>, Vec<&str>> = BTreeMap::new();
    for (subject, scopes) in &scopes {
        let same = alike.entry(scopes.iter().copied().collect()).or_default();
        same.push(subject);
    }
    let among = format!(" ({})", listed(scopes.keys().copied(), "subjects"));
    match alike.len() {
        0 | 1 => {
            let scopes: Vec<&str> = alike.into_keys().flatten().collect();
            (among, format!(" {}", places(platform, &scopes)))
        }
        // Two more are told apart as quickly as they are thrown together.
        few if few <= NAMED + 2 => {
            let each: Vec<String> = alike
                .iter()
                .map(|(scopes, subjects)| {
                    let subjects = listed(subjects.iter().copied(), "subjects");
                    format!("{subjects} {}", places(platform, scopes))
                })
                .collect();
            (String::new(), format!(": {}", each.join("; ")))
        }
        _ => {
            let all: BTreeSet<&str> = scopes.into_values().flatten().collect();
            let all: Vec<&str> = all.into_iter().collect();
            let each = format!(
                ", each where nothing else gives any of it: {}",
                places(platform, &all)
            );
            (among, each)
        }
    }
}

/// The namespaces in which nothing changes, and those in which some of it does not: ` (keeps it in
/// a; keeps get secrets in b)`.
fn elsewhere(holder: &Holder<'_>, way: Way) -> String {
    let Way { has, time, .. } = way;
    let of = |what: &str, namespaces: &[String]| {
        let namespaces = listed(namespaces.iter().map(String::as_str), "namespaces");
        format!("{has} {what}{time} in {namespaces}")
    };
    let mut parts = Vec::new();
    if !holder.but_in.is_empty() {
        parts.push(of("it", holder.but_in));
    }
    let (told, rest) = match holder.except_in.split_at_checked(NAMED) {
        Some((told, [_, _, ..])) => (told, holder.except_in.get(NAMED..).unwrap_or_default()),
        _ => (holder.except_in, [].as_slice()),
    };
    parts.extend(told.iter().map(|there| {
        let what = listed(there.except.iter().map(String::as_str), "things");
        of(&what, &there.namespaces)
    }));
    if !rest.is_empty() {
        let namespaces: usize = rest.iter().map(|there| there.namespaces.len()).sum();
        parts.push(format!(
            "{has} some of it{time} in {namespaces} more namespaces"
        ));
    }
    match parts.is_empty() {
        true => String::new(),
        false => format!(" ({})", parts.join("; ")),
    }
}

/// What cannot be told of one subject.
pub(super) fn untold(entry: &AccessEntry) -> Line {
    let place = place(&entry.platform, &entry.scope);
    let told = match (entry.subject.as_str(), entry.role.as_deref()) {
        (ANYBODY, None) => {
            format!("whoever the deny policies {place} are about: they are not the same")
        }
        (ANYBODY, Some(role)) => {
            let through = match entry.platform.as_str() {
                GOOGLE => "policies",
                _ => "bindings",
            };
            format!(
                "whoever holds {} through {through} that were not read, {place}",
                safe(role)
            )
        }
        (subject, Some(role)) => {
            let acting = acting(entry.acting_as.as_deref());
            format!(
                "{}: what {} gives {place}{acting}",
                safe(subject),
                safe(role)
            )
        }
        (subject, None) if entry.permissions.is_empty() => {
            let holder = entry.acting_as.as_deref().unwrap_or("it");
            let elsewhere = "in policies that were not read";
            format!("{}: what {} holds {elsewhere}", safe(subject), safe(holder))
        }
        (subject, None) => {
            let some = listed(entry.permissions.iter().map(String::as_str), "permissions");
            let acting = acting(entry.acting_as.as_deref());
            format!("{}: {some} {place}{acting}", safe(subject))
        }
    };
    Line {
        told: format!("{told}{}", under(entry.condition.as_deref())),
        through: through(&entry.via, false),
    }
}

/// As whom pods hold it.
fn acting(account: Option<&str>) -> String {
    account.map_or_else(String::new, |account| format!(" as {}", safe(account)))
}

fn what(key: &Key<'_>, things: &BTreeSet<Thing<'_>>, way: Way) -> String {
    if let Some(role) = key.role {
        return safe(role).into_owned();
    }
    if !key.permissions.is_empty() {
        return listed(key.permissions.iter().map(String::as_str), "permissions");
    }
    let all = said(things);
    let except = match key.except {
        [] => String::new(),
        except => {
            let held = listed(except.iter().map(String::as_str), "things");
            format!(" (but what it {}{}: {held})", way.has, way.time)
        }
    };
    let verbs = match key.verbs {
        [all] if all == "*" => "every verb on".to_owned(),
        verbs => safe(&verbs.join(", ")).into_owned(),
    };
    format!(
        "{verbs} {}{except}",
        listed(all.iter().map(String::as_str), "resources")
    )
}

/// The first few, and how many more there are.
pub(super) fn listed<'a>(all: impl Iterator<Item = &'a str>, what: &str) -> String {
    let all: Vec<&str> = all.collect();
    // Two more are named as quickly as they are counted.
    let shown = match all.len() {
        few if few <= NAMED + 2 => few,
        _ => NAMED,
    };
    let named: Vec<&str> = all.iter().take(shown).copied().collect();
    let named = safe(&named.join(", ")).into_owned();
    match all.len() - shown {
        0 => named,
        more => format!("{named} and {more} more {what}"),
    }
}

/// Through which bindings. `of_role` where a role of Google changed, and is not named yet.
fn through(via: &[Via], of_role: bool) -> String {
    let Some(first) = via.first() else {
        return String::new();
    };
    // A grant of Google is no object of its own: its place says it all.
    let binding = match first.binding.instance.as_str() {
        GOOGLE => of_role.then(|| format!("through {}", safe(&first.role.ident))),
        _ => Some(format!(
            "through {} {} of {} {}",
            first.binding.kind,
            safe(first.binding.name()),
            first.role.kind,
            safe(first.role.name())
        )),
    };
    let more = match via.len() {
        0 | 1 => None,
        several => Some(count(several - 1, "other way", "other ways")),
    };
    let parts: Vec<String> = [
        binding,
        written(first),
        more.map(|more| format!("and {more}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    match parts.is_empty() {
        true => String::new(),
        false => format!(" ({})", parts.join(", ")),
    }
}

/// Where it stands in the files.
fn written(via: &Via) -> Option<String> {
    match (&via.file, via.line) {
        (Some(file), Some(line)) => Some(format!("{}:{line}", safe(file))),
        _ => None,
    }
}

/// Where access holds: in the whole cluster, in some namespaces, or both.
fn places(platform: &str, scopes: &[&str]) -> String {
    if let [scope] = scopes {
        return place(platform, scope);
    }
    if platform == GOOGLE {
        return format!("on {}", listed(scopes.iter().copied(), "resources"));
    }
    let (wide, narrow): (Vec<&str>, Vec<&str>) = scopes
        .iter()
        .copied()
        .partition(|scope| *scope == "cluster");
    let wide = wide.first().map(|scope| place(platform, scope));
    let narrow = match narrow.as_slice() {
        [] => None,
        [namespace] => Some(place(platform, namespace)),
        several => Some(format!(
            "in namespaces {}",
            listed(several.iter().copied(), "namespaces")
        )),
    };
    let both: Vec<String> = wide.into_iter().chain(narrow).collect();
    both.join(" and ")
}

/// Where access holds.
pub(crate) fn place(platform: &str, scope: &str) -> String {
    match (platform, scope) {
        (GOOGLE, resource) => format!("on {}", safe(resource)),
        (_, "cluster") => "in the whole cluster".to_owned(),
        (_, namespace) => format!("in namespace {}", safe(namespace)),
    }
}

/// The condition it holds under.
pub(crate) fn under(condition: Option<&str>) -> String {
    condition.map_or_else(String::new, |condition| {
        match ["until ", "from "]
            .iter()
            .any(|time| condition.starts_with(time))
        {
            true => format!(", {}", safe(condition)),
            false => format!(", while {}", safe(condition)),
        }
    })
}
