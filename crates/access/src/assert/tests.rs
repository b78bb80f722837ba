//! What assertions come to on small worlds.

use rbacform_core::assertion::{Places, Target};
use rbacform_core::{Asker, Assertion, Claim, Deed, FileId, Holders, Limit, Span, Text};
use serde_json::{Value, json};

use super::*;
use crate::Facts;

pub(super) fn texts(items: &[&str]) -> Vec<Text> {
    items.iter().map(|item| Text::from(*item)).collect()
}

pub(super) fn asker(subject: &str) -> Asker {
    Asker {
        subject: subject.into(),
        groups: Vec::new(),
    }
}

pub(super) fn deed(verbs: &[&str], resource: &str, namespaces: &[&str]) -> Deed {
    Deed {
        verbs: texts(verbs),
        resources: vec![Target {
            name: resource.into(),
            api_group: None,
        }],
        namespaces: texts(namespaces),
        ..Deed::default()
    }
}

pub(super) fn assertion(claim: Claim) -> Assertion {
    let span = Span::new(FileId::default(), 0..0);
    Assertion {
        name: "it".to_owned(),
        claim,
        known: false,
        custom: false,
        places: Places {
            whole: span,
            subject: span,
            groups: span,
            verbs: span,
            resource: span,
            namespace: span,
        },
    }
}

/// A role, or a cluster role where it is in no namespace.
pub(super) fn role(namespace: &str, name: &str, rules: Value) -> Value {
    let kind = if namespace.is_empty() {
        "ClusterRole"
    } else {
        "Role"
    };
    json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind,
        "metadata": {"name": name, "namespace": namespace}, "rules": rules})
}

/// A binding of a cluster role, or with `role` of a role.
pub(super) fn binding(namespace: &str, name: &str, role: (&str, &str), subjects: Value) -> Value {
    let kind = if namespace.is_empty() {
        "ClusterRoleBinding"
    } else {
        "RoleBinding"
    };
    json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
        "roleRef": {"kind": role.0, "name": role.1}, "subjects": subjects})
}

pub(super) fn facts(objects: &[Value]) -> Facts {
    let mut facts = Facts::default();
    for object in objects {
        facts.put_manifest(object).unwrap();
    }
    facts
}

/// Everything of a world is known; it has the namespaces `a` and `b`.
pub(super) fn whole() -> Sight {
    let all = |items: &[&str]| items.iter().map(ToString::to_string).collect();
    Sight {
        whole: all(&[
            "Role",
            "ClusterRole",
            "RoleBinding",
            "ClusterRoleBinding",
            "Namespace",
            "ServiceAccount",
        ]),
        namespaces: all(&["a", "b"]),
        service_accounts: all(&["a/x"]),
        ..Sight::default()
    }
}

pub(super) fn test(facts: &Facts, sight: &Sight, claim: Claim) -> Verdict {
    check(&assertion(claim), &Planned::new(facts, sight).unwrap())
}

fn team() -> Facts {
    facts(&[
        role(
            "a",
            "dev",
            json!([
                {"apiGroups": [""], "resources": ["pods", "pods/log"], "verbs": ["get", "list"]},
                {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["db"], "verbs": ["get"]},
            ]),
        ),
        role(
            "",
            "nodes",
            json!([{"apiGroups": [""], "resources": ["nodes"], "verbs": ["get"]}]),
        ),
        binding(
            "a",
            "devs",
            ("Role", "dev"),
            json!([
                {"kind": "User", "name": "ana"}, {"kind": "ServiceAccount", "name": "x", "namespace": "a"},
            ]),
        ),
        binding(
            "",
            "nodes",
            ("ClusterRole", "nodes"),
            json!([{"kind": "Group", "name": "ops"}]),
        ),
    ])
}

fn can(subject: &str, verbs: &[&str], resource: &str, namespaces: &[&str]) -> Verdict {
    let claim = Claim::Can(asker(subject), deed(verbs, resource, namespaces));
    test(&team(), &whole(), claim)
}

fn cannot(subject: &str, verbs: &[&str], resource: &str, namespaces: &[&str]) -> Verdict {
    let claim = Claim::Cannot(asker(subject), deed(verbs, resource, namespaces));
    test(&team(), &whole(), claim)
}

#[test]
fn can_wants_every_verb_and_tells_the_chain_or_the_nearest_rule() {
    let held = can("user:ana", &["get", "list"], "pods", &["a"]);
    assert_eq!(held.status, Status::Pass);
    assert_eq!(held.via[0].grant.binding, "devs");
    let lacking = can("user:ana", &["get", "delete"], "pods", &["a"]);
    assert_eq!(lacking.status, Status::Fail);
    assert_eq!(
        lacking.message,
        "nothing grants `user:ana` to delete pods in namespace `a`"
    );
    assert!(
        lacking
            .help
            .unwrap()
            .contains("its verbs are `get`, `list`, not `delete`")
    );
}

