//! Access reviews: what the authorizer would say.

use rbacform_access::authorize::join_missing;
use rbacform_access::subject::{ANONYMOUS, MASTERS};
use rbacform_access::{NonResourceRequest, Request, ResourceRequest, User, authorize, rules_for};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::call::{Body, Call, Reply};
use crate::decode::json_type;
use crate::object::set_meta;
use crate::status::{FieldError, Named, Status};
use crate::world::World;

pub(crate) const AUTHORIZATION: &str = "authorization.k8s.io";
pub(crate) const AUTHENTICATION: &str = "authentication.k8s.io";

/// Answers a POST of one of the review kinds; `None` for any other resource.
pub(crate) fn review(
    world: &World,
    call: &Call,
    request: &ResourceRequest,
) -> Option<Result<Reply, Status>> {
    let answer: fn(&World, &Call, &ResourceRequest) -> Result<Reply, Status> =
        match (request.api_group.as_str(), request.resource.as_str()) {
            (AUTHORIZATION, "subjectaccessreviews") => subject_access,
            (AUTHORIZATION, "localsubjectaccessreviews") => local_subject_access,
            (AUTHORIZATION, "selfsubjectaccessreviews") => self_subject_access,
            (AUTHORIZATION, "selfsubjectrulesreviews") => self_subject_rules,
            (AUTHENTICATION, "selfsubjectreviews") => self_subject,
            _ => return None,
        };
    let fits = request.verb == "create" && request.subresource.is_empty();
    Some(if fits {
        answer(world, call, request)
    } else {
        Err(Status::method_not_allowed())
    })
}

