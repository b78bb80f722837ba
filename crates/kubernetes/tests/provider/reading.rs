//! One LIST a kind, and what happens where that is not allowed.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use rbacform_kubernetes::{ConnectOptions, KubeconfigSource, KubernetesProvider};
use rbacform_provider::{ErrorKind, Provider, Query};
use serde_json::json;

use crate::world::{self, World, cluster, create, namespaced, query, write};

const KINDS: [&str; 6] = [
    "Namespace",
    "ServiceAccount",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_costs_one_list_a_kind() {
    for world in World::all() {
        let provider = world.admin();
        let all = Query {
            world: true,
            ..query(&KINDS, &[])
        };
        let read = provider.read(&all).await.unwrap();
        assert_eq!(provider.requests(), 6);
        assert_eq!(read.observed.complete.len(), 6);
        assert_eq!(read.notes, [""; 0]);
        let pin = read.worlds["kubernetes"].clone();
        assert!(!pin.uid.is_empty());
        let admin = read
            .observed
            .get(&cluster("ClusterRole", "cluster-admin"))
            .unwrap();
        assert!(admin.bootstrap && admin.mark.is_none());

        let some = Query {
            world: true,
            ..query(&["Role"], &[])
        };
        let again = provider.read(&some).await.unwrap().worlds["kubernetes"].clone();
        assert_eq!(provider.requests(), 8, "one list, and kube-system");
        assert_eq!(again, pin);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_list_the_cluster_reads_namespaces_and_who_may_not_list_them_reads_objects() {
    for world in World::all() {
        let admin = world.admin();
        let (open, closed) = (
            world::namespace(&admin).await,
            world::namespace(&admin).await,
        );
        let mine = [
            cluster("Namespace", &open),
            namespaced("Role", &open, "mine"),
            namespaced("Role", &closed, "mine"),
            cluster("ClusterRole", "view"),
        ];
        for namespace in [&open, &closed] {
            for name in ["mine", "other"] {
                let object = namespaced("Role", namespace, name);
                write(&admin, &create(&object, &json!({"rules": []})))
                    .await
                    .unwrap();
            }
        }
        let (user, token) = world.nobody();
        world.allow(&user, &open, &["roles"]).await;
        world.allow_reading(&user, &closed, "mine").await;

        let provider = world.token(&token);
        let asked = Query {
            world: true,
            ..query(&["Role"], &mine)
        };
        let read = world.until_readable(&provider, &asked, 4).await;
        let found: Vec<_> = read
            .observed
            .iter()
            .map(|object| object.object.to_string())
            .filter(|object| !object.contains("/grant-"))
            .collect();
        let mut expected = vec![
            format!("kubernetes/Role/{open}/mine"),
            format!("kubernetes/Role/{open}/other"),
            format!("kubernetes/Role/{closed}/mine"),
        ];
        expected.sort();
        assert_eq!(found, expected);
        assert!(read.observed.complete.is_empty());
        assert_eq!(read.notes.len(), 3, "{:?}", read.notes);
        let pin = read.worlds["kubernetes"].clone();
        assert!(pin.uid.is_empty() && pin.server == world.url());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_says_who_we_are() {
    for world in World::all() {
        let (user, token) = world.nobody();
        assert_eq!(world.token(&token).identity().await.unwrap(), user);
        assert_eq!(world.token(&token).target().server, world.url());
    }
}

/// A server of roles whose list holds one that cannot be read; it answers each path as told, and
/// 404 else.
fn server(answers: Vec<(String, serde_json::Value)>) -> KubernetesProvider {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let mut lines = BufReader::new(client.try_clone().unwrap());
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                if lines.read_line(&mut head).unwrap() == 0 {
                    break;
                }
            }
            let path = head.split(' ').nth(1).unwrap_or_default();
            let found = answers.iter().find(|(known, _)| known == path);
            let (status, body) = match found {
                Some((_, body)) => ("200 OK", body.to_string()),
                None => ("404 Not Found", json!({"kind": "Status"}).to_string()),
            };
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
            let _ = client.write_all(answer.as_bytes());
        }
    });
    let options = ConnectOptions {
        kubeconfig: KubeconfigSource::Endpoint {
            url,
            token: "t".to_owned().into(),
        },
        ..ConnectOptions::default()
    };
    KubernetesProvider::connect(&options).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_cannot_be_read_is_never_taken_for_absent() {
    const ROOT: &str = "/apis/rbac.authorization.k8s.io/v1";
    let role = |name: &str, rules: &serde_json::Value| {
        json!({
            "metadata": {"name": name, "namespace": "n", "uid": "u", "resourceVersion": "1"},
            "rules": rules,
        })
    };
    let broken = role("broken", &json!("all of them"));
    let list = json!({"items": [role("good", &json!([])), broken]});
    let one = |name: &str| format!("{ROOT}/namespaces/n/roles/{name}");
    let asked =
        |names: [&str; 2]| query(&["Role"], &names.map(|name| namespaced("Role", "n", name)));
    let answers = vec![
        (format!("{ROOT}/roles"), list),
        (one("good"), role("good", &json!([]))),
        (one("broken"), broken),
    ];

    // Somebody else's: the plan goes on, but knows that it has not seen everything.
    let provider = server(answers.clone());
    let read = provider.read(&asked(["good", "gone"])).await.unwrap();
    assert_eq!(provider.requests(), 2, "the list, and what it lacked");
    assert!(read.observed.complete.is_empty());
    assert_eq!(read.observed.len(), 1);
    assert!(
        read.notes[0].contains("could not be read"),
        "{:?}",
        read.notes
    );

    // The stack's own.
    let error = server(answers)
        .read(&asked(["good", "broken"]))
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Protocol, "{error}");
    assert!(
        error.message.contains("kubernetes/Role/n/broken"),
        "{error}"
    );
}
