//! Against the sandbox: its Google half and this client are each other's test.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use rbacform_core::{Edit, EditKind, Mark, ObjectId, Precondition, Step, Value};
use rbacform_gcp::policy::grant_of;
use rbacform_gcp::target::Api;
use rbacform_gcp::{ConnectOptions, GcpProvider, ident};
use rbacform_provider::{ErrorKind, Provider as _, Query};
use rbacform_sandbox::{Effect, Fault, NewAccounts, OnFirstUse, RequestMatch, Sandbox, When};
use serde_json::{Value as Json, json};

const EMAIL: &str = "trainer@acme-ml.iam.gserviceaccount.com";

fn connect(sandbox: &Sandbox) -> GcpProvider {
    let url = |api: Api| (api, format!("{}/google/{}/", sandbox.url(), api.name()));
    GcpProvider::connect(&ConnectOptions {
        endpoints: Api::ALL.into_iter().map(url).collect::<BTreeMap<_, _>>(),
        ..ConnectOptions::default()
    })
    .unwrap()
}

fn sandbox() -> Sandbox {
    let builder = Sandbox::builder().google_on_first_use(OnFirstUse::CreateAll);
    builder.start().unwrap()
}

fn step(edits: Vec<Edit>) -> Step {
    Step {
        id: 0,
        instance: "gcp".into(),
        edits,
        group: None,
        depends_on: Vec::new(),
        settle: false,
    }
}

fn create(object: ObjectId, attributes: &Json) -> Edit {
    Edit {
        address: "gcp.thing.x".parse().unwrap(),
        object,
        kind: EditKind::Create {
            attributes: Value::from_json(attributes),
            mark: Mark::new("test", None, "lineage".to_owned()),
            built_in: false,
        },
        precondition: Precondition::default(),
        records: None,
        transient: false,
    }
}

/// The edit that deletes what was read.
async fn deletion(provider: &GcpProvider, object: &ObjectId) -> Edit {
    let found = provider.read_one(object).await.unwrap().unwrap();
    Edit {
        kind: EditKind::Delete,
        precondition: Precondition {
            uid: Some(found.uid),
            version: Some(found.version),
            compared: found.attributes,
        },
        ..create(object.clone(), &json!({}))
    }
}

fn give(resource: &str, role: &str, member: &str) -> Edit {
    let attributes = json!({"resource": resource, "role": role, "member": member});
    let grant = grant_of(&Value::from_json(&attributes)).unwrap();
    create(grant.object("gcp", resource), &attributes)
}

fn account() -> ObjectId {
    let name = format!("projects/acme-ml/serviceAccounts/{EMAIL}");
    ObjectId::cluster("gcp", ident::SERVICE_ACCOUNT, &name)
}