#[test]
fn left_out_namespaces_and_names_mean_all_for_can_and_any_for_cannot() {
    assert_eq!(can("user:ana", &["get"], "pods", &[]).status, Status::Fail);
    let somewhere = cannot("user:ana", &["get"], "pods", &[]);
    assert_eq!(somewhere.status, Status::Fail);
    assert_eq!(
        somewhere.message,
        "`user:ana` can get pods in namespace `a`"
    );
    assert_eq!(
        cannot("user:ana", &["get"], "pods", &["b"]).status,
        Status::Pass
    );
    // One secret by its name is not every secret, and not none.
    assert_eq!(
        can("user:ana", &["get"], "secrets", &["a"]).status,
        Status::Fail
    );
    assert_eq!(
        cannot("user:ana", &["get"], "secrets", &["a"]).status,
        Status::Fail
    );
    assert_eq!(
        cannot("user:ana", &["list"], "secrets", &["a"]).status,
        Status::Pass
    );
}

#[test]
fn a_star_in_cannot_means_any_verb_and_any_resource() {
    assert_eq!(
        cannot("user:ana", &["*"], "pods", &["a"]).status,
        Status::Fail
    );
    assert_eq!(cannot("user:ana", &["*"], "*", &["b"]).status, Status::Pass);
    let something = cannot("user:ana", &["*"], "*", &["a"]);
    assert_eq!(
        something.message,
        "`user:ana` can get,list pods and get secrets named `db` in namespace `a`"
    );
}

#[test]
fn what_every_user_holds_in_a_fresh_cluster_is_not_counted_against_a_star() {
    let mut facts = team();
    facts.lay_bootstrap().unwrap();
    let claim = Claim::Cannot(asker("user:ana"), deed(&["*"], "*", &["b"]));
    assert_eq!(test(&facts, &whole(), claim).status, Status::Pass);
    let reviews = deed(&["create"], "selfsubjectaccessreviews", &[]);
    let claim = Claim::Cannot(asker("user:ana"), reviews);
    assert_eq!(
        test(&facts, &whole(), claim).status,
        Status::Fail,
        "it was asked for by name"
    );
}

#[test]
fn members_of_system_masters_can_everything() {
    assert_eq!(
        can("group:system:masters", &["get"], "secrets", &[]).status,
        Status::Pass
    );
    let mut member = asker("user:root");
    member.groups = texts(&["system:masters"]);
    let claim = Claim::Cannot(member, deed(&["get"], "secrets", &["a"]));
    let verdict = test(&team(), &whole(), claim);
    assert_eq!(verdict.status, Status::Fail);
    assert!(verdict.message.contains("refused nothing"));
}

#[test]
fn groups_of_a_subject_are_followed() {
    let mut ana = asker("user:ana");
    assert_eq!(
        cannot("user:ana", &["get"], "nodes", &[]).status,
        Status::Pass
    );
    ana.groups = texts(&["ops"]);
    let claim = Claim::Cannot(ana, deed(&["get"], "nodes", &[]));
    assert_eq!(test(&team(), &whole(), claim).status, Status::Fail);
}

fn limit(resources: &[&str], verbs: &[&str], namespaces: &[&str]) -> Limit {
    Limit {
        verbs: texts(verbs),
        api_groups: texts(&[""]),
        resources: texts(resources),
        namespaces: texts(namespaces),
        ..Limit::default()
    }
}

#[test]
fn a_ceiling_covers_all_that_is_held_and_tells_what_is_over_it() {
    let mut facts = team();
    facts.lay_bootstrap().unwrap();
    let pods = limit(&["pods", "pods/log"], &["get", "list"], &["a"]);
    let secrets = limit(&["secrets"], &["*"], &[]);
    let only = |limits: Vec<Limit>| {
        test(
            &facts,
            &whole(),
            Claim::CanOnly(asker("serviceaccount:a/x"), limits),
        )
    };
    assert_eq!(only(vec![pods.clone(), secrets]).status, Status::Pass);
    let over = only(vec![pods]);
    assert_eq!(over.status, Status::Fail);
    assert_eq!(
        over.message,
        "`serviceaccount:a/x` holds more: get secrets named `db` in namespace `a`"
    );
    let elsewhere = limit(&["*"], &["*"], &["b"]);
    assert_eq!(only(vec![elsewhere]).status, Status::Fail);
}

fn holders(verbs: &[&str], resource: &str, namespaces: &[&str], holders: Holders) -> Verdict {
    let mut facts = team();
    facts.lay_bootstrap().unwrap();
    let claim = Claim::WhoCan(deed(verbs, resource, namespaces), holders);
    test(&facts, &whole(), claim)
}

