//! Rate limits kept on our side, so that a large run does not spend everybody's quota.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::target::Api;

/// Requests a minute, reads and writes. IAM: `iam/quotas`; Resource Manager: its older limits page,
/// and the 2,400 of a 429's own text. Other APIs say so themselves when it is too much.
fn quota(api: Api) -> Option<(u32, u32)> {
    match api {
        Api::Iam => Some((6_000, 600)),
        Api::CloudResourceManager => Some((2_400, 600)),
        _ => None,
    }
}

/// The buckets of every API.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    buckets: Mutex<BTreeMap<(Api, bool), Bucket>>,
}

/// A token bucket: full it lets half a minute's quota through at once and refills at half the
/// quota's speed, so that no minute ever sees more than the quota. A small run is never delayed.
#[derive(Debug)]
struct Bucket {
    /// Below zero where requests are waiting.
    tokens: f64,
    at: Instant,
}

impl Limits {
    /// Waits until a request may be sent.
    pub(crate) async fn take(&self, api: Api, write: bool) {
        let Some((reads, writes)) = quota(api) else {
            return;
        };
        let half = f64::from(if write { writes } else { reads }) / 2.0;
        let wait = self.reserve(api, write, half);
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }

    fn reserve(&self, api: Api, write: bool, half: f64) -> Duration {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let bucket = buckets.entry((api, write)).or_insert(Bucket {
            tokens: half,
            at: now,
        });
        let speed = half / 60.0;
        let refilled = bucket.tokens + now.duration_since(bucket.at).as_secs_f64() * speed;
        bucket.tokens = refilled.min(half) - 1.0;
        bucket.at = now;
        Duration::from_secs_f64((-bucket.tokens / speed).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_small_run_is_not_delayed_and_a_large_one_stays_below_the_quota() {
        let limits = Limits::default();
        let start = Instant::now();
        for _ in 0..300 {
            limits.take(Api::Iam, true).await;
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
        let mut minute = 300;
        while start.elapsed() < Duration::from_secs(60) {
            limits.take(Api::Iam, true).await;
            minute += 1;
        }
        assert!((590..=601).contains(&minute), "{minute} writes in a minute");
        // Reads have a quota of their own.
        let before = Instant::now();
        limits.take(Api::Iam, false).await;
        assert_eq!(before.elapsed(), Duration::ZERO);
    }
}
