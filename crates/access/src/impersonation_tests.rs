//! Acting as somebody else, case by case: KEP-5284 and
//! `k8s.io/apiserver/pkg/endpoints/filters/impersonation/constrained_impersonation_test.go`; the
//! same is tried on a real API server by `tests/access`.

use serde_json::json;

use super::*;
use crate::Facts;

const OLD: Version = Version { minor: 35 };
const NEW: Version = Version { minor: 36 };

/// Whether somebody with these rules (verb, group, resource, name) may list configmaps in `a` as a
/// target, and how.
fn mode(rules: &[(&str, &str, &str, &str)], target: &Target, version: Version) -> Option<Mode> {
    let rules: Vec<_> = rules
        .iter()
        .map(|(verb, group, resource, name)| {
            let names = if name.is_empty() { vec![] } else { vec![name] };
            json!({
                "verbs": [verb], "apiGroups": [group], "resources": [resource],
                "resourceNames": names,
            })
        })
        .collect();
    let mut facts = Facts::default();
    let group = "rbac.authorization.k8s.io/v1";
    let objects = json!([
        {"apiVersion": group, "kind": "ClusterRole", "metadata": {"name": "r"}, "rules": rules},
        {"apiVersion": group, "kind": "ClusterRoleBinding", "metadata": {"name": "b"},
         "roleRef": {"kind": "ClusterRole", "name": "r"},
         "subjects": [{"kind": "User", "name": "ana"}]},
    ]);
    facts.put_manifest(&objects).unwrap();
    let ana = User {
        name: "ana".to_owned(),
        groups: Vec::new(),
    };
    let request = Request::Resource(ResourceRequest {
        verb: "list".to_owned(),
        resource: "configmaps".to_owned(),
        namespace: "a".to_owned(),
        ..ResourceRequest::default()
    });
    match Evaluator::new(&facts).acts_as(&ana, target, &request, version) {
        Acting::Allowed(ways) => Some(ways[0].mode),
        Acting::Refused(_) => None,
    }
}

fn target(name: &str, groups: &[&str]) -> Target {
    Target {
        name: name.to_owned(),
        groups: groups.iter().map(ToString::to_string).collect(),
    }
}

const USERS: (&str, &str, &str, &str) = ("impersonate", "", "users", "bo");
const GROUPS: (&str, &str, &str, &str) = ("impersonate", "", "groups", "dev");
const INFO: (&str, &str, &str, &str) = ("impersonate:user-info", AUTHENTICATION, "users", "bo");
const ON: (&str, &str, &str, &str) = ("impersonate-on:user-info:list", "", "configmaps", "");

#[test]
fn the_old_verb_works_in_every_version() {
    for version in [OLD, NEW] {
        let bo = target("bo", &[]);
        assert_eq!(mode(&[USERS], &bo, version), Some(Mode::Legacy));
        assert_eq!(mode(&[], &bo, version), None);
        let masters = target("bo", &["system:masters"]);
        let rules = [USERS, ("impersonate", "", "groups", "system:masters")];
        assert_eq!(mode(&rules, &masters, version), Some(Mode::Legacy));
    }
}

#[test]
fn every_group_is_asked_for() {
    let both = target("bo", &["dev", "ops"]);
    assert_eq!(mode(&[USERS, GROUPS], &both, OLD), None);
    let rules = [USERS, GROUPS, ("impersonate", "", "groups", "ops")];
    assert_eq!(mode(&rules, &both, OLD), Some(Mode::Legacy));
}

#[test]
fn a_service_account_is_asked_for_as_one() {
    let account = target("system:serviceaccount:a:ci", &[]);
    let as_user = ("impersonate", "", "users", "system:serviceaccount:a:ci");
    assert_eq!(mode(&[as_user], &account, OLD), None);
    let as_account = ("impersonate", "", "serviceaccounts", "ci");
    assert_eq!(mode(&[as_account], &account, OLD), Some(Mode::Legacy));
    let constrained = [
        (
            "impersonate:serviceaccount",
            AUTHENTICATION,
            "serviceaccounts",
            "ci",
        ),
        ("impersonate-on:serviceaccount:list", "", "configmaps", ""),
    ];
    assert_eq!(
        mode(&constrained, &account, NEW),
        Some(Mode::ServiceAccount)
    );
    assert_eq!(mode(&constrained, &account, OLD), None);
    // With groups only the old kind is left.
    let grouped = target("system:serviceaccount:a:ci", &["dev"]);
    assert_eq!(mode(&constrained, &grouped, NEW), None);
    // What is no name of a service account is a user's.
    let odd = target("system:serviceaccount:A:ci", &[]);
    let rule = ("impersonate", "", "users", "system:serviceaccount:A:ci");
    assert_eq!(mode(&[rule], &odd, NEW), Some(Mode::Legacy));
}

