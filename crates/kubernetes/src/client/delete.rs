//! Deleting: exactly the object that the plan compared.

use http::{Method, StatusCode};
use rbacform_core::{Edit, ObservedObject, Text};
use rbacform_provider::{ErrorKind, ProviderError, WriteOutcome};

use super::http::Call;
use super::retry::Patience;
use super::update::fresh;
use super::write::{Answer, Writer, written};
use crate::request::{self, Expect, object_path};
use crate::types::Kind;

/// How often another write may come between our reading and our deleting.
const CONFLICTS: usize = 10;

impl Writer {
    /// Deletes an object. A namespace is deleted once the server has accepted it: what it holds
    /// goes seconds later.
    pub(super) async fn delete(&self, kind: &'static Kind, edit: &Edit) -> WriteOutcome {
        let gone = || Ok(written(Text::default(), None));
        let mut patience = Patience::new();
        let precondition = &edit.precondition;
        let mut expect = match (&precondition.uid, &precondition.version) {
            (Some(uid), Some(version)) => expect(uid, version),
            _ => match self.reader.get(kind, &edit.object).await? {
                None => return gone(),
                found => expect_from(&fresh(edit, found)?),
            },
        };
        for _ in 0..CONFLICTS {
            let call = Call {
                method: Method::DELETE,
                path: object_path(kind, &edit.object),
                content_type: Some("application/json"),
                body: request::delete(&expect).to_string().into_bytes(),
                large: false,
            };
            match self.send(&call, edit, &mut patience).await? {
                Answer::Reply(reply) => match reply.status {
                    StatusCode::OK | StatusCode::ACCEPTED | StatusCode::NOT_FOUND => {
                        return Ok(written(Text::default(), Some(&reply)));
                    }
                    StatusCode::CONFLICT => match self.reader.get(kind, &edit.object).await? {
                        None => return gone(),
                        Some(found) if is_going(&found, edit) => return gone(),
                        found => expect = expect_from(&fresh(edit, found)?),
                    },
                    _ => return Err(self.refused(&reply, edit)),
                },
                Answer::Lost(lost) => match self.settle(kind, edit, &lost).await? {
                    None => return gone(),
                    Some(found) if precondition.uid.as_ref() != Some(&found.uid) => return gone(),
                    Some(found) if is_going(&found, edit) => return gone(),
                    found => {
                        expect = expect_from(&fresh(edit, found)?);
                        if !patience.wait(None).await {
                            return Err(lost);
                        }
                    }
                },
            }
        }
        let message = format!("`{}` is written too often by others", edit.object);
        Err(ProviderError::new(ErrorKind::Unavailable, message).help("apply again"))
    }
}

/// Whether the object is being deleted already.
fn is_going(found: &ObservedObject, edit: &Edit) -> bool {
    found.terminating && edit.precondition.uid.as_ref() == Some(&found.uid)
}

fn expect_from(found: &ObservedObject) -> Expect {
    expect(&found.uid, &found.version)
}

fn expect(uid: &str, version: &str) -> Expect {
    Expect {
        uid: Some(uid.to_owned()),
        version: version.to_owned(),
    }
}
