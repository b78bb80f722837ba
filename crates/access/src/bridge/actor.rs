//! The nodes of the graph: somebody, whichever side names them.

use crate::google::{Principal, Workload, canonical};
use crate::subject::{service_account_username, split_service_account};
use crate::{Grant, User, subject};

/// The group of every service account of a cluster; behind a colon, of a namespace's.
const ACCOUNTS: &str = "system:serviceaccounts";

/// Somebody who can act.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Actor {
    /// Pods with a service account of the cluster; without a name any in the namespace, without a
    /// namespace any at all.
    Pods {
        namespace: Option<String>,
        name: Option<String>,
    },
    /// Everybody else, as policies of Google write it.
    Named(String),
}

impl Actor {
    /// Whom a member of a policy means, in a cluster whose pool is `project`'s. A workload of another
    /// project's pool is nobody of this cluster.
    pub(super) fn of_member(member: &str, project: Option<&str>) -> Self {
        match Workload::of(member) {
            Some(workload) if project.is_none_or(|project| project == workload.project) => {
                Self::Pods {
                    namespace: workload.namespace,
                    name: workload.name,
                }
            }
            _ => Self::Named(canonical(member)),
        }
    }

    /// Whom a binding of the cluster names.
    pub(super) fn of_grant(grant: &Grant) -> Self {
        let named = &grant.subject;
        match named.kind.as_str() {
            "ServiceAccount" => {
                let namespace = match named.namespace.as_str() {
                    "" => grant.binding_namespace.as_str(),
                    namespace => namespace,
                };
                Self::pods(namespace, &named.name)
            }
            "Group" => Self::of_group(&named.name),
            _ => Self::of_user(&named.name),
        }
    }

    /// Somebody as stack files or policies spell it.
    pub(super) fn of_spelled(spelled: &str) -> Self {
        if let Some((namespace, name)) = spelled
            .strip_prefix("serviceaccount:")
            .and_then(|rest| rest.split_once('/'))
        {
            return Self::pods(namespace, name);
        }
        if let Some(group) = spelled.strip_prefix("group:") {
            return Self::of_group(group);
        }
        match spelled.strip_prefix("user:") {
            Some(user) => Self::of_user(user),
            None if spelled.contains(':') && !spelled.starts_with("system:") => {
                Self::of_member(spelled, None)
            }
            None => Self::of_user(spelled),
        }
    }

    fn pods(namespace: &str, name: &str) -> Self {
        Self::Pods {
            namespace: Some(namespace.to_owned()),
            name: Some(name.to_owned()),
        }
    }

    fn of_user(name: &str) -> Self {
        if let Some((namespace, name)) = split_service_account(name) {
            return Self::pods(namespace, name);
        }
        match name.ends_with(".gserviceaccount.com") {
            true => Self::Named(canonical(&format!("serviceAccount:{name}"))),
            false => Self::Named(canonical(&format!("user:{name}"))),
        }
    }

    fn of_group(name: &str) -> Self {
        let pods = |namespace: Option<&str>| Self::Pods {
            namespace: namespace.map(str::to_owned),
            name: None,
        };
        match name.strip_prefix(ACCOUNTS) {
            Some("") => pods(None),
            Some(rest) if rest.starts_with(':') => pods(rest.strip_prefix(':')),
            _ => Self::Named(canonical(&format!("group:{name}"))),
        }
    }

    /// The group of the cluster that a set of pods is.
    fn group(namespace: Option<&str>) -> String {
        match namespace {
            Some(namespace) => format!("{ACCOUNTS}:{namespace}"),
            None => ACCOUNTS.to_owned(),
        }
    }

    /// The one namespace that pods are in.
    pub(super) fn namespace(&self) -> Option<&str> {
        match self {
            Self::Pods { namespace, .. } => namespace.as_deref(),
            Self::Named(_) => None,
        }
    }

    /// As stack files spell it.
    pub(super) fn spelled(&self) -> String {
        match self {
            Self::Pods {
                namespace: Some(namespace),
                name: Some(name),
            } => format!("serviceaccount:{namespace}/{name}"),
            Self::Pods { namespace, .. } => {
                format!("group:{}", Self::group(namespace.as_deref()))
            }
            Self::Named(member) => member.clone(),
        }
    }

    /// Whom Google sees. None for a set of pods, and where the pool's project is not known.
    pub(super) fn principal(&self, project: Option<&str>) -> Option<Principal> {
        match self {
            Self::Pods {
                namespace: Some(namespace),
                name: Some(name),
            } => Some(Principal::workload(project?, namespace, name)),
            Self::Pods { .. } => None,
            Self::Named(member) => Some(Principal::of(member)),
        }
    }

    /// Whom the cluster sees. None for those that it cannot know.
    pub(super) fn user(&self) -> Option<User> {
        let user = |name: &str| User {
            groups: subject::implied_groups(name),
            name: name.to_owned(),
        };
        let group = |name: &str| User {
            name: String::new(),
            groups: subject::groups_of_members(name),
        };
        match self {
            Self::Pods {
                namespace: Some(namespace),
                name: Some(name),
            } => Some(user(&service_account_username(namespace, name))),
            Self::Pods { namespace, .. } => Some(group(&Self::group(namespace.as_deref()))),
            Self::Named(member) => match member.split_once(':')? {
                ("user" | "serviceAccount", name) => Some(user(name)),
                ("group", name) => Some(group(name)),
                _ => None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_in_what_all_its_members_are_in() {
        let groups = |spelled: &str| Actor::of_spelled(spelled).user().map(|user| user.groups);
        let of_a = ["system:serviceaccounts:a", ACCOUNTS, subject::AUTHENTICATED];
        let of_a = of_a.map(str::to_owned).to_vec();
        assert_eq!(groups("group:system:serviceaccounts:a"), Some(of_a));
        let nobody = vec![subject::UNAUTHENTICATED.to_owned()];
        assert_eq!(groups("group:system:unauthenticated"), Some(nobody));
    }
}
