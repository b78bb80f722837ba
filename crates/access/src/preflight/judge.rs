//! The judgement of each write, in the order of the plan.

use rbacform_core::Text;
use rbacform_core::plan::Verdict;

use super::Input;
use super::doubt::{Doubt, Way, printed};
use super::kind::Kind;
use super::order::Own;
use super::question::{atoms, bind, by_anybody, rule_of, with_verb};
use super::rules::Needed;
use super::standing::Standing;
use super::words;
use super::write::{HandsOut, Write};
use crate::cover::{compact, uncovered};
use crate::escalation::{Refusal, confirm_binding, confirm_role, full_authority};
use crate::{Decision, Facts, PolicyRule, Request, ResourceRequest, RoleRef, authorize, rules_for};

const SIDE_BY_SIDE: &str = "it depends on which of the changes that run side by side comes first; \
                            `depends_on` puts them in order";
const GATHERING: &str =
    "it depends on how soon the cluster gathers the rules of its aggregated roles";
const TAKEN: &str = "an earlier change of this plan takes away what allows it now";

/// Judges the writes of one plan.
pub(super) struct Judge<'a> {
    input: &'a Input<'a>,
    /// What the actor holds before the first write.
    first: Standing<'a>,
    own: Own,
}

impl<'a> Judge<'a> {
    pub(super) fn new(input: &'a Input<'a>) -> Self {
        let first = Standing::new(input.facts, input.user);
        Self {
            own: Own::new(input.steps, input.observed, &first),
            input,
            first,
        }
    }

    pub(super) fn doubts(&self) -> Vec<Doubt> {
        let mut standing = self.first.clone();
        let mut doubts = Vec::new();
        for step in self.input.steps {
            for edit in &step.edits {
                if let Some(write) = Write::of(edit, self.input.observed) {
                    doubts.extend(self.of_write(step.id, &write, &mut standing));
                }
                standing.carry_out(edit, self.input.observed);
            }
        }
        doubts
    }

    fn of_write(&self, step: usize, write: &Write<'_>, standing: &mut Standing<'a>) -> Vec<Doubt> {
        let found = self.judged(write, standing);
        if !self.own.beside(step).is_empty() {
            let varied = [false, true].map(|done| self.varied(step, write, standing, done));
            let is_clear = found.is_empty();
            if varied.iter().any(|other| other.is_empty() != is_clear) {
                let doubted = std::iter::once(found).chain(varied);
                let doubted = doubted.into_iter().find(|found| !found.is_empty());
                return open(doubted.unwrap_or_default(), SIDE_BY_SIDE);
            }
        }
        let took = self.own.all().next().is_some() && !found.is_empty();
        match took && self.judged(write, &mut self.first.clone()).is_empty() {
            true => found.into_iter().map(taken).collect(),
            false => found,
        }
    }

    /// The judgement if those of the actor's own changes that may come before or after the step all
    /// came before it, or none did.
    fn varied(
        &self,
        step: usize,
        write: &Write<'_>,
        standing: &mut Standing<'a>,
        done: bool,
    ) -> Vec<Doubt> {
        let beside = self.own.beside(step);
        self.replay(standing, |id| match beside.contains(&id) {
            true => done,
            false => id < step,
        });
        let found = self.judged(write, standing);
        self.replay(standing, |id| id < step);
        found
    }

    /// Sets what the actor's own changes wrote to what it is once some of them are done.
    fn replay(&self, standing: &mut Standing<'a>, is_done: impl Fn(usize) -> bool) {
        let steps = || self.own.all().filter_map(|id| self.input.steps.get(id));
        for edit in steps().flat_map(|step| &step.edits) {
            standing.rewind(&edit.object, &self.first);
        }
        for edit in steps()
            .filter(|step| is_done(step.id))
            .flat_map(|step| &step.edits)
        {
            standing.carry_out(edit, self.input.observed);
        }
    }

    /// The judgement now, and once the controller has gathered what aggregated roles gather.
    fn judged(&self, write: &Write<'_>, standing: &mut Standing<'a>) -> Vec<Doubt> {
        let found = self.in_world(write, standing.facts());
        let bound = match &write.hands_out {
            HandsOut::Role(role_ref) => Some(role_ref),
            _ => None,
        };
        let Some(settled) = standing.settled(bound) else {
            return found;
        };
        let later = self.in_world(write, settled);
        match (found.is_empty(), later.is_empty()) {
            (true, false) => open(later, GATHERING),
            (false, true) => open(found, GATHERING),
            _ => found,
        }
    }

    fn in_world(&self, write: &Write<'_>, facts: &Facts) -> Vec<Doubt> {
        // The server looks at what is handed out before it asks, of an apply that makes the object,
        // whether that may be created.
        let verbs = |requests: &[ResourceRequest]| -> Vec<Doubt> {
            let doubts = requests
                .iter()
                .filter_map(|request| self.verb(write, facts, request));
            doubts.collect()
        };
        let (first, rest) = write.requests.split_at(write.requests.len().min(1));
        let mut found = verbs(first);
        found.extend(self.escalation(write, facts));
        found.extend(verbs(rest));
        found
    }

