//! The answer to one question about one subject.

use rbacform_access::impersonation::{Acting, Mode, Taken, Target};
use rbacform_access::{Decision, Evaluator, NearMiss, Request, User, Version, Via, near_misses};
use serde::Serialize;

use super::answer::{Chain, FORMAT, Question};
use super::world::World;

/// The answer, in the shape of `rbacform.access/1`.
#[derive(Serialize)]
pub(super) struct Answer {
    format: &'static str,
    pub(super) question: Question,
    pub(super) answer: &'static str,
    pub(super) reason: String,
    pub(super) via: Vec<Chain>,
    pub(super) near_misses: Vec<Near>,
    pub(super) missing: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) impersonation: Option<Impersonation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) notes: Vec<String>,
}

/// A rule that would allow it but for one field.
#[derive(Serialize)]
pub(super) struct Near {
    pub(super) field: &'static str,
    pub(super) wanted: String,
    pub(super) has: Vec<String>,
    #[serde(flatten)]
    pub(super) chain: Chain,
}

/// How somebody may act as somebody else.
#[derive(Serialize)]
pub(super) struct Impersonation {
    /// `legacy`, or the constrained mode: `user-info`, `serviceaccount`, `arbitrary-node`.
    pub(super) mode: &'static str,
    pub(super) via: Vec<Chain>,
}

/// As many near misses as one can still read.
const NEAR: usize = 5;

/// Who asks for what.
pub(super) struct Asked<'a> {
    pub(super) user: &'a User,
    pub(super) target: Option<&'a Target>,
    pub(super) request: &'a Request,
    pub(super) version: Version,
}

impl Answer {
    pub(super) fn to(world: &World, evaluator: &Evaluator<'_>, asked: &Asked<'_>) -> Self {
        let Some(target) = asked.target else {
            return Self::as_oneself(world, evaluator, asked, asked.user);
        };
        let (user, request) = (asked.user, asked.request);
        match evaluator.acts_as(user, target, request, asked.version) {
            Acting::Allowed(ways) => Self::by_ways(world, evaluator, asked, &ways),
            Acting::Refused(lacks) => Self::not_as(world, evaluator, asked, &lacks),
        }
    }

    /// Which way is taken is the server's business; mostly it is all one.
    fn by_ways(
        world: &World,
        evaluator: &Evaluator<'_>,
        asked: &Asked<'_>,
        ways: &[Taken],
    ) -> Self {
        let mut answers = ways.iter().map(|way| {
            let mut answer = Self::as_oneself(world, evaluator, asked, &way.user);
            answer.impersonation = Some(Impersonation {
                mode: match way.mode {
                    Mode::Legacy => "legacy",
                    mode => mode.name(),
                },
                via: way.via.iter().map(|grant| world.chain(grant)).collect(),
            });
            answer
        });
        let Some(mut first) = answers.next() else {
            return Self::not_as(world, evaluator, asked, &[]);
        };
        if answers.any(|other| other.answer != first.answer) {
            first.answer = "cannot_tell";
            "what a node may do depends on the way it is acted as".clone_into(&mut first.reason);
            first.missing.push(
                "the way that the server takes: first the one that this caller took last, and only a \
                 constrained one puts the node into system:nodes"
                    .to_owned(),
            );
        }
        first
    }

    /// May that one do it?
    fn as_oneself(
        world: &World,
        evaluator: &Evaluator<'_>,
        asked: &Asked<'_>,
        user: &User,
    ) -> Self {
        let request = asked.request;
        let decision = evaluator.decide(user, request);
        let doubts = world.doubts(&decision, request);
        let (answer, reason) = match &decision {
            Decision::Allowed {
                via: Via::SystemMasters,
            } => (
                "allowed",
                "members of system:masters are refused nothing".to_owned(),
            ),
            Decision::Allowed { .. } => ("allowed", decision.reason()),
            Decision::NoGrant { .. } if !doubts.is_empty() => (
                "cannot_tell",
                "what is not known here may grant it".to_owned(),
            ),
            Decision::NoGrant { .. } => (
                "no_grant",
                match decision.reason() {
                    reason if reason.is_empty() => "nothing grants this".to_owned(),
                    reason => reason,
                },
            ),
        };
        let grants = evaluator.every_grant(user, request);
        let near = match decision.is_allowed() {
            true => Vec::new(),
            false => near_misses(evaluator, user, request, NEAR),
        };
        Self {
            format: FORMAT,
            question: Question::new(Some(asked.user), asked.target, request),
            answer,
            reason,
            via: grants.iter().map(|grant| world.chain(grant)).collect(),
            near_misses: near.iter().map(|near| world.near(near)).collect(),
            missing: doubts,
            impersonation: None,
            notes: Vec::new(),
        }
    }

    /// Nobody lets somebody act as the target.
    fn not_as(
        world: &World,
        evaluator: &Evaluator<'_>,
        asked: &Asked<'_>,
        lacks: &[(Mode, Request)],
    ) -> Self {
        let mut doubts = Vec::new();
        let mut ways = Vec::new();
        for (_, request) in lacks {
            let decision = evaluator.decide(asked.user, request);
            for doubt in world.doubts(&decision, request) {
                if !doubts.contains(&doubt) {
                    doubts.push(doubt);
                }
            }
            ways.push(Question::new(None, None, request).words());
        }
        let (answer, reason) = match doubts.is_empty() {
            true => (
                "no_grant",
                format!(
                    "acting as somebody else is not granted: that needs {}",
                    ways.join(" or ")
                ),
            ),
            false => (
                "cannot_tell",
                "what is not known here may grant acting as somebody else".to_owned(),
            ),
        };
        Self {
            format: FORMAT,
            question: Question::new(Some(asked.user), asked.target, asked.request),
            answer,
            reason,
            via: Vec::new(),
            near_misses: Vec::new(),
            missing: doubts,
            impersonation: None,
            notes: Vec::new(),
        }
    }
}

impl World {
    /// Why nobody can tell that nothing grants a request: what may be there and was not seen.
    pub(super) fn doubts(&self, decision: &Decision, request: &Request) -> Vec<String> {
        match decision {
            Decision::Allowed { .. } => Vec::new(),
            Decision::NoGrant { missing } => self.unseen.doubts(request.namespace(), missing),
        }
    }

    fn near(&self, near: &NearMiss) -> Near {
        Near {
            field: near.field,
            wanted: near.wanted.clone(),
            has: near.has.clone(),
            chain: self.chain(&near.grant),
        }
    }
}
