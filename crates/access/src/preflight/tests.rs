use rbacform_core::EditKind;
use rbacform_core::plan::Verdict;
use serde_json::json;

use super::Answer;
use super::scene::{Scene, binding, rule, secrets, writer};
use crate::{Request, ResourceRequest};

#[test]
fn a_missing_verb_is_told_in_the_servers_words_with_what_to_grant() {
    let mut scene = Scene::new(&json!([rule(&["patch"], "", &["serviceaccounts"])]));
    scene.creates("ServiceAccount/team/robot", &json!({}), &[]);
    let [found] = &scene.foreseen()[..] else {
        panic!("one refusal")
    };
    assert_eq!(found.verdict, Verdict::Refused);
    assert_eq!(
        found.reason,
        "serviceaccounts \"robot\" is forbidden: User \"ci\" cannot create resource \
         \"serviceaccounts\" in API group \"\" in the namespace \"team\""
    );
    assert_eq!(
        found.missing,
        [
            r#"{APIGroups:[""], Resources:["serviceaccounts"], ResourceNames:["robot"], Verbs:["create"]}"#
        ]
    );
    assert_eq!(
        found.grant,
        [
            "# in a Role of namespace team, bound by a RoleBinding there",
            "- apiGroups: [\"\"]",
            "  resources: [\"serviceaccounts\"]",
            "  resourceNames: [\"robot\"]",
            "  verbs: [\"create\"]",
        ]
    );
}

#[test]
fn names_are_filled_in_where_an_apply_makes_an_object() {
    let named = |name: &str| {
        let mut rule = rule(&["create", "patch"], "", &["namespaces"]);
        rule["resource_names"] = json!([name]);
        let mut scene = Scene::new(&json!([rule]));
        scene.creates("Namespace/team", &json!({}), &[]);
        scene.foreseen().len()
    };
    assert_eq!(named("team"), 0);
    assert_eq!(named("other"), 1);
}

#[test]
fn nobody_refuses_a_member_of_system_masters() {
    let mut scene = Scene::new(&json!([]));
    scene.creates(
        "ClusterRole/all",
        &json!({"rules": [rule(&["*"], "*", &["*"])]}),
        &[],
    );
    assert_eq!(scene.foreseen().len(), 1);
    scene.user.groups.push("system:masters".into());
    assert!(scene.foreseen().is_empty());
}

