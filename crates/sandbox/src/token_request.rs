//! `serviceaccounts/token`: tokens that end by themselves or with a Secret.

use jiff::{SignedDuration, Timestamp};
use rbacform_access::ResourceRequest;
use serde_json::{Value, json};

use crate::call::{Call, Reply, named};
use crate::kinds::{Kind, namespace};
use crate::object::meta;
use crate::status::{FieldError, Status};
use crate::token::{Claims, sign};
use crate::world::World;
use crate::write::terminating;

const AUDIENCE: &str = "https://kubernetes.default.svc";
const DEFAULT_SECONDS: i64 = 3600;
const MIN_SECONDS: i64 = 600;
const MAX_SECONDS: i64 = 1 << 32;

/// Answers a TokenRequest. A dry run gives a working token too, as on a real server.
pub(crate) fn issue(
    world: &World,
    call: &Call,
    request: &ResourceRequest,
) -> Result<Reply, Status> {
    let (at, name) = (request.namespace.as_str(), request.name.as_str());
    let home = world
        .get(Kind::Namespace, "", at)
        .ok_or_else(|| Status::not_found(named(Kind::Namespace, at)))?;
    if namespace::is_terminating(&home.value) {
        return Err(terminating(Kind::ServiceAccount, name, at));
    }
    let account = world
        .get(Kind::ServiceAccount, at, name)
        .ok_or_else(|| Status::not_found(named(Kind::ServiceAccount, name)))?;
    let body = call.json_body("TokenRequest")?;
    let seconds = body
        .pointer("/spec/expirationSeconds")
        .and_then(Value::as_i64)
        .unwrap_or(DEFAULT_SECONDS);
    check_seconds(seconds)?;
    let bound_secret = match body
        .pointer("/spec/boundObjectRef")
        .filter(|r| !r.is_null())
    {
        Some(reference) => Some(bound_secret(world, at, reference)?),
        None => None,
    };
    let end = Timestamp::now() + SignedDuration::from_secs(seconds);
    let claims = Claims {
        namespace: at.to_owned(),
        account: name.to_owned(),
        account_uid: meta(&account.value, "uid").to_owned(),
        bound_secret,
        expires: Some(end.as_second()),
        id: uuid::Uuid::new_v4().to_string(),
    };
    let audiences = body
        .pointer("/spec/audiences")
        .filter(|list| !list.is_null());
    Ok(Reply::json(
        201,
        json!({
            "kind": "TokenRequest",
            "apiVersion": "authentication.k8s.io/v1",
            "metadata": {
                "name": name, "namespace": at, "uid": meta(&account.value, "uid"),
                "creationTimestamp": call.now,
            },
            "spec": {
                "audiences": audiences.cloned().unwrap_or_else(|| json!([AUDIENCE])),
                "expirationSeconds": seconds,
                "boundObjectRef": body.pointer("/spec/boundObjectRef").unwrap_or(&Value::Null),
            },
            "status": {
                "token": sign(world.signing_key(), &claims),
                "expirationTimestamp": end.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            },
        }),
    ))
}

fn check_seconds(seconds: i64) -> Result<(), Status> {
    let why = match seconds {
        ..MIN_SECONDS => "may not specify a duration less than 10 minutes",
        MIN_SECONDS..=MAX_SECONDS => return Ok(()),
        _ => "may not specify a duration larger than 2^32 seconds",
    };
    let error = FieldError::invalid("spec.expirationSeconds", &json!(seconds), why);
    Err(Status::invalid(
        "TokenRequest",
        "authentication.k8s.io",
        "",
        &[error],
    ))
}

fn bound_secret(world: &World, at: &str, reference: &Value) -> Result<(String, String), Status> {
    let text = |field: &str| {
        reference
            .get(field)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let (kind, name, uid) = (text("kind"), text("name"), text("uid"));
    if kind != "Secret" {
        let version = text("apiVersion");
        let gvk = match version.split_once('/') {
            Some((group, version)) => format!("{group}/{version}"),
            None => format!("/{version}"),
        };
        return Err(Status::bad_request(format!(
            "cannot bind token to object of type {gvk}, Kind={kind}"
        )));
    }
    let secret = world
        .get(Kind::Secret, at, name)
        .ok_or_else(|| Status::not_found(named(Kind::Secret, name)))?;
    let own = meta(&secret.value, "uid");
    if !uid.is_empty() && uid != own {
        let by_kind = crate::status::Named {
            group: "",
            resource: "Secret",
            name,
        };
        return Err(Status::conflict(
            by_kind,
            &format!(
                "the UID in the bound object reference ({uid}) does not match the UID in record. \
                 The object might have been deleted and then recreated"
            ),
        ));
    }
    Ok((name.to_owned(), own.to_owned()))
}
