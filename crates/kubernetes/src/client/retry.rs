//! When to try again, and for how long.

use std::time::Duration;

use http::StatusCode;
use rbacform_provider::ProviderError;
use tokio::time::Instant;

use super::errors::Failure;
use super::http::{Call, Http, Reply};

/// From the first try to the last.
const BOUND: Duration = Duration::from_secs(60);
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// What is left of the patience with one operation.
pub(super) struct Patience {
    end: Instant,
    wait: Duration,
}

impl Patience {
    pub(super) fn new() -> Self {
        Self {
            end: Instant::now() + BOUND,
            wait: FIRST_WAIT,
        }
    }

    /// Waits before the next try: as long as the server asks, else a random part of a growing
    /// time. False, at once, where that would be too long.
    pub(super) async fn wait(&mut self, asked: Option<Duration>) -> bool {
        let wait = asked.unwrap_or_else(|| {
            // Full jitter: many writers that were refused together must not come back together.
            self.wait.mul_f64(rand::random::<f64>())
        });
        self.wait = (self.wait * 2).min(LONGEST_WAIT);
        // A server may ask for any number of seconds.
        if self.left() < wait {
            return false;
        }
        tokio::time::sleep(wait).await;
        true
    }

    fn left(&self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }
}

/// Whether the server asks to come back later. It has done nothing then.
pub(super) fn is_busy(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::SERVICE_UNAVAILABLE
}

/// Sends a read until it is answered.
pub(super) async fn read(http: &Http, call: &Call) -> Result<Reply, ProviderError> {
    let mut patience = Patience::new();
    loop {
        let (error, reached) = match http.send(call).await {
            Ok(reply) if is_busy(reply.status) || reply.status.is_server_error() => {
                if !patience.wait(reply.retry_after).await {
                    return Ok(reply);
                }
                continue;
            }
            Ok(reply) => return Ok(reply),
            Err(Failure::NotSent(error)) => return Err(error),
            // A server that never answered is more likely misspelt than restarting.
            Err(Failure::Unreached(error)) => (error, http.was_reached()),
            Err(Failure::Lost(error)) => (error, true),
        };
        if !reached || !patience.wait(None).await {
            return Err(error);
        }
    }
}
