//! Rules across resources.

use rbacform_core::{
    Address, DesiredResource, Lifecycle, ObjectId, Removal, Semantics, Span, Value,
};
use rbacform_gcp::{GcpSemantics, check_pool, ident};
use serde_json::json;

use crate::source::desired;

fn member(name: &str, role: &str, rest: &str) -> DesiredResource {
    let text = format!(
        "resource = \"projects/acme-ml\"\nrole = \"{role}\"\nmember = \"user:ana@example.com\"\n{rest}"
    );
    desired("iam_member", name, &text)
}

fn binding(name: &str, role: &str) -> DesiredResource {
    let text = format!(
        "resource = \"projects/acme-ml\"\nrole = \"{role}\"\nmembers = [\"user:ana@example.com\"]"
    );
    desired("iam_binding", name, &text)
}

fn policy(name: &str) -> DesiredResource {
    desired(
        "iam_policy",
        name,
        "resource = \"projects/acme-ml\"\nbindings = []",
    )
}

/// A Kubernetes service account `training/trainer`, as that provider resolves it.
fn kubernetes(annotation: Option<&str>) -> DesiredResource {
    let attributes = match annotation {
        Some(email) => json!({"annotations": {"iam.gke.io/gcp-service-account": email}}),
        None => json!({}),
    };
    DesiredResource {
        address: Address::new("kubernetes.service_account", "trainer", None),
        object: ObjectId::namespaced("kubernetes", "ServiceAccount", "training", "trainer"),
        attributes: Value::from_json(&attributes),
        requires: Vec::new(),
        depends_on: Vec::new(),
        lifecycle: Lifecycle::default(),
        built_in: false,
        span: Span::default(),
    }
}

fn wired(account: &str, workload: &str) -> DesiredResource {
    let text = format!(
        "service_account = \"{account}@acme-ml.iam.gserviceaccount.com\"\n\
         kubernetes_service_account = \"{workload}\""
    );
    desired("workload_identity", "wired", &text)
}

fn told(stack: &[DesiredResource]) -> Vec<(&'static str, String, usize)> {
    let found = GcpSemantics.check_together(stack).into_iter();
    found
        .map(|it| (it.code, it.message, it.related.len()))
        .collect()
}

#[test]
fn declarations_that_would_fight_are_told_with_both_places() {
    assert_eq!(
        told(&[
            member("m", "roles/viewer", ""),
            binding("b", "roles/viewer")
        ]),
        [(
            "conflicting-grants",
            "`gcp.iam_member.m` and `gcp.iam_binding.b` fight: the latter decides over everybody \
             who has `roles/viewer` on `projects/acme-ml`"
                .to_owned(),
            1
        )]
    );
    let whole = [
        policy("p"),
        member("m", "roles/viewer", ""),
        binding("b", "roles/editor"),
    ];
    let found = told(&whole);
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|(code, message, places)| {
        *code == "conflicting-grants" && message.contains("the whole policy of") && *places == 1
    }));
}

#[test]
fn another_role_condition_or_resource_is_no_conflict() {
    let elsewhere = desired(
        "iam_member",
        "e",
        "resource = \"buckets/data\"\nrole = \"roles/storage.admin\"\nmember = \"user:ana@example.com\"",
    );
    let stack = [
        member("m", "roles/aiplatform.user", ""),
        member(
            "until",
            "roles/aiplatform.viewer",
            "until = 2027-07-01T00:00:00Z",
        ),
        binding("b", "roles/aiplatform.viewer"),
        elsewhere.clone(),
    ];
    assert_eq!(told(&stack), []);
    assert_eq!(told(&[policy("p"), elsewhere]), []);
}

#[test]
fn who_decides_over_whom_follows_from_identity() {
    let grant = member("m", "roles/aiplatform.user", "until = 2027-07-01T00:00:00Z").object;
    let covering = GcpSemantics.covered_by(&grant);
    let (_, digest) = grant.ident.rsplit_once(" if=").unwrap();
    let names: Vec<String> = covering.iter().map(ToString::to_string).collect();
    assert_eq!(
        names,
        [
            format!("gcp/IamBinding/projects/acme-ml roles/aiplatform.user if={digest}"),
            "gcp/IamPolicy/projects/acme-ml".to_owned(),
        ]
    );
    assert_eq!(GcpSemantics.covered_by(&covering[0]), [covering[1].clone()]);
    assert_eq!(GcpSemantics.covered_by(&covering[1]), []);
}

