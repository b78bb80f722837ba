//! How much a piece of access weighs: what a person must see first.

use rbacform_core::plan::{AccessChange, AccessEntry};

use crate::planning::GOOGLE;

/// Sorts first what matters most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Weight {
    danger: Danger,
    crowd: Crowd,
    reach: Reach,
}

/// The weightiest first. What each means for an attacker: Kubernetes' "RBAC good practices", and
/// Google's "best practices for using service accounts".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Danger {
    /// Becomes anything else: everything, or a way to give it to oneself.
    Escalates,
    /// Reads secrets, or runs as somebody else.
    Secret,
    /// Changes something.
    Writes,
    /// Looks.
    #[default]
    Reads,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    Wide,
    #[default]
    Narrow,
}

/// Whether it is for whoever comes along, or for some.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Crowd {
    Everybody,
    #[default]
    Some,
}

/// Subjects that are everybody, or everybody who has logged in somewhere.
const EVERYBODY: [&str; 5] = [
    "allUsers",
    "allAuthenticatedUsers",
    "group:system:authenticated",
    "group:system:unauthenticated",
    "user:system:anonymous",
];

/// Lays the weightiest first; what weighs the same by subject, then by what it is.
pub(crate) fn by_weight(access: &mut AccessChange) {
    let AccessChange {
        gained,
        lost,
        cannot_tell,
    } = access;
    for entries in [gained, lost, cannot_tell] {
        entries.sort_unstable();
        entries.sort_by_cached_key(weight);
    }
}

/// The weight of an entry.
pub(crate) fn weight(entry: &AccessEntry) -> Weight {
    let wide = match entry.platform.as_str() {
        GOOGLE => ["organizations/", "folders/", "projects/"]
            .iter()
            .any(|prefix| {
                let rest = entry.scope.strip_prefix(prefix);
                rest.is_some_and(|rest| !rest.contains('/'))
            }),
        _ => entry.scope == "cluster",
    };
    Weight {
        danger: match (entry.permissions.as_slice(), entry.verbs.as_slice()) {
            ([], []) => of_role(entry.role.as_deref().unwrap_or_default()),
            ([], _) => of_verbs(entry),
            (permissions, _) => {
                let weights = permissions
                    .iter()
                    .map(|permission| of_permission(permission));
                weights.min().unwrap_or_default()
            }
        },
        crowd: match EVERYBODY.contains(&entry.subject.as_str()) {
            true => Crowd::Everybody,
            false => Crowd::Some,
        },
        reach: if wide { Reach::Wide } else { Reach::Narrow },
    }
}

/// Resources that read secrets or run code as somebody else, with the verbs that do.
const SECRET: [(&str, &[&str]); 17] = [
    ("secrets", &["get", "list", "watch", "create"]),
    ("serviceaccounts/token", &["create"]),
    ("pods", &["create", "update", "patch"]),
    ("pods/exec", &["create", "get"]),
    ("pods/attach", &["create", "get"]),
    ("pods/ephemeralcontainers", &["update", "patch"]),
    ("nodes/proxy", &["get", "create"]),
    ("deployments", MAKE),
    ("daemonsets", MAKE),
    ("statefulsets", MAKE),
    ("replicasets", MAKE),
    ("replicationcontrollers", MAKE),
    ("jobs", MAKE),
    ("cronjobs", MAKE),
    ("persistentvolumes", &["create"]),
    ("validatingwebhookconfigurations", MAKE),
    ("mutatingwebhookconfigurations", MAKE),
];
const MAKE: &[&str] = &["create", "update", "patch"];

const ROLES: [&str; 4] = [
    "roles",
    "clusterroles",
    "rolebindings",
    "clusterrolebindings",
];

