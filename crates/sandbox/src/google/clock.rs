//! The time of the Google half; tests can move it on.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;

/// A clock that may be ahead of the machine's.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clock(Arc<AtomicI64>);

impl Clock {
    /// Microseconds since 1970.
    pub(crate) fn now(&self) -> Moment {
        let ahead = self.0.load(Ordering::SeqCst);
        Moment(Timestamp::now().as_microsecond().saturating_add(ahead))
    }

    pub(crate) fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        self.0.fetch_add(by, Ordering::SeqCst);
    }
}

/// A moment, in microseconds since 1970.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub(crate) struct Moment(pub(crate) i64);

impl Moment {
    pub(crate) fn plus(self, duration: Duration) -> Self {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(micros))
    }

    /// Whole seconds from an earlier moment to this one, rounded up; zero where it is later.
    pub(crate) fn seconds_since(self, earlier: Self) -> u64 {
        let micros = self.0.saturating_sub(earlier.0).max(0);
        u64::try_from(micros)
            .unwrap_or_default()
            .div_ceil(1_000_000)
    }

    /// RFC 3339, whole seconds, as most Google APIs write it.
    pub(crate) fn to_text(self) -> String {
        let moment = Timestamp::from_microsecond(self.0).unwrap_or_default();
        moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }
}
