//! When what was written is in effect. Google says minutes, and a revoked grant leaves issued tokens
//! alive.
//!
//! Google: <https://docs.cloud.google.com/iam/docs/access-change-propagation>; the lifetimes of
//! tokens: `iam/docs/create-short-lived-credentials-direct`.

use jiff::{SignedDuration, Timestamp};
use rbacform_core::ObjectId;
use rbacform_core::plan::{AccessChange, AccessEntry};
use serde::Serialize;

use crate::planning::GOOGLE;

/// Policies are typically in effect after so long.
const TYPICALLY: SignedDuration = SignedDuration::from_mins(2);
/// At times it takes this long, or longer.
const AT_TIMES: SignedDuration = SignedDuration::from_mins(7);
/// An access token lives so long, where nobody asked for another lifetime.
const TOKEN: SignedDuration = SignedDuration::from_hours(1);
/// An access token lives at most so long, where an organization allows it.
const LONG_TOKEN: SignedDuration = SignedDuration::from_hours(12);

/// When Google's changed policies hold, each in RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct InEffect {
    platform: &'static str,
    /// By when they typically hold.
    typically: String,
    /// Until when it may take at times, or longer.
    at_times: String,
    /// Until when those who lost access may hold a token that still gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens_until: Option<String>,
    /// The same where tokens of twelve hours are allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    long_tokens_until: Option<String>,
}

impl InEffect {
    /// Of grants and revocations that were written at `now`, through the objects of which `done`
    /// is true; none where Google has none of them.
    pub(crate) fn of(
        access: &AccessChange,
        done: impl Fn(&ObjectId) -> bool,
        now: Timestamp,
    ) -> Option<Self> {
        let on_google = |entries: &[AccessEntry]| {
            entries.iter().any(|entry| {
                // What somebody gets at by the cluster's pods, the cluster gives at once.
                let mut via = entry
                    .via
                    .iter()
                    .filter(|via| via.binding.instance == GOOGLE);
                via.any(|via| done(&via.binding) || done(&via.role))
            })
        };
        let revoked = on_google(&access.lost);
        if !revoked && !on_google(&access.gained) {
            return None;
        }
        let after = |span: SignedDuration| {
            let then = now.checked_add(span).unwrap_or(now);
            Timestamp::from_second(then.as_second())
                .unwrap_or(then)
                .to_string()
        };
        Some(Self {
            platform: GOOGLE,
            typically: after(TYPICALLY),
            at_times: after(AT_TIMES),
            tokens_until: revoked.then(|| after(TOKEN)),
            long_tokens_until: revoked.then(|| after(LONG_TOKEN)),
        })
    }

    /// The same in words.
    pub(crate) fn told(&self) -> String {
        let mut text = format!(
            "Written. Google has it in effect by {} as a rule, at times by {} or later.\n",
            self.typically, self.at_times
        );
        if let (Some(until), Some(long)) = (&self.tokens_until, &self.long_tokens_until) {
            text.push_str(&format!(
                "Who lost access may go on with a token that was issued before: until {until}, \
                 or {long} where tokens of 12 hours are allowed.\n"
            ));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use rbacform_core::plan::Via;

    use super::*;

    fn entry(platform: &str) -> AccessEntry {
        AccessEntry {
            platform: platform.to_owned(),
            subject: "user:ana@example.com".to_owned(),
            role: Some("roles/viewer".to_owned()),
            resource: "*".to_owned(),
            scope: "projects/acme-ml".to_owned(),
            via: vec![Via {
                binding: ObjectId::cluster(platform, "IamMember", "x"),
                role: ObjectId::cluster(platform, "Role", "roles/viewer"),
                file: None,
                line: None,
            }],
            ..AccessEntry::default()
        }
    }

    #[test]
    fn tokens_matter_only_where_access_is_lost() {
        let now: Timestamp = "2026-11-21T12:00:00.5Z".parse().unwrap();
        let mut access = AccessChange::default();
        access.gained.push(entry("kubernetes"));
        assert_eq!(InEffect::of(&access, |_| true, now), None);
        access.gained.push(entry(GOOGLE));
        let gained = InEffect::of(&access, |_| true, now).unwrap();
        assert_eq!(gained.typically, "2026-11-21T12:02:00Z");
        assert_eq!(gained.at_times, "2026-11-21T12:07:00Z");
        assert_eq!(gained.tokens_until, None);
        assert_eq!(
            InEffect::of(&access, |_| false, now),
            None,
            "nothing was written"
        );
        access.lost.push(entry(GOOGLE));
        let lost = InEffect::of(&access, |_| true, now).unwrap();
        assert_eq!(lost.tokens_until.as_deref(), Some("2026-11-21T13:00:00Z"));
        assert_eq!(
            lost.long_tokens_until.as_deref(),
            Some("2026-11-22T00:00:00Z")
        );
        assert!(lost.told().contains("2026-11-22T00:00:00Z"));
    }
}
