//! The resources of Kubernetes itself. Custom resources are as good as these; nobody here knows them.

use crate::Version;

/// One of Kubernetes' own resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resource {
    /// Its API group, empty for core.
    pub group: &'static str,
    /// Its plural name, as rules spell it.
    pub name: &'static str,
    /// Short names and the singular, as kubectl takes them.
    others: &'static str,
    /// Whether its objects have a namespace.
    pub is_namespaced: bool,
    subresources: &'static str,
    since: Version,
}

/// Resources that exist only as words of authorization checks, whatever their group.
const VIRTUAL: [&str; 6] = [
    "users",
    "groups",
    "uids",
    "userextras",
    "signers",
    "podsecuritypolicies",
];

/// The verbs with which an API server is asked for resources
/// (`pkg/endpoints/request/requestinfo.go`).
pub const REQUEST_VERBS: [&str; 8] = [
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
];

/// The verbs that the server's own requests and checks have.
pub const VERBS: [&str; 15] = [
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "bind",
    "escalate",
    "impersonate",
    "use",
    "approve",
    "sign",
    "attest",
];

impl Resource {
    /// Whether kubectl takes this word for it.
    pub fn is_called(&self, word: &str) -> bool {
        self.name == word || self.others().any(|other| other == word)
    }

    /// Its subresources in the newest version, such as `log`.
    pub fn subresources(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.subresources_in(Version::NEWEST)
    }

    /// Those that a version serves.
    pub fn subresources_in(&self, version: Version) -> impl Iterator<Item = &'static str> + use<> {
        let dated = listed(self.subresources).map(|word| match word.split_once('@') {
            Some((name, since)) => (name, minor(since)),
            None => (word, Version::OLDEST),
        });
        dated.filter_map(move |(name, since)| (since <= version).then_some(name))
    }

    /// The first of the supported versions that serves it.
    pub fn since(&self) -> Version {
        self.since
    }

    fn others(&self) -> impl Iterator<Item = &'static str> + use<> {
        listed(self.others)
    }
}

/// All of them (`resources.txt`; `tests/access` compares it with what a real server serves).
pub fn all() -> impl Iterator<Item = Resource> {
    include_str!("resources.txt").lines().filter_map(|line| {
        let mut words = line.split(' ');
        let group = words.next().filter(|word| *word != "#")?;
        Some(Resource {
            group: if group == "-" { "" } else { group },
            name: words.next()?,
            others: words.next()?,
            is_namespaced: words.next()? == "namespaced",
            subresources: words.next()?,
            since: minor(words.next()?),
        })
    })
}

/// The one that a word stands for, in any group or a given one.
pub fn called(word: &str, group: Option<&str>) -> Option<Resource> {
    all().find(|resource| {
        resource.is_called(word) && group.is_none_or(|group| group == resource.group)
    })
}

/// Whether it is a word of the server's own checks that no object stands for: `users`, `signers`.
pub fn is_virtual(name: &str) -> bool {
    VIRTUAL.contains(&name)
}

fn minor(word: &str) -> Version {
    Version {
        minor: word.parse().unwrap_or(Version::OLDEST.minor),
    }
}

fn listed(words: &'static str) -> impl Iterator<Item = &'static str> {
    words.split(',').filter(|word| *word != "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_kubectl_are_known() {
        let found = |word, group| called(word, group).map(|found| (found.name, found.group));
        assert_eq!(found("po", None), Some(("pods", "")));
        assert_eq!(found("deploy", None), Some(("deployments", "apps")));
        assert_eq!(
            found("events", Some("events.k8s.io")),
            Some(("events", "events.k8s.io"))
        );
        assert_eq!(found("pods", Some("apps")), None);
        let pods = called("pods", None).unwrap();
        assert!(pods.is_namespaced && pods.subresources().any(|word| word == "log"));
        let resizes = |minor| {
            let mut all = pods.subresources_in(Version { minor });
            all.any(|word| word == "resize")
        };
        assert!(resizes(36) && resizes(33) && !resizes(32));
        let since = |word| called(word, None).map(|found| found.since().minor);
        assert_eq!(since("servicecidrs"), Some(33));
        assert_eq!(since("pods"), Some(32));
        assert_eq!(all().count(), 67);
        assert_eq!(
            called("nodes", None).map(|nodes| nodes.is_namespaced),
            Some(false)
        );
    }
}
