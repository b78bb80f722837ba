//! Positive controls: assertions about what exists nowhere.

use rbacform_core::{Asker, Assertion, Claim};
use serde_json::json;

use super::tests::{asker, assertion, binding, deed, facts, role, texts, whole};
use super::*;
use crate::Facts;

fn world() -> Facts {
    facts(&[
        role(
            "a",
            "r",
            json!([
                {"apiGroups": ["argoproj.io"], "resources": ["workflows", "workflows/retry"], "verbs": ["submit"]},
            ]),
        ),
        binding(
            "a",
            "b",
            ("Role", "r"),
            json!([{"kind": "User", "name": "ana"}]),
        ),
    ])
}

fn cannot(subject: &str, verb: &str, resource: &str, namespaces: &[&str]) -> Assertion {
    assertion(Claim::Cannot(
        asker(subject),
        deed(&[verb], resource, namespaces),
    ))
}

fn verdict(assertion: &Assertion, sight: &Sight) -> Verdict {
    check(assertion, &Planned::new(&world(), sight).unwrap())
}

#[test]
fn a_subject_that_nothing_names_is_an_error_unless_it_is_known() {
    let mut zoe = cannot("user:zoe", "get", "pods", &["a"]);
    let nobody = verdict(&zoe, &whole());
    assert_eq!((nobody.status, nobody.part), (Status::Fail, Part::Subject));
    assert!(nobody.is_nowhere);
    zoe.known = true;
    assert_eq!(verdict(&zoe, &whole()).status, Status::Pass);
    let granted = Sight {
        named: ["user:zoe".to_owned()].into(),
        ..whole()
    };
    zoe.known = false;
    assert_eq!(
        verdict(&zoe, &granted).status,
        Status::Pass,
        "a grant elsewhere names her"
    );
    let ama = verdict(&cannot("user:ama", "get", "pods", &["a"]), &whole());
    assert_eq!(ama.help.as_deref(), Some("did you mean `user:ana`?"));
}

#[test]
fn a_service_account_may_be_live_declared_or_the_default_one() {
    let status = |subject: &str, sight: &Sight| {
        verdict(&cannot(subject, "get", "pods", &["a"]), sight).status
    };
    assert_eq!(status("serviceaccount:a/x", &whole()), Status::Pass);
    assert_eq!(status("serviceaccount:b/default", &whole()), Status::Pass);
    assert_eq!(status("serviceaccount:a/y", &whole()), Status::Fail);
    assert_eq!(status("serviceaccount:c/default", &whole()), Status::Fail);
    let mut unread = whole();
    unread.whole.remove("ServiceAccount");
    let untold = verdict(
        &cannot("serviceaccount:a/y", "get", "pods", &["a"]),
        &unread,
    );
    assert_eq!(untold.status, Status::CannotTell);
    assert_eq!(untold.missing, ["ServiceAccount".to_owned()].into());
}

#[test]
fn groups_that_every_cluster_has_exist() {
    for group in [
        "system:authenticated",
        "system:serviceaccounts",
        "system:serviceaccounts:a",
    ] {
        let group = format!("group:{group}");
        let found = verdict(&cannot(&group, "get", "pods", &["b"]), &whole());
        assert_eq!(found.status, Status::Pass, "{group}");
    }
    let typo = verdict(
        &cannot("group:system:autenticated", "get", "pods", &["b"]),
        &whole(),
    );
    assert!(typo.is_nowhere);
}

#[test]
fn a_namespace_that_is_nowhere_is_an_error() {
    let nowhere = verdict(&cannot("user:ana", "get", "pods", &["prod"]), &whole());
    assert_eq!((nowhere.is_nowhere, nowhere.part), (true, Part::Namespace));
    let mut unread = whole();
    unread.whole.remove("Namespace");
    let untold = verdict(&cannot("user:ana", "get", "pods", &["prod"]), &unread);
    assert_eq!(untold.status, Status::CannotTell);
    assert_eq!(untold.missing, ["Namespace".to_owned()].into());
    let own = verdict(
        &cannot("user:ana", "get", "pods", &["kube-system"]),
        &unread,
    );
    assert_eq!(own.status, Status::Pass);
}

#[test]
fn a_resource_is_the_servers_own_or_named_by_a_rule_or_said_to_be_custom() {
    let told =
        |verb: &str, resource: &str| verdict(&cannot("user:ana", verb, resource, &["b"]), &whole());
    for known in [
        "pods",
        "pods/log",
        "workflows",
        "workflows/retry",
        "deployments/scale",
    ] {
        assert_eq!(told("get", known).status, Status::Pass, "{known}");
    }
    for (unknown, help) in [
        ("pod", "did you mean `pods`?"),
        ("deploy", "did you mean `deployments`?"),
        ("secrtes", "did you mean `secrets`?"),
        ("pods/logs", "did you mean `pods/log`?"),
        (
            "widgets",
            "if it is one of a custom resource definition, say `custom = true`",
        ),
    ] {
        let found = told("get", unknown);
        assert_eq!(
            (found.is_nowhere, found.part),
            (true, Part::Resource),
            "{unknown}"
        );
        assert_eq!(found.help.as_deref(), Some(help));
    }
    let mut widgets = cannot("user:ana", "get", "widgets", &["b"]);
    widgets.custom = true;
    assert_eq!(verdict(&widgets, &whole()).status, Status::Pass);
    let mut unread = whole();
    unread.whole.remove("ClusterRole");
    widgets.custom = false;
    assert_eq!(verdict(&widgets, &unread).status, Status::CannotTell);
}

