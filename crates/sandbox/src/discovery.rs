//! Discovery: what the server serves, for clients that ask before they do anything, like kubectl.
//!
//! Kubernetes: `k8s.io/apimachinery/pkg/apis/meta/v1/types.go`, `APIVersions`, `APIGroupList` and
//! `APIResourceList`.

use serde_json::{Value, json};

use crate::kinds::Kind;

/// What every kind can be asked for. The sandbox models no watch.
const VERBS: [&str; 6] = ["create", "delete", "get", "list", "patch", "update"];

/// The only version of each group.
const VERSION: &str = "v1";

/// The document at a path; none where nothing is served under it.
pub(crate) fn document(path: &str) -> Option<Value> {
    match path.trim_end_matches('/') {
        "/api" => Some(json!({"kind": "APIVersions", "versions": [VERSION]})),
        "/apis" => {
            let groups: Vec<Value> = groups().into_iter().map(group).collect();
            Some(json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}))
        }
        "/api/v1" => Some(resources("")),
        path => {
            let path = path.strip_prefix("/apis/")?;
            match path.split_once('/') {
                None => groups().contains(&path).then(|| {
                    let mut found = group(path);
                    if let Some(found) = found.as_object_mut() {
                        found.insert("kind".to_owned(), "APIGroup".into());
                        found.insert("apiVersion".to_owned(), "v1".into());
                    }
                    found
                }),
                Some((name, VERSION)) if groups().contains(&name) => Some(resources(name)),
                Some(_) => None,
            }
        }
    }
}

/// The groups besides the core one.
fn groups() -> Vec<&'static str> {
    let mut groups: Vec<&str> = Kind::ALL
        .iter()
        .map(|kind| kind.info().group)
        .filter(|group| !group.is_empty())
        .collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}

fn group(name: &str) -> Value {
    let version = json!({"groupVersion": format!("{name}/{VERSION}"), "version": VERSION});
    json!({"name": name, "versions": [version], "preferredVersion": version})
}

fn resources(group: &str) -> Value {
    let kinds = Kind::ALL.iter().map(|kind| kind.info());
    let resources: Vec<Value> = kinds
        .filter(|info| info.group == group)
        .map(|info| {
            json!({
                "name": info.resource,
                "singularName": info.kind.to_lowercase(),
                "namespaced": info.namespaced,
                "kind": info.kind,
                "verbs": VERBS,
                "shortNames": short_names(info.resource),
            })
        })
        .collect();
    let version = match group {
        "" => VERSION.to_owned(),
        group => format!("{group}/{VERSION}"),
    };
    json!({
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": version,
        "resources": resources,
    })
}

fn short_names(resource: &str) -> &'static [&'static str] {
    match resource {
        "namespaces" => &["ns"],
        "serviceaccounts" => &["sa"],
        _ => &[],
    }
}
