//! The hierarchy: what a resource is in, and what conditions are told about it.

use super::{Attributes, Facts, Parent, Resource};

impl Facts {
    /// The resources whose policies are in effect on a resource, nearest first, and the last of
    /// them where nobody here knows what that one is in.
    pub(super) fn lineage(&self, resource: &Resource) -> (Vec<String>, Option<String>) {
        let mut nodes: Vec<String> = Vec::new();
        for holder in resource.holders() {
            nodes.push(self.spelled(&holder));
        }
        while let Some(last) = nodes.last() {
            match self.parents.get(last) {
                Some(Parent::In(parent)) if !nodes.contains(parent) => nodes.push(parent.clone()),
                Some(_) => return (nodes, None),
                None if last.starts_with("organizations/") => return (nodes, None),
                None => {
                    let last = last.clone();
                    return (nodes, Some(last));
                }
            }
        }
        (nodes, None)
    }

    /// The number of a project, where it is known.
    pub(super) fn number(&self, project: &str) -> Option<&str> {
        let mut ids = self.ids.iter();
        ids.find(|(_, id)| *id == project)
            .map(|(number, _)| number.as_str())
    }

    /// A name with the id of its project in place of the number, where that is known.
    pub(super) fn spelled(&self, name: &str) -> String {
        let Some(rest) = name.strip_prefix("projects/") else {
            return name.to_owned();
        };
        let (project, rest) = rest
            .split_once('/')
            .map_or((rest, None), |(project, rest)| (project, Some(rest)));
        let Some(id) = self.ids.get(project) else {
            return name.to_owned();
        };
        match rest {
            Some(rest) => format!("projects/{id}/{rest}"),
            None => format!("projects/{id}"),
        }
    }

    /// What conditions are told about a resource.
    pub(super) fn attributes(&self, resource: &Resource) -> Option<Attributes> {
        let name = self.spelled(resource.as_str());
        let parts: Vec<&str> = name.split('/').collect();
        let (service, kind) = match parts.as_slice() {
            ["projects", _] => (
                "cloudresourcemanager.googleapis.com",
                "cloudresourcemanager.googleapis.com/Project",
            ),
            ["buckets", _] => ("storage.googleapis.com", "storage.googleapis.com/Bucket"),
            ["buckets", _, "objects", ..] => {
                ("storage.googleapis.com", "storage.googleapis.com/Object")
            }
            ["projects", _, "secrets", _] => (
                "secretmanager.googleapis.com",
                "secretmanager.googleapis.com/Secret",
            ),
            ["projects", _, "secrets", _, "versions", _] => (
                "secretmanager.googleapis.com",
                "secretmanager.googleapis.com/SecretVersion",
            ),
            _ => return None,
        };
        Some(Attributes {
            service,
            kind: Some(kind),
            names: self.names(&name),
            within: false,
        })
    }

    fn names(&self, name: &str) -> Vec<String> {
        let Some(rest) = name.strip_prefix("projects/") else {
            return vec![format!("projects/_/{name}")];
        };
        let (project, rest) = rest.split_once('/').unwrap_or((rest, ""));
        let Some(number) = self.number(project) else {
            return Vec::new();
        };
        let with = |project: &str| {
            format!("projects/{project}/{rest}")
                .trim_end_matches('/')
                .to_owned()
        };
        vec![with(project), with(number)]
    }
}
