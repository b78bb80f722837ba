use super::*;

fn strings(items: &[&str]) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}

fn rule(verbs: &[&str], groups: &[&str], resources: &[&str]) -> PolicyRule {
    PolicyRule {
        verbs: strings(verbs),
        api_groups: strings(groups),
        resources: strings(resources),
        ..PolicyRule::default()
    }
}

fn told(rule: PolicyRule, namespaced: bool) -> Vec<String> {
    let found = dead_rules(&[rule], namespaced);
    found
        .into_iter()
        .map(|dead| format!("{} / {}", dead.what, dead.help))
        .collect()
}

#[test]
fn names_that_no_request_has_are_told_with_the_one_that_was_meant() {
    let cases = [
        (rule(&["GET"], &[""], &["pods"]), "write `get`"),
        (
            rule(&["get"], &["core"], &["pods"]),
            "the core group is `\"\"`",
        ),
        (
            rule(&["get"], &["v1"], &["pods"]),
            "the core group is `\"\"`",
        ),
        (
            rule(&["get"], &["networking.k8s.io/v1"], &["ingresses"]),
            "write `networking.k8s.io`",
        ),
        (
            rule(&["get"], &[""], &["pods/*"]),
            "`*` stands for no subresource",
        ),
        (
            rule(&["get"], &["*"], &["*/*"]),
            "`*` stands for no subresource",
        ),
        (
            rule(&["get"], &[""], &["Secret"]),
            "did you mean `secrets`?",
        ),
        (
            rule(&["get"], &[""], &["pod"]),
            "did you mean `pods` of the core group?",
        ),
        (
            rule(&["get"], &[""], &["deployments"]),
            "it is one of the group `apps`",
        ),
        (
            rule(&["get"], &["batch", "apps"], &["pods/log"]),
            "`pods` is no resource of the group `batch`",
        ),
    ];
    for (rule, expected) in cases {
        let told = told(rule.clone(), false);
        assert_eq!(told.len(), 1, "{rule}: {told:?}");
        assert!(told[0].contains(expected), "{rule}: {told:?}");
    }
}

#[test]
fn what_some_request_may_match_is_not_dead() {
    let named = |verbs: &[&str], group: &str, resource: &str, name: &str| PolicyRule {
        resource_names: strings(&[name]),
        ..rule(verbs, &[group], &[resource])
    };
    let living = [
        rule(
            &["get", "use", "Approve"],
            &["", "apps"],
            &["pods", "deployments", "deployments/scale"],
        ),
        rule(&["*"], &["*"], &["*", "*/scale", "pod"]),
        rule(&["get"], &["example.com"], &["pod", "widgets"]),
        rule(&["get"], &["", "example.com"], &["deployments"]),
        rule(&["get"], &[""], &["somethingnew"]),
        // Server-side apply asks for `create` with the name, a list may pin the name it is for.
        named(&["create", "list", "watch"], "", "configmaps", "settings"),
        named(
            &["approve"],
            "certificates.k8s.io",
            "signers",
            "example.com/*",
        ),
        named(&["impersonate"], "", "users", "*"),
        named(&["bind"], "rbac.authorization.k8s.io", "clusterroles", "*"),
        named(&["deletecollection"], "", "pods", ""),
    ];
    for rule in living {
        assert_eq!(told(rule.clone(), false), [""; 0], "{rule}");
    }
    assert_eq!(
        told(
            rule(&["get", "update"], &[""], &["namespaces", "pods"]),
            true
        ),
        [""; 0]
    );
    assert_eq!(
        told(rule(&["list"], &[""], &["namespaces", "nodes"]), false),
        [""; 0]
    );
}

#[test]
fn names_have_no_wildcards_and_a_collection_has_no_name() {
    let named = |verb: &str, name: &str| PolicyRule {
        resource_names: strings(&[name]),
        ..rule(&[verb], &[""], &["configmaps"])
    };
    assert!(told(named("get", "app-*"), false)[0].contains("names have no wildcards"));
    assert!(told(named("deletecollection", "app"), false)[0].contains("it never has a name"));
}