    /// A verb that no rule allows.
    fn verb(&self, write: &Write<'_>, facts: &Facts, request: &ResourceRequest) -> Option<Doubt> {
        let asked = Request::Resource(request.clone());
        let Decision::NoGrant { missing } = authorize(facts, self.input.user, &asked) else {
            return None;
        };
        Some(Doubt {
            reason: words::no_grant(self.input.user, request, &missing),
            missing: printed(&[rule_of(request)]),
            grant: vec![Needed::of(request)],
            ways: vec![by_anybody(request)],
            ..refused(write)
        })
    }

    /// What the write would hand out and the actor does not hold.
    fn escalation(&self, write: &Write<'_>, facts: &Facts) -> Option<Doubt> {
        let request = write.requests.first()?;
        let user = self.input.user;
        let (refusal, wanted, may) = match &write.hands_out {
            HandsOut::Nothing => return None,
            HandsOut::Rules { rules, aggregated } => {
                let refusal = confirm_role(facts, user, request, rules, *aggregated).err()?;
                let escalate = with_verb(request, "escalate");
                let wanted = match refusal {
                    Refusal::Aggregation => full_authority().to_vec(),
                    _ => rules.clone(),
                };
                (refusal, wanted, escalate)
            }
            HandsOut::Role(role_ref) => {
                let namespace = &request.namespace;
                let refusal = confirm_binding(facts, user, namespace, role_ref).err()?;
                let rules = crate::authorize::referenced_rules(facts, role_ref, namespace);
                let wanted = rules.unwrap_or_default().to_vec();
                (refusal, wanted, bind(role_ref, namespace))
            }
        };
        let kind = Kind::of(&write.edit.object)?;
        let doubt = Doubt {
            reason: words::escalation(&write.edit.object, kind, &refusal),
            grant: vec![Needed::of(&may)],
            ways: vec![by_anybody(&may)],
            ..refused(write)
        };
        Some(match &refusal {
            Refusal::UnknownRole(role_ref) => self.unknown_role(doubt, role_ref, write),
            _ => self.uncovered(doubt, facts, request, &wanted),
        })
    }

    /// The role is not there, or may not be read.
    fn unknown_role(&self, doubt: Doubt, role_ref: &RoleRef, write: &Write<'_>) -> Doubt {
        let role = format!("{} `{}`", role_ref.kind, role_ref.name);
        match self.knows(write, &[&role_ref.kind]) {
            true => Doubt {
                missing: vec![role],
                ..doubt
            },
            false => Doubt {
                verdict: Verdict::CannotTell,
                reason: format!(
                    "the rules of {role} may not be read, and only who holds them or may `bind` it \
                     may bind it"
                ),
                missing: vec![format!("the rules of {role}")],
                ..doubt
            },
        }
    }

    fn uncovered(
        &self,
        doubt: Doubt,
        facts: &Facts,
        request: &ResourceRequest,
        wanted: &[PolicyRule],
    ) -> Doubt {
        let namespace = &request.namespace;
        let (held, _) = rules_for(facts, self.input.user, namespace);
        let missing = compact(&uncovered(&held, wanted));
        let mut ways = doubt.ways;
        let instance = &doubt.object;
        let whole = self.knows_of(&instance.instance, &["ClusterRole", "ClusterRoleBinding"])
            && (namespace.is_empty()
                || self.knows_of(&instance.instance, &["Role", "RoleBinding"]));
        if !whole {
            ways.push(Way {
                requests: missing
                    .iter()
                    .flat_map(|rule| atoms(rule, namespace))
                    .collect(),
                by_rbac: true,
            });
        }
        Doubt {
            missing: printed(&missing),
            ways,
            ..doubt
        }
    }

    fn knows(&self, write: &Write<'_>, kinds: &[&str]) -> bool {
        self.knows_of(&write.edit.object.instance, kinds)
    }

    /// Whether these kinds were read whole.
    fn knows_of(&self, instance: &Text, kinds: &[&str]) -> bool {
        let complete = &self.input.observed.complete;
        kinds
            .iter()
            .all(|kind| complete.contains(&(instance.clone(), (*kind).into())))
    }
}

fn refused(write: &Write<'_>) -> Doubt {
    Doubt {
        address: write.edit.address.clone(),
        object: write.edit.object.clone(),
        verdict: Verdict::Refused,
        reason: String::new(),
        missing: Vec::new(),
        grant: Vec::new(),
        ways: Vec::new(),
    }
}

/// Doubts that may come to nothing.
fn open(doubts: Vec<Doubt>, why: &str) -> Vec<Doubt> {
    let open = doubts.into_iter().map(|doubt| Doubt {
        verdict: Verdict::CannotTell,
        reason: format!("{}; {why}", doubt.reason),
        ..doubt
    });
    open.collect()
}

/// The server's answer now says nothing of what it will be then.
fn taken(doubt: Doubt) -> Doubt {
    Doubt {
        reason: format!("{}; {TAKEN}", doubt.reason),
        ways: Vec::new(),
        ..doubt
    }
}
