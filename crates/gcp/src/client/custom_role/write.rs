//! Writing custom roles. A deleted one can be brought back for seven days; its id stays taken
//! longer, about 37 days from the deletion.

use http::{Method, StatusCode};
use rbacform_core::{Edit, EditKind, Value, compare};
use rbacform_provider::{ErrorKind, ProviderError, WriteOutcome};
use serde_json::{Map as JsonMap, Value as Json, json};

use super::{Role, parts};
use crate::client::encoded;
use crate::client::errors::{is_conflict, refused, unreadable};
use crate::client::http::Call;
use crate::client::retry::{Answer, Patience};
use crate::client::write::{NO_UID, Writer, deleted, in_the_way, invalid, made, stale, unknown};
use crate::target::Api;

/// How often another write may come between our reading and our writing.
const CONFLICTS: usize = 10;

/// Attributes that a patch can change, and Google's names for them.
const FIELDS: [(&str, &str); 4] = [
    ("title", "title"),
    ("description", "description"),
    ("stage", "stage"),
    ("permissions", "includedPermissions"),
];

impl Writer {
    /// Carries out an edit of a custom role.
    pub(in crate::client) async fn custom_role(&self, edit: &Edit) -> WriteOutcome {
        let name = edit.object.ident.as_str();
        let Some((parent, id)) = parts(name) else {
            return Err(invalid(&format!("`{name}` names no custom role")));
        };
        match &edit.kind {
            EditKind::Create { attributes, .. } if self.seen.was_deleted(name) => {
                self.revive(edit, attributes).await
            }
            EditKind::Create { attributes, .. } => {
                self.create_role(edit, (parent, id), attributes).await
            }
            EditKind::Update { attributes, .. } => self.patch_role(edit, attributes).await,
            EditKind::Delete => self.delete_role(edit).await,
            EditKind::Abandon { .. } | EditKind::Record => Ok(made(NO_UID.into(), None)),
        }
    }

    async fn create_role(
        &self,
        edit: &Edit,
        (parent, id): (&str, &str),
        attributes: &Value,
    ) -> WriteOutcome {
        let name = edit.object.ident.as_str();
        let body = json!({"roleId": id, "role": fields(attributes, |_| true)});
        let path = format!("v1/{parent}/roles");
        let call = Call::write(Method::POST, Api::Iam, path, Some(body), name);
        let mut patience = Patience::new();
        let mut sent_before = false;
        loop {
            let lost = match self.http.once(&call, &mut patience).await? {
                Answer::Reply(reply) if reply.status == StatusCode::OK => {
                    return Ok(made(NO_UID.into(), Some(&reply)));
                }
                // 400 where a deleted role has the id.
                Answer::Reply(reply)
                    if reply.status == StatusCode::CONFLICT
                        || reply.status == StatusCode::BAD_REQUEST =>
                {
                    match self.http.custom_role(name).await? {
                        Some(role) if role.deleted => return self.revive(edit, attributes).await,
                        Some(role) if sent_before && is_wanted(&role, attributes) => {
                            return Ok(made(NO_UID.into(), None));
                        }
                        Some(role) => {
                            let found = role.observed(&self.instance);
                            return Err(in_the_way(edit, attributes, &found));
                        }
                        None => return Err(refused(&reply, name)),
                    }
                }
                Answer::Reply(reply) => return Err(refused(&reply, name)),
                Answer::Lost(lost) => lost,
            };
            sent_before = true;
            match self.http.custom_role(name).await {
                Ok(Some(role)) if is_wanted(&role, attributes) => {
                    return Ok(made(NO_UID.into(), None));
                }
                Ok(_) => {}
                Err(error) => return Err(unknown(&edit.object, &error)),
            }
            if !patience.wait(None).await {
                return Err(lost);
            }
        }
    }

    /// Brings a deleted role back and makes it what the stack says.
    async fn revive(&self, edit: &Edit, attributes: &Value) -> WriteOutcome {
        let name = edit.object.ident.as_str();
        let path = format!("v1/{name}:undelete");
        let call = Call::write(Method::POST, Api::Iam, path, Some(json!({})), name);
        let reply = self.http.repeat(&call).await?;
        match reply.status.as_u16() {
            200 => {}
            400 | 404 | 409 => {
                // Undeleted by a try whose answer was lost, or by somebody else.
                let now = self.http.custom_role(name).await?;
                if now.is_none_or(|role| role.deleted) {
                    return Err(gone_for_good(name, &refused(&reply, name)));
                }
            }
            _ => return Err(refused(&reply, name)),
        }
        let role = self.http.custom_role(name).await?;
        let role = role.ok_or_else(|| unreadable(name))?;
        self.bring_role_to(edit, role, attributes, |_| true).await
    }

    async fn patch_role(&self, edit: &Edit, attributes: &Value) -> WriteOutcome {
        let role = self.fresh_role(edit).await?;
        let holds = |role: &Role| self.is_fresh(edit, role);
        match role {
            Some(role) if holds(&role) => self.bring_role_to(edit, role, attributes, holds).await,
            role => Err(stale(
                edit,
                role.map(|role| role.observed(&self.instance)).as_ref(),
            )),
        }
    }

