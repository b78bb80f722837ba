//! Many edits of one policy as one read-modify-write.

use std::time::Duration;

use http::StatusCode;
use rbacform_core::{Edit, Text, Value};
use rbacform_provider::{ErrorKind, ProviderError, WriteOutcome};

use super::contention::Contention;
use super::outcomes::Outcomes;
use super::read::decode;
use super::{edits, isolate, set};
use crate::client::errors::{is_conflict, refused};
use crate::client::retry::{Answer, Patience};
use crate::client::transport::Reply;
use crate::client::write::{Writer, unknown};
use crate::policy;
use crate::target::ResourceName;

/// How long a policy may take to learn of a service account that this run made: seconds, mostly.
const UNTIL_KNOWN: Duration = Duration::from_secs(60);

/// What one try to write some edits came to.
enum Tried {
    /// Each edit has its outcome.
    Settled,
    /// The server refuses them together (400), in these words.
    Refused(ProviderError),
    /// Nothing more can be done on this policy.
    Over(ProviderError),
}

impl Writer {
    /// Carries out the edits of one policy, one outcome each: read, fold, set; merged again where
    /// somebody else wrote in between; taken apart where the server refuses some of them.
    pub(in crate::client) async fn policy(
        &self,
        name: &ResourceName,
        edits: &[&Edit],
    ) -> Vec<WriteOutcome> {
        let mut session = Session {
            writer: self,
            name,
            fresh: None,
            contention: Contention::new(),
            patience: Patience::new(),
            until_known: Patience::within(UNTIL_KNOWN),
            outcomes: Outcomes::new(edits),
        };
        let mut waiting = vec![(0..edits.len()).collect::<Vec<usize>>()];
        while let Some(indices) = waiting.pop() {
            match session.attempt(&indices).await {
                Tried::Settled => {}
                Tried::Refused(error) => {
                    let open = session.outcomes.open(&indices);
                    match isolate::split(&open, &error.message) {
                        Some((first, second)) => waiting.extend([second, first]),
                        None => session.outcomes.failed(&open, &error),
                    }
                }
                Tried::Over(error) => {
                    waiting.push(indices);
                    for indices in waiting.drain(..) {
                        let open = session.outcomes.open(&indices);
                        session.outcomes.failed(&open, &error);
                    }
                }
            }
        }
        session.outcomes.finish()
    }
}

/// The work on one policy.
struct Session<'a> {
    writer: &'a Writer,
    name: &'a ResourceName,
    /// The policy as last read or answered; none where it must be read again.
    fresh: Option<Value>,
    contention: Contention,
    patience: Patience,
    until_known: Patience,
    outcomes: Outcomes<'a>,
}

