//! Each kind from its creation to its end.

use rbacform_core::{EditKind, ObjectId, Value, compare};
use rbacform_provider::Provider;
use serde_json::{Value as Json, json};

use crate::world::{
    self, World, cluster, create, delete, fresh, mark, namespaced, read, value, write,
};

/// An object of each kind, with what it is made as and changed to.
fn lives(namespace: &str) -> Vec<(ObjectId, Json, Json)> {
    let name = fresh("o");
    let rules = |verb: &str| {
        json!({"labels": {"team": "a"}, "rules": [
            {"api_groups": [""], "resources": ["pods"], "verbs": [verb]},
            {"api_groups": ["apps"], "resources": ["deployments"], "verbs": ["*"], "resource_names": ["x"]},
        ]})
    };
    let binding = |subjects: Json| json!({"role_ref": {"kind": "ClusterRole", "name": "view"}, "subjects": subjects});
    let people = json!([
        {"kind": "Group", "name": "ops"},
        {"kind": "ServiceAccount", "name": "bot", "namespace": namespace},
        {"kind": "User", "name": "ana@example.com"},
    ]);
    vec![
        (
            cluster("Namespace", &fresh("ns")),
            json!({"labels": {"pod-security.kubernetes.io/enforce": "baseline"}}),
            json!({"labels": {"pod-security.kubernetes.io/enforce": "restricted"}, "annotations": {"a": "b c"}}),
        ),
        (
            namespaced("ServiceAccount", namespace, &name),
            json!({"image_pull_secrets": ["a", "b"], "automount_token": false}),
            json!({"image_pull_secrets": ["b"], "automount_token": true}),
        ),
        (
            namespaced("Role", namespace, "with space:?#"),
            rules("get"),
            rules("list"),
        ),
        (
            cluster("ClusterRole", &format!("urls:{name}")),
            json!({"rules": [{"non_resource_urls": ["/metrics"], "verbs": ["get"]}]}),
            json!({"rules": []}),
        ),
        (
            cluster("ClusterRole", &format!("aggregate:{name}")),
            json!({"aggregate": [{"match_labels": {"gather": name}}]}),
            json!({"aggregate": [{"match_expressions": [{"key": "gather", "operator": "In", "values": ["x", "y"]}]}]}),
        ),
        (
            namespaced("RoleBinding", namespace, &name),
            binding(people.clone()),
            binding(json!([])),
        ),
        (
            cluster("ClusterRoleBinding", &name),
            binding(json!([])),
            binding(people),
        ),
    ]
}

