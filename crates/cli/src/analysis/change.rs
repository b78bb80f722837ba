//! The access change of a plan on a cluster, as plans tell it.

use std::collections::BTreeMap;

use rbacform_access::delta::{ChangedRole, Delta, Entry, Through, delta};
use rbacform_core::plan::{AccessChange, AccessEntry, Via};
use rbacform_core::{DesiredResource, ObjectId, SourceMap, Span};

use super::{Worlds, binding_and_role};
use crate::planning::KUBERNETES;

/// The subject of an entry about everybody who holds a role through bindings that were not read.
pub(crate) const ANYBODY: &str = "*";

/// Who gains and who loses what, and of whom nobody can tell.
pub(crate) fn access_change(worlds: &Worlds) -> AccessChange {
    let Delta {
        gained,
        lost,
        cannot_tell,
        held_unseen,
    } = delta(&worlds.before, &worlds.after, &worlds.known);
    let untold = cannot_tell
        .into_iter()
        .map(|(subject, through)| worlds.untold(subject, &through));
    let unseen = held_unseen.iter().map(|role| worlds.unseen(role));
    AccessChange {
        cannot_tell: untold.chain(unseen).collect(),
        gained: worlds.entries(gained),
        lost: worlds.entries(lost),
    }
}

/// Says of what a cluster's bindings give until when it holds, where every one of them ends. `ends`
/// are in seconds since 1970.
pub(crate) fn temporary(gained: &mut [AccessEntry], ends: &BTreeMap<ObjectId, i64>) {
    for entry in gained.iter_mut().filter(|it| it.platform == KUBERNETES) {
        let ends = entry.via.iter().map(|via| ends.get(&via.binding).copied());
        // The last one decides; without a `via` none ends.
        let last = ends.collect::<Option<Vec<i64>>>();
        let last = last.and_then(|ends| ends.into_iter().max());
        let last = last.and_then(|end| jiff::Timestamp::from_second(end).ok());
        entry.condition = last.map(|end| format!("until {end}"));
    }
}

/// Adds where grants of resources are declared.
pub(crate) fn locate(access: &mut AccessChange, declared: &[DesiredResource], sources: &SourceMap) {
    let AccessChange {
        gained,
        lost,
        cannot_tell,
    } = access;
    let all = gained.iter_mut().chain(lost).chain(cannot_tell);
    // Of a role that changes, the role is what a reader wants to see.
    let all = all.flat_map(|entry| {
        let of_role = !entry.permissions.is_empty();
        entry.via.iter_mut().map(move |via| (of_role, via))
    });
    let unplaced: Vec<(bool, &mut Via)> = all.filter(|(_, via)| via.file.is_none()).collect();
    if unplaced.is_empty() {
        return;
    }
    let spans: BTreeMap<&ObjectId, Span> = declared
        .iter()
        .map(|resource| (&resource.object, resource.span))
        .collect();
    for (of_role, via) in unplaced {
        let (binding, role) = (spans.get(&via.binding), spans.get(&via.role));
        let span = match of_role {
            true => role.or(binding),
            false => binding.or(role),
        };
        if let Some(place) = span.and_then(|span| sources.locate(*span)) {
            via.line = Some(place.line);
            via.file = Some(place.file);
        }
    }
}

impl Worlds {
    fn entries(&self, entries: Vec<Entry>) -> Vec<AccessEntry> {
        entries.into_iter().map(|entry| self.entry(entry)).collect()
    }

    fn entry(&self, entry: Entry) -> AccessEntry {
        AccessEntry {
            verbs: entry.verbs,
            api_group: entry.api_group,
            names: entry.names,
            except: entry.except,
            but_in: entry.but_in,
            except_in: entry.except_in,
            via: entry.via.iter().map(|through| self.via(through)).collect(),
            ..of(entry.subject, entry.resource, &entry.scope)
        }
    }

    fn untold(&self, subject: String, through: &Through) -> AccessEntry {
        AccessEntry {
            role: Some(format!("{} {}", through.role_kind, through.role)),
            via: vec![self.via(through)],
            ..of(subject, "*".to_owned(), &through.namespace)
        }
    }

    fn unseen(&self, role: &ChangedRole) -> AccessEntry {
        let kind = match role.namespace.as_str() {
            "" => "ClusterRole",
            _ => "Role",
        };
        AccessEntry {
            role: Some(format!("{kind} {}", role.name)),
            ..of(ANYBODY.to_owned(), "*".to_owned(), &role.namespace)
        }
    }

    fn via(&self, through: &Through) -> Via {
        let (binding, role) = ids(through);
        let (held, gives) = (self.place(&binding), self.place(&role));
        // What a reader wants to see is what changes.
        let place = match self.is_changed(through) {
            true => held.or(gives),
            false => gives.or(held),
        };
        Via {
            file: place.map(|place| place.file.clone()),
            line: place.map(|place| place.line),
            binding,
            role,
        }
    }
}

impl Worlds {
    /// Whether the binding itself is another one in the two worlds, not only what its role gives.
    fn is_changed(&self, through: &Through) -> bool {
        let Through {
            namespace, binding, ..
        } = through;
        let [was, is] = [&self.before, &self.after];
        match namespace.as_str() {
            "" => was.cluster_role_binding(binding) != is.cluster_role_binding(binding),
            _ => was.role_binding(namespace, binding) != is.role_binding(namespace, binding),
        }
    }
}

/// A binding's and its role's identity.
pub(super) fn ids(through: &Through) -> (ObjectId, ObjectId) {
    let Through {
        namespace,
        binding,
        role_kind,
        role,
    } = through;
    binding_and_role(namespace, binding, role_kind, role)
}

fn of(subject: String, resource: String, namespace: &str) -> AccessEntry {
    AccessEntry {
        platform: KUBERNETES.to_owned(),
        subject,
        resource,
        scope: match namespace {
            "" => "cluster".to_owned(),
            namespace => namespace.to_owned(),
        },
        ..AccessEntry::default()
    }
}
