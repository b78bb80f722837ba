//! Bad days: lost answers, busy servers. On the sandbox, which has them on request.

use std::sync::Arc;
use std::time::Duration;

use rbacform_core::{ObservedObject, Value};
use rbacform_kubernetes::KubernetesProvider;
use rbacform_provider::{ErrorKind, Provider};
use rbacform_sandbox::{Effect, Fault, HoldPoint, RequestMatch, When};
use serde_json::json;

use crate::world::{World, cluster, create, delete, fresh, query, read, update, write};

/// A role whose label `drop` another tool wrote last, as a plan saw it that removes the label; and
/// what it owned and wants.
async fn with_a_shared_label(
    world: &World,
    provider: &KubernetesProvider,
) -> (ObservedObject, serde_json::Value, serde_json::Value) {
    let object = cluster("ClusterRole", &fresh("shared"));
    let owned = json!({"labels": {"keep": "1", "drop": "1"}, "rules": []});
    write(provider, &create(&object, &owned)).await.unwrap();
    let label = |value: &str| json!({"metadata": {"labels": {"drop": value}}});
    world.merge(&object, &label("2")).await;
    let wanted = json!({"labels": {"keep": "2"}, "rules": []});
    (read(provider, &object).await, owned, wanted)
}

fn label(observed: &ObservedObject, key: &str) -> Option<Value> {
    observed.attributes.get("labels")?.get(key).cloned()
}

fn arm(world: &World, verb: &str, effect: Effect) {
    world.as_sandbox().faults().add(Fault {
        on: RequestMatch::of(verb, "clusterroles"),
        when: When::First(1),
        effect,
    });
}

