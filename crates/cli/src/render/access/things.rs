//! What a line is about: resources and URLs in words.

use std::collections::BTreeSet;

use super::group::Thing;
use super::words::listed;

/// What some entries are about together, the weightiest first. The groups of which every resource
/// is meant are named at once, and so are the resources that are meant of every group.
pub(super) fn said(things: &BTreeSet<Thing<'_>>) -> Vec<String> {
    let mut phrases: Vec<Phrase<'_>> = Vec::new();
    for thing in things {
        let phrase = Phrase::of(thing);
        match phrases.iter_mut().find(|known| known.takes(&phrase)) {
            Some(known) => {
                known.groups.extend(phrase.groups);
                known.resources.extend(phrase.resources);
            }
            None => phrases.push(phrase),
        }
    }
    phrases.iter().map(Phrase::words).collect()
}

struct Phrase<'a> {
    /// None for a URL.
    groups: BTreeSet<Option<&'a str>>,
    resources: BTreeSet<&'a str>,
    names: &'a [String],
}

impl<'a> Phrase<'a> {
    fn of(thing: &Thing<'a>) -> Self {
        Self {
            groups: BTreeSet::from([thing.api_group]),
            resources: BTreeSet::from([thing.resource]),
            names: thing.names,
        }
    }

    /// Whether another is said with it.
    fn takes(&self, other: &Self) -> bool {
        let everywhere = |phrase: &Self| phrase.groups.contains(&Some("*"));
        let starred = |phrase: &Self| phrase.resources.iter().any(|name| name.starts_with('*'));
        let of_groups = |phrase: &Self| {
            starred(phrase) && !everywhere(phrase) && !phrase.groups.contains(&None)
        };
        let of_every_group = |phrase: &Self| everywhere(phrase) && !phrase.resources.contains("*");
        self.names == other.names
            && match of_groups(self) {
                true => of_groups(other) && self.resources == other.resources,
                false => of_every_group(self) && of_every_group(other),
            }
    }

    fn words(&self) -> String {
        let resources = listed(self.resources.iter().copied(), "resources");
        let groups: Vec<&str> = self.groups.iter().copied().flatten().collect();
        let words = match (resources.as_str(), groups.as_slice()) {
            (url, []) => format!("the URL {url}"),
            ("*", ["*"]) => "every resource".to_owned(),
            ("*", groups) => format!("every resource of {}", of(groups)),
            (_, ["*"]) => format!("{resources} of every group"),
            (_, [""]) => resources,
            (_, [group]) => format!("{resources}.{group}"),
            (_, groups) => format!("{resources} of {}", of(groups)),
        };
        match self.names {
            [] => words,
            names => format!(
                "{words} named {}",
                listed(names.iter().map(String::as_str), "names")
            ),
        }
    }
}

/// Groups in words: `the core group, apps`.
fn of(groups: &[&str]) -> String {
    let named = groups.iter().map(|group| match *group {
        "" => "the core group",
        group => group,
    });
    listed(named, "groups")
}

#[cfg(test)]
mod tests {
    use rbacform_core::plan::AccessEntry;

    use super::*;

    fn entry(group: Option<&str>, resource: &str) -> AccessEntry {
        AccessEntry {
            api_group: group.map(str::to_owned),
            resource: resource.to_owned(),
            verbs: vec!["get".to_owned()],
            ..AccessEntry::default()
        }
    }

    #[track_caller]
    fn check(entries: &[(Option<&str>, &str)], words: &[&str]) {
        let entries: Vec<AccessEntry> = entries
            .iter()
            .map(|(group, resource)| entry(*group, resource))
            .collect();
        let things: BTreeSet<Thing<'_>> = entries.iter().map(Thing::of).collect();
        assert_eq!(said(&things), words);
    }

    #[test]
    fn groups_of_everything_are_named_at_once() {
        check(
            &[(Some(""), "*"), (Some("apps"), "*")],
            &["every resource of the core group, apps"],
        );
        check(
            &[(Some("*"), "nodes"), (Some("*"), "pods")],
            &["nodes, pods of every group"],
        );
        check(
            &[(Some(""), "*/scale"), (Some("apps"), "*/scale")],
            &["*/scale of the core group, apps"],
        );
    }

    #[test]
    fn what_can_be_named_by_itself_is() {
        check(
            &[
                (Some("apps"), "deployments"),
                (Some(""), "nodes"),
                (None, "/healthz"),
            ],
            &["the URL /healthz", "nodes", "deployments.apps"],
        );
        check(
            &[(Some("*"), "*"), (Some("apps"), "*")],
            &["every resource", "every resource of apps"],
        );
    }
}