/// A name that is close to one of the server's own is no slip in a group that is not.
#[test]
fn a_resource_of_a_group_of_others_is_not_corrected() {
    let told = |group: &str| {
        let mut deed = deed(&["get"], "jobsets", &["b"]);
        deed.resources[0].api_group = Some(group.into());
        verdict(&assertion(Claim::Cannot(asker("user:ana"), deed)), &whole()).help
    };
    let custom = "if it is one of a custom resource definition, say `custom = true`";
    assert_eq!(told("jobset.x-k8s.io").as_deref(), Some(custom));
    assert_eq!(told("batch").as_deref(), Some("did you mean `jobs`?"));
}

#[test]
fn a_path_is_the_servers_own_or_named_by_a_rule_or_said_to_be_custom() {
    let everything = json!([{"nonResourceURLs": ["*"], "verbs": ["*"]}]);
    let some = json!([{"nonResourceURLs": ["/ours", "/theirs/*"], "verbs": ["get"]}]);
    let eve = json!([{"kind": "User", "name": "eve"}, {"kind": "User", "name": "ana"}]);
    let facts = facts(&[
        role("", "all", everything),
        role("", "some", some),
        binding("", "b", ("ClusterRole", "all"), eve),
    ]);
    let sight = whole();
    let world = Planned::new(&facts, &sight).unwrap();
    let told = |subject: &str, path: &str| check(&cannot(subject, "get", path, &[]), &world);
    for known in [
        "/metrics",
        "/metrics/slis",
        "/",
        "/*",
        "/met*",
        "/api",
        "/apis/apps/v1",
        "/version/",
        "/debug/pprof",
        "/.well-known/openid-configuration",
        "/openid/v1/jwks",
        "/ours",
        "/theirs/a",
    ] {
        let verdict = told("user:eve", known);
        assert!(!verdict.is_nowhere, "{known}: {}", verdict.message);
        assert_eq!(verdict.status, Status::Fail, "{known}");
    }
    let custom = "if something serves it, say `custom = true`";
    for (unknown, help) in [
        ("/metricz", "did you mean `/metrics`?"),
        ("/helthz/ping", "did you mean `/healthz`?"),
        ("/apiss", "did you mean `/apis`?"),
        ("/grafana", custom),
        ("/grafana/*", custom),
    ] {
        for subject in ["user:eve", "user:ana"] {
            let verdict = told(subject, unknown);
            assert_eq!(
                (verdict.is_nowhere, verdict.part),
                (true, Part::Resource),
                "{unknown}"
            );
            assert_eq!(
                verdict.message,
                format!("`{unknown}` is none of the API server's own paths, and no rule names it")
            );
            assert_eq!(verdict.help.as_deref(), Some(help), "{unknown}");
        }
    }
    let mut ours = cannot("user:eve", "get", "/grafana", &[]);
    ours.custom = true;
    let verdict = check(&ours, &world);
    assert_eq!((verdict.status, verdict.is_nowhere), (Status::Fail, false));
    let mut unread = whole();
    unread.whole.remove("ClusterRole");
    let none = Facts::default();
    let world = Planned::new(&none, &unread).unwrap();
    let claim = Assertion {
        known: true,
        ..cannot("user:bo", "get", "/metricz", &[])
    };
    assert_eq!(check(&claim, &world).status, Status::CannotTell);
}

#[test]
fn a_verb_that_nothing_asks_for_is_an_error() {
    let told = |verb: &str| verdict(&cannot("user:ana", verb, "pods", &["b"]), &whole());
    assert_eq!(told("submit").status, Status::Pass, "a rule names it");
    let typo = told("gett");
    assert_eq!((typo.is_nowhere, typo.part), (true, Part::Verbs));
    assert_eq!(typo.help.as_deref(), Some("did you mean `get`?"));
    assert!(told("GET").is_nowhere);
}

#[test]
fn what_is_in_no_namespace_is_not_asked_for_in_one() {
    let found = verdict(&cannot("user:ana", "get", "nodes", &["a"]), &whole());
    assert_eq!((found.is_nowhere, found.part), (true, Part::Namespace));
    assert_eq!(found.message, "`nodes` are in no namespace");
}

