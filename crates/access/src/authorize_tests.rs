//! Decisions and the server's reason strings.

use super::*;
use crate::{ClusterRole, ClusterRoleBinding, ResourceRequest, Role, RoleBinding};

fn rule(verbs: &[&str], resources: &[&str]) -> PolicyRule {
    PolicyRule {
        verbs: verbs.iter().map(ToString::to_string).collect(),
        api_groups: vec![String::new()],
        resources: resources.iter().map(ToString::to_string).collect(),
        ..PolicyRule::default()
    }
}

fn role_ref(kind: &str, name: &str) -> RoleRef {
    RoleRef {
        api_group: RBAC_GROUP.into(),
        kind: kind.into(),
        name: name.into(),
    }
}

fn subject(kind: &str, name: &str, namespace: &str) -> Subject {
    Subject {
        kind: kind.into(),
        name: name.into(),
        namespace: namespace.into(),
        ..Subject::default()
    }
}

fn user(name: &str, groups: &[&str]) -> User {
    User {
        name: name.into(),
        groups: groups.iter().map(ToString::to_string).collect(),
    }
}

fn get_pods(namespace: &str) -> Request {
    Request::Resource(ResourceRequest {
        verb: "get".into(),
        resource: "pods".into(),
        namespace: namespace.into(),
        ..ResourceRequest::default()
    })
}

fn facts() -> Facts {
    let mut facts = Facts::default();
    facts.put_cluster_role(ClusterRole {
        name: "reader".into(),
        rules: vec![rule(&["list"], &["pods"]), rule(&["get"], &["pods"])],
        ..ClusterRole::default()
    });
    facts.put_role(Role {
        namespace: "n".into(),
        name: "local".into(),
        rules: vec![rule(&["get"], &["pods"])],
    });
    facts
}

fn bind(facts: &mut Facts, name: &str, role_ref: RoleRef, subject: Subject) {
    facts.put_role_binding(RoleBinding {
        namespace: "n".into(),
        name: name.into(),
        subjects: vec![subject],
        role_ref,
    });
}

#[test]
fn reasons_are_the_servers() {
    let mut facts = facts();
    bind(
        &mut facts,
        "b",
        role_ref("Role", "local"),
        subject("ServiceAccount", "ci", ""),
    );
    bind(
        &mut facts,
        "c",
        role_ref("ClusterRole", "reader"),
        subject("User", "a\"na", ""),
    );
    let ci = user("system:serviceaccount:n:ci", &[]);
    assert_eq!(
        authorize(&facts, &ci, &get_pods("n")).reason(),
        r#"RBAC: allowed by RoleBinding "b/n" of Role "local" to ServiceAccount "ci/n""#
    );
    let decision = authorize(&facts, &user("a\"na", &[]), &get_pods("n"));
    assert_eq!(
        decision.reason(),
        r#"RBAC: allowed by RoleBinding "c/n" of ClusterRole "reader" to User "a\"na""#
    );
    let Decision::Allowed {
        via: Via::Binding(grant),
    } = decision
    else {
        panic!("allowed")
    };
    assert_eq!(grant.rule, 1);
}

#[test]
fn cluster_role_bindings_come_first_and_role_bindings_stay_inside_their_namespace() {
    let mut facts = facts();
    bind(
        &mut facts,
        "a",
        role_ref("ClusterRole", "reader"),
        subject("Group", "dev", ""),
    );
    let dev = user("ana", &["dev"]);
    assert!(authorize(&facts, &dev, &get_pods("n")).is_allowed());
    assert!(!authorize(&facts, &dev, &get_pods("m")).is_allowed());
    assert!(!authorize(&facts, &dev, &get_pods("")).is_allowed());
    facts.put_cluster_role_binding(ClusterRoleBinding {
        name: "z".into(),
        subjects: vec![subject("Group", "dev", "")],
        role_ref: role_ref("ClusterRole", "reader"),
    });
    assert_eq!(
        authorize(&facts, &dev, &get_pods("n")).reason(),
        r#"RBAC: allowed by ClusterRoleBinding "z" of ClusterRole "reader" to Group "dev""#
    );
    assert_eq!(every_grant(&facts, &dev, &get_pods("n")).len(), 2);
}

#[test]
fn dangling_roles_are_reported_once_each_when_nothing_allows() {
    let mut facts = facts();
    let ana = user("ana", &[]);
    assert_eq!(authorize(&facts, &ana, &get_pods("n")).reason(), "");
    bind(
        &mut facts,
        "b1",
        role_ref("Role", "x"),
        subject("User", "ana", ""),
    );
    assert_eq!(
        authorize(&facts, &ana, &get_pods("n")).reason(),
        r#"RBAC: role.rbac.authorization.k8s.io "x" not found"#
    );
    bind(
        &mut facts,
        "b2",
        role_ref("Role", "x"),
        subject("User", "ana", ""),
    );
    bind(
        &mut facts,
        "b3",
        role_ref("ClusterRole", "y"),
        subject("User", "ana", ""),
    );
    assert_eq!(
        authorize(&facts, &ana, &get_pods("n")).reason(),
        "RBAC: [role.rbac.authorization.k8s.io \"x\" not found, \
         clusterrole.rbac.authorization.k8s.io \"y\" not found]"
    );
    bind(
        &mut facts,
        "b4",
        role_ref("Role", "local"),
        subject("User", "ana", ""),
    );
    assert!(authorize(&facts, &ana, &get_pods("n")).is_allowed());
}

#[test]
fn masters_are_allowed_without_a_reason() {
    let decision = authorize(
        &Facts::default(),
        &user("root", &["system:masters"]),
        &get_pods(""),
    );
    assert_eq!(
        decision,
        Decision::Allowed {
            via: Via::SystemMasters
        }
    );
    assert_eq!(decision.reason(), "");
}
