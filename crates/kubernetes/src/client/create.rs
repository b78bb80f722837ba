//! Creating: the object must not be there.

use http::StatusCode;
use rbacform_core::{Edit, Mark, ObservedObject, Value, compare};
use rbacform_provider::{ErrorKind, ProviderError, WriteOutcome};

use super::retry::Patience;
use super::write::{Answer, Writer, apply, written};
use crate::request::{Apply, Expect};
use crate::types::Kind;

/// A resourceVersion that no object ever has: etcd counts from it, so the first write is already
/// the next. With it a server-side apply makes a missing object, and answers 409 where there is
/// one, instead of silently joining an equal one.
const NEVER: &str = "1";

impl Writer {
    /// Makes an object. One that the world may make by itself is joined as well.
    pub(super) async fn create(
        &self,
        kind: &'static Kind,
        edit: &Edit,
        attributes: &Value,
        mark: &Mark,
        built_in: bool,
    ) -> WriteOutcome {
        let expect = Expect {
            uid: None,
            version: NEVER.to_owned(),
        };
        let mut request = Apply {
            kind,
            object: &edit.object,
            attributes,
            mark: Some(mark),
            managed_by: true,
            expect: (!built_in).then_some(&expect),
        };
        let mut patience = Patience::new();
        loop {
            let call = apply(&request, false);
            match self.send(&call, edit, &mut patience).await? {
                Answer::Reply(reply) => match reply.status {
                    StatusCode::CREATED => {
                        let made = self.reader.decode(kind, &edit.object, &reply.body)?;
                        self.remember(edit, &made);
                        return Ok(written(made.uid, Some(&reply)));
                    }
                    StatusCode::OK if built_in => {
                        let joined = self.reader.decode(kind, &edit.object, &reply.body)?;
                        return Ok(written(joined.uid, Some(&reply)));
                    }
                    StatusCode::OK => {
                        return Err(appeared(edit, None));
                    }
                    StatusCode::CONFLICT => {
                        let refused = self.refused(&reply, edit);
                        let Ok(found) = self.reader.get(kind, &edit.object).await else {
                            return Err(refused);
                        };
                        match found {
                            Some(found) if is_ours(&found, attributes, mark) => {
                                self.remember(edit, &found);
                                return Ok(written(found.uid, None));
                            }
                            // Its name is free once its finalizers are done.
                            Some(found) if found.terminating => {
                                if !patience.wait(None).await {
                                    return Err(
                                        refused.help("it is being deleted: wait until it is gone")
                                    );
                                }
                            }
                            Some(found)
                                if built_in && found.managed_by.is_some() && request.managed_by =>
                            {
                                request.managed_by = false;
                            }
                            Some(found) => return Err(in_the_way(edit, attributes, &found)),
                            None => {
                                if !patience.wait(None).await {
                                    return Err(refused);
                                }
                            }
                        }
                    }
                    _ => return Err(self.refused(&reply, edit)),
                },
                Answer::Lost(lost) => match self.settle(kind, edit, &lost).await? {
                    Some(found) if is_ours(&found, attributes, mark) => {
                        self.remember(edit, &found);
                        return Ok(written(found.uid, None));
                    }
                    Some(found) if !built_in => return Err(in_the_way(edit, attributes, &found)),
                    _ => {
                        if !patience.wait(None).await {
                            return Err(lost);
                        }
                    }
                },
            }
        }
    }
}

/// Whether this is what we were about to make: an earlier try whose answer was lost made it.
fn is_ours(found: &ObservedObject, attributes: &Value, mark: &Mark) -> bool {
    let projected = compare::project(&found.attributes, attributes, &Value::Null);
    found.mark.as_ref() == Some(mark) && !found.terminating && compare::same(&projected, attributes)
}

/// Somebody made an object of that name since the plan.
fn in_the_way(edit: &Edit, attributes: &Value, found: &ObservedObject) -> ProviderError {
    let projected = compare::project(&found.attributes, attributes, &Value::Null);
    if compare::same(&projected, attributes) {
        return appeared(edit, Some(found));
    }
    let message = format!(
        "`{}` exists already, with other content{}",
        edit.object,
        whose(found)
    );
    ProviderError::new(ErrorKind::Conflict, message)
        .help("plan again; `--adopt` takes it over, if that is what you want")
}

fn appeared(edit: &Edit, found: Option<&ObservedObject>) -> ProviderError {
    let whose = found.map(whose).unwrap_or_default();
    let message = format!(
        "somebody made `{}` after the plan was made{whose}",
        edit.object
    );
    ProviderError::new(ErrorKind::Stale, message).help("plan again")
}

fn whose(found: &ObservedObject) -> String {
    match (&found.mark, &found.managed_by, &found.last_writer) {
        (Some(mark), _, _) => format!(": it belongs to {mark}"),
        (None, Some(tool), _) => format!(": it is managed by `{tool}`"),
        (None, None, Some(writer)) => format!(": it was last written by `{}`", writer.manager),
        (None, None, None) => String::new(),
    }
}