/// The spec of an access review.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    resource_attributes: Option<ResourceAttributes>,
    non_resource_attributes: Option<NonResourceAttributes>,
    user: Option<String>,
    groups: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ResourceAttributes {
    namespace: String,
    verb: String,
    group: String,
    resource: String,
    subresource: String,
    name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NonResourceAttributes {
    path: String,
    verb: String,
}

impl Spec {
    fn request(&self) -> Option<Request> {
        if let Some(asked) = &self.resource_attributes {
            return Some(Request::Resource(ResourceRequest {
                verb: asked.verb.clone(),
                api_group: asked.group.clone(),
                resource: asked.resource.clone(),
                subresource: asked.subresource.clone(),
                namespace: asked.namespace.clone(),
                name: asked.name.clone(),
            }));
        }
        let asked = self.non_resource_attributes.as_ref()?;
        Some(Request::NonResource(NonResourceRequest {
            verb: asked.verb.clone(),
            path: asked.path.clone(),
        }))
    }

    fn attribute_errors(&self) -> Vec<FieldError> {
        match (&self.resource_attributes, &self.non_resource_attributes) {
            (Some(_), Some(other)) => vec![FieldError::invalid(
                "spec.nonResourceAttributes",
                // The server prints its internal type, whose fields have no JSON names.
                &json!({"Path": other.path, "Verb": other.verb}),
                "cannot be specified in combination with resourceAttributes",
            )],
            (None, None) => vec![FieldError::invalid(
                "spec.resourceAttributes",
                &Value::Null,
                "exactly one of nonResourceAttributes or resourceAttributes must be specified",
            )],
            _ => Vec::new(),
        }
    }

    fn subject_errors(&self) -> Vec<FieldError> {
        let named = self.user.as_ref().is_some_and(|user| !user.is_empty());
        if named
            || self
                .groups
                .as_ref()
                .is_some_and(|groups| !groups.is_empty())
        {
            return Vec::new();
        }
        let why = "at least one of user or group must be specified";
        vec![FieldError::invalid_text("spec.user", "", why)]
    }

    fn user(&self) -> User {
        User {
            name: self.user.clone().unwrap_or_default(),
            groups: self.groups.clone().unwrap_or_default(),
        }
    }
}

fn subject_access(world: &World, call: &Call, _: &ResourceRequest) -> Result<Reply, Status> {
    let (raw, spec) = read(call, "SubjectAccessReview")?;
    let mut errors = spec.attribute_errors();
    errors.extend(spec.subject_errors());
    answer(
        world,
        "SubjectAccessReview",
        raw,
        &spec,
        &spec.user(),
        &errors,
    )
}

fn local_subject_access(
    world: &World,
    call: &Call,
    request: &ResourceRequest,
) -> Result<Reply, Status> {
    let kind = "LocalSubjectAccessReview";
    let (raw, spec) = read(call, kind)?;
    let mut errors = spec.attribute_errors();
    errors.extend(spec.subject_errors());
    let asked = spec
        .resource_attributes
        .as_ref()
        .map_or("", |asked| &asked.namespace);
    if spec.resource_attributes.is_some() && asked != request.namespace {
        let field = "spec.resourceAttributes.namespace";
        errors.push(FieldError::invalid_text(
            field,
            asked,
            "must match metadata.namespace",
        ));
    }
    let mut reply = answer(world, kind, raw, &spec, &spec.user(), &errors)?;
    if let Body::Json(review) = &mut reply.body {
        set_meta(review, "namespace", Some(json!(request.namespace)));
    }
    Ok(reply)
}

fn self_subject_access(world: &World, call: &Call, _: &ResourceRequest) -> Result<Reply, Status> {
    let kind = "SelfSubjectAccessReview";
    let (raw, spec) = read(call, kind)?;
    answer(
        world,
        kind,
        raw,
        &spec,
        &call.caller.user,
        &spec.attribute_errors(),
    )
}

fn read(call: &Call, kind: &str) -> Result<(Value, Spec), Status> {
    let raw = call.json_body(kind)?;
    let spec = raw.get("spec").cloned().unwrap_or_else(|| json!({}));
    let refuse = |why: String| {
        Status::bad_request(format!(
            "{kind} in version \"v1\" cannot be handled as a {kind}: {why}"
        ))
    };
    if !spec.is_object() {
        let owner = if kind == "LocalSubjectAccessReview" {
            "SubjectAccessReview"
        } else {
            kind
        };
        return Err(refuse(format!(
            "json: cannot unmarshal {} into Go struct field {kind}.spec of type v1.{owner}Spec",
            json_type(&spec)
        )));
    }
    let spec = serde_json::from_value(spec).map_err(|error| refuse(error.to_string()))?;
    Ok((raw, spec))
}

fn answer(
    world: &World,
    kind: &str,
    raw: Value,
    spec: &Spec,
    user: &User,
    errors: &[FieldError],
) -> Result<Reply, Status> {
    let request = match (spec.request(), errors) {
        (Some(request), []) => request,
        _ => return Err(Status::invalid("", AUTHORIZATION, "", errors)),
    };
    let decision = authorize(world.facts(), user, &request);
    let mut status = Map::new();
    status.insert("allowed".to_owned(), json!(decision.is_allowed()));
    let reason = decision.reason();
    if !reason.is_empty() {
        status.insert("reason".to_owned(), json!(reason));
    }
    let spec = raw.get("spec").cloned().unwrap_or_else(|| json!({}));
    Ok(Reply::json(
        201,
        envelope(kind, AUTHORIZATION, spec, Value::Object(status)),
    ))
}

fn envelope(kind: &str, group: &str, spec: Value, status: Value) -> Value {
    json!({
        "kind": kind, "apiVersion": format!("{group}/v1"), "metadata": {},
        "spec": spec, "status": status,
    })
}

fn self_subject_rules(world: &World, call: &Call, _: &ResourceRequest) -> Result<Reply, Status> {
    let raw = call.json_body("SelfSubjectRulesReview")?;
    let namespace = raw
        .pointer("/spec/namespace")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if namespace.is_empty() {
        return Err(Status::bad_request("no namespace on request"));
    }
    let (rules, missing) = rules_for(world.facts(), &call.caller.user, namespace);
    let (of_urls, of_resources): (Vec<_>, Vec<_>) = rules
        .into_iter()
        .partition(|rule| !rule.non_resource_urls.is_empty());
    let mut status = json!({
        "resourceRules": of_resources, "nonResourceRules": of_urls, "incomplete": false,
    });
    if let (Some(status), false) = (status.as_object_mut(), missing.is_empty()) {
        status.insert("evaluationError".to_owned(), json!(join_missing(&missing)));
    }
    Ok(Reply::json(
        201,
        envelope("SelfSubjectRulesReview", AUTHORIZATION, json!({}), status),
    ))
}

fn self_subject(_: &World, call: &Call, _: &ResourceRequest) -> Result<Reply, Status> {
    let caller = &call.caller;
    let is_master = caller.user.groups.iter().any(|group| group == MASTERS);
    if caller.user.name == ANONYMOUS && !is_master {
        let named = Named {
            group: AUTHENTICATION,
            resource: "selfsubjectreviews",
            name: "",
        };
        return Err(Status::forbidden(
            named,
            "anonymous users may not review themselves",
        ));
    }
    let mut info = Map::new();
    info.insert("username".to_owned(), json!(caller.user.name));
    if !caller.uid.is_empty() {
        info.insert("uid".to_owned(), json!(caller.uid));
    }
    info.insert("groups".to_owned(), json!(caller.user.groups));
    if !caller.extra.is_empty() {
        info.insert("extra".to_owned(), json!(caller.extra));
    }
    Ok(Reply::json(
        201,
        json!({
            "kind": "SelfSubjectReview",
            "apiVersion": format!("{AUTHENTICATION}/v1"),
            "metadata": {"creationTimestamp": call.now},
            "status": {"userInfo": info},
        }),
    ))
}
