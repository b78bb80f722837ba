//! What assertions say, and in which API groups they mean a resource.

use rbacform_core::{Claim, Deed, Holders};
use serde_json::{Value, json};

use super::tests::{asker, assertion, binding, deed, facts, role, test, texts, whole};
use super::*;
use crate::{Facts, Request};

/// `expl` is granted resources of other groups by their names, `star` all of one group.
fn of_others() -> Facts {
    let granted = |name: &str, rules: Value| {
        let subjects = json!([{"kind": "User", "name": name}]);
        [
            role("", name, rules),
            binding("", name, ("ClusterRole", name), subjects),
        ]
    };
    let rule = |group: &str, resources: &[&str]| json!({"apiGroups": [group], "resources": resources, "verbs": ["get"]});
    let expl = [
        rule("metrics.k8s.io", &["pods", "runs"]),
        rule("ml.io", &["jobs"]),
        rule("apps", &["secrets"]),
    ];
    facts(
        &[
            granted("expl", json!(expl)),
            granted("star", json!([rule("ml.io", &["*"])])),
            granted("wide", json!([rule("apps", &["*"])])),
        ]
        .concat(),
    )
}

fn cannot(subject: &str, resource: &str) -> Verdict {
    let claim = Claim::Cannot(asker(subject), deed(&["get"], resource, &[]));
    test(&of_others(), &whole(), claim)
}

#[test]
fn without_a_group_cannot_means_every_group_that_has_such_resources() {
    let told = |subject: &str, resource: &str| {
        let verdict = cannot(subject, resource);
        assert_eq!(verdict.status, Status::Fail);
        verdict.message
    };
    assert_eq!(
        told("user:expl", "pods"),
        "`user:expl` can get pods.metrics.k8s.io in the whole cluster"
    );
    assert_eq!(
        told("user:expl", "jobs"),
        "`user:expl` can get jobs.ml.io in the whole cluster"
    );
    // Only rules of others name `runs`: who holds all of such a group may hold them there too.
    assert_eq!(
        told("user:star", "runs"),
        "`user:star` can get runs.ml.io in the whole cluster"
    );
    // The server's own groups have none, whatever a rule names there.
    assert_eq!(cannot("user:wide", "runs").status, Status::Pass);
    assert_eq!(cannot("user:wide", "secrets").status, Status::Pass);
    // Nothing says that there are pods in `ml.io`.
    assert_eq!(cannot("user:star", "pods").status, Status::Pass);
    let nobody = Claim::WhoCan(deed(&["get"], "pods", &[]), Holders::AtMost(Vec::new()));
    let verdict = test(&of_others(), &whole(), nobody);
    assert_eq!(
        verdict.message,
        "`user:expl` can get pods.metrics.k8s.io in the whole cluster"
    );
}

#[test]
fn a_server_is_asked_about_every_group_that_cannot_means() {
    let facts = of_others();
    let groups = |resource: &str| -> Vec<String> {
        let claim = Claim::Cannot(asker("user:star"), deed(&["get"], resource, &[]));
        let asked = questions(&assertion(claim), &facts).into_iter();
        asked
            .filter_map(|question| match question.request {
                Request::Resource(asked) => Some(asked.api_group),
                Request::NonResource(_) => None,
            })
            .collect()
    };
    assert_eq!(groups("pods"), ["", "metrics.k8s.io"]);
    assert_eq!(groups("runs"), ["*", "metrics.k8s.io", "ml.io"]);
}

#[test]
fn what_is_lacking_is_named_and_nothing_that_nobody_wrote() {
    let held = json!([
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"], "resourceNames": ["x"]},
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]},
    ]);
    let facts = facts(&[
        role("", "r", held),
        binding(
            "",
            "r",
            ("ClusterRole", "r"),
            json!([{"kind": "User", "name": "bo"}]),
        ),
    ]);
    let can = |verbs: &[&str], resource: &str, names: &[&str]| {
        let deed = Deed {
            names: texts(names),
            ..deed(verbs, resource, &[])
        };
        test(&facts, &whole(), Claim::Can(asker("user:bo"), deed))
    };
    let nearest = |has: &str| {
        Some(format!(
            "nearest is ClusterRole `r` of the binding `r`: its {has}"
        ))
    };
    let two = can(&["get"], "secrets", &["x", "y"]);
    assert_eq!(
        two.message,
        "nothing grants `user:bo` to get secrets named `y` in the whole cluster"
    );
    assert_eq!(two.help, nearest("names are `x`, not `y`"));
    let everything = can(&["get"], "*", &[]);
    assert_eq!(
        everything.help,
        nearest("api_groups are `\"\"`, not every one")
    );
    let any = can(&["get"], "secrets", &[]);
    assert_eq!(any.help, nearest("names are `x`, not every one"));
    let cannot = Claim::Cannot(
        asker("user:bo"),
        Deed {
            names: texts(&["x", "y"]),
            ..deed(&["get"], "secrets", &[])
        },
    );
    assert_eq!(
        test(&facts, &whole(), cannot).message,
        "`user:bo` can get secrets named `x` in the whole cluster"
    );
}

#[test]
fn only_what_matters_there_is_said_to_be_unknown() {
    let mut sight = whole();
    sight.whole.remove("RoleBinding");
    sight.whole.remove("ClusterRoleBinding");
    sight.role_bindings_in.insert("a".to_owned());
    let told = |namespaces: &[&str]| {
        let claim = Claim::Cannot(asker("user:star"), deed(&["get"], "secrets", namespaces));
        let verdict = test(&of_others(), &sight, claim);
        assert_eq!(verdict.status, Status::CannotTell);
        (verdict.message, verdict.missing.len())
    };
    let message = |which: &str| format!("not all {which} are known");
    assert_eq!(
        told(&["a"]),
        (message("ClusterRoleBindings of the cluster"), 1)
    );
    assert_eq!(
        told(&["a", "b"]),
        (message("ClusterRoleBindings and RoleBindings in `b`"), 2)
    );
    assert_eq!(
        told(&[]),
        (
            message("ClusterRoleBindings and RoleBindings of the cluster"),
            2
        )
    );
}