impl Session<'_> {
    /// Tries to write edits together.
    async fn attempt(&mut self, indices: &[usize]) -> Tried {
        loop {
            let fresh = match self.fresh().await {
                Ok(fresh) => fresh,
                Err(error) => return Tried::Over(error),
            };
            let Some((open, wanted)) = self.fold(indices, &fresh) else {
                return Tried::Settled;
            };
            let call = match set::call(self.name, &fresh, &wanted) {
                Ok(call) => call,
                Err(error) => return Tried::Over(error),
            };
            self.fresh = None;
            match self.writer.http.once(&call, &mut self.patience).await {
                Ok(Answer::Reply(reply)) if reply.status == StatusCode::OK => {
                    // The reply proves the write, and saves the next part of it a read.
                    self.fresh = decode(self.name, &reply.body).ok();
                    let id = reply.header("x-goog-request-id").map(Text::from);
                    self.outcomes.done(&open, id.as_ref());
                    return Tried::Settled;
                }
                Ok(Answer::Reply(reply)) if is_conflict(&reply) => {
                    if !self.contention.lost_round().await {
                        return Tried::Over(self.crowded());
                    }
                }
                Ok(Answer::Reply(reply)) => {
                    let error = refused(&reply, self.name.as_str());
                    if self.is_not_yet_known(&reply, &error) && self.until_known.wait(None).await {
                        continue;
                    }
                    return match reply.status {
                        // Nothing was written: what was read may serve the next part.
                        StatusCode::BAD_REQUEST => {
                            self.fresh = Some(fresh);
                            Tried::Refused(error)
                        }
                        _ => Tried::Over(error),
                    };
                }
                // Whether it was carried out is seen by reading again, above: what stands is done.
                Ok(Answer::Lost(lost)) => match self.fresh().await {
                    Ok(fresh) => {
                        let Some(_) = self.fold(indices, &fresh) else {
                            return Tried::Settled;
                        };
                        if !self.patience.wait(None).await {
                            return Tried::Over(lost);
                        }
                        self.fresh = None;
                    }
                    Err(error) => {
                        let object = open.first().map(|(_, edit)| edit.object.clone());
                        return Tried::Over(match object {
                            Some(object) => unknown(&object, &error),
                            None => error,
                        });
                    }
                },
                Err(error) => return Tried::Over(error),
            }
        }
    }

    /// The policy as it is now.
    async fn fresh(&mut self) -> Result<Value, ProviderError> {
        if let Some(fresh) = &self.fresh {
            return Ok(fresh.clone());
        }
        loop {
            self.contention.begin();
            if let Some(policy) = self.writer.http.policy(self.name).await? {
                self.fresh = Some(policy.clone());
                return Ok(policy);
            }
            let made = self.writer.names_made_account(self.name.as_str());
            if !made || !self.until_known.wait(None).await {
                let message = format!("`{}` does not exist", self.name);
                return Err(ProviderError::new(ErrorKind::NotFound, message)
                    .help("check its name, or declare what makes it"));
            }
        }
    }

    /// The edits that are to be sent and the policy that they make. Those that cannot be, by what
    /// stands now or by Google's limits, get their outcome; `None` where nothing is left to send.
    fn fold<'s>(
        &mut self,
        indices: &[usize],
        fresh: &Value,
    ) -> Option<(Vec<(usize, &'s Edit)>, Value)>
    where
        Self: 's,
    {
        let instance = self.writer.instance.clone();
        for (index, edit) in self.outcomes.open(indices) {
            if let Err(error) = edits::check(edit, &instance, self.name.as_str(), fresh) {
                self.outcomes.failed(&[(index, edit)], &error);
            }
        }
        loop {
            let open = self.outcomes.open(indices);
            let owned: Vec<Edit> = open.iter().map(|(_, edit)| (*edit).clone()).collect();
            let wanted = policy::fold(fresh, &owned);
            if policy::same(fresh, &wanted) {
                self.outcomes.done(&open, None);
                return None;
            }
            let exceeded = policy::check_limits(&wanted, &owned).into_iter().next();
            let Some(limit) = exceeded else {
                return Some((open, wanted));
            };
            let error = ProviderError::new(ErrorKind::Invalid, limit.message).help(limit.help);
            let over: Vec<_> = open
                .iter()
                .filter(|(_, edit)| limit.addresses.contains(&edit.address))
                .copied()
                .collect();
            match over.is_empty() {
                // Never go round without an outcome.
                true => self.outcomes.failed(&open, &error),
                false => self.outcomes.failed(&over, &error),
            }
        }
    }

    /// Whether the server only does not know yet what this run has just made.
    fn is_not_yet_known(&self, reply: &Reply, error: &ProviderError) -> bool {
        let missing = error.message.contains("does not exist") || reply.status == 404;
        missing
            && matches!(reply.status.as_u16(), 400 | 404)
            && self.writer.names_made_account(&error.message)
    }

    fn crowded(&self) -> ProviderError {
        let message = format!(
            "the policy of `{}` is written too often by others",
            self.name
        );
        ProviderError::new(ErrorKind::Unavailable, message).help("apply again")
    }
}
