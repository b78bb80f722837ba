//! Who asks.

/// Somebody as policies name them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Principal {
    /// The member that names exactly this one: `user:ana@example.com`.
    pub member: String,
    /// Groups it is known to be in: `group:ml@example.com`.
    pub groups: Vec<String>,
    pub(super) kind: Kind,
}

/// What a principal is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A person.
    User,
    /// A service account.
    Account,
    /// Any member of a group, of whom nothing else is known.
    Group,
    /// Pods with a Kubernetes service account.
    Workload(Workload),
    /// Another federated identity, or a set of such.
    Federated,
    /// Anybody with a Google account.
    Authenticated,
    /// Anybody at all.
    Anybody,
    /// A set that nothing is known of: a domain, the owners of a project.
    Other,
}

/// A Kubernetes service account in the pool of a project's clusters, or all of a namespace's, of a
/// cluster's, of the pool's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Workload {
    /// The project whose pool it is, by id.
    pub project: String,
    /// The namespace; none for every one.
    pub namespace: Option<String>,
    /// The service account; none for every one in the namespace.
    pub name: Option<String>,
    /// The cluster, by its URL; none for all of the project's.
    pub cluster: Option<String>,
}

impl Principal {
    /// The principal that a member names, in any spelling of policies.
    pub fn of(member: &str) -> Self {
        let member = canonical(member);
        let kind = match member.split_once(':') {
            _ if Workload::of(&member).is_some_and(|workload| workload.name.is_some()) => {
                match Workload::of(&member) {
                    Some(workload) => Kind::Workload(workload),
                    None => Kind::Other,
                }
            }
            Some(("user", _)) => Kind::User,
            Some(("serviceAccount", _)) => Kind::Account,
            Some(("group", _)) => Kind::Group,
            Some(("principal" | "principalSet", _)) => Kind::Federated,
            None if member == ANYBODY => Kind::Anybody,
            None if member == AUTHENTICATED => Kind::Authenticated,
            _ => Kind::Other,
        };
        Self {
            member,
            groups: Vec::new(),
            kind,
        }
    }

    /// Pods with a Kubernetes service account, in a cluster of a project.
    pub fn workload(project: &str, namespace: &str, name: &str) -> Self {
        Self::of(&format!(
            "serviceAccount:{project}{POOL}[{namespace}/{name}]"
        ))
    }

    /// The same, known to be in some groups.
    #[must_use]
    pub fn in_groups(self, groups: impl IntoIterator<Item = String>) -> Self {
        Self {
            groups: groups.into_iter().map(|group| canonical(&group)).collect(),
            ..self
        }
    }
}

pub(super) const ANYBODY: &str = "allUsers";
pub(super) const AUTHENTICATED: &str = "allAuthenticatedUsers";
const POOL: &str = ".svc.id.goog";

impl Workload {
    /// What a member stands for, where it is in the pool of a project's clusters.
    /// (Google: `kubernetes-engine/docs/how-to/workload-identity`, "principal identifiers".)
    pub fn of(member: &str) -> Option<Self> {
        let (project, who) = match member.strip_prefix("serviceAccount:") {
            Some(value) => {
                let (project, rest) = value.split_once(&format!("{POOL}["))?;
                let (namespace, name) = rest.strip_suffix(']')?.split_once('/')?;
                return Some(Self {
                    project: project.to_owned(),
                    namespace: Some(namespace.to_owned()),
                    name: Some(name.to_owned()),
                    cluster: None,
                });
            }
            None => pool(member)?,
        };
        let project = project.strip_suffix(POOL)?.to_owned();
        let whole = Self {
            project,
            namespace: None,
            name: None,
            cluster: None,
        };
        if let Some(cluster) = who.strip_prefix("kubernetes.cluster/") {
            let cluster = Some(cluster.to_owned());
            return Some(Self { cluster, ..whole });
        }
        match who.split('/').collect::<Vec<_>>().as_slice() {
            ["subject", "ns", namespace, "sa", name] => Some(Self {
                namespace: Some((*namespace).to_owned()),
                name: Some((*name).to_owned()),
                ..whole
            }),
            ["namespace", namespace] => Some(Self {
                namespace: Some((*namespace).to_owned()),
                ..whole
            }),
            ["*"] => Some(whole),
            _ => None,
        }
    }
}

/// A federated member's pool, and what it says about who in it.
pub(super) fn pool(member: &str) -> Option<(&str, &str)> {
    let (_, rest) = member
        .strip_prefix("principal://iam.googleapis.com/")
        .or_else(|| member.strip_prefix("principalSet://iam.googleapis.com/"))?
        .split_once("Pools/")?;
    rest.split_once('/')
}

/// Equal principals, equal text: addresses and domains have no case, federated names do.
pub fn canonical(member: &str) -> String {
    match member.split_once(':') {
        Some(("deleted", _) | ("principal" | "principalSet" | "principalHierarchy", _)) => {
            member.to_owned()
        }
        Some((kind, value)) => format!("{kind}:{}", value.to_lowercase()),
        None => member.to_owned(),
    }
}
