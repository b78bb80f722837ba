//! `plugin/pkg/auth/authorizer/rbac/rbac_test.go`, `TestAuthorizer`; and
//! `pkg/registry/rbac/validation/rule_test.go`, `TestDefaultRuleResolver`.

use rbacform_access::rules_for;

use crate::notation::{World, rules, user};

#[test]
fn a_cluster_role_bound_in_a_namespace_holds_there() {
    let world = World::default().role("", "admin", &["* * *"]).bind(
        "ns1",
        "ClusterRole/admin",
        &["User:admin", "Group:admins"],
    );
    world.may("admin", &["get - Pods in ns1", "watch - Pods in ns1"]);
    world.may("admin of group1", &["watch - Foobar in ns1"]);
    world.may("joe of admins", &["watch - Foobar in ns1"]);
    world.may("joe of group1,admins", &["watch - Foobar in ns1"]);
    for who in ["admin", "admin of admins"] {
        world.may_not(who, &["GET - Pods in ns2", "GET - Nodes"]);
    }
}

#[test]
fn urls_are_exact_or_have_a_prefix() {
    let world = World::default()
        .role("", "getter", &["get url /apis"])
        .role("", "any", &["* url /apis"])
        .role("", "prefix", &["get url /apis/*"])
        .bind("", "ClusterRole/getter", &["User:foo", "Group:bar"])
        .bind("", "ClusterRole/any", &["User:admin", "Group:admin"])
        .bind(
            "",
            "ClusterRole/prefix",
            &["User:prefixed", "Group:prefixed"],
        );
    for who in ["foo", " of bar"] {
        world.may(who, &["get /apis"]);
        world.may_not(who, &["watch /apis", "get /api/v1"]);
    }
    for who in ["admin", " of admin"] {
        world.may(who, &["get /apis", "watch /apis"]);
        world.may_not(who, &["get /api/v1"]);
    }
    for who in ["prefixed", " of prefixed"] {
        world.may(who, &["get /apis/v1", "get /apis/v1/foobar"]);
        world.may_not(who, &["get /api/v1"]);
    }
}

#[test]
fn subresources_are_resources_of_their_own() {
    let world = World::default().role("", "admin", &["* * pods"]).bind(
        "ns1",
        "ClusterRole/admin",
        &["User:admin"],
    );
    world.may("admin", &["get - pods in ns1"]);
    world.may_not("admin", &["get - pods/status in ns1"]);
    let world = World::default()
        .role("", "admin", &["* * pods/status", "* * */scale"])
        .bind("ns1", "ClusterRole/admin", &["User:admin"]);
    world.may(
        "admin",
        &[
            "get - pods/status in ns1",
            "get - pods/scale in ns1",
            "get - deployments/scale in ns1",
            "get - anything/scale in ns1",
        ],
    );
    world.may_not("admin", &["get - pods in ns1"]);
}

#[test]
fn the_rules_that_hold_are_those_of_the_bindings_of_the_namespace_and_of_the_cluster() {
    let read = ["GET,WATCH v1 pods", "GET,WATCH v1 services"];
    let world = World::default()
        .role("namespace1", "readthings", &read)
        .role("", "cluster-admin", &["* * *"])
        .role("", "write-nodes", &["PUT,CREATE,UPDATE v1 nodes"])
        .bind(
            "namespace1",
            "Role/readthings",
            &["User:foobar", "Group:group1"],
        )
        .bind(
            "",
            "ClusterRole/cluster-admin",
            &["User:admin", "Group:admin"],
        );
    let held = |who: &str, namespace: &str| {
        let (rules, missing) = rules_for(&world.0, &user(who), namespace);
        assert!(missing.is_empty());
        rules.into_iter().cloned().collect::<Vec<_>>()
    };
    assert_eq!(held("foobar", "namespace1"), rules(&read));
    assert_eq!(held("foobar", "namespace2"), []);
    assert_eq!(held("foobar of admin", ""), rules(&["* * *"]));
    assert_eq!(held("", ""), []);
}
