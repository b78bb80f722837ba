//! When to try again, and for how long.

use std::time::Duration;

use rbacform_provider::ProviderError;
use tokio::time::Instant;

use super::errors::is_busy;
use super::http::{Call, Http};
use super::status::retry_after;
use super::transport::{Failure, Reply};

/// From the first try to the last.
const BOUND: Duration = Duration::from_secs(60);
/// Google asks for a first wait of a second, doubled each time.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(16);

/// What is left of the patience with one operation.
#[derive(Debug)]
pub(crate) struct Patience {
    end: Instant,
    wait: Duration,
}

/// What a write came to, where it came to anything.
#[derive(Debug)]
pub(crate) enum Answer {
    /// The server answered; not with 429 or 503, but where patience ended.
    Reply(Reply),
    /// It may have been carried out: the answer was lost, or is a 5xx.
    Lost(ProviderError),
}

impl Patience {
    pub(crate) fn new() -> Self {
        Self::within(BOUND)
    }

    /// The same, with another bound.
    pub(crate) fn within(bound: Duration) -> Self {
        Self {
            end: Instant::now() + bound,
            wait: FIRST_WAIT,
        }
    }

    /// Waits before the next try: as long as the server asks, else a random part of a growing
    /// time. False, at once, where that would be too long.
    pub(crate) async fn wait(&mut self, asked: Option<Duration>) -> bool {
        let wait = match asked {
            // A little more for each, so that those who were refused together come back apart.
            Some(asked) => asked.mul_f64(1.0 + 0.1 * rand::random::<f64>()),
            None => self.wait.mul_f64(rand::random::<f64>()),
        };
        self.wait = (self.wait * 2).min(LONGEST_WAIT);
        if Instant::now() + wait > self.end {
            return false;
        }
        tokio::time::sleep(wait).await;
        true
    }
}

impl Http {
    /// Sends a call that may be repeated, a read or a write that says the same twice, until it is
    /// answered.
    pub(crate) async fn repeat(&self, call: &Call) -> Result<Reply, ProviderError> {
        let mut patience = Patience::new();
        loop {
            let (error, again) = match self.send(call).await {
                Ok(reply) if is_busy(&reply) || is_passing(&reply) => {
                    let asked = retry_after(&reply, jiff::Timestamp::now());
                    if !patience.wait(asked).await {
                        return Ok(reply);
                    }
                    continue;
                }
                Ok(reply) => return Ok(reply),
                Err(Failure::NotSent(error)) => return Err(error),
                // A server that never answered is more likely misspelt than restarting.
                Err(Failure::Unreached(error)) => (error, self.was_reached()),
                Err(Failure::Lost(error)) => (error, true),
            };
            if !again || !patience.wait(None).await {
                return Err(error);
            }
        }
    }

    /// Sends a call that must not be carried out twice until the server takes it up.
    pub(crate) async fn once(
        &self,
        call: &Call,
        patience: &mut Patience,
    ) -> Result<Answer, ProviderError> {
        loop {
            match self.send(call).await {
                Ok(reply) if is_busy(&reply) => {
                    let asked = retry_after(&reply, jiff::Timestamp::now());
                    if !patience.wait(asked).await {
                        return Ok(Answer::Reply(reply));
                    }
                }
                Ok(reply) if is_passing(&reply) => {
                    return Ok(Answer::Lost(super::errors::refused(&reply, &call.about)));
                }
                Ok(reply) => return Ok(Answer::Reply(reply)),
                Err(Failure::NotSent(error)) => return Err(error),
                Err(Failure::Lost(error)) => return Ok(Answer::Lost(error)),
                // Nothing was sent: sending it again is safe.
                Err(Failure::Unreached(error)) => {
                    if !self.was_reached() || !patience.wait(None).await {
                        return Err(error);
                    }
                }
            }
        }
    }
}

/// Whether another try may fare better: 408 and the server's own failures, but for "not
/// implemented".
fn is_passing(reply: &Reply) -> bool {
    matches!(reply.status.as_u16(), 408 | 500 | 502..=599)
}
