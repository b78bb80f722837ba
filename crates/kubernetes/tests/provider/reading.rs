//! One LIST a kind, and what happens where that is not allowed.

use rbacform_provider::{Provider, Query};
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
