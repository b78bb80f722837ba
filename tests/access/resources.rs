//! The table of Kubernetes' own resources is what a server serves.

use std::collections::BTreeSet;

use rbacform_access::resources;
use serde_json::Value;

use crate::plane::Plane;

#[test]
fn the_resources_we_know_are_those_that_the_server_serves() {
    let Some(plane) = Plane::begin() else {
        return;
    };
    let get = |path: &str| plane.admin.send("GET", path, "", None).body;
    let groups = get("/apis");
    let mut paths = vec![(String::new(), "/api/v1".to_owned())];
    for group in groups["groups"].as_array().unwrap() {
        let versions = group["versions"].as_array().unwrap();
        for version in versions {
            let path = format!("/apis/{}", version["groupVersion"].as_str().unwrap());
            paths.push((group["name"].as_str().unwrap().to_owned(), path));
        }
    }
    let mut served = BTreeSet::new();
    for (group, path) in paths {
        for resource in get(&path)["resources"].as_array().unwrap() {
            let scope = resource["namespaced"] == Value::Bool(true);
            served.insert((
                group.clone(),
                resource["name"].as_str().unwrap().to_owned(),
                scope,
            ));
        }
    }
    let mut known = BTreeSet::new();
    for resource in resources::all() {
        let mut add =
            |name: String| known.insert((resource.group.to_owned(), name, resource.is_namespaced));
        add(resource.name.to_owned());
        for subresource in resource.subresources() {
            add(format!("{}/{subresource}", resource.name));
        }
    }
    let missing: Vec<_> = served.difference(&known).collect();
    let unknown: Vec<_> = known.difference(&served).collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "served: {missing:?}\nnot served: {unknown:?}"
    );
}
