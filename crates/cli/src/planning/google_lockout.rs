//! Self-lockout at Google: plans after which whoever carries them out could no longer manage what the
//! stack manages there. Judged by the policies that were read; who is in which group only Google
//! knows, so that nobody could any longer is never said.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_access::google::{Decision, Facts, Grant, Principal, Resource};
use rbacform_core::plan::Mode;
use rbacform_core::{Address, DesiredResource, Diagnostic, Edit, EditKind, ObjectId};
use rbacform_gcp::ident::{self, Ident};
use rbacform_gcp::member;
use rbacform_gcp::needs::upkeep;
use rbacform_planner::Planned;

use super::{GOOGLE, Request};
use crate::analysis::GoogleWorlds;
use crate::google_roles;

/// When whatever was granted for a time has ended, in seconds since 1970: the last day that
/// timestamps of conditions know.
const END: i64 = 253_402_214_400;

/// What the plan takes away of what the stack is managed by. A stack that is destroyed has nothing
/// to manage any longer.
pub(super) fn risks(
    request: &Request<'_>,
    planned: &Planned,
    declared: &[DesiredResource],
    worlds: &GoogleWorlds,
    identity: Option<&str>,
    now: i64,
) -> Vec<Diagnostic> {
    let is_meant = request.mode == Mode::Apply;
    let Some((identity, member)) = identity
        .filter(|_| is_meant)
        .and_then(|identity| Some((identity, member::of_identity(identity)?)))
    else {
        return Vec::new();
    };
    let question = Question {
        who: Principal::of(&member),
        before: &worlds.before.facts,
        after: &worlds.after.facts,
        edits: planned.steps.iter().flat_map(|step| &step.edits).collect(),
        now,
    };
    if let Some(cause) = question.own_account(identity) {
        let message = format!(
            "after `{cause}` `{member}`, who applies it, would be disabled or gone, and could no \
             longer manage this stack"
        );
        return vec![diagnostic(cause, message)];
    }
    let lost = question.lost(declared).into_iter();
    lost.map(|((cause, how), lost)| diagnostic(cause, told(cause, &member, how, &lost)))
        .collect()
}

/// How something is lost.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum How {
    /// Nothing gives it any longer.
    Wholly,
    /// Nothing that was read does.
    AsFarAsKnown,
    /// What gives it ends.
    InTime,
}

/// Permissions, each with the resource it is held on.
type Held = BTreeSet<(String, String)>;

/// Who is asked about, and the worlds before and after a plan.
struct Question<'a> {
    who: Principal,
    before: &'a Facts,
    after: &'a Facts,
    edits: Vec<&'a Edit>,
    now: i64,
}

impl<'a> Question<'a> {
    /// The change that disables or deletes the service account of whoever applies.
    fn own_account(&self, email: &str) -> Option<&'a Address> {
        if self.before.is_disabled(email) || !self.after.is_disabled(email) {
            return None;
        }
        let account = ident::service_account(GOOGLE, email)?;
        let mut edits = self.edits.iter();
        let edit = edits.find(|edit| edit.object == account)?;
        Some(&edit.address)
    }

    /// What is lost of what managing the stack takes, by the change that takes it.
    fn lost(&self, declared: &'a [DesiredResource]) -> BTreeMap<(&'a Address, How), Held> {
        let mut asked = BTreeSet::new();
        let mut found: BTreeMap<_, Held> = BTreeMap::new();
        let ours = declared.iter().filter(|it| it.object.instance == GOOGLE);
        for resource in ours {
            let Some((place, permissions)) = upkeep(&resource.object) else {
                continue;
            };
            for permission in permissions {
                if !asked.insert((permission.clone(), place.clone())) {
                    continue;
                }
                if let Some((grants, how)) = self.loses(&permission, &place) {
                    let cause = self.cause(&grants).unwrap_or(&resource.address);
                    let lost = found.entry((cause, how)).or_default();
                    lost.insert((permission, place.clone()));
                }
            }
        }
        found
    }

    /// What gives a permission now, where nothing does once the plan is carried out, or nothing in
    /// the end.
    fn loses(&self, permission: &str, place: &str) -> Option<(Vec<Grant>, How)> {
        let resource = Resource::parse(place).ok()?;
        let at = |facts, moment| {
            let world = google_roles::evaluator(facts, moment);
            world.decide(&self.who, permission, &resource)
        };
        let Decision::Allowed { via, .. } = at(self.before, self.now) else {
            return None;
        };
        match at(self.after, self.now) {
            Decision::Allowed { .. } => {}
            Decision::CannotTell { .. } => return Some((via, How::AsFarAsKnown)),
            Decision::NoGrant | Decision::Denied { .. } => return Some((via, How::Wholly)),
        }
        // What was granted for a time already ends as it did.
        let Decision::Allowed { via, .. } = at(self.before, END) else {
            return None;
        };
        let stays = matches!(at(self.after, END), Decision::Allowed { .. });
        (!stays).then_some((via, How::InTime))
    }

    /// The change of a grant, or else of a role, that gave it.
    fn cause(&self, grants: &[Grant]) -> Option<&'a Address> {
        let by = |fits: &dyn Fn(&ObjectId, &Grant) -> bool| {
            let mut writes = self
                .edits
                .iter()
                .filter(|edit| edit.kind != EditKind::Record);
            let edit = writes.find(|edit| grants.iter().any(|grant| fits(&edit.object, grant)))?;
            Some(&edit.address)
        };
        by(&|object, grant| grant.object.as_ref() == Some(object))
            .or_else(|| by(&is_about))
            .or_else(|| by(&|object, grant| *object == ident::role(GOOGLE, &grant.role)))
    }
}

/// Whether a grant is one of what an object decides over, whatever its condition.
fn is_about(object: &ObjectId, grant: &Grant) -> bool {
    let Some(about) = Ident::of(object) else {
        return false;
    };
    let is = |own: &str, of_grant: &str| own.is_empty() || own == of_grant;
    about.resource == grant.resource
        && is(about.role, &grant.role)
        && is(about.member, &grant.member)
}

fn told(cause: &Address, member: &str, how: How, lost: &Held) -> String {
    let one = lost.first();
    let one = one.map(|(permission, place)| format!("`{permission}` on `{place}`"));
    let one = one.unwrap_or_default();
    let what = match lost.len() {
        1 => format!("{one}, by which this stack is managed"),
        number => format!("{number} permissions by which this stack is managed, {one} among them"),
    };
    let (would, end) = match how {
        How::Wholly => ("no longer hold", ""),
        How::AsFarAsKnown => ("no longer hold", ", as far as policies could be read"),
        How::InTime => ("hold", ", only until a condition ends it"),
    };
    format!("after `{cause}` `{member}`, who applies it, would {would} {what}{end}")
}

fn diagnostic(cause: &Address, message: String) -> Diagnostic {
    Diagnostic::error("own-access-removed", message)
        .address(cause)
        .help("let another grant that stays give it, or have this change made by somebody else")
}