#[test]
fn one_half_of_workload_identity_is_told_of() {
    let email = "trainer@acme-ml.iam.gserviceaccount.com";
    let grant = wired("trainer", "training/trainer");
    assert_eq!(told(&[kubernetes(Some(email)), grant.clone()]), []);
    let lone = [kubernetes(Some(email)), member("m", "roles/viewer", "")];
    assert_eq!(
        told(&lone),
        [(
            "workload-identity-half",
            format!("`training/trainer` is to act as `{email}`, and nothing here lets it"),
            0
        )]
    );
    assert_eq!(
        told(&[kubernetes(None), grant.clone()]),
        [(
            "workload-identity-half",
            format!("`training/trainer` may act as `{email}`, and its annotation is missing"),
            1
        )]
    );
    let other = "other-one@acme-ml.iam.gserviceaccount.com";
    assert_eq!(
        told(&[kubernetes(Some(other)), grant.clone()]),
        [(
            "workload-identity-half",
            format!("`training/trainer` is to act as `{other}`, and nothing here lets it"),
            1
        )]
    );
    assert_eq!(
        told(&[kubernetes(None), wired("trainer", "training/trianer")]),
        [(
            "workload-identity-half",
            format!(
                "no Kubernetes service account `training/trianer` is declared here, and it may act \
                 as `{email}`"
            ),
            0
        )]
    );
    assert_eq!(told(&[grant]), [], "the other half may be another stack's");
    assert_eq!(told(&[kubernetes(Some(email))]), [], "so may this one's");
}

#[test]
fn the_grant_may_be_to_the_whole_namespace_or_in_a_binding() {
    let email = "trainer@acme-ml.iam.gserviceaccount.com";
    let set = "principalSet://iam.googleapis.com/projects/123456789012/locations/global/\
               workloadIdentityPools/acme-ml.svc.id.goog/namespace/training";
    for (type_name, members) in [
        ("iam_member", format!("member = \"{set}\"")),
        ("iam_binding", format!("members = [\"{set}\"]")),
    ] {
        let text = format!(
            "resource = \"projects/acme-ml/serviceAccounts/{email}\"\n\
             role = \"roles/iam.workloadIdentityUser\"\n{members}"
        );
        let grant = desired(type_name, "set", &text);
        assert_eq!(told(&[kubernetes(Some(email)), grant]), [], "{type_name}");
    }
}

#[test]
fn a_grant_in_another_pool_than_the_cluster_s_lets_nobody_in() {
    let stack = [
        kubernetes(Some("trainer@acme-ml.iam.gserviceaccount.com")),
        wired("trainer", "training/trainer"),
    ];
    assert_eq!(check_pool(&stack, "acme-ml.svc.id.goog"), []);
    let wrong = check_pool(&stack, "acme-clusters.svc.id.goog");
    assert_eq!(wrong.len(), 1);
    assert_eq!((wrong[0].code, wrong[0].related.len()), ("wrong-pool", 1));
}

#[test]
fn service_agents_and_whoever_applies_are_guarded_against_whole_bindings() {
    let role = ObjectId::cluster("gcp", "Role", "roles/editor");
    let whole = ident::iam_binding("gcp", "projects/acme-ml", "roles/editor", None);
    let code = |object: &ObjectId, subject: &str| {
        let removal = Removal {
            object,
            role: &role,
            scope: "projects/acme-ml",
            subject,
            condition: None,
            identity: Some("deployer@acme-ml.iam.gserviceaccount.com"),
        };
        GcpSemantics.guard(&removal).map(|guarded| guarded.code)
    };
    let agent = "serviceAccount:123456789012@cloudservices.gserviceaccount.com";
    let deployer = "serviceAccount:deployer@acme-ml.iam.gserviceaccount.com";
    assert_eq!(code(&whole, agent), Some("service-agent-removed"));
    assert_eq!(code(&whole, deployer), Some("own-access-removed"));
    assert_eq!(code(&whole, "user:ana@example.com"), None);
    let single = ident::iam_member("gcp", "projects/acme-ml", "roles/editor", agent, None);
    assert_eq!(code(&single, agent), None, "taken away by name");
}
