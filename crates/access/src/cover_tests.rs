//! Coverage, atom by atom, and the text of the refusal.

use super::*;
use crate::{ClusterRole, ClusterRoleBinding, RBAC_GROUP, RoleRef, Subject};

fn strings(items: &[&str]) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}

fn rule(verbs: &[&str], groups: &[&str], resources: &[&str], names: &[&str]) -> PolicyRule {
    PolicyRule {
        verbs: strings(verbs),
        api_groups: strings(groups),
        resources: strings(resources),
        resource_names: strings(names),
        non_resource_urls: Vec::new(),
    }
}

fn url(urls: &[&str]) -> PolicyRule {
    PolicyRule {
        verbs: strings(&["get"]),
        non_resource_urls: strings(urls),
        ..PolicyRule::default()
    }
}

fn covered(held: &[PolicyRule], wanted: PolicyRule) -> bool {
    let held: Vec<&PolicyRule> = held.iter().collect();
    uncovered(&held, &[wanted]).is_empty()
}

#[test]
fn each_atom_needs_one_rule_of_its_own() {
    let pods = rule(&["get"], &[""], &["pods"], &[]);
    let secrets = rule(&["get"], &[""], &["secrets"], &[]);
    let both = rule(&["get"], &[""], &["pods", "secrets"], &[]);
    assert!(covered(&[pods.clone(), secrets], both.clone()));
    assert!(!covered(&[pods], both));
}

#[test]
fn comparison_is_of_text() {
    let many_verbs = rule(&["get", "list", "watch"], &["*"], &["*"], &[]);
    assert!(!covered(&[many_verbs], rule(&["*"], &[""], &["pods"], &[])));
    let star = rule(&["*"], &["*"], &["*"], &[]);
    assert!(covered(&[star], rule(&["*"], &["*"], &["*/scale"], &[])));
    for (held, wanted, expected) in [
        ("*/scale", "*/scale", true),
        ("*/scale", "deployments/scale", true),
        ("deployments/scale", "*/scale", false),
        ("*/*", "pods/*", true),
        ("pods", "pods/log", false),
    ] {
        let held = rule(&["get"], &[""], &[held], &[]);
        assert_eq!(
            covered(&[held], rule(&["get"], &[""], &[wanted], &[])),
            expected,
            "{wanted}"
        );
    }
}

#[test]
fn names_cover_only_themselves() {
    let named = rule(&["get"], &[""], &["pods"], &["a"]);
    let star = rule(&["get"], &[""], &["pods"], &["*"]);
    let any = rule(&["get"], &[""], &["pods"], &[]);
    assert!(covered(std::slice::from_ref(&any), named.clone()));
    assert!(!covered(std::slice::from_ref(&named), any));
    assert!(!covered(&[star], named));
}

#[test]
fn urls_cover_by_trailing_star() {
    assert!(covered(&[url(&["*"])], url(&["/x"])));
    assert!(covered(&[url(&["/foo*"])], url(&["/foo/bar"])));
    assert!(!covered(&[url(&["/*"])], url(&["*"])));
    assert!(!covered(&[url(&["/foo/*"])], url(&["/foo"])));
    assert!(!covered(&[url(&["/foo/*"])], url(&["/foo*"])));
}

#[test]
fn the_refusal_lists_what_is_missing_sorted_and_merged() {
    let user = User {
        name: "ana".into(),
        groups: strings(&["g1", "system:authenticated"]),
    };
    let wanted = [
        url(&["/x", "/y"]),
        rule(&["list", "get"], &[""], &["pods"], &[]),
        rule(&["get"], &["apps"], &["deployments"], &["a"]),
    ];
    let mut facts = Facts::default();
    assert_eq!(
        confirm_no_escalation(&facts, &user, "roles", "", &wanted).unwrap_err(),
        "user \"ana\" (groups=[\"g1\" \"system:authenticated\"]) is attempting to grant RBAC \
         permissions not currently held:\n\
         {APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"list\" \"get\"]}\n\
         {APIGroups:[\"apps\"], Resources:[\"deployments\"], ResourceNames:[\"a\"], \
         Verbs:[\"get\"]}\n\
         {NonResourceURLs:[\"/x\"], Verbs:[\"get\"]}\n\
         {NonResourceURLs:[\"/y\"], Verbs:[\"get\"]}"
    );
    facts.put_cluster_role_binding(ClusterRoleBinding {
        name: "dangling".into(),
        subjects: vec![Subject {
            kind: "User".into(),
            name: "ana".into(),
            ..Subject::default()
        }],
        role_ref: RoleRef {
            api_group: RBAC_GROUP.into(),
            kind: "ClusterRole".into(),
            name: "gone".into(),
        },
    });
    let text = confirm_no_escalation(&facts, &user, "roles", "", &wanted).unwrap_err();
    assert!(
        text.ends_with("; resolution errors: [roles.rbac.authorization.k8s.io \"gone\" not found]"),
        "{text}"
    );
    facts.put_cluster_role(ClusterRole {
        name: "gone".into(),
        rules: vec![url(&["*"]), rule(&["*"], &["*"], &["*"], &[])],
        ..ClusterRole::default()
    });
    assert_eq!(
        confirm_no_escalation(&facts, &user, "roles", "", &wanted),
        Ok(())
    );
}
