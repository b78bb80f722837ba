//! Projects, folders and organizations, in the words of Resource Manager v1 to v3. They stand
//! side by side, but for those that the sandbox was told are in one another, and for folders:
//! at Google there is none without an organization.

use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Asked, Call, list_json};
use super::clock::Moment;
use super::existence::create;
use super::failure::Failure;
use super::name;
use super::target::Target;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct CreateRequest {
    project_id: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct SearchRequest {
    page_size: usize,
    page_token: String,
}

/// `get` of a project, folder or organization.
pub(crate) fn get(call: &mut Call<'_>, target: &'static Target) -> Result<Value, Failure> {
    let place = call.place(target)?;
    call.require(&format!("{}.get", target.permission), &place.name)?;
    let created = call.cloud.created(&place.name).unwrap_or(call.now);
    Ok(shown(call, &place.name, created))
}

/// `projects.list`, `projects.search`, `organizations.search`: all that the caller may see.
pub(crate) fn list(call: &mut Call<'_>) -> Result<Value, Failure> {
    let collection = call.operation.collection;
    let asked = match call.body.is_empty() {
        true => Asked {
            size: call.query.get("pageSize").parse().unwrap_or_default(),
            token: call.query.get("pageToken").to_owned(),
        },
        false => {
            let request: SearchRequest = call.json()?;
            Asked {
                size: request.page_size,
                token: request.page_token,
            }
        }
    };
    let pattern = format!("{collection}/*");
    let permission = format!("resourcemanager.{collection}.get");
    let access = call.access();
    let wanted = wanted_project(call);
    let seen = call.cloud.resources().filter(|(name, _)| {
        name::matches(&pattern, name)
            && wanted.as_deref().is_none_or(|id| name::last(name) == id)
            && access.may(&call.caller, &permission, name)
    });
    let (page, next) = asked.page(seen.collect(), 500, 1_000)?;
    let shown = page
        .into_iter()
        .map(|(name, created)| shown(call, name, created));
    Ok(list_json(collection, shown.collect(), next))
}

/// `projects.getAncestry`: the project and what it is in, nearest first.
pub(crate) fn ancestry(call: &mut Call<'_>) -> Result<Value, Failure> {
    let name = call.in_project(&call.operation.name)?;
    call.require("resourcemanager.projects.get", &name)?;
    let access = call.access();
    let lineage = std::iter::once(name.as_str()).chain(access.above(&name));
    let ancestors = lineage.filter_map(|name| {
        let (kind, id) = name.split_once('/')?;
        Some(json!({"resourceId": {"type": kind.trim_end_matches('s'), "id": id}}))
    });
    Ok(json!({"ancestor": ancestors.collect::<Vec<_>>()}))
}

/// `projects.create`; the operation is done when it is answered.
pub(crate) fn create_project(call: &mut Call<'_>) -> Result<Value, Failure> {
    let request: CreateRequest = call.json()?;
    let id = request.project_id;
    if !name::is_project_id(&id) {
        return Err(Failure::invalid(
            "field [project_id] has issue [project_id is invalid]",
        ));
    }
    let name = format!("projects/{id}");
    if call.cloud.created(&name).is_some() {
        return Err(Failure::exists("Requested entity already exists", &name));
    }
    create(call.cloud, &name, call.now)?;
    let version = &call.operation.version;
    let mut project = shown(call, &name, call.now);
    if let Some(project) = project.as_object_mut() {
        let kind = format!("type.googleapis.com/google.cloud.resourcemanager.{version}.Project");
        project.insert("@type".to_owned(), json!(kind));
    }
    let operation = format!("operations/cp.{}", name::project_number(&id));
    Ok(json!({"name": operation, "done": true, "response": project}))
}

/// `projectId:x` or `id:x` of a filter, as gcloud asks for one project.
fn wanted_project(call: &Call<'_>) -> Option<String> {
    let filter = match call.query.get("filter") {
        "" => call.query.get("query"),
        filter => filter,
    };
    let terms = filter.split_whitespace();
    let mut ids = terms.filter_map(|term| {
        let (field, value) = term.split_once([':', '='])?;
        matches!(field, "projectId" | "id").then(|| value.trim_matches('"').to_owned())
    });
    ids.next()
}

fn shown(call: &Call<'_>, resource: &str, created: Moment) -> Value {
    let version = call.operation.version.as_str();
    let mut shown = alone(version, resource, created);
    if let (Some(parent), Some(object)) =
        (call.settings.parents.of(resource), shown.as_object_mut())
    {
        let parent = match (version, parent.split_once('/')) {
            ("v1", Some((kind, id))) => json!({"type": kind.trim_end_matches('s'), "id": id}),
            _ => json!(parent),
        };
        object.insert("parent".to_owned(), parent);
    }
    shown
}

fn alone(version: &str, resource: &str, created: Moment) -> Value {
    let id = name::last(resource);
    let created = created.to_text();
    match (resource.split('/').next().unwrap_or_default(), version) {
        ("projects", "v1") => json!({
            "projectNumber": name::project_number(id), "projectId": id, "name": id,
            "lifecycleState": "ACTIVE", "createTime": created,
        }),
        ("projects", _) => json!({
            "name": format!("projects/{}", name::project_number(id)), "projectId": id,
            "displayName": id, "state": "ACTIVE", "createTime": created, "updateTime": created,
            "etag": "W/\"1\"",
        }),
        ("organizations", "v1") => json!({
            "name": resource, "displayName": format!("org-{id}.example"),
            "lifecycleState": "ACTIVE", "creationTime": created,
            "owner": {"directoryCustomerId": "C00000000"},
        }),
        ("organizations", _) => json!({
            "name": resource, "displayName": format!("org-{id}.example"), "state": "ACTIVE",
            "directoryCustomerId": "C00000000", "createTime": created, "updateTime": created,
            "etag": "W/\"1\"",
        }),
        (_, "v2") => json!({
            "name": resource, "displayName": format!("folder-{id}"), "lifecycleState": "ACTIVE",
            "createTime": created,
        }),
        _ => json!({
            "name": resource, "displayName": format!("folder-{id}"), "state": "ACTIVE",
            "createTime": created, "updateTime": created, "etag": "W/\"1\"",
        }),
    }
}
