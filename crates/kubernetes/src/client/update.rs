//! Updating: the object must be the one that the plan compared.

use http::{Method, StatusCode};
use rbacform_core::{Edit, Mark, ObservedObject, Text, Value, compare};
use rbacform_provider::{ErrorKind, ProviderError, WriteOutcome, Written};

use super::http::{Call, Reply};
use super::retry::Patience;
use super::write::{Answer, Writer, apply, stale, written};
use crate::leftover;
use crate::request::{Apply, Expect, object_path};
use crate::types::Kind;

/// How often another write may come between our reading and our writing.
const CONFLICTS: usize = 10;

/// What is known of the object before a try.
struct Known {
    expect: Expect,
    /// Whether the label `app.kubernetes.io/managed-by` is ours to write.
    managed_by: bool,
}

impl Writer {
    /// Makes an object what the stack says; without a mark, takes ours off and leaves the rest.
    pub(super) async fn update(
        &self,
        kind: &'static Kind,
        edit: &Edit,
        attributes: &Value,
        mark: Option<&Mark>,
    ) -> WriteOutcome {
        let mut patience = Patience::new();
        let mut known = match self.known(edit) {
            Some(known) => known,
            None => known_from(edit, self.reader.get(kind, &edit.object).await?)?,
        };
        for _ in 0..CONFLICTS {
            let request = Apply {
                kind,
                object: &edit.object,
                attributes,
                mark,
                managed_by: known.managed_by && mark.is_some(),
                expect: Some(&known.expect),
            };
            match self
                .send(&apply(&request, true), edit, &mut patience)
                .await?
            {
                Answer::Reply(reply) if reply.status == StatusCode::OK => {
                    let applied = self.reader.decode(kind, &edit.object, &reply.body)?;
                    let done = written(applied.uid.clone(), Some(&reply));
                    return self.finish(&request, edit, applied, done).await;
                }
                Answer::Reply(reply) if is_precondition(&reply) => {
                    known = known_from(edit, self.reader.get(kind, &edit.object).await?)?;
                }
                Answer::Reply(reply) => return Err(self.refused(&reply, edit)),
                Answer::Lost(lost) => {
                    let found = match self.settle(kind, edit, &lost).await? {
                        Some(found) if applied(&found, edit, &request) => {
                            let done = written(found.uid.clone(), None);
                            return self.finish(&request, edit, found, done).await;
                        }
                        found => found,
                    };
                    known = known_from(edit, found)?;
                    if !patience.wait(None).await {
                        return Err(lost);
                    }
                }
            }
        }
        Err(too_often(edit))
    }

    /// What the plan's own reading told, where it is enough.
    fn known(&self, edit: &Edit) -> Option<Known> {
        Some(Known {
            expect: Expect {
                uid: Some(edit.precondition.uid.as_ref()?.to_string()),
                version: edit.precondition.version.as_ref()?.to_string(),
            },
            managed_by: self.seen.is_ours(&edit.object)?,
        })
    }

    /// Removes what another manager holds on to: a field that is left out of a server-side apply
    /// goes only where nobody else owns it. What somebody has written there meanwhile is kept.
    async fn finish(
        &self,
        request: &Apply<'_>,
        edit: &Edit,
        applied: ObservedObject,
        mut done: Written,
    ) -> WriteOutcome {
        let (compared, wanted) = (&edit.precondition.compared, request.attributes);
        let marked = request.mark.is_some();
        let mut patience = Patience::new();
        let mut current = applied.clone();
        for _ in 0..CONFLICTS {
            let Some(body) = leftover::patch(&current, compared, wanted, marked) else {
                return Ok(done);
            };
            let path = object_path(request.kind, &edit.object);
            let call = Call {
                method: Method::PATCH,
                path: format!("{path}?fieldManager=rbacform"),
                content_type: Some("application/merge-patch+json"),
                body: body.to_string().into_bytes(),
                large: false,
            };
            match self.send(&call, edit, &mut patience).await? {
                Answer::Reply(reply) if reply.status == StatusCode::OK => {
                    done.request_id = reply.audit_id.or(done.request_id);
                    return Ok(done);
                }
                Answer::Reply(reply)
                    if is_precondition(&reply) || reply.status == StatusCode::NOT_FOUND =>
                {
                    let found = self.reader.get(request.kind, &edit.object).await?;
                    current = same_leftover(edit, &applied, found, wanted)?;
                }
                Answer::Reply(reply) => return Err(self.refused(&reply, edit)),
                Answer::Lost(lost) => {
                    let found = self.settle(request.kind, edit, &lost).await?;
                    current = same_leftover(edit, &applied, found, wanted)?;
                    if !patience.wait(None).await {
                        return Err(ProviderError::new(ErrorKind::Unknown, lost.message));
                    }
                }
            }
        }
        Err(too_often(edit))
    }
}

/// The object, read again, where what is to be removed of it is still what the plan compared.
fn same_leftover(
    edit: &Edit,
    applied: &ObservedObject,
    found: Option<ObservedObject>,
    wanted: &Value,
) -> Result<ObservedObject, ProviderError> {
    let same = |found: &ObservedObject| {
        found.uid == applied.uid
            && leftover::is_same(found, applied, &edit.precondition.compared, wanted)
    };
    match found {
        Some(found) if same(&found) => Ok(found),
        found => Err(stale(edit, found.as_ref())),
    }
}

/// What a fresh reading tells, where the plan still holds.
pub(super) fn fresh(
    edit: &Edit,
    found: Option<ObservedObject>,
) -> Result<ObservedObject, ProviderError> {
    match found {
        Some(found) if edit.precondition.holds(&found.uid, &found.attributes) => Ok(found),
        found => Err(stale(edit, found.as_ref())),
    }
}

fn too_often(edit: &Edit) -> ProviderError {
    let message = format!("`{}` is written too often by others", edit.object);
    ProviderError::new(ErrorKind::Unavailable, message).help("apply again")
}

fn known_from(edit: &Edit, found: Option<ObservedObject>) -> Result<Known, ProviderError> {
    let found = fresh(edit, found)?;
    Ok(Known {
        expect: Expect {
            uid: Some(found.uid.to_string()),
            version: found.version.to_string(),
        },
        managed_by: found.managed_by.is_none(),
    })
}

/// Whether the server refused because the object is not, or no longer, the one that was read.
fn is_precondition(reply: &Reply) -> bool {
    match reply.status {
        StatusCode::CONFLICT => true,
        StatusCode::UNPROCESSABLE_ENTITY => reply.error().message.contains("metadata.uid"),
        _ => false,
    }
}

/// Whether the object is what the request asks for already.
fn applied(found: &ObservedObject, edit: &Edit, request: &Apply<'_>) -> bool {
    let uid: Option<&Text> = edit.precondition.uid.as_ref();
    let projected = compare::project(&found.attributes, request.attributes, &Value::Null);
    uid == Some(&found.uid)
        && found.mark.as_ref() == request.mark
        && compare::same(&projected, request.attributes)
        && Some(found.version.as_str()) != request.expect.map(|expect| expect.version.as_str())
}
