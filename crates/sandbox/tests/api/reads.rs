//! Lists.

use serde_json::{Value, json};

use crate::client::{admin, namespace, role, roles, sandbox, with_meta};

fn names(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["metadata"]["name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn lists_are_in_key_order_and_can_be_narrowed() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    client
        .post("/api/v1/namespaces", &namespace("n-a"))
        .object();
    for (at, name, label) in [("n", "b", "1"), ("n", "a", "2"), ("n-a", "c", "1")] {
        let role = with_meta(role(name, json!([])), "labels", json!({"x": label}));
        client.post(&roles(at), &role).object();
    }
    let all = format!("{}/roles", crate::client::RBAC);
    let own = |query: &str| {
        let list = client
            .get(&format!("{all}?labelSelector=x{query}"))
            .object();
        assert_eq!(list["kind"], "RoleList");
        assert!(
            list["items"]
                .as_array()
                .unwrap()
                .iter()
                .all(|item| item.get("kind").is_none())
        );
        names(&list)
    };
    assert_eq!(own(""), ["c", "a", "b"], "`n-a/` sorts before `n/`");
    assert_eq!(own("%3D1"), ["c", "b"]);
    assert_eq!(own("&fieldSelector=metadata.name%3Da"), ["a"]);
    assert_eq!(names(&client.get(&roles("n")).object()), ["a", "b"]);
    assert_eq!(names(&client.get(&roles("gone")).object()), [""; 0]);
}

#[test]
fn pages_join_up() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    for name in ["a", "b", "c"] {
        client.post(&roles("n"), &role(name, json!([]))).object();
    }
    let first = client.get(&format!("{}?limit=2", roles("n"))).object();
    assert_eq!(names(&first), ["a", "b"]);
    assert_eq!(first["metadata"]["remainingItemCount"], 1);
    let next = first["metadata"]["continue"].as_str().unwrap();
    let second = client
        .get(&format!("{}?limit=2&continue={next}", roles("n")))
        .object();
    assert_eq!(names(&second), ["c"]);
    assert_eq!(second["metadata"].get("continue"), None);
    assert_eq!(
        client.get(&format!("{}?continue=%25", roles("n"))).code,
        400
    );
}

#[test]
fn secrets_can_be_listed_without_their_data() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"},
        "stringData": {"password": "canary"},
    });
    client
        .post("/api/v1/namespaces/n/secrets", &secret)
        .object();
    let headers = "Accept: application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1\r\n";
    let list = client
        .exchange("GET", "/api/v1/secrets", headers, "")
        .unwrap()
        .object();
    assert_eq!(list["kind"], "PartialObjectMetadataList");
    assert_eq!(names(&list), ["s"]);
    assert_eq!(list["items"][0].get("data"), None);
}

#[test]
fn large_lists_are_compressed_for_those_who_ask() {
    let sandbox = sandbox();
    let client = admin(&sandbox);
    let headers = "Accept-Encoding: gzip\r\n";
    let small = client.exchange("GET", &roles("n"), headers, "").unwrap();
    assert!(!small.head.contains("content-encoding"), "{}", small.head);
    let rule = json!({"apiGroups": ["x".repeat(140_000)], "resources": ["r"], "verbs": ["get"]});
    client
        .post(&roles("n"), &role("large", json!([rule])))
        .object();
    let large = client.exchange("GET", &roles("n"), headers, "").unwrap();
    assert!(
        large.head.contains("content-encoding: gzip"),
        "{}",
        large.head
    );
    assert!(large.bytes.len() < 10_000);
    assert_eq!(names(&client.get(&roles("n")).object()), ["large"]);
}
