//! Small worlds, and every request that could tell them apart.

use proptest::prelude::*;

use crate::{
    ClusterRole, ClusterRoleBinding, Facts, NonResourceRequest, PolicyRule, Request,
    ResourceRequest, Role, RoleBinding, RoleRef, Subject,
};

const VERBS: [&str; 4] = ["get", "list", "create", "zap"];
const GROUPS: [&str; 3] = ["", "apps", "other"];
const RESOURCES: [&str; 3] = ["pods", "secrets", "things"];
const SUBRESOURCES: [&str; 3] = ["", "log", "scale"];
const NAMES: [&str; 3] = ["", "n", "m"];
const NAMESPACES: [&str; 4] = ["", "a", "b", "c"];
const PATHS: [&str; 4] = ["/healthz", "/healthz/ping", "/version", "/"];

fn some_of(items: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    proptest::sample::subsequence(items, 1..=2)
        .prop_map(|items| items.iter().map(ToString::to_string).collect())
}

fn rule() -> impl Strategy<Value = PolicyRule> {
    let names = prop_oneof![
        3 => Just(Vec::new()),
        1 => some_of(&["n", ""]),
    ];
    let resource = (
        some_of(&["get", "list", "create", "*"]),
        some_of(&["", "apps", "*"]),
        some_of(&["pods", "pods/log", "secrets", "*", "*/log", "pods/*"]),
        names,
    )
        .prop_map(
            |(verbs, api_groups, resources, resource_names)| PolicyRule {
                verbs,
                api_groups,
                resources,
                resource_names,
                ..PolicyRule::default()
            },
        );
    let url = (
        some_of(&["get", "*"]),
        some_of(&["/healthz", "/healthz*", "/healthz/*", "*", "/version"]),
    )
        .prop_map(|(verbs, non_resource_urls)| PolicyRule {
            verbs,
            non_resource_urls,
            ..PolicyRule::default()
        });
    prop_oneof![4 => resource, 1 => url]
}

fn subject() -> impl Strategy<Value = Subject> {
    proptest::sample::select(vec![
        ("User", "ana", ""),
        ("Group", "dev", ""),
        ("Group", "system:authenticated", ""),
        ("Group", "system:serviceaccounts:a", ""),
        ("ServiceAccount", "x", "a"),
        ("User", "system:serviceaccount:a:x", ""),
    ])
    .prop_map(|(kind, name, namespace)| Subject {
        kind: kind.into(),
        name: name.into(),
        namespace: namespace.into(),
        ..Subject::default()
    })
}

pub(crate) fn facts() -> impl Strategy<Value = Facts> {
    let rules = || proptest::collection::vec(rule(), 0..3);
    let subjects = || proptest::collection::vec(subject(), 1..3);
    let binding = (0..3_usize, subjects(), 0..3_usize, any::<bool>());
    (
        proptest::collection::vec(rules(), 3),
        rules(),
        proptest::collection::vec(binding, 0..4),
    )
        .prop_map(|(cluster_roles, role, bindings)| {
            let mut facts = Facts::default();
            for (index, rules) in cluster_roles.into_iter().enumerate() {
                facts.put_cluster_role(ClusterRole {
                    name: format!("c{index}"),
                    rules,
                    ..ClusterRole::default()
                });
            }
            facts.put_role(Role {
                namespace: "a".into(),
                name: "r".into(),
                rules: role,
            });
            for (index, (scope, subjects, role, local)) in bindings.into_iter().enumerate() {
                let name = format!("b{index}");
                let local = local && scope == 1;
                let role_ref = RoleRef {
                    kind: if local { "Role" } else { "ClusterRole" }.into(),
                    name: if local {
                        "r".into()
                    } else {
                        format!("c{role}")
                    },
                    ..RoleRef::default()
                };
                match ["", "a", "b"][scope] {
                    "" => facts.put_cluster_role_binding(ClusterRoleBinding {
                        name,
                        subjects,
                        role_ref,
                    }),
                    namespace => facts.put_role_binding(RoleBinding {
                        namespace: namespace.into(),
                        name,
                        subjects,
                        role_ref,
                    }),
                }
            }
            facts
        })
}

pub(crate) fn requests() -> Vec<Request> {
    let mut all = Vec::new();
    for verb in VERBS {
        for path in PATHS {
            all.push(Request::NonResource(NonResourceRequest {
                verb: verb.into(),
                path: path.into(),
            }));
        }
        for group in GROUPS {
            for resource in RESOURCES {
                for subresource in SUBRESOURCES {
                    for name in NAMES {
                        for namespace in NAMESPACES {
                            all.push(Request::Resource(ResourceRequest {
                                verb: verb.into(),
                                api_group: group.into(),
                                resource: resource.into(),
                                subresource: subresource.into(),
                                namespace: namespace.into(),
                                name: name.into(),
                            }));
                        }
                    }
                }
            }
        }
    }
    all
}