/// Injures the first try of a create, an update and a delete, and expects each done exactly once.
async fn survives(effect: fn() -> Effect) {
    let world = World::sandbox();
    let provider = world.admin();
    let object = cluster("ClusterRole", &fresh("f"));
    let (first, second) = (
        json!({"rules": []}),
        json!({"rules": [], "labels": {"a": "b"}}),
    );
    provider.identity().await.unwrap();

    arm(&world, "patch", effect());
    let made = write(&provider, &create(&object, &first)).await.unwrap();
    let observed = read(&provider, &object).await;
    assert_eq!(observed.uid, made.uid);

    arm(&world, "patch", effect());
    write(&provider, &update(&observed, &first, &second))
        .await
        .unwrap();
    let observed = read(&provider, &object).await;
    assert_eq!(
        observed.attributes.get("labels").unwrap().get("a"),
        Some(&"b".into())
    );

    arm(&world, "delete", effect());
    write(&provider, &delete(&observed, &second)).await.unwrap();
    assert_eq!(provider.read_one(&object).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_to_a_write_that_was_done() {
    survives(|| Effect::DropAfterCommit).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_to_a_write_that_was_not_done() {
    survives(|| Effect::DropBeforeCommit).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_manager_holds_is_removed_also_where_an_answer_was_lost() {
    for (nth, effect) in [
        (1, Effect::DropAfterCommit),
        (1, Effect::DropBeforeCommit),
        (2, Effect::DropAfterCommit),
        (2, Effect::DropBeforeCommit),
    ] {
        let world = World::sandbox();
        let provider = world.admin();
        let (observed, owned, wanted) = with_a_shared_label(&world, &provider).await;
        world.as_sandbox().faults().add(Fault {
            on: RequestMatch::of("patch", "clusterroles"),
            when: When::Nth(nth),
            effect: effect.clone(),
        });
        write(&provider, &update(&observed, &owned, &wanted))
            .await
            .unwrap();
        let after = read(&provider, &observed.object).await;
        assert_eq!(label(&after, "drop"), None, "{nth} {effect:?}");
        assert_eq!(label(&after, "keep"), Some("2".into()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_writes_while_a_leftover_is_removed_is_kept() {
    for (theirs, expected) in [
        (json!({"foreign": "x"}), None),
        (json!({"drop": "3"}), Some(Value::from("3"))),
    ] {
        let world = World::sandbox();
        let provider = world.admin();
        let (observed, owned, wanted) = with_a_shared_label(&world, &provider).await;
        let sandbox = world.as_sandbox();
        // The request after the update: what removes the leftover.
        let on = RequestMatch::of("patch", "clusterroles");
        let hold = Arc::new(sandbox.hold(on, 2, HoldPoint::BeforeCommit));
        let waiting = Arc::clone(&hold);
        let step = update(&observed, &owned, &wanted);
        let meanwhile = async {
            let reached = move || waiting.wait(Duration::from_secs(60));
            assert!(tokio::task::spawn_blocking(reached).await.unwrap());
            world
                .merge(&observed.object, &json!({"metadata": {"labels": theirs}}))
                .await;
            hold.release();
        };
        let (outcome, ()) = tokio::join!(write(&provider, &step), meanwhile);
        let after = read(&provider, &observed.object).await;
        assert_eq!(label(&after, "drop"), expected);
        match expected {
            None => assert_eq!(label(&after, "foreign"), Some("x".into())),
            Some(_) => assert_eq!(outcome.unwrap_err().kind, ErrorKind::Stale),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_asks_to_wait_for_ever_is_not_waited_for() {
    let world = World::sandbox();
    let provider = world.admin();
    provider.identity().await.unwrap();
    let object = cluster("ClusterRole", &fresh("ever"));
    world.as_sandbox().faults().add(Fault {
        on: RequestMatch::of("patch", "clusterroles"),
        when: When::First(1),
        effect: Effect::Status {
            code: 429,
            retry_after: Some(u64::MAX),
        },
    });
    let error = write(&provider, &create(&object, &json!({"rules": []})))
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable, "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_server() {
    survives(|| Effect::Status {
        code: 429,
        retry_after: Some(0),
    })
    .await;
    survives(|| Effect::Status {
        code: 503,
        retry_after: None,
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_server() {
    survives(|| Effect::Status {
        code: 500,
        retry_after: None,
    })
    .await;
    survives(|| Effect::Status {
        code: 504,
        retry_after: None,
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_is_repeated() {
    let world = World::sandbox();
    let provider = world.admin();
    provider.identity().await.unwrap();
    for effect in [
        Effect::DropBeforeCommit,
        Effect::DropAfterCommit,
        Effect::Status {
            code: 500,
            retry_after: None,
        },
        Effect::Status {
            code: 429,
            retry_after: Some(0),
        },
    ] {
        arm(&world, "list", effect);
        let before = provider.requests();
        provider.read(&query(&["ClusterRole"], &[])).await.unwrap();
        assert_eq!(provider.requests() - before, 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_fate_nobody_can_tell_stays_open() {
    let world = World::sandbox();
    let provider = world.admin();
    provider.identity().await.unwrap();
    let object = cluster("ClusterRole", &fresh("open"));
    arm(&world, "patch", Effect::DropAfterCommit);
    world.as_sandbox().faults().add(Fault {
        on: RequestMatch::of("get", "clusterroles"),
        when: When::Always,
        effect: Effect::Status {
            code: 403,
            retry_after: None,
        },
    });
    let error = write(&provider, &create(&object, &json!({"rules": []})))
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unknown, "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_told_at_once() {
    let world = World::sandbox();
    let mut options = world.kubeconfig(&json!({"token": "t"}));
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    options.kubeconfig = rbacform_kubernetes::KubeconfigSource::Endpoint {
        url: url.clone(),
        token: "t".to_owned().into(),
    };
    let provider = rbacform_kubernetes::KubernetesProvider::connect(&options).unwrap();
    let error = provider.read(&query(&["Role"], &[])).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable);
    assert!(
        error.message.contains(&url) && error.message.contains("refused"),
        "{error}"
    );
    assert_eq!(provider.requests(), 1);
}
