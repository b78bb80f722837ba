//! Nothing that a person approved is bent.

use rbacform_provider::{ErrorKind, Provider};
use serde_json::json;

use crate::world::{self, World, cluster, create, delete, fresh, namespaced, read, update, write};

#[tokio::test(flavor = "multi_thread")]
async fn a_create_finds_whatever_came_in_its_way() {
    for world in World::all() {
        let provider = world.admin();
        let object = cluster("ClusterRole", &fresh("way"));
        world
            .apply(
                &object,
                &json!({"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]}),
            )
            .await;
        let rule = |verb: &str| json!({"rules": [{"api_groups": [""], "resources": ["pods"], "verbs": [verb]}]});

        let equal = write(&provider, &create(&object, &rule("get")))
            .await
            .unwrap_err();
        assert_eq!(equal.kind, ErrorKind::Stale, "{equal}");
        let other = write(&provider, &create(&object, &rule("list")))
            .await
            .unwrap_err();
        assert_eq!(other.kind, ErrorKind::Conflict, "{other}");
        assert!(
            other.message.contains("last written by `somebody`"),
            "{other}"
        );

        let untouched = read(&provider, &object).await;
        assert_eq!(untouched.mark, None);
        assert_eq!(
            untouched.attributes.get("labels"),
            Some(&world::value(&json!({})))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_goes_on_where_only_other_things_moved() {
    for world in World::all() {
        let provider = world.admin();
        let object = cluster("ClusterRole", &fresh("moved"));
        let owned = json!({"labels": {"team": "a"}, "rules": []});
        write(&provider, &create(&object, &owned)).await.unwrap();
        let observed = read(&provider, &object).await;
        world
            .merge(&object, &json!({"metadata": {"labels": {"foreign": "x"}}}))
            .await;
        let before = provider.requests();
        let wanted = json!({"labels": {"team": "b"}, "rules": []});
        write(&provider, &update(&observed, &owned, &wanted))
            .await
            .unwrap();
        assert_eq!(provider.requests() - before, 3, "refused, read, written");
        let after = read(&provider, &object).await;
        assert_eq!(
            after.attributes.get("labels").unwrap().get("foreign"),
            Some(&"x".into())
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_of_what_changed_or_went_is_stale() {
    for world in World::all() {
        let provider = world.admin();
        let owned = json!({"labels": {"team": "a"}, "rules": []});
        let wanted = json!({"labels": {"team": "b"}, "rules": []});

        let object = cluster("ClusterRole", &fresh("changed"));
        write(&provider, &create(&object, &owned)).await.unwrap();
        let observed = read(&provider, &object).await;
        world
            .merge(&object, &json!({"metadata": {"labels": {"team": "z"}}}))
            .await;
        let error = write(&provider, &update(&observed, &owned, &wanted))
            .await
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::Stale, "{error}");
        assert!(
            error
                .message
                .contains("was changed by `somebody`: `labels.team`"),
            "{error}"
        );

        let gone = read(&provider, &object).await;
        write(&provider, &delete(&gone, &json!({}))).await.unwrap();
        let error = write(&provider, &update(&gone, &owned, &wanted))
            .await
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::Stale, "{error}");
        assert!(
            provider.read_one(&object).await.unwrap().is_none(),
            "made again"
        );

        write(&provider, &create(&object, &owned)).await.unwrap();
        let error = write(&provider, &update(&gone, &owned, &wanted))
            .await
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::Stale, "{error}");
        assert!(error.message.contains("made again"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delete_takes_only_what_was_compared() {
    for world in World::all() {
        let provider = world.admin();
        let object = namespaced("Role", &world::namespace(&provider).await, "r");
        let owned = json!({"rules": []});
        write(&provider, &create(&object, &owned)).await.unwrap();
        let observed = read(&provider, &object).await;

        world
            .merge(
                &object,
                &json!({"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]}),
            )
            .await;
        let error = write(&provider, &delete(&observed, &owned))
            .await
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::Stale, "{error}");

        world.merge(&object, &json!({"rules": []})).await;
        let before = provider.requests();
        write(&provider, &delete(&observed, &owned)).await.unwrap();
        assert_eq!(provider.requests() - before, 3, "refused, read, deleted");
        write(&provider, &delete(&observed, &owned)).await.unwrap();

        write(&provider, &create(&object, &owned)).await.unwrap();
        let error = write(&provider, &delete(&observed, &owned))
            .await
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::Stale, "{error}");
        assert!(provider.read_one(&object).await.unwrap().is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_say_what_to_do() {
    for world in World::all() {
        let admin = world.admin();
        let namespace = world::namespace(&admin).await;
        let rules =
            json!({"rules": [{"api_groups": [""], "resources": ["secrets"], "verbs": ["get"]}]});

        let nowhere = namespaced("Role", &fresh("nowhere"), "r");
        let error = write(&admin, &create(&nowhere, &rules)).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotFound, "{error}");
        assert!(error.help.unwrap().starts_with("declare the namespace"));

        let (user, token) = world.nobody();
        let provider = world.token(&token);
        let error = write(
            &provider,
            &create(&namespaced("Role", &namespace, "r"), &rules),
        )
        .await
        .unwrap_err();
        assert_eq!(error.kind, ErrorKind::Forbidden, "{error}");
        assert!(error.message.contains(&user), "{error}");

        world
            .allow(&user, &namespace, &["roles", "rolebindings"])
            .await;
        let object = namespaced("Role", &namespace, "r");
        let error = world
            .until_allowed(&provider, &create(&object, &rules))
            .await
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::Forbidden, "{error}");
        assert!(
            error
                .message
                .contains(r#"{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}"#),
            "{error}"
        );
        assert!(error.help.unwrap().contains("`escalate`"));

        let binding = namespaced("RoleBinding", &namespace, "b");
        let attributes = json!({"role_ref": {"kind": "Role", "name": "missing"}, "subjects": []});
        let error = write(&provider, &create(&binding, &attributes))
            .await
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotFound, "{error}");
        assert!(
            error
                .help
                .unwrap()
                .contains("must exist before the binding")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_made_in_a_namespace_that_ends() {
    for world in World::all() {
        let provider = world.admin();
        let name = world::namespace(&provider).await;
        let namespace = read(&provider, &cluster("Namespace", &name)).await;
        write(&provider, &delete(&namespace, &json!({})))
            .await
            .unwrap();
        let error = write(
            &provider,
            &create(&namespaced("Role", &name, "r"), &json!({"rules": []})),
        )
        .await;
        // Once it has ended, it is missing.
        let kind = error.unwrap_err().kind;
        assert!(
            matches!(kind, ErrorKind::Conflict | ErrorKind::NotFound),
            "{kind:?}"
        );
    }
}
