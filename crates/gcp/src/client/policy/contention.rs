//! Waiting for others who write the same policy.

use std::time::Duration;

use tokio::time::Instant;

/// Each refusal means that somebody else's write went through, so patience is longer than with a
/// server that is unwell.
const BOUND: Duration = Duration::from_secs(180);
const SHORTEST: Duration = Duration::from_millis(10);
const LONGEST: Duration = Duration::from_secs(8);

/// The fight over one policy. The first try again comes at once, give or take; then the random
/// wait doubles. It is measured in rounds, read to refusal: milliseconds on this machine, seconds
/// at Google.
pub(super) struct Contention {
    end: Instant,
    round: Instant,
    refusals: u32,
}

impl Contention {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self {
            end: now + BOUND,
            round: now,
            refusals: 0,
        }
    }

    /// A round begins: the policy is read.
    pub(super) fn begin(&mut self) {
        self.round = Instant::now();
    }

    /// Waits after a refusal. False, at once, where it has lasted too long.
    pub(super) async fn lost_round(&mut self) -> bool {
        let now = Instant::now();
        let round = now.duration_since(self.round).max(SHORTEST);
        let range = (round * 2_u32.pow(self.refusals.min(8))).min(LONGEST);
        self.refusals += 1;
        let wait = range.mul_f64(rand::random::<f64>());
        if now + wait > self.end {
            return false;
        }
        tokio::time::sleep(wait).await;
        true
    }
}
