//! A training namespace whose pods act as a Google account, and everybody who gets there.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::google::{Evaluator, Resource, Roles};

struct Table(BTreeMap<&'static str, Vec<&'static str>>);

impl Roles for Table {
    fn holds(&self, role: &str, permission: &str) -> Option<bool> {
        Some(self.0.get(role)?.contains(&permission))
    }

    fn permissions(&self, role: &str) -> Option<Vec<&str>> {
        self.0.get(role).cloned()
    }
}

fn table() -> Table {
    Table(BTreeMap::from([
        ("roles/storage.objectViewer", vec!["storage.objects.get"]),
        (
            "roles/iam.workloadIdentityUser",
            vec!["iam.serviceAccounts.getAccessToken"],
        ),
        (
            "roles/iam.serviceAccountUser",
            vec!["iam.serviceAccounts.actAs"],
        ),
        (
            "roles/iam.serviceAccountTokenCreator",
            vec![
                "iam.serviceAccounts.getAccessToken",
                "iam.serviceAccounts.signJwt",
            ],
        ),
        ("roles/container.developer", vec!["container.pods.create"]),
        (
            "roles/compute.instanceAdmin",
            vec!["compute.instances.create"],
        ),
    ]))
}

const TRAINER: &str = "trainer@acme-ml.iam.gserviceaccount.com";
const BUCKET: &str = "//storage.googleapis.com/projects/_/buckets/data";

fn google() -> google::Facts {
    let mut facts = google::Facts::default();
    let documents = json!([
        {"name": "//storage.googleapis.com/projects/_/buckets/data", "ancestors": ["projects/acme-ml"],
         "iamPolicy": {"bindings": [
            {"role": "roles/storage.objectViewer", "members": [format!("serviceAccount:{TRAINER}"), "group:ml@x.org"]}]}},
        {"name": "//cloudresourcemanager.googleapis.com/projects/acme-ml", "iamPolicy": {"bindings": [
            {"role": "roles/container.developer", "members": ["user:dev@x.org"]},
            {"role": "roles/compute.instanceAdmin", "members": ["user:vera@x.org"]}]}},
        {"name": format!("projects/acme-ml/serviceAccounts/{TRAINER}"), "iamPolicy": {"bindings": [
            {"role": "roles/iam.workloadIdentityUser", "members": [
                "serviceAccount:acme-ml.svc.id.goog[training/trainer]", "serviceAccount:other-ml.svc.id.goog[training/trainer]"]},
            {"role": "roles/iam.serviceAccountUser", "members": ["user:vera@x.org", "user:idle@x.org"]},
            {"role": "roles/iam.serviceAccountTokenCreator", "members": ["serviceAccount:ci@acme-ml.iam.gserviceaccount.com"]}]}},
        {"group": "ml@x.org", "members": ["user:mia@x.org"]}
    ]);
    assert!(facts.put_document(&documents).unwrap());
    facts.put_parent("projects/acme-ml", google::Parent::Nothing);
    facts
}

fn cluster() -> (Facts, Workloads) {
    let role = |name: &str, rules: Value| {
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
               "metadata": {"name": name, "namespace": "training"}, "rules": rules})
    };
    let bind = |name: &str, subjects: Value| {
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
               "metadata": {"name": name, "namespace": "training"},
               "roleRef": {"kind": "Role", "name": name}, "subjects": subjects})
    };
    let account = |name: &str, annotations: Value| {
        json!({"apiVersion": "v1", "kind": "ServiceAccount",
               "metadata": {"name": name, "namespace": "training", "annotations": annotations}})
    };
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [
        account("trainer", json!({"iam.gke.io/gcp-service-account": TRAINER})),
        account("runner", json!({})),
        role("jobs", json!([{"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["create"]}])),
        bind("jobs", json!([{"kind": "ServiceAccount", "name": "runner"}, {"kind": "User", "name": "ana@x.org"}])),
        role("shell", json!([{"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create"]}])),
        bind("shell", json!([{"kind": "Group", "name": "sre@x.org"}])),
        role("own-token", json!([{"apiGroups": [""], "resources": ["serviceaccounts/token"], "verbs": ["create"], "resourceNames": ["runner"]}])),
        bind("own-token", json!([{"kind": "User", "name": "minter@x.org"}])),
        role("look", json!([{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}])),
        bind("look", json!([{"kind": "User", "name": "guest@x.org"}]))
    ]});
    let mut facts = Facts::default();
    facts.put_manifest(&list).unwrap();
    facts.lay_bootstrap().unwrap();
    let mut workloads = Workloads::default();
    workloads.project = Some("acme-ml".to_owned());
    workloads.put_manifest(&list);
    (facts, workloads)
}

