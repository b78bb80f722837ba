//! GET of one object, and LIST.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rbacform_access::ResourceRequest;
use serde_json::{Map, Value};

use crate::call::{Body, Call, List, Reply, named};
use crate::kinds::Kind;
use crate::label_query::LabelQuery;
use crate::object::{Object, meta, meta_map};
use crate::status::Status;
use crate::world::World;
use crate::write::NamespaceOf;

const METADATA_LIST: &str = "as=PartialObjectMetadataList";

pub(crate) fn get(world: &World, kind: Kind, request: &ResourceRequest) -> Result<Reply, Status> {
    let live = world
        .get(kind, &request.namespace_of(kind), &request.name)
        .ok_or_else(|| Status::not_found(named(kind, &request.name)))?;
    Ok(Reply::new(200, Body::Object(kind, live)))
}

/// A list, or a page of one. Pages read the current state, not a snapshot.
pub(crate) fn list(
    world: &World,
    call: &Call,
    kind: Kind,
    request: &ResourceRequest,
) -> Result<Reply, Status> {
    let query = &call.query;
    let labels = LabelQuery::parse(query.get("labelSelector"))?;
    let fields = FieldQuery::parse(kind, query.get("fieldSelector"))?;
    let after = after_key(query.get("continue"))?;
    let mut items = world.list(kind, &request.namespace_of(kind));
    items.retain(|item| labels.matches(&labels_of(item)) && fields.matches(item));
    if let Some(after) = after {
        items.retain(|item| key_of(item) > after);
    }
    let limit = match query.get("resourceVersion") {
        "0" => 0,
        _ => query.get("limit").parse::<usize>().unwrap_or(0),
    };
    let mut next = None;
    let mut remaining = None;
    if limit > 0 && items.len() > limit {
        let rest = items.len() - limit;
        remaining = (labels.is_empty() && fields.is_empty()).then_some(rest);
        items.truncate(limit);
        next = items
            .last()
            .map(|last| URL_SAFE_NO_PAD.encode(key_of(last)));
    }
    Ok(Reply::new(
        200,
        Body::List(List {
            kind,
            items,
            revision: world.revision(),
            next,
            remaining,
            metadata_only: call.accept.contains(METADATA_LIST),
        }),
    ))
}

fn after_key(token: &str) -> Result<Option<String>, Status> {
    if token.is_empty() {
        return Ok(None);
    }
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    let key = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    match key {
        Some(key) => Ok(Some(key)),
        None => Err(Status::bad_request(
            "invalid continue token: continue key is not valid",
        )),
    }
}

fn key_of(item: &Object) -> String {
    match meta(&item.value, "namespace") {
        "" => meta(&item.value, "name").to_owned(),
        namespace => format!("{namespace}/{}", meta(&item.value, "name")),
    }
}

fn labels_of(item: &Object) -> BTreeMap<String, String> {
    meta_map(&item.value, "labels")
        .into_iter()
        .flat_map(Map::iter)
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

/// A field selector: requirements that a field equals, or does not equal, a value.
struct FieldQuery(Vec<(String, bool, String)>);

impl FieldQuery {
    fn parse(kind: Kind, text: &str) -> Result<Self, Status> {
        let mut requirements = Vec::new();
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let (field, equal, value) = match (part.split_once("!="), part.split_once('=')) {
                (Some((field, value)), _) => (field, false, value),
                (None, Some((field, value))) => {
                    (field, true, value.strip_prefix('=').unwrap_or(value))
                }
                (None, None) => {
                    return Err(Status::bad_request(format!(
                        "invalid selector: '{text}'; can't understand '{part}'"
                    )));
                }
            };
            if !is_selectable(kind, field) {
                return Err(unselectable(kind, field));
            }
            requirements.push((field.to_owned(), equal, value.to_owned()));
        }
        Ok(Self(requirements))
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn matches(&self, item: &Arc<Object>) -> bool {
        self.0.iter().all(|(field, equal, value)| {
            let pointer = format!("/{}", field.replace('.', "/"));
            let own = item
                .value
                .pointer(&pointer)
                .and_then(Value::as_str)
                .unwrap_or_default();
            (own == value) == *equal
        })
    }
}

fn unselectable(kind: Kind, field: &str) -> Status {
    Status::bad_request(match kind.is_rbac() {
        true => format!(
            "\"{field}\" is not a known field selector: only \"metadata.name\", \
             \"metadata.namespace\""
        ),
        false => format!("field label not supported: {field}"),
    })
}

fn is_selectable(kind: Kind, field: &str) -> bool {
    match field {
        "metadata.name" | "metadata.namespace" => true,
        "type" => kind == Kind::Secret,
        "status.phase" => kind == Kind::Namespace,
        _ => false,
    }
}