#[tokio::test]
async fn a_thousand_grants_cost_a_read_a_policy_and_then_a_get_and_a_set() {
    let sandbox = sandbox();
    let provider = connect(&sandbox);
    let steps: Vec<Step> = (0..20)
        .map(|n| {
            let resource = format!("projects/acme-ml-{n}");
            let member = |m| format!("user:u{m}@example.com");
            step(
                (0..50)
                    .map(|m| give(&resource, "roles/viewer", &member(m)))
                    .collect(),
            )
        })
        .collect();
    let objects = steps.iter().flat_map(|step| &step.edits);
    let query = Query {
        objects: objects.map(|edit| edit.object.clone()).collect(),
        world: true,
        ..Query::default()
    };
    let read = provider.read(&query).await.unwrap();
    assert_eq!(
        (provider.requests(), read.worlds.len()),
        (40, 20),
        "20 policies, 20 projects"
    );
    for outcome in join_all(steps.iter().map(|step| provider.write(step)))
        .await
        .into_iter()
        .flatten()
    {
        outcome.unwrap();
    }
    assert_eq!(provider.requests(), 80);
    let read = provider
        .read(&Query {
            world: false,
            ..query
        })
        .await
        .unwrap();
    assert_eq!(provider.requests(), 100);
    let granted = read
        .observed
        .iter()
        .filter(|found| found.object.kind == ident::IAM_MEMBER);
    assert!(granted.count() >= 1000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_appliers_of_one_policy_lose_nothing() {
    let sandbox = sandbox();
    let appliers = (0..64).map(|applier| {
        let provider = connect(&sandbox);
        tokio::spawn(async move {
            let member = |n| format!("user:a{applier}n{n}@example.com");
            let edits = (0..20).map(|n| give("projects/acme-ml", "roles/viewer", &member(n)));
            provider.write(&step(edits.collect())).await
        })
    });
    for outcomes in join_all(appliers).await {
        assert!(outcomes.unwrap().iter().all(Result::is_ok));
    }
    let policy = ident::iam_policy("gcp", "projects/acme-ml");
    let found = connect(&sandbox).read_one(&policy).await.unwrap().unwrap();
    let bindings = found.attributes.get("bindings").unwrap().as_list().unwrap();
    let viewers = bindings
        .iter()
        .find(|it| it.get("role") == Some(&"roles/viewer".into()));
    assert_eq!(
        viewers
            .unwrap()
            .get("members")
            .unwrap()
            .as_list()
            .unwrap()
            .len(),
        1280
    );
}

#[tokio::test]
async fn an_account_is_made_granted_to_changed_deleted_and_brought_back() {
    let sandbox = Sandbox::builder()
        .google_on_first_use(OnFirstUse::CreateAll)
        .google_new_accounts(NewAccounts {
            reads: vec![true, true, true],
            refusals: 0,
        })
        .start()
        .unwrap();
    let provider = connect(&sandbox);
    let attributes = json!({"account_id": "trainer", "project": "acme-ml",
        "display_name": "Training", "disabled": true});
    let made = provider
        .write(&step(vec![create(account(), &attributes)]))
        .await
        .remove(0)
        .unwrap();
    let found = provider.read_one(&account()).await.unwrap().unwrap();
    assert_eq!(found.uid, made.uid);
    assert_eq!(found.attributes, Value::from_json(&attributes));

    let member = format!("serviceAccount:{EMAIL}");
    let grant = give("projects/acme-ml", "roles/viewer", &member);
    let own = give(
        &account().ident,
        "roles/iam.serviceAccountUser",
        "user:ana@example.com",
    );
    let outcomes = provider.write(&step(vec![grant.clone(), own])).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert!(provider.read_one(&grant.object).await.unwrap().is_some());

    let wanted = json!({"account_id": "trainer", "project": "acme-ml", "disabled": false});
    let change = Edit {
        kind: EditKind::Update {
            attributes: Value::from_json(&wanted),
            mark: Mark::new("test", None, "lineage".to_owned()),
        },
        ..deletion(&provider, &account()).await
    };
    provider.write(&step(vec![change])).await.remove(0).unwrap();
    let found = provider.read_one(&account()).await.unwrap().unwrap();
    assert_eq!(
        found.attributes,
        Value::from_json(&wanted),
        "what is not set any longer is emptied"
    );

    let gone = deletion(&provider, &account()).await;
    provider
        .write(&step(vec![gone.clone()]))
        .await
        .remove(0)
        .unwrap();
    assert!(provider.read_one(&account()).await.unwrap().is_none());
    provider.write(&step(vec![gone])).await.remove(0).unwrap();

    let mut again = create(account(), &wanted);
    again.records = Some(rbacform_core::StateResource {
        address: again.address.clone(),
        object: account(),
        uid: made.uid.clone(),
        attributes: Value::Null,
        requires: Vec::new(),
        depends_on: Vec::new(),
        prevent_destroy: false,
        on_destroy: rbacform_core::OnDestroy::Delete,
        ignore_changes: Vec::new(),
    });
    let back = provider.write(&step(vec![again])).await.remove(0).unwrap();
    assert_eq!(back.uid, made.uid, "the same account, with its grants");
    assert!(provider.read_one(&grant.object).await.unwrap().is_some());
}

#[tokio::test]
async fn a_custom_role_is_made_changed_deleted_and_brought_back() {
    let sandbox = sandbox();
    let provider = connect(&sandbox);
    let object = ObjectId::cluster("gcp", ident::CUSTOM_ROLE, "projects/acme-ml/roles/trainer");
    let attributes = |permissions: &[&str]| {
        json!({"role_id": "trainer", "project": "acme-ml", "title": "Trainer", "stage": "GA",
               "permissions": permissions})
    };
    let first = attributes(&["aiplatform.endpoints.get"]);
    provider
        .write(&step(vec![create(object.clone(), &first)]))
        .await
        .remove(0)
        .unwrap();
    let found = provider.read_one(&object).await.unwrap().unwrap();
    assert_eq!(found.attributes, Value::from_json(&first));

    let second = attributes(&["aiplatform.endpoints.get", "aiplatform.endpoints.list"]);
    let change = Edit {
        kind: EditKind::Update {
            attributes: Value::from_json(&second),
            mark: Mark::new("test", None, "lineage".to_owned()),
        },
        ..deletion(&provider, &object).await
    };
    provider.write(&step(vec![change])).await.remove(0).unwrap();
    let gone = deletion(&provider, &object).await;
    assert_eq!(gone.precondition.compared, Value::from_json(&second));
    provider.write(&step(vec![gone])).await.remove(0).unwrap();
    assert!(provider.read_one(&object).await.unwrap().is_none());

    provider
        .write(&step(vec![create(object.clone(), &first)]))
        .await
        .remove(0)
        .unwrap();
    let found = provider.read_one(&object).await.unwrap().unwrap();
    assert_eq!(found.attributes, Value::from_json(&first));
}

#[tokio::test]
async fn a_set_whose_answer_was_lost_is_found_done() {
    let sandbox = sandbox();
    let provider = connect(&sandbox);
    sandbox.faults().add(Fault {
        on: RequestMatch::verb("setIamPolicy"),
        when: When::First(1),
        effect: Effect::DropAfterCommit,
    });
    let edit = give("projects/acme-ml", "roles/viewer", "user:ana@example.com");
    let written = provider.write(&step(vec![edit.clone()])).await.remove(0);
    assert!(written.is_ok(), "{written:?}");
    assert_eq!(provider.requests(), 3, "get, set, get");
    assert!(provider.read_one(&edit.object).await.unwrap().is_some());
}

#[tokio::test]
async fn every_kind_of_resource_takes_a_grant() {
    let sandbox = sandbox();
    let provider = connect(&sandbox);
    for (resource, role) in [
        ("projects/acme-ml", "roles/viewer"),
        ("folders/42", "roles/viewer"),
        ("organizations/42", "roles/viewer"),
        (
            "projects/acme-ml/locations/europe-west4/models/7",
            "roles/aiplatform.user",
        ),
        (
            "projects/acme-ml/locations/europe-west4/endpoints/7",
            "roles/aiplatform.user",
        ),
        (
            "projects/acme-ml/locations/europe-west4/featureGroups/g",
            "roles/aiplatform.user",
        ),
        (
            "projects/acme-ml/locations/europe-west4/reasoningEngines/7",
            "roles/aiplatform.user",
        ),
        ("buckets/acme-data", "roles/storage.objectViewer"),
        (
            "projects/acme-ml/locations/europe-west4/repositories/r",
            "roles/artifactregistry.reader",
        ),
        (
            "projects/acme-ml/secrets/s",
            "roles/secretmanager.secretAccessor",
        ),
        ("projects/acme-ml/topics/events", "roles/pubsub.publisher"),
    ] {
        let before = provider.requests();
        let edit = give(resource, role, "user:ana@example.com");
        let outcome = provider.write(&step(vec![edit.clone()])).await.remove(0);
        assert!(outcome.is_ok(), "{resource}: {outcome:?}");
        assert_eq!(provider.requests() - before, 2, "{resource}");
        assert!(
            provider.read_one(&edit.object).await.unwrap().is_some(),
            "{resource}"
        );
    }
}

#[tokio::test]
async fn a_member_that_does_not_exist_is_isolated() {
    let sandbox = sandbox();
    let provider = connect(&sandbox);
    let ghost = "serviceAccount:ghost@acme-ml.iam.gserviceaccount.com";
    let edits = vec![
        give("projects/acme-ml", "roles/viewer", "user:ana@example.com"),
        give("projects/acme-ml", "roles/viewer", ghost),
        give("projects/acme-ml", "roles/browser", "user:bo@example.com"),
    ];
    let outcomes = provider.write(&step(edits)).await;
    assert!(outcomes[0].is_ok() && outcomes[2].is_ok(), "{outcomes:?}");
    assert_eq!(outcomes[1].as_ref().unwrap_err().kind, ErrorKind::Invalid);
}