#[test]
fn what_is_not_held_cannot_be_handed_out() {
    let mut scene = Scene::new(&json!([writer()]));
    scene.creates("Role/team/powerful", &json!({"rules": [secrets()]}), &[]);
    let found = scene.foreseen();
    assert_eq!(
        found[0].reason,
        "roles.rbac.authorization.k8s.io \"powerful\" is forbidden: user \"ci\" \
         (groups=[\"system:authenticated\"]) is attempting to grant RBAC permissions not currently \
         held:\n{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\"]}"
    );
    assert_eq!(
        found[0].missing,
        [r#"{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}"#]
    );
    assert_eq!(found[0].grant[4], "  verbs: [\"escalate\"]");
    assert_eq!(found[0].grant[3], "  resourceNames: [\"powerful\"]");
}

#[test]
fn holding_the_rules_or_escalate_or_bind_is_enough() {
    let escalate = rule(&["escalate"], crate::RBAC_GROUP, &["roles"]);
    let bind = rule(&["bind"], crate::RBAC_GROUP, &["roles"]);
    let foreseen = |more: serde_json::Value| {
        let mut scene = Scene::new(&json!([writer(), more]));
        scene.creates("Role/team/powerful", &json!({"rules": [secrets()]}), &[]);
        scene.creates(
            "RoleBinding/team/it",
            &binding("Role", "powerful", "ana"),
            &[0],
        );
        let found = scene.foreseen();
        found
            .iter()
            .map(|one| one.address.type_name.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(foreseen(json!({})).len(), 2);
    assert_eq!(foreseen(escalate), ["kubernetes.rolebinding"]);
    assert_eq!(foreseen(bind), ["kubernetes.role"]);
    assert!(foreseen(secrets()).is_empty());
}

#[test]
fn what_an_earlier_write_gives_counts() {
    let plan = |after: &[usize]| {
        let mut scene = Scene::new(&json!([writer()]));
        scene.stands("ClusterRole/reader", &json!({"rules": [secrets()]}));
        let bind = json!({"verbs": ["bind"], "api_groups": [crate::RBAC_GROUP],
            "resources": ["clusterroles"], "resource_names": ["reader"]});
        scene.stands("ClusterRole/binder", &json!({"rules": [bind]}));
        scene.stands(
            "ClusterRoleBinding/binder",
            &binding("ClusterRole", "binder", "ci"),
        );
        scene.creates(
            "ClusterRoleBinding/own",
            &binding("ClusterRole", "reader", "ci"),
            &[],
        );
        scene.creates("Role/team/powerful", &json!({"rules": [secrets()]}), after);
        scene.foreseen()
    };
    assert!(plan(&[0]).is_empty());
    let beside = plan(&[]);
    assert_eq!(beside[0].verdict, Verdict::CannotTell);
    assert!(beside[0].reason.contains("side by side"), "{beside:?}");
}

#[test]
fn what_an_earlier_write_takes_is_missed() {
    let mut scene = Scene::new(&json!([writer()]));
    let removed = scene.step("ClusterRoleBinding/ci", EditKind::Delete, &[]);
    scene.creates("Role/team/plain", &json!({"rules": []}), &[removed]);
    let (asked, found) = scene.inquire(|_| Answer::ByRbac);
    assert!(
        asked.is_empty(),
        "the server's answer would be about now: {asked:?}"
    );
    assert_eq!(found[0].verdict, Verdict::Refused);
    assert!(
        found[0].reason.contains("an earlier change of this plan"),
        "{found:?}"
    );
}

#[test]
fn a_label_needs_as_much_as_the_rules_do_and_nothing_needs_nothing() {
    let attributes = |team: &str| json!({"rules": [secrets()], "labels": {"team": team}});
    let foreseen = |team: &str| {
        let mut scene = Scene::new(&json!([writer()]));
        scene.stands("ClusterRole/reader", &attributes("a"));
        scene.updates("ClusterRole/reader", &attributes(team));
        scene.foreseen().len()
    };
    assert_eq!(foreseen("b"), 1);
    assert_eq!(foreseen("a"), 0);
}

#[test]
fn aggregation_takes_the_whole_of_cluster_admin() {
    let selector = json!({"match_labels": {"to": "it"}});
    let mut scene = Scene::new(&json!([writer()]));
    scene.creates(
        "ClusterRole/gathers",
        &json!({"aggregate": [selector]}),
        &[],
    );
    let found = scene.foreseen();
    assert!(
        found[0]
            .reason
            .ends_with("must have cluster-admin privileges to use the aggregationRule"),
        "{found:?}"
    );
}

#[test]
fn what_the_controller_has_yet_to_gather_is_open() {
    let selector = json!({"match_labels": {"to": "it"}});
    let mut scene = Scene::new(&json!([writer()]));
    scene.stands(
        "ClusterRole/gathers",
        &json!({"aggregate": [selector], "rules": []}),
    );
    scene.stands("ClusterRole/feeds", &json!({"rules": [secrets()]}));
    scene.stands(
        "ClusterRole/escalates",
        &json!({"rules": [
            rule(&["escalate"], crate::RBAC_GROUP, &["clusterroles"])
        ]}),
    );
    scene.stands(
        "ClusterRoleBinding/escalates",
        &binding("ClusterRole", "escalates", "ci"),
    );
    let fed = json!({"rules": [secrets()], "labels": {"to": "it"}});
    let feeds = scene.updates("ClusterRole/feeds", &fed);
    scene.creates(
        "RoleBinding/team/it",
        &binding("ClusterRole", "gathers", "ana"),
        &[feeds],
    );
    let found = scene.foreseen();
    assert_eq!((found.len(), found[0].verdict), (1, Verdict::CannotTell));
    assert!(found[0].reason.contains("gathers the rules"), "{found:?}");
}

#[test]
fn a_role_that_is_not_there_is_refused_and_one_out_of_sight_may_be() {
    let it = binding("ClusterRole", "gone", "ana");
    let mut scene = Scene::new(&json!([writer()]));
    scene.creates("ClusterRoleBinding/it", &it, &[]);
    let found = scene.foreseen();
    assert_eq!(
        (found[0].verdict, &*found[0].reason),
        (
            Verdict::Refused,
            "clusterrolebindings.rbac.authorization.k8s.io \"gone\" not found"
        )
    );
    let scene = scene.unread();
    let found = scene.foreseen();
    assert_eq!(found[0].verdict, Verdict::CannotTell);
    assert_eq!(found[0].missing, ["the rules of ClusterRole `gone`"]);
    // Who may bind it needs to hold nothing.
    let is_bind = |request: &Request| match request.verb() {
        "bind" => Answer::ByAnother,
        _ => Answer::No,
    };
    assert!(scene.inquire(is_bind).1.is_empty());
}

#[test]
fn another_authorizer_may_allow_what_rbac_does_not() {
    let mut scene = Scene::new(&json!([]));
    scene.creates("Role/team/powerful", &json!({"rules": [secrets()]}), &[]);
    let (_, found) = scene.inquire(|_| Answer::ByAnother);
    assert!(found.is_empty());
    // What it allows covers no rule that is handed out.
    let (_, found) = scene.inquire(|request| match request.verb() {
        "escalate" => Answer::No,
        _ => Answer::ByAnother,
    });
    assert_eq!(found[0].verdict, Verdict::Refused);
    // Where RBAC could not be read, its own yes does, and another's says nothing.
    let scene = scene.unread();
    let coverage = |by: Answer| {
        scene.inquire(move |request| match request {
            Request::Resource(asked) if asked.resource == "secrets" => by,
            request if request.verb() == "escalate" => Answer::No,
            _ => Answer::ByRbac,
        })
    };
    assert!(coverage(Answer::ByRbac).1.is_empty());
    assert_eq!(
        coverage(Answer::ByAnother).1[0].verdict,
        Verdict::CannotTell
    );
    assert_eq!(coverage(Answer::No).1[0].verdict, Verdict::Refused);
}

#[test]
fn a_server_that_cannot_be_asked_leaves_it_open() {
    let mut scene = Scene::new(&json!([]));
    scene.creates("ServiceAccount/team/robot", &json!({}), &[]);
    let (_, found) = scene.inquire(|_| Answer::Unknown);
    assert_eq!(found[0].verdict, Verdict::CannotTell);
}

#[test]
fn a_yes_to_more_is_a_yes_to_less() {
    let mut scene = Scene::new(&json!([]));
    for namespace in ["a", "b"] {
        for name in ["one", "two"] {
            let object = format!("ServiceAccount/{namespace}/{name}");
            scene.creates(&object, &json!({}), &[]);
        }
    }
    scene.creates("Namespace/c", &json!({}), &[]);
    let asked = |request: &Request| match request {
        Request::Resource(ResourceRequest {
            verb,
            resource,
            namespace,
            name,
            ..
        }) => format!("{verb} {resource} {namespace}/{name}"),
        Request::NonResource(_) => unreachable!("nothing asks for URLs"),
    };
    let told = |rounds: Vec<Vec<Request>>| -> Vec<Vec<String>> {
        let told = rounds.iter().map(|round| round.iter().map(asked).collect());
        told.collect()
    };
    let (rounds, found) = scene.inquire(|_| Answer::ByAnother);
    let wide = [
        "create namespaces c/c",
        "create serviceaccounts /",
        "patch namespaces c/c",
        "patch serviceaccounts /",
    ];
    assert_eq!(told(rounds), [wide]);
    assert!(found.is_empty());
    let in_a = |request: &Request| match request.namespace() {
        "a" => Answer::ByAnother,
        _ => Answer::No,
    };
    let (rounds, found) = scene.inquire(in_a);
    let rounds = told(rounds);
    assert_eq!(rounds[0], wide);
    assert_eq!(
        rounds[1],
        [
            "create serviceaccounts a/",
            "create serviceaccounts b/",
            "patch serviceaccounts a/",
            "patch serviceaccounts b/",
        ]
    );
    assert_eq!(
        rounds[2],
        [
            "create serviceaccounts b/one",
            "create serviceaccounts b/two",
            "patch serviceaccounts b/one",
            "patch serviceaccounts b/two",
        ]
    );
    assert_eq!((rounds.len(), found.len()), (3, 3));
}

#[test]
fn the_writes_of_one_resource_are_one_entry() {
    let mut scene = Scene::new(&json!([rule(&["get"], "", &["pods"])]));
    let it = binding("ClusterRole", "ci", "ana");
    scene.stands("RoleBinding/team/it", &it);
    scene.creates("RoleBinding/team/it-rbacform-bridge", &it, &[]);
    scene.step("RoleBinding/team/it", EditKind::Delete, &[0]);
    let address = scene.steps[0].edits[0].address.clone();
    scene.steps[1].edits[0].address = address;
    let found = scene.foreseen();
    assert_eq!(found.len(), 1);
    assert!(found[0].reason.contains("it-rbacform-bridge"), "{found:?}");
    assert_eq!(
        found[0].grant[1..],
        [
            "- apiGroups: [\"rbac.authorization.k8s.io\"]",
            "  resources: [\"rolebindings\"]",
            "  resourceNames: [\"it-rbacform-bridge\"]",
            "  verbs: [\"create\", \"patch\"]",
            "- apiGroups: [\"rbac.authorization.k8s.io\"]",
            "  resources: [\"rolebindings\"]",
            "  resourceNames: [\"it\"]",
            "  verbs: [\"delete\"]",
        ]
    );
}
