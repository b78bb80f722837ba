//! Projects, folders and organizations.

use serde_json::json;

use super::client::{PROJECT, owner, policy, sandbox, strict};

#[test]
fn a_project_has_a_number_that_its_id_decides() {
    let first = owner(&sandbox()).get(PROJECT).reply();
    let second = owner(&sandbox()).get(PROJECT).reply();
    assert_eq!(first["name"], second["name"]);
    assert_eq!(first["projectId"], "acme-ml");
    assert_eq!(first["state"], "ACTIVE");
}

#[test]
fn v1_and_v3_show_the_same_project() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    let new = client.get(PROJECT).reply();
    let old = client
        .get("/google/cloudresourcemanager/v1/projects/acme-ml")
        .reply();
    assert_eq!(
        new["name"],
        format!("projects/{}", old["projectNumber"].as_str().unwrap())
    );
    assert_eq!(old["lifecycleState"], "ACTIVE");
    let by_number = format!(
        "/google/cloudresourcemanager/v3/{}",
        new["name"].as_str().unwrap()
    );
    assert_eq!(client.get(&by_number).reply(), new);
    let ancestry = "/google/cloudresourcemanager/v1/projects/acme-ml:getAncestry";
    let ancestors = client.post(ancestry, &json!({})).reply();
    assert_eq!(ancestors["ancestor"][0]["resourceId"]["id"], "acme-ml");
}

#[test]
fn projects_are_listed_and_searched() {
    let sandbox = strict()
        .google_resource("projects/acme-web")
        .start()
        .unwrap();
    let client = owner(&sandbox);
    let ids = |path: &str| -> Vec<String> {
        let reply = client
            .get(&format!("/google/cloudresourcemanager/{path}"))
            .reply();
        let projects = reply["projects"].as_array().cloned().unwrap_or_default();
        projects
            .iter()
            .map(|p| p["projectId"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(ids("v1/projects"), ["acme-ml", "acme-web"]);
    assert_eq!(ids("v3/projects:search"), ["acme-ml", "acme-web"]);
    assert_eq!(ids("v3/projects:search?query=id:acme-web"), ["acme-web"]);
}

#[test]
fn projects_are_created() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    let projects = "/google/cloudresourcemanager/v3/projects";
    let operation = client
        .post(projects, &json!({"projectId": "acme-new"}))
        .reply();
    assert_eq!(operation["done"], true);
    assert_eq!(operation["response"]["projectId"], "acme-new");
    assert_eq!(client.get(&format!("{projects}/acme-new")).code, 200);
    let again = client.post(projects, &json!({"projectId": "acme-new"}));
    again.refused(409, "ALREADY_EXISTS", "already exists");
    client.post(projects, &json!({"projectId": "Bad"})).refused(
        400,
        "INVALID_ARGUMENT",
        "project_id",
    );
}

#[test]
fn an_unknown_project_is_hidden() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    for spelling in ["acme-other", "123456789012"] {
        let path = format!("/google/cloudresourcemanager/v3/projects/{spelling}");
        client
            .get(&path)
            .refused(403, "PERMISSION_DENIED", "does not have permission");
    }
}

#[test]
fn folders_and_organizations_are_there_by_number() {
    let sandbox = strict()
        .google_resource("folders/12")
        .google_resource("organizations/34")
        .start()
        .unwrap();
    let client = owner(&sandbox);
    for name in ["folders/12", "organizations/34"] {
        let path = format!("/google/cloudresourcemanager/v3/{name}");
        assert_eq!(client.get(&path).reply()["name"], name);
        // gcloud reads folders with v2 and organizations with v1.
        let older = if name.starts_with("folders") {
            "v2"
        } else {
            "v1"
        };
        let shown = client.get(&path.replace("v3", older)).reply();
        assert_eq!(shown["lifecycleState"], "ACTIVE");
        assert_eq!(
            policy(&client, &path.replace("v3", older)),
            policy(&client, &path)
        );
        let missing = client.get(&format!("{path}5"));
        missing.refused(403, "PERMISSION_DENIED", "may not exist");
    }
}

#[test]
fn a_folder_is_in_an_organization() {
    let sandbox = strict()
        .google_resource("folders/12")
        .google_parent("folders/13", "organizations/34")
        .start()
        .unwrap();
    let client = owner(&sandbox);
    let get = |name: &str| {
        let path = format!("/google/cloudresourcemanager/v3/{name}");
        client.get(&path).reply()
    };
    assert_eq!(get("folders/13")["parent"], "organizations/34");
    let folder = get("folders/12");
    let home = folder["parent"].as_str().unwrap();
    assert!(home.starts_with("organizations/"), "{folder}");
    assert_eq!(get(home)["name"], home);
}