fn of_verbs(entry: &AccessEntry) -> Danger {
    let has = |verb: &str| entry.verbs.iter().any(|held| held == verb || held == "*");
    let of = |resource: &str| [resource, "*"].contains(&entry.resource.as_str());
    // A URL is none of the resources.
    let resource = entry.api_group.is_some();
    let named = |verb: &str| entry.verbs.iter().any(|held| held == verb);
    let gives_itself = named("escalate")
        || named("bind")
        || entry
            .verbs
            .iter()
            .any(|verb| verb.starts_with("impersonate"))
        || (named("*") && (of("*") || ROLES.iter().any(|role| of(role))));
    if resource && gives_itself {
        return Danger::Escalates;
    }
    let secret = SECRET
        .iter()
        .any(|(name, verbs)| of(name) && verbs.iter().any(|verb| has(verb)));
    let hands_out = ROLES.iter().any(|role| of(role)) && MAKE.iter().any(|verb| has(verb));
    if resource && (secret || hands_out) {
        return Danger::Secret;
    }
    match entry
        .verbs
        .iter()
        .all(|verb| ["get", "list", "watch"].contains(&verb.as_str()))
    {
        true => Danger::Reads,
        false => Danger::Writes,
    }
}

fn of_role(role: &str) -> Danger {
    const ESCALATES: [&str; 8] = [
        "roles/owner",
        "roles/iam.securityAdmin",
        "roles/iam.roleAdmin",
        "roles/iam.serviceAccountTokenCreator",
        "roles/iam.serviceAccountUser",
        "roles/iam.serviceAccountKeyAdmin",
        "roles/iam.workloadIdentityUser",
        "ClusterRole cluster-admin",
    ];
    let role_lower = role.to_ascii_lowercase();
    if ESCALATES.contains(&role) || role_lower.ends_with("iamadmin") {
        return Danger::Escalates;
    }
    match role_lower.as_str() {
        "roles/editor" => Danger::Secret,
        role if role.contains("secret") => Danger::Secret,
        role if role.ends_with("viewer") || role.ends_with("reader") || role.ends_with("view") => {
            Danger::Reads
        }
        _ => Danger::Writes,
    }
}

/// The permissions that Google's "Privilege escalation" recommendations name, and what reads
/// secrets.
fn of_permission(permission: &str) -> Danger {
    const ESCALATES: [&str; 8] = [
        "setIamPolicy",
        "actAs",
        "getAccessToken",
        "getOpenIdToken",
        "implicitDelegation",
        "signBlob",
        "signJwt",
        "update",
    ];
    let verb = permission.rsplit('.').next().unwrap_or_default();
    let of_roles = permission.starts_with("iam.roles.") || permission.starts_with("iam.service");
    match verb {
        "setIamPolicy" => Danger::Escalates,
        "create" | "upload" if permission.starts_with("iam.serviceAccountKeys.") => {
            Danger::Escalates
        }
        verb if of_roles && ESCALATES.contains(&verb) => Danger::Escalates,
        "access" if permission.starts_with("secretmanager.") => Danger::Secret,
        "get" | "list" | "getIamPolicy" | "search" | "query" => Danger::Reads,
        _ => Danger::Writes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(subject: &str, verb: &str, resource: &str, scope: &str) -> AccessEntry {
        AccessEntry {
            subject: subject.to_owned(),
            verbs: vec![verb.to_owned()],
            api_group: Some(String::new()),
            resource: resource.to_owned(),
            scope: scope.to_owned(),
            ..AccessEntry::default()
        }
    }

    #[test]
    fn escalation_comes_first_then_secrets_then_everybody_then_the_cluster() {
        let sorted = [
            entry("user:zoe", "*", "*", "cluster"),
            entry("user:ana", "impersonate", "users", "team"),
            entry("user:zoe", "get", "secrets", "cluster"),
            entry("user:ana", "get", "secrets", "team"),
            entry("user:bo", "get", "secrets", "team"),
            entry("user:ana", "delete", "configmaps", "team"),
            entry("group:system:authenticated", "get", "configmaps", "team"),
            entry("user:ana", "get", "configmaps", "cluster"),
            entry("user:ana", "get", "configmaps", "team"),
        ];
        let mut access = AccessChange {
            gained: sorted.iter().rev().cloned().collect(),
            lost: sorted.iter().skip(3).chain(&sorted[..3]).cloned().collect(),
            cannot_tell: Vec::new(),
        };
        by_weight(&mut access);
        assert_eq!(access.gained, sorted);
        assert_eq!(access.lost, sorted);
    }
}
