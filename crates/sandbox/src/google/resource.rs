//! The other resources with a policy: there, and little more.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::api::GoogleApi;
use super::call::Call;
use super::existence::create;
use super::failure::Failure;
use super::name;
use super::target::Target;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Named {
    name: String,
}

/// `get` of a Vertex AI resource, bucket, repository, secret, topic or subscription.
pub(crate) fn get(call: &mut Call<'_>, target: &'static Target) -> Result<Value, Failure> {
    let place = call.place(target)?;
    call.require(&format!("{}.get", target.permission), &place.name)?;
    Ok(shown(call, target, &place.name))
}

/// `buckets.insert`, `secrets.create`, `topics.create`: those that are made in one call.
pub(crate) fn insert(call: &mut Call<'_>, target: &'static Target) -> Result<Value, Failure> {
    let resource = match target.api {
        GoogleApi::Storage => format!("buckets/{}", call.json::<Named>()?.name),
        GoogleApi::SecretManager => {
            let parent = call.in_project(&call.operation.name)?;
            format!("{parent}/{}", call.query.get("secretId"))
        }
        _ => call.in_project(&call.operation.name)?,
    };
    if !name::matches(target.pattern, &resource) {
        return Err(Failure::invalid("The name is not well-formed."));
    }
    let holder = match name::project_of(&resource) {
        Some(project) => format!("projects/{project}"),
        None => format!("projects/{}", call.query.get("project")),
    };
    call.require(&format!("{}.create", target.permission), &holder)?;
    if call.cloud.created(&resource).is_some() {
        return Err(Failure::exists(
            "Requested entity already exists",
            &resource,
        ));
    }
    create(call.cloud, &resource, call.now)?;
    Ok(shown(call, target, &resource))
}

fn shown(call: &Call<'_>, target: &Target, resource: &str) -> Value {
    let created = call.cloud.created(resource).unwrap_or(call.now).to_text();
    let short = name::last(resource);
    match target.api {
        GoogleApi::Storage => json!({
            "kind": "storage#bucket", "id": short, "name": short,
            "selfLink": format!("https://www.googleapis.com/storage/v1/b/{short}"),
            "location": "US", "locationType": "multi-region", "storageClass": "STANDARD",
            "metageneration": "1", "etag": "CAE=", "timeCreated": created, "updated": created,
            "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": true}},
        }),
        GoogleApi::ArtifactRegistry => json!({
            "name": resource, "format": "DOCKER", "mode": "STANDARD_REPOSITORY",
            "createTime": created, "updateTime": created,
        }),
        GoogleApi::SecretManager => json!({
            "name": numbered(resource), "createTime": created, "etag": "\"1\"",
            "replication": {"automatic": {}},
        }),
        GoogleApi::PubSub => json!({"name": resource, "state": "ACTIVE"}),
        _ => vertex(target, resource, &created),
    }
}

/// Vertex AI and Secret Manager name resources by the project's number in replies.
fn numbered(resource: &str) -> String {
    match name::project_of(resource) {
        Some(id) => name::with_project(resource, &name::project_number(id)),
        None => resource.to_owned(),
    }
}

fn vertex(target: &Target, resource: &str, created: &str) -> Value {
    let mut out = Map::new();
    let mut put = |key: &str, value: Value| out.insert(key.to_owned(), value);
    put("name", json!(numbered(resource)));
    if target.collection == "agents" {
        return Value::Object(out);
    }
    put("createTime", json!(created));
    put("updateTime", json!(created));
    put("etag", json!("AMEw9yN0"));
    let has_display_name = matches!(
        target.collection,
        "models" | "endpoints" | "reasoningEngines" | "notebookRuntimeTemplates" | "datasets"
    );
    if has_display_name {
        put("displayName", json!(name::last(resource)));
    }
    Value::Object(out)
}
