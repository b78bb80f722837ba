//! The access change of a plan on a cluster, as plans tell it.

use rbacform_access::delta::{ChangedRole, Delta, Entry, Through, delta};
use rbacform_core::ObjectId;
use rbacform_core::plan::{AccessChange, AccessEntry, Via};

use super::Worlds;
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
        let kind = match through.namespace.as_str() {
            "" => "ClusterRoleBinding",
            _ => "RoleBinding",
        };
        let binding = object(kind, &through.namespace, &through.binding);
        let role_namespace = match through.role_kind.as_str() {
            "Role" => through.namespace.as_str(),
            _ => "",
        };
        let role = object(&through.role_kind, role_namespace, &through.role);
        let place = self.place(&binding).or_else(|| self.place(&role));
        Via {
            file: place.map(|place| place.file.clone()),
            line: place.map(|place| place.line),
            binding,
            role,
        }
    }
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

fn object(kind: &str, namespace: &str, name: &str) -> ObjectId {
    match namespace {
        "" => ObjectId::cluster(KUBERNETES, kind, name),
        namespace => ObjectId::namespaced(KUBERNETES, kind, namespace, name),
    }
}