#[test]
fn constrained_needs_both_the_name_and_what_is_done() {
    let bo = target("bo", &[]);
    assert_eq!(mode(&[INFO, ON], &bo, NEW), Some(Mode::UserInfo));
    assert_eq!(mode(&[INFO, ON], &bo, OLD), None);
    assert_eq!(mode(&[INFO], &bo, NEW), None);
    assert_eq!(mode(&[ON], &bo, NEW), None);
    let other = ("impersonate-on:user-info:get", "", "configmaps", "");
    assert_eq!(mode(&[INFO, other], &bo, NEW), None);
    assert_eq!(mode(&[INFO, ON, USERS], &bo, NEW), Some(Mode::UserInfo));
}

#[test]
fn constrained_refuses_masters_and_the_empty_group() {
    let all = ("impersonate:user-info", AUTHENTICATION, "groups", "");
    for group in ["system:masters", ""] {
        let rules = [
            INFO,
            ON,
            all,
            ("impersonate:user-info", AUTHENTICATION, "groups", group),
        ];
        assert_eq!(mode(&rules, &target("bo", &[group]), NEW), None, "{group}");
    }
    assert_eq!(
        mode(&[INFO, ON, all], &target("bo", &["dev"]), NEW),
        Some(Mode::UserInfo)
    );
}

#[test]
fn many_groups_may_be_asked_for_at_once() {
    let star = ("impersonate:user-info", AUTHENTICATION, "groups", "*");
    let three = target("bo", &["a", "b", "c"]);
    assert_eq!(mode(&[INFO, ON, star], &three, NEW), None);
    let four = target("bo", &["a", "b", "c", "d"]);
    assert_eq!(mode(&[INFO, ON, star], &four, NEW), Some(Mode::UserInfo));
}

#[test]
fn nodes_have_a_mode_of_their_own() {
    let node = target("system:node:n1", &[]);
    let rules = [
        ("impersonate:arbitrary-node", AUTHENTICATION, "nodes", "n1"),
        ("impersonate-on:arbitrary-node:list", "", "configmaps", ""),
    ];
    assert_eq!(mode(&rules, &node, NEW), Some(Mode::ArbitraryNode));
    let info = [
        (
            "impersonate:user-info",
            AUTHENTICATION,
            "users",
            "system:node:n1",
        ),
        ON,
    ];
    assert_eq!(mode(&info, &node, NEW), None);
    // Which way is taken depends on what the server remembers, and so do the groups.
    let legacy = ("impersonate", "", "users", "system:node:n1");
    assert_eq!(
        mode(&[rules[0], rules[1], legacy], &node, NEW),
        Some(Mode::ArbitraryNode)
    );
}

#[test]
fn who_acts_has_the_groups_that_the_server_adds() {
    let groups = |mode, name, groups: &[&str]| acting(mode, &target(name, groups)).groups;
    assert_eq!(groups(Mode::Legacy, "bo", &[]), [AUTHENTICATED]);
    assert_eq!(groups(Mode::Legacy, "bo", &["dev"]), ["dev", AUTHENTICATED]);
    assert_eq!(
        groups(Mode::Legacy, "bo", &[UNAUTHENTICATED]),
        [UNAUTHENTICATED]
    );
    assert_eq!(groups(Mode::Legacy, ANONYMOUS, &[]), [UNAUTHENTICATED]);
    assert_eq!(
        groups(Mode::ServiceAccount, "system:serviceaccount:a:ci", &[]),
        [
            "system:serviceaccounts",
            "system:serviceaccounts:a",
            AUTHENTICATED
        ]
    );
    assert_eq!(
        groups(Mode::Legacy, "system:serviceaccount:a:ci", &["dev"]),
        ["dev", AUTHENTICATED]
    );
    assert_eq!(groups(Mode::Legacy, "system:node:n1", &[]), [AUTHENTICATED]);
    assert_eq!(
        groups(Mode::ArbitraryNode, "system:node:n1", &[]),
        [NODES, AUTHENTICATED]
    );
}