#[test]
fn a_set_of_holders_is_exact_or_a_bound() {
    let both = ["user:ana", "serviceaccount:a/x"];
    let exactly =
        |listed: &[&str]| holders(&["get"], "pods", &["a"], Holders::Exactly(texts(listed)));
    assert_eq!(
        exactly(&both).status,
        Status::Pass,
        "the cluster's own parts are not counted"
    );
    let other = exactly(&["user:ana"]);
    assert_eq!(other.status, Status::Fail);
    assert_eq!(
        other.message,
        "`serviceaccount:a/x` can get pods in namespace `a`"
    );
    let lacking = exactly(&["user:ana", "serviceaccount:a/x", "user:bo"]);
    assert_eq!(
        lacking.message,
        "nothing grants `user:bo` to get pods in namespace `a`"
    );
    let at_most =
        |listed: &[&str]| holders(&["get"], "pods", &["a"], Holders::AtMost(texts(listed)));
    assert_eq!(
        at_most(&["user:ana", "serviceaccount:a/x", "user:bo"]).status,
        Status::Pass
    );
    assert_eq!(
        at_most(&["user:ana", "group:system:serviceaccounts:a"]).status,
        Status::Pass
    );
    assert_eq!(at_most(&[]).status, Status::Fail);
}

#[test]
fn who_holds_a_part_of_it_is_told_with_that_part() {
    let verdict = holders(&["*"], "*", &["a"], Holders::AtMost(Vec::new()));
    assert_eq!(verdict.status, Status::Fail);
    assert_eq!(
        verdict.message,
        "`group:ops` can get nodes in the whole cluster; `serviceaccount:a/x` and `user:ana` can \
         get,list pods and get secrets named `db` in namespace `a`"
    );
}

#[test]
fn everybody_is_never_taken_for_a_part_of_the_cluster() {
    let verdict = holders(&["get"], "/healthz", &[], Holders::AtMost(Vec::new()));
    assert_eq!(verdict.status, Status::Fail);
    assert!(
        verdict.message.contains("`group:system:unauthenticated`"),
        "{}",
        verdict.message
    );
}

#[test]
fn what_is_not_known_is_no_pass_and_what_is_granted_is_granted_all_the_same() {
    let unread = Sight {
        whole: Default::default(),
        ..whole()
    };
    let asked = |sight: &Sight, claim: Claim| test(&team(), sight, claim);
    let ana = || asker("user:ana");
    let held = deed(&["get"], "pods", &["a"]);
    let not_held = deed(&["get"], "pods", &["b"]);
    assert_eq!(
        asked(&unread, Claim::Can(ana(), held.clone())).status,
        Status::Pass
    );
    assert_eq!(
        asked(&unread, Claim::Cannot(ana(), held)).status,
        Status::Fail
    );
    for claim in [
        Claim::Can(ana(), not_held.clone()),
        Claim::Cannot(ana(), not_held),
    ] {
        let verdict = asked(&unread, claim);
        assert_eq!(verdict.status, Status::CannotTell);
        assert!(
            verdict.missing.contains("ClusterRoleBinding"),
            "{verdict:?}"
        );
    }
}

#[test]
fn a_role_that_was_not_read_may_give_anything() {
    let facts = facts(&[binding(
        "a",
        "b",
        ("Role", "gone"),
        json!([{"kind": "User", "name": "ana"}]),
    )]);
    let mut sight = whole();
    let claim = || Claim::Cannot(asker("user:ana"), deed(&["get"], "pods", &["a"]));
    assert_eq!(
        test(&facts, &sight, claim()).status,
        Status::Pass,
        "it does not exist"
    );
    sight.whole.remove("Role");
    let verdict = test(&facts, &sight, claim());
    assert_eq!(verdict.status, Status::CannotTell);
    assert_eq!(
        verdict.message,
        "what Role `gone` gives to those of the binding `b` is not known"
    );
}

#[test]
fn a_namespace_is_asked_for_in_itself() {
    let facts = facts(&[
        role(
            "a",
            "r",
            json!([{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get"]}]),
        ),
        binding(
            "a",
            "b",
            ("Role", "r"),
            json!([{"kind": "User", "name": "ana"}]),
        ),
    ]);
    let named = |name: &str| Deed {
        names: texts(&[name]),
        ..deed(&["get"], "namespaces", &[])
    };
    let status = |claim| test(&facts, &whole(), claim).status;
    assert_eq!(
        status(Claim::Can(asker("user:ana"), named("a"))),
        Status::Pass
    );
    assert_eq!(
        status(Claim::Cannot(asker("user:ana"), named("a"))),
        Status::Fail
    );
    assert_eq!(
        status(Claim::Cannot(asker("user:ana"), named("b"))),
        Status::Pass
    );
}

/// Ana, said to be in a group.
fn in_group(group: &str) -> Asker {
    Asker {
        groups: texts(&[group]),
        ..asker("user:ana")
    }
}

#[test]
fn a_group_is_the_same_with_its_prefix_and_without() {
    let whole = whole();
    for group in ["ops", "group:ops", "system:masters", "group:system:masters"] {
        let claims = [
            Claim::Cannot(in_group(group), deed(&["get"], "nodes", &[])),
            Claim::CanOnly(in_group(group), Vec::new()),
        ];
        for claim in claims {
            assert_eq!(test(&team(), &whole, claim).status, Status::Fail, "{group}");
        }
        let claim = Claim::Can(in_group(group), deed(&["get"], "nodes", &[]));
        assert_eq!(test(&team(), &whole, claim).status, Status::Pass, "{group}");
    }
}
