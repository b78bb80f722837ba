//! Faults on request: wrong answers, lost answers, late answers.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;

use crate::requests::RequestKey;

/// Which requests something applies to; what is left out matches all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RequestMatch {
    /// The verb; server-side apply is `patch`. Of a Google API, its method: `setIamPolicy`.
    pub verb: Option<String>,
    /// The resource, with its subresource: `roles`, `serviceaccounts/token`. Of a Google API, its
    /// name and collection: `cloudresourcemanager.projects`.
    pub resource: Option<String>,
    /// How the user agent begins.
    pub user_agent: Option<String>,
}

impl RequestMatch {
    /// Matches every request.
    pub fn any() -> Self {
        Self::default()
    }

    /// Matches one verb on one resource.
    pub fn of(verb: &str, resource: &str) -> Self {
        Self {
            verb: Some(verb.to_owned()),
            resource: Some(resource.to_owned()),
            user_agent: None,
        }
    }

    /// Matches one verb on anything.
    pub fn verb(verb: &str) -> Self {
        Self {
            verb: Some(verb.to_owned()),
            ..Self::default()
        }
    }

    pub(crate) fn matches(&self, key: &RequestKey) -> bool {
        self.verb.as_ref().is_none_or(|verb| *verb == key.verb)
            && self
                .resource
                .as_ref()
                .is_none_or(|resource| *resource == key.resource)
            && self
                .user_agent
                .as_ref()
                .is_none_or(|agent| key.user_agent.starts_with(agent))
    }
}

/// Which of the matching requests are hit.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// All.
    Always,
    /// Only this one, counted from 1.
    Nth(u64),
    /// The first so many.
    First(u64),
    /// Each with this probability, decided by a generator of this seed.
    Chance {
        /// From 0 to 1.
        probability: f64,
        /// The same seed hits the same requests.
        seed: u64,
    },
}

/// What happens to a request that is hit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// An error status instead of an answer; nothing is done.
    Status {
        /// The HTTP status.
        code: u16,
        /// A `Retry-After` header, in seconds; from a Google API, `RetryInfo` in the body too.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// The connection is closed before anything is done.
    DropBeforeCommit,
    /// The connection is closed after everything is done, without an answer.
    DropAfterCommit,
    /// The request is done so many milliseconds later.
    LatencyMs(u64),
}

/// A fault to inject.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Which requests it applies to.
    #[serde(default)]
    pub on: RequestMatch,
    /// Which of those it hits.
    #[serde(default = "always")]
    pub when: When,
    /// What it does to them.
    pub effect: Effect,
}

fn always() -> When {
    When::Always
}

/// The faults of a running sandbox.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<Vec<Armed>>>);

#[derive(Debug)]
struct Armed {
    fault: Fault,
    seen: u64,
    random: u64,
}

impl Faults {
    /// Adds a fault; it counts requests from now on.
    pub fn add(&self, fault: Fault) {
        let random = match fault.when {
            When::Chance { seed, .. } => seed,
            _ => 0,
        };
        self.lock().push(Armed {
            fault,
            seen: 0,
            random,
        });
    }

    /// Removes all faults.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// What hits this request, every fault counting it once.
    pub(crate) fn strike(&self, key: &RequestKey) -> Strike {
        let mut strike = Strike::default();
        for armed in self
            .lock()
            .iter_mut()
            .filter(|armed| armed.fault.on.matches(key))
        {
            if !armed.hits() {
                continue;
            }
            match &armed.fault.effect {
                Effect::Status { code, retry_after } => {
                    strike.status.get_or_insert((*code, *retry_after));
                }
                Effect::DropBeforeCommit => strike.drop_before = true,
                Effect::DropAfterCommit => strike.drop_after = true,
                Effect::LatencyMs(ms) => strike.latency += Duration::from_millis(*ms),
            }
        }
        strike
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Armed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Armed {
    fn hits(&mut self) -> bool {
        self.seen += 1;
        match self.fault.when {
            When::Always => true,
            When::Nth(n) => self.seen == n,
            When::First(n) => self.seen <= n,
            When::Chance { probability, .. } => self.next_random() < probability,
        }
    }

    /// SplitMix64, as a number from 0 up to 1.
    fn next_random(&mut self) -> f64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        // 53 bits fit a double exactly.
        (z >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// All that hits one request.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Strike {
    pub(crate) latency: Duration,
    pub(crate) status: Option<(u16, Option<u64>)>,
    pub(crate) drop_before: bool,
    pub(crate) drop_after: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(verb: &str) -> RequestKey {
        RequestKey {
            user_agent: "rbacform/0".into(),
            verb: verb.into(),
            resource: "roles".into(),
        }
    }

    fn hits(when: When, requests: usize) -> Vec<bool> {
        let faults = Faults::default();
        faults.add(Fault {
            on: RequestMatch::of("patch", "roles"),
            when,
            effect: Effect::DropBeforeCommit,
        });
        (0..requests)
            .map(|_| {
                assert_eq!(faults.strike(&key("get")), Strike::default());
                faults.strike(&key("patch")).drop_before
            })
            .collect()
    }

    #[test]
    fn only_the_chosen_requests_are_hit() {
        assert_eq!(hits(When::Nth(2), 3), [false, true, false]);
        assert_eq!(hits(When::First(2), 3), [true, true, false]);
        let chance = When::Chance {
            probability: 0.5,
            seed: 7,
        };
        let drawn = hits(chance, 64);
        assert_eq!(drawn, hits(chance, 64));
        assert!(drawn.contains(&true) && drawn.contains(&false));
        assert!(
            !hits(
                When::Chance {
                    probability: 0.0,
                    seed: 1
                },
                64
            )
            .contains(&true)
        );
    }

    #[test]
    fn faults_can_be_read_from_a_file() {
        let fault: Fault = serde_json::from_str(
            r#"{"on": {"verb": "patch"}, "when": {"nth": 3},
                "effect": {"status": {"code": 503, "retry_after": 1}}}"#,
        )
        .unwrap();
        assert_eq!(fault.when, When::Nth(3));
        assert_eq!(
            fault.effect,
            Effect::Status {
                code: 503,
                retry_after: Some(1)
            }
        );
        let everywhere: Fault = serde_json::from_str(r#"{"effect": {"latency_ms": 5}}"#).unwrap();
        assert_eq!(everywhere.on, RequestMatch::any());
    }
}