fn assert_holds(observed: &Value, attributes: &Json, object: &ObjectId) {
    let owned = value(attributes);
    let projected = compare::project(observed, &owned, &Value::Null);
    assert_eq!(compare::differences(&projected, &owned), [], "{object}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_is_made_changed_and_deleted_with_one_request_each() {
    for world in World::all() {
        let provider = world.admin();
        let namespace = world::namespace(&provider).await;
        let kinds = [
            "Namespace",
            "ServiceAccount",
            "Role",
            "ClusterRole",
            "RoleBinding",
            "ClusterRoleBinding",
        ];
        for (object, made, changed) in lives(&namespace) {
            let before = provider.requests();
            let outcome = write(&provider, &create(&object, &made)).await.unwrap();
            assert_eq!(provider.requests() - before, 1, "{object}");
            let observed = read(&provider, &object).await;
            assert_eq!(observed.uid, outcome.uid);
            assert_eq!(observed.mark, Some(mark()));
            assert_eq!(observed.last_writer, None, "{object}");
            assert_holds(&observed.attributes, &made, &object);
            let label = observed
                .attributes
                .get("labels")
                .and_then(|labels| labels.get("app.kubernetes.io/managed-by"));
            assert_eq!(label, Some(&"rbacform".into()), "{object}");

            let before = provider.requests();
            write(&provider, &world::update(&observed, &made, &changed))
                .await
                .unwrap();
            assert_eq!(provider.requests() - before, 1, "{object}");

            let listed = provider.read(&world::query(&kinds, &[])).await.unwrap();
            let observed = listed.observed.get(&object).unwrap();
            assert_holds(&observed.attributes, &changed, &object);

            let before = provider.requests();
            write(&provider, &delete(observed, &changed)).await.unwrap();
            assert_eq!(provider.requests() - before, 1, "{object}");
            let after = provider.read_one(&object).await.unwrap();
            assert!(after.is_none_or(|object| object.terminating), "{object}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_abandoned_object_loses_our_mark_and_label_and_nothing_else() {
    for world in World::all() {
        let provider = world.admin();
        let object = namespaced("Role", &world::namespace(&provider).await, "r");
        let attributes = json!({"labels": {"team": "a"}, "rules": [{"api_groups": [""], "resources": ["pods"], "verbs": ["get"]}]});
        write(&provider, &create(&object, &attributes))
            .await
            .unwrap();
        let observed = read(&provider, &object).await;
        let kind = EditKind::Abandon {
            attributes: value(&attributes),
        };
        let step = world::step(&object, kind, world::compared(&observed, &attributes));
        write(&provider, &step).await.unwrap();
        let left = read(&provider, &object).await;
        assert_eq!(left.mark, None);
        assert_eq!(left.uid, observed.uid);
        let expected =
            json!({"labels": {"team": "a"}, "annotations": {}, "rules": attributes["rules"]});
        assert_eq!(left.attributes, value(&expected));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_label_goes_even_where_another_tool_wrote_it_last() {
    for world in World::all() {
        let provider = world.admin();
        let object = cluster("ClusterRole", &fresh("dropped"));
        let owned = json!({"labels": {"keep": "1", "drop": "1"}, "rules": []});
        write(&provider, &create(&object, &owned)).await.unwrap();
        world
            .merge(
                &object,
                &json!({"metadata": {"labels": {"drop": "2", "foreign": "x"}}}),
            )
            .await;
        let observed = read(&provider, &object).await;
        assert_eq!(
            observed
                .last_writer
                .as_ref()
                .map(|writer| writer.manager.as_str()),
            Some("somebody")
        );
        let wanted = json!({"labels": {"keep": "1"}, "rules": []});
        write(&provider, &world::update(&observed, &owned, &wanted))
            .await
            .unwrap();
        let after = read(&provider, &object).await;
        let labels = after.attributes.get("labels").unwrap();
        assert_eq!(labels.get("drop"), None);
        assert_eq!(labels.get("keep"), Some(&"1".into()));
        assert_eq!(labels.get("foreign"), Some(&"x".into()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_that_says_who_manages_it_is_left_to_who_wrote_it() {
    for world in World::all() {
        let provider = world.admin();
        let object = cluster("ClusterRole", &fresh("helm"));
        let owned = json!({"rules": []});
        let labels = json!({"app.kubernetes.io/managed-by": "Helm"});
        world
            .apply(
                &object,
                &json!({"metadata": {"labels": labels}, "rules": []}),
            )
            .await;
        let observed = read(&provider, &object).await;
        assert_eq!(observed.managed_by.as_deref(), Some("Helm"));
        write(&provider, &world::update(&observed, &owned, &owned))
            .await
            .unwrap();
        let after = read(&provider, &object).await;
        assert_eq!(after.managed_by.as_deref(), Some("Helm"));
        assert_eq!(after.mark, Some(mark()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_account_that_appears_by_itself_is_joined() {
    for world in World::all() {
        let provider = world.admin();
        let object = namespaced(
            "ServiceAccount",
            &world::namespace(&provider).await,
            "default",
        );
        let attributes = json!({"automount_token": false});
        let kind = EditKind::Create {
            attributes: value(&attributes),
            mark: mark(),
            built_in: true,
        };
        let step = world::step(&object, kind, Default::default());
        // Whether the controller or we come first, and again when both have.
        write(&provider, &step).await.unwrap();
        write(&provider, &step).await.unwrap();
        assert_holds(
            &read(&provider, &object).await.attributes,
            &attributes,
            &object,
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_still_being_deleted_is_waited_for() {
    for world in World::all() {
        let provider = world.admin();
        let object = cluster("Namespace", &world::namespace(&provider).await);
        let old = read(&provider, &object).await;
        write(&provider, &delete(&old, &json!({}))).await.unwrap();
        write(&provider, &create(&object, &json!({})))
            .await
            .unwrap();
        assert_ne!(read(&provider, &object).await.uid, old.uid);
    }
}