#[test]
fn a_role_grants_nothing_outside_of_its_namespace() {
    assert!(told(rule(&["get"], &[""], &["nodes"]), true)[0].contains("belong to no namespace"));
    let told = told(rule(&["get", "list"], &[""], &["namespaces"]), true);
    assert!(
        told[0].contains("in a Role, `list` of `namespaces`"),
        "{told:?}"
    );
}

#[test]
fn paths_begin_with_a_slash_and_have_no_query() {
    let url = |url: &str| PolicyRule {
        verbs: strings(&["get"]),
        non_resource_urls: strings(&[url]),
        ..PolicyRule::default()
    };
    assert!(told(url("metrics"), false)[0].contains("write `/metrics`"));
    assert!(told(url("/logs?x=1"), false)[0].contains("without the query"));
    assert_eq!(told(url("*"), false), [""; 0]);
    assert_eq!(told(url("/healthz/*"), false), [""; 0]);
}

#[test]
fn what_is_dead_is_told_with_the_rule_and_the_item_that_it_is() {
    let fine = rule(&["get"], &[""], &["pods"]);
    let wrong = rule(&["GET"], &[""], &["pods/log", "deployments/scale"]);
    let found = dead_rules(&[fine, wrong.clone(), wrong], false);
    let places: Vec<(usize, &str, &str)> = found
        .iter()
        .map(|dead| (dead.rule, dead.list, dead.item.as_str()))
        .collect();
    let expected = [
        (1, "resources", "deployments/scale"),
        (2, "resources", "deployments/scale"),
        (1, "verbs", "GET"),
        (2, "verbs", "GET"),
    ];
    assert_eq!(places, expected);
}

#[test]
fn a_misspelt_resource_of_a_group_that_takes_no_others_is_told() {
    assert_eq!(
        told(rule(&["get"], &[""], &["secrtes"]), false),
        ["`secrtes` is no resource of the core group / did you mean `secrets`?"]
    );
    assert_eq!(
        told(rule(&["*"], &["apps", ""], &["deploymnets/scale"]), false),
        [
            "`deploymnets` is no resource of the group `apps` or the core group / did you mean `deployments`?"
        ]
    );
    for fine in [
        rule(&["get"], &["example.com"], &["secrtes"]),
        rule(&["get"], &["", "example.com"], &["secrtes"]),
        rule(&["get"], &["*"], &["secrtes"]),
        // Of a newer server, for all we know.
        rule(&["get"], &[""], &["gizmos"]),
        rule(
            &["get"],
            &[""],
            &["*", "secrets", "nodes/metrics", "namespaces/finalize"],
        ),
        // Only a check of the server's knows these.
        rule(
            &["impersonate"],
            &[""],
            &["users", "groups", "serviceaccounts"],
        ),
        rule(&["get"], &[""], &["users"]),
        rule(&["use"], &[""], &["secrtes"]),
    ] {
        assert!(told(fine.clone(), false).is_empty(), "{fine:?}");
    }
}

#[test]
fn a_service_account_is_not_impersonated_as_a_user() {
    let named = |verbs: &[&str], resources: &[&str], name: &str| PolicyRule {
        resource_names: strings(&[name]),
        ..rule(verbs, &[""], resources)
    };
    let account = "system:serviceaccount:ci:deployer";
    let found = told(named(&["impersonate"], &["users"], account), false);
    assert_eq!(
        found,
        [
            "`impersonate` of the user `system:serviceaccount:ci:deployer` matches no request: it is \
             asked for as a service account / grant it on the resource `serviceaccounts` with the \
             name `deployer`, in the namespace `ci`"
        ]
    );
    for living in [
        named(&["impersonate"], &["users"], "ana"),
        // No server makes such an account: it is a user like others.
        named(&["impersonate"], &["users"], "system:serviceaccount:ci"),
        named(&["impersonate"], &["users", "groups"], account),
        named(&["impersonate", "get"], &["users"], account),
    ] {
        assert!(told(living.clone(), false).is_empty(), "{living}");
    }
}
