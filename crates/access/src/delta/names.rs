//! Sets of names, as rules write them: some, or all but some.

use std::collections::BTreeSet;

/// A set of verbs, groups, resources or object names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Names {
    /// These.
    Only(BTreeSet<String>),
    /// Every name there is or could be, without these.
    AllBut(BTreeSet<String>),
}

impl Names {
    /// Every name.
    pub(crate) fn all() -> Self {
        Self::AllBut(BTreeSet::new())
    }

    /// What a list of a rule means in which `*` stands for everything.
    pub(crate) fn of_rule(items: &[String]) -> Self {
        match items.iter().any(|item| item == "*") {
            true => Self::all(),
            false => Self::Only(items.iter().cloned().collect()),
        }
    }

    pub(crate) fn one(name: &str) -> Self {
        Self::Only(BTreeSet::from([name.to_owned()]))
    }

    /// Whether no name is in it.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Only(names) if names.is_empty())
    }

    pub(crate) fn minus(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Only(a), Self::Only(b)) => Self::Only(a.difference(b).cloned().collect()),
            (Self::Only(a), Self::AllBut(b)) => Self::Only(a.intersection(b).cloned().collect()),
            (Self::AllBut(a), Self::Only(b)) => Self::AllBut(a.union(b).cloned().collect()),
            (Self::AllBut(a), Self::AllBut(b)) => Self::Only(b.difference(a).cloned().collect()),
        }
    }

    pub(crate) fn and(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Only(a), Self::Only(b)) => Self::Only(a.intersection(b).cloned().collect()),
            (Self::Only(a), Self::AllBut(b)) | (Self::AllBut(b), Self::Only(a)) => {
                Self::Only(a.difference(b).cloned().collect())
            }
            (Self::AllBut(a), Self::AllBut(b)) => Self::AllBut(a.union(b).cloned().collect()),
        }
    }

    pub(crate) fn or(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Only(a), Self::Only(b)) => Self::Only(a.union(b).cloned().collect()),
            (Self::Only(a), Self::AllBut(b)) | (Self::AllBut(b), Self::Only(a)) => {
                Self::AllBut(b.difference(a).cloned().collect())
            }
            (Self::AllBut(a), Self::AllBut(b)) => {
                Self::AllBut(a.intersection(b).cloned().collect())
            }
        }
    }

    /// Whether every name of `other` is in it.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        other.minus(self).is_empty()
    }

    pub(crate) fn meets(&self, other: &Self) -> bool {
        !self.and(other).is_empty()
    }

    /// The names, where they can be counted.
    pub(crate) fn counted(&self) -> Option<&BTreeSet<String>> {
        match self {
            Self::Only(names) => Some(names),
            Self::AllBut(_) => None,
        }
    }

    /// As people read it: `*` for everything, and what is not in it.
    pub(crate) fn shown(&self) -> (Vec<String>, Vec<String>) {
        match self {
            Self::Only(names) => (names.iter().cloned().collect(), Vec::new()),
            Self::AllBut(names) => (vec!["*".to_owned()], names.iter().cloned().collect()),
        }
    }
}

/// A resource of some API groups, in words: `pods`, `deployments.apps`, `jobs of the core group,
/// batch`. The core group alone needs no word, but where every resource of it is meant.
pub(crate) fn of_groups(resource: &str, groups: &[impl AsRef<str>]) -> String {
    let named = |group: &str| match group {
        "" => "the core group".to_owned(),
        group => group.to_owned(),
    };
    match groups {
        [] => resource.to_owned(),
        [only] if only.as_ref().is_empty() && resource != "*" => resource.to_owned(),
        [only] if !only.as_ref().is_empty() => format!("{resource}.{}", only.as_ref()),
        several => {
            let groups: Vec<String> = several.iter().map(|it| named(it.as_ref())).collect();
            format!("{resource} of {}", groups.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_core_group_is_named_where_it_would_be_nothing() {
        assert_eq!(of_groups("pods", &[""]), "pods");
        assert_eq!(of_groups("*", &[""]), "* of the core group");
        assert_eq!(of_groups("deployments", &["apps"]), "deployments.apps");
        assert_eq!(of_groups("*", &["*"]), "*.*");
        assert_eq!(
            of_groups("*", &["", "apps", "batch"]),
            "* of the core group, apps, batch"
        );
    }
}