    /// Patches what differs, under the role's etag. `holds` says whether the role may be written
    /// as it is found after a conflict.
    async fn bring_role_to(
        &self,
        edit: &Edit,
        mut role: Role,
        attributes: &Value,
        holds: impl Fn(&Role) -> bool,
    ) -> WriteOutcome {
        let name = edit.object.ident.as_str();
        let mut patience = Patience::new();
        for _ in 0..CONFLICTS {
            let observed = role.observed(&self.instance).attributes;
            let now = compare::project(&observed, attributes, &edit.precondition.compared);
            let differences = compare::differences(&now, attributes);
            let differs = |key: &str| differences.iter().any(|found| found.path == key);
            let mask: Vec<&str> = FIELDS
                .iter()
                .filter(|(key, _)| differs(key))
                .map(|(_, field)| *field)
                .collect();
            if mask.is_empty() {
                return Ok(made(NO_UID.into(), None));
            }
            let mut body = fields(attributes, differs);
            body.insert("etag".to_owned(), role.etag.as_str().into());
            let path = format!("v1/{name}?updateMask={}", mask.join(","));
            let call = Call::write(Method::PATCH, Api::Iam, path, Some(body.into()), name);
            match self.http.once(&call, &mut patience).await? {
                Answer::Reply(reply) if reply.status == StatusCode::OK => {
                    return Ok(made(NO_UID.into(), Some(&reply)));
                }
                Answer::Reply(reply) if is_conflict(&reply) => {}
                Answer::Reply(reply) => return Err(refused(&reply, name)),
                // What it became is seen by the reading below.
                Answer::Lost(lost) => {
                    if !patience.wait(None).await {
                        return Err(unknown(&edit.object, &lost));
                    }
                }
            }
            role = match self.fresh_role(edit).await? {
                Some(fresh) if holds(&fresh) || is_wanted(&fresh, attributes) => fresh,
                fresh => {
                    let observed = fresh.map(|role| role.observed(&self.instance));
                    return Err(stale(edit, observed.as_ref()));
                }
            };
        }
        Err(written_too_often(name))
    }

    async fn delete_role(&self, edit: &Edit) -> WriteOutcome {
        let name = edit.object.ident.as_str();
        let mut patience = Patience::new();
        for _ in 0..CONFLICTS {
            let Some(role) = self.fresh_role(edit).await? else {
                return Ok(deleted(None));
            };
            let now = role.observed(&self.instance);
            if !edit.precondition.holds(&now.uid, &now.attributes) {
                return Err(stale(edit, Some(&now)));
            }
            let path = format!("v1/{name}?etag={}", encoded(&role.etag));
            let call = Call::write(Method::DELETE, Api::Iam, path, None, name);
            match self.http.once(&call, &mut patience).await? {
                Answer::Reply(reply)
                    if matches!(reply.status, StatusCode::OK | StatusCode::NOT_FOUND) =>
                {
                    return Ok(deleted(Some(&reply)));
                }
                Answer::Reply(reply) if is_conflict(&reply) => {}
                Answer::Reply(reply) => return Err(refused(&reply, name)),
                Answer::Lost(lost) => {
                    if !patience.wait(None).await {
                        return Err(unknown(&edit.object, &lost));
                    }
                }
            }
        }
        Err(written_too_often(name))
    }

    /// The role as it is now; `None` where it does not exist or is deleted.
    async fn fresh_role(&self, edit: &Edit) -> Result<Option<Role>, ProviderError> {
        let role = self.http.custom_role(&edit.object.ident).await?;
        Ok(role.filter(|role| !role.deleted))
    }

    /// Whether a role is still what the plan compared, or already what it wants.
    fn is_fresh(&self, edit: &Edit, role: &Role) -> bool {
        let now = role.observed(&self.instance);
        edit.precondition.holds(&now.uid, &now.attributes)
            || matches!(&edit.kind, EditKind::Update { attributes, .. } if is_wanted(role, attributes))
    }
}

/// The fields of a request, in Google's names; one that is not set any longer is emptied.
fn fields(attributes: &Value, wanted: impl Fn(&str) -> bool) -> JsonMap<String, Json> {
    let mut body = JsonMap::new();
    for (key, field) in FIELDS {
        let value = attributes.get(key).unwrap_or(&Value::Null);
        let json = match (key, value) {
            _ if !wanted(key) => continue,
            ("permissions", Value::Null) => json!([]),
            ("stage", Value::Null) => continue,
            (_, Value::Null) => json!(""),
            _ => value.to_json(),
        };
        body.insert(field.to_owned(), json);
    }
    body
}

/// Whether a role is what we were about to make.
fn is_wanted(role: &Role, attributes: &Value) -> bool {
    let observed = role.observed(&"".into()).attributes;
    let projected = compare::project(&observed, attributes, &Value::Null);
    !role.deleted && compare::same(&projected, attributes)
}

fn gone_for_good(name: &str, refused: &ProviderError) -> ProviderError {
    let message = format!("`{name}` was deleted and cannot be brought back: {refused}");
    ProviderError::new(ErrorKind::Conflict, message).help(
        "Google brings a role back for seven days, then keeps its id taken for about thirty more: \
         choose another `role_id`, or wait until 37 days after the deletion",
    )
}

fn written_too_often(name: &str) -> ProviderError {
    let message = format!("`{name}` is written too often by others");
    ProviderError::new(ErrorKind::Unavailable, message).help("apply again")
}