fn with<T>(ask: impl FnOnce(Bridge<'_>) -> T) -> T {
    let (facts, table, (kubernetes, workloads)) = (google(), table(), cluster());
    let google = Evaluator {
        facts: &facts,
        roles: &table,
        now: 0,
    };
    ask(Bridge {
        google,
        kubernetes: &kubernetes,
        workloads: &workloads,
    })
}

/// `who: how, how`.
fn told(subject: &str, steps: &[Step]) -> String {
    let steps: Vec<String> = steps
        .iter()
        .map(|step| format!("{} -> {}", step.how, step.becomes))
        .collect();
    format!("{subject}: {}", steps.join(", "))
}

#[test]
fn everybody_who_gets_at_a_bucket_is_told_with_the_way() {
    let answer =
        with(|bridge| bridge.who_can("storage.objects.get", &Resource::parse(BUCKET).unwrap()));
    let mut lines: Vec<String> = answer
        .reached
        .iter()
        .map(|one| told(&one.subject, &one.steps))
        .collect();
    lines.sort();
    let act = format!("serviceAccount:{TRAINER}");
    let trainer = "serviceaccount:training/trainer";
    let identity = format!("Workload Identity -> {act}");
    assert_eq!(
        lines,
        [
            "group:ml@x.org: ".to_owned(),
            format!(
                "group:sre@x.org: create pods/exec in namespace training -> {trainer}, {identity}"
            ),
            format!(
                "group:system:masters: create pods in namespace training -> {trainer}, {identity}"
            ),
            format!("serviceAccount:ci@acme-ml.iam.gserviceaccount.com: mints its tokens -> {act}"),
            format!(
                "serviceAccount:other-ml.svc.id.goog[training/trainer]: mints its tokens -> {act}"
            ),
            format!("serviceAccount:{TRAINER}: "),
            format!(
                "serviceaccount:training/runner: create jobs in namespace training -> {trainer}, {identity}"
            ),
            format!("{trainer}: {identity}"),
            format!("user:ana@x.org: create jobs in namespace training -> {trainer}, {identity}"),
            format!(
                "user:dev@x.org: container.pods.create in every cluster of acme-ml -> {trainer}, {identity}"
            ),
            "user:mia@x.org: member of group:ml@x.org -> group:ml@x.org".to_owned(),
            format!(
                "user:minter@x.org: create serviceaccounts/token in namespace training -> \
             serviceaccount:training/runner, create jobs in namespace training -> {trainer}, {identity}"
            ),
            format!("user:vera@x.org: runs code as it -> {act}"),
        ]
    );
    assert!(
        answer.platform > 0,
        "the platform's own controllers are counted"
    );
    assert!(answer.reached.iter().all(|one| one.missing.is_empty()));
}

#[test]
fn the_same_way_is_found_from_the_other_end() {
    let everybody =
        with(|bridge| bridge.who_can("storage.objects.get", &Resource::parse(BUCKET).unwrap()));
    for one in everybody
        .reached
        .iter()
        .filter(|one| !one.subject.starts_with("group:"))
    {
        let found = with(|bridge| {
            let resource = Resource::parse(BUCKET).unwrap();
            bridge.reach(&one.subject, &[], "storage.objects.get", &resource)
        });
        let found = found.unwrap_or_else(|| panic!("{} is lost", one.subject));
        let direct = |steps: &[Step]| {
            steps
                .iter()
                .filter(|step| !matches!(step.proof, Proof::Group(_)))
                .count()
        };
        assert_eq!(direct(&found.steps), direct(&one.steps), "{}", one.subject);
        assert_eq!(found.via, one.via, "{}", one.subject);
    }
    for stranger in [
        "user:guest@x.org",
        "user:idle@x.org",
        "serviceaccount:serving/trainer",
    ] {
        let found = with(|bridge| {
            bridge.reach(
                stranger,
                &[],
                "storage.objects.get",
                &Resource::parse(BUCKET).unwrap(),
            )
        });
        assert_eq!(found, None, "{stranger}");
    }
}

#[test]
fn what_somebody_gets_at_follows_into_google() {
    let held = with(|bridge| bridge.what_can("serviceaccount:training/runner", &[]));
    let bucket = held
        .iter()
        .find(|held| held.holding.grant.resource == "buckets/data")
        .unwrap();
    assert_eq!(
        told("", &bucket.steps),
        format!(
            ": create jobs in namespace training -> serviceaccount:training/trainer, \
             Workload Identity -> serviceAccount:{TRAINER}"
        )
    );
    assert_eq!(with(|bridge| bridge.what_can("user:guest@x.org", &[])), []);
    // Of a group that the cluster knows by name, and Google too.
    let held = with(|bridge| bridge.what_can("user:new@x.org", &["sre@x.org".to_owned()]));
    assert!(
        held.iter()
            .any(|held| held.holding.grant.resource == "buckets/data")
    );
}

#[test]
fn a_disabled_account_is_nobody_s_guise() {
    let (mut facts, table, (kubernetes, workloads)) = (google(), table(), cluster());
    facts.put_account(TRAINER, false);
    let google = Evaluator {
        facts: &facts,
        roles: &table,
        now: 0,
    };
    let bridge = Bridge {
        google,
        kubernetes: &kubernetes,
        workloads: &workloads,
    };
    let resource = Resource::parse(BUCKET).unwrap();
    assert_eq!(
        bridge.reach(
            "serviceaccount:training/trainer",
            &[],
            "storage.objects.get",
            &resource
        ),
        None
    );
    let answer = bridge.who_can("storage.objects.get", &resource);
    let reached: Vec<&str> = answer
        .reached
        .iter()
        .map(|it| it.subject.as_str())
        .collect();
    assert_eq!(reached, ["group:ml@x.org", "user:mia@x.org"]);
    assert_eq!(
        answer.disabled,
        BTreeSet::from([format!("serviceAccount:{TRAINER}")])
    );
}

#[test]
fn a_disabled_account_acts_as_nobody() {
    let (mut facts, table, (kubernetes, workloads)) = (google(), table(), cluster());
    let disabled = "ci@acme-ml.iam.gserviceaccount.com";
    let with = |facts: &google::Facts| {
        let google = Evaluator {
            facts,
            roles: &table,
            now: 0,
        };
        let bridge = Bridge {
            google,
            kubernetes: &kubernetes,
            workloads: &workloads,
        };
        let resource = Resource::parse(BUCKET).unwrap();
        let answer = bridge.who_can("storage.objects.get", &resource);
        let subject = format!("serviceAccount:{disabled}");
        answer.reached.iter().any(|it| it.subject == subject)
    };
    assert!(with(&facts));
    facts.put_account(disabled, false);
    assert!(!with(&facts));
}

#[test]
fn a_grant_without_the_annotation_is_told_as_such() {
    let (facts, table, (kubernetes, _)) = (google(), table(), cluster());
    let google = Evaluator {
        facts: &facts,
        roles: &table,
        now: 0,
    };
    let workloads = Workloads::default();
    let bridge = Bridge {
        google,
        kubernetes: &kubernetes,
        workloads: &workloads,
    };
    let resource = Resource::parse(BUCKET).unwrap();
    let found = bridge
        .reach(
            "serviceaccount:training/trainer",
            &[],
            "storage.objects.get",
            &resource,
        )
        .unwrap();
    assert_eq!(
        found.steps[0].how,
        "mints its tokens (not annotated: pods must ask for it)"
    );
}

#[test]
fn an_account_whose_policy_was_not_read_may_be_anybody_s_guise() {
    let (facts, table, (kubernetes, workloads)) = (google(), table(), cluster());
    let mut unread = google::Facts::default();
    // As exports name an account by its number: whose policy it is nobody tells.
    let numbered = json!([
        {"name": "projects/acme-ml/serviceAccounts/112233445566778899001", "iamPolicy": {"bindings": [
            {"role": "roles/iam.serviceAccountTokenCreator", "members": ["user:tia@x.org"]}]}},
        {"name": "//storage.googleapis.com/projects/_/buckets/data", "ancestors": ["projects/acme-ml"],
         "iamPolicy": {"bindings": [
            {"role": "roles/storage.objectViewer", "members": [format!("serviceAccount:{TRAINER}")]}]}}]);
    assert!(unread.put_document(&numbered).unwrap());
    let bucket = Resource::parse(BUCKET).unwrap();
    let unread_ways = |facts: &google::Facts| {
        let bridge = Bridge {
            google: Evaluator {
                facts,
                roles: &table,
                now: 0,
            },
            kubernetes: &kubernetes,
            workloads: &workloads,
        };
        let missing = bridge.unread_ways("storage.objects.get", &bucket);
        assert!(missing.is_subset(&bridge.who_can("storage.objects.get", &bucket).missing));
        missing
    };
    let policy = format!("projects/acme-ml/serviceAccounts/{TRAINER}");
    assert_eq!(
        unread_ways(&unread),
        BTreeSet::from([google::Missing::Policy(policy)])
    );
    // Of the other one only the policy of a further account was not read.
    let further = "projects/acme-ml/serviceAccounts/ci@acme-ml.iam.gserviceaccount.com";
    assert_eq!(
        unread_ways(&facts),
        BTreeSet::from([google::Missing::Policy(further.to_owned())])
    );
}
