//! Updating: the object must be the one that the plan compared.

use http::{Method, StatusCode};
use rbacform_core::{Edit, Mark, ObservedObject, Text, Value, compare};
use rbacform_provider::{ErrorKind, ProviderError, WriteOutcome};

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
                    return self.finish(kind, edit, attributes, mark, &reply).await;
                }
                Answer::Reply(reply) if is_precondition(&reply) => {
                    known = known_from(edit, self.reader.get(kind, &edit.object).await?)?;
                }
                Answer::Reply(reply) => return Err(self.refused(&reply, edit)),
                Answer::Lost(lost) => {
                    let found = self.settle(kind, edit, &lost).await?;
                    if let Some(found) = found
                        .as_ref()
                        .filter(|found| applied(found, edit, &request))
                    {
                        return Ok(written(found.uid.clone(), None));
                    }
                    known = known_from(edit, found)?;
                    if !patience.wait(None).await {
                        return Err(lost);
                    }
                }
            }
        }
        let message = format!("`{}` is written too often by others", edit.object);
        Err(ProviderError::new(ErrorKind::Unavailable, message).help("apply again"))
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
    /// goes only where nobody else owns it.
    async fn finish(
        &self,
        kind: &Kind,
        edit: &Edit,
        attributes: &Value,
        mark: Option<&Mark>,
        reply: &Reply,
    ) -> WriteOutcome {
        let observed = self.reader.decode(kind, &edit.object, &reply.body)?;
        let compared = &edit.precondition.compared;
        let Some(body) = leftover::patch(&observed, compared, attributes, mark.is_some()) else {
            return Ok(written(observed.uid, Some(reply)));
        };
        let call = Call {
            method: Method::PATCH,
            path: format!("{}?fieldManager=rbacform", object_path(kind, &edit.object)),
            content_type: Some("application/merge-patch+json"),
            body: body.to_string().into_bytes(),
            large: false,
        };
        match self.send(&call, edit, &mut Patience::new()).await? {
            Answer::Reply(reply) if reply.status == StatusCode::OK => {
                Ok(written(observed.uid, Some(&reply)))
            }
            Answer::Reply(reply)
                if is_precondition(&reply) || reply.status == StatusCode::NOT_FOUND =>
            {
                Err(stale(edit, None))
            }
            Answer::Reply(reply) => Err(self.refused(&reply, edit)),
            Answer::Lost(lost) => Err(ProviderError::new(ErrorKind::Unknown, lost.message)),
        }
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