/// Ana holds everything, and every subresource `scale` besides.
fn all() -> Facts {
    let everything = json!([
        {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
        {"apiGroups": ["*"], "resources": ["*/scale"], "verbs": ["get"]},
    ]);
    let ana = json!([{"kind": "User", "name": "ana"}]);
    facts(&[
        role("", "all", everything),
        binding("", "b", ("ClusterRole", "all"), ana),
    ])
}

#[test]
fn a_rule_with_a_wildcard_names_nothing() {
    let facts = all();
    let mut part = whole();
    part.whole.remove("ClusterRole");
    for sight in [whole(), part] {
        let world = Planned::new(&facts, &sight).unwrap();
        let told = |resource: &str| check(&cannot("user:ana", "get", resource, &["b"]), &world);
        for (unknown, help) in [
            ("secrtes", "did you mean `secrets`?"),
            ("deploymnets/scale", "did you mean `deployments`?"),
        ] {
            let found = told(unknown);
            assert_eq!(
                (found.status, found.is_nowhere, found.part),
                (Status::Fail, true, Part::Resource),
                "{unknown}: {}",
                found.message
            );
            assert_eq!(found.help.as_deref(), Some(help));
        }
        let known = told("secrets");
        assert_eq!((known.status, known.is_nowhere), (Status::Fail, false));
        let verb = check(&cannot("user:ana", "gett", "pods", &["b"]), &world);
        assert_eq!((verb.is_nowhere, verb.part), (true, Part::Verbs));
        let mut custom = cannot("user:ana", "get", "widgets", &["b"]);
        custom.custom = true;
        let held = check(&custom, &world);
        assert_eq!((held.status, held.is_nowhere), (Status::Fail, false));
    }
}

#[test]
fn what_the_servers_version_does_not_serve_exists_nowhere() {
    let old = Sight {
        version: "1.32".parse().unwrap(),
        ..whole()
    };
    let younger = [
        ("servicecidrs", "1.33"),
        ("pods/resize", "1.33"),
        ("nodes/configz", "1.33"),
        ("resourceclaims", "1.34"),
    ];
    for (resource, since) in younger {
        let claim = cannot("user:ana", "get", resource, &[]);
        assert!(depends_on_version(&claim), "{resource}");
        assert_eq!(verdict(&claim, &whole()).status, Status::Pass, "{resource}");
        let nowhere = verdict(&claim, &old);
        assert_eq!(
            (nowhere.status, nowhere.part),
            (Status::Fail, Part::Resource),
            "{resource}"
        );
        let help = format!("Kubernetes {since} is the first that has it, and this cluster is 1.32");
        assert_eq!(nowhere.help, Some(help));
    }
    for resource in ["pods", "nodes/log", "workflows", "*", "/metrics"] {
        let claim = cannot("user:ana", "get", resource, &[]);
        assert!(!depends_on_version(&claim), "{resource}");
    }
    let mut custom = cannot("user:ana", "get", "servicecidrs", &[]);
    custom.custom = true;
    assert!(!depends_on_version(&custom));
}

/// Ana, said to be in a group, gets no secrets.
fn of_group(group: &str) -> Assertion {
    let asker = Asker {
        groups: texts(&[group]),
        ..asker("user:ana")
    };
    assertion(Claim::Cannot(asker, deed(&["get"], "secrets", &[])))
}

#[test]
fn a_group_that_nothing_names_is_an_error_unless_it_is_known() {
    let ops = json!([{"kind": "Group", "name": "ops"}, {"kind": "User", "name": "ana"},
        {"kind": "User", "name": "annabelle"}]);
    let facts = facts(&[binding("", "b", ("ClusterRole", "none"), ops)]);
    let told = |assertion: &Assertion, sight: &Sight| {
        check(assertion, &Planned::new(&facts, sight).unwrap())
    };
    for known in [
        "ops",
        "group:ops",
        "system:authenticated",
        "system:serviceaccounts:a",
    ] {
        let verdict = told(&of_group(known), &whole());
        assert_eq!(verdict.status, Status::Pass, "{known}: {}", verdict.message);
    }
    let person = told(&of_group("annabell"), &whole());
    let mend = "mend the name, or say `known = true` if somebody of that name exists";
    assert_eq!(person.help.as_deref(), Some(mend), "she is no group");
    for unknown in ["opps", "group:opps"] {
        let mut claim = of_group(unknown);
        let verdict = told(&claim, &whole());
        assert_eq!((verdict.is_nowhere, verdict.part), (true, Part::Groups));
        assert_eq!(
            verdict.message,
            "`group:opps` exists nowhere: no binding and no grant names it"
        );
        assert_eq!(verdict.help.as_deref(), Some("did you mean `group:ops`?"));
        claim.known = true;
        assert_eq!(told(&claim, &whole()).status, Status::Pass);
        claim.known = false;
        let mut unread = whole();
        unread.whole.remove("RoleBinding");
        assert_eq!(told(&claim, &unread).status, Status::CannotTell);
        let ceiling = match claim.claim {
            Claim::Cannot(asker, _) => assertion(Claim::CanOnly(asker, Vec::new())),
            _ => unreachable!(),
        };
        assert!(told(&ceiling, &whole()).is_nowhere);
    }
}
