//! Self-lockout, as risks that gates refuse.

use rbacform_access::preflight::{Lockout, LockoutInput, Lost, lockouts};
use rbacform_core::plan::Mode;
use rbacform_core::{Address, Diagnostic, ObjectId};
use rbacform_planner::Planned;

use super::identities::Identities;
use super::read::Reader;
use super::{KUBERNETES, Request};
use crate::analysis::{self, Worlds};

/// What the plan takes away of what the stack is managed by. A stack that is destroyed has nothing
/// to manage any longer.
pub(super) fn risks(
    request: &Request<'_>,
    planned: &Planned,
    reader: &Reader<'_>,
    worlds: Option<&Worlds>,
    identities: &Identities,
) -> Vec<Diagnostic> {
    let Some(worlds) = worlds.filter(|_| request.mode == Mode::Apply) else {
        return Vec::new();
    };
    let declared = reader.declared(request).iter();
    let managed: Vec<(&Address, &ObjectId)> = declared
        .filter(|resource| resource.object.instance == KUBERNETES)
        .map(|resource| (&resource.address, &resource.object))
        .collect();
    let found = lockouts(&LockoutInput {
        user: identities.user.as_ref(),
        before: &worlds.before,
        after: &worlds.after,
        steps: &planned.steps,
        managed: &managed,
        known: &analysis::known(&reader.observed),
    });
    let name = identities.user.as_ref().map(|user| user.name.as_str());
    found
        .iter()
        .map(|lockout| diagnostic(lockout, name))
        .collect()
}

fn diagnostic(lockout: &Lockout, user: Option<&str>) -> Diagnostic {
    let who = match user {
        Some(name) if !lockout.nobody => format!("`{name}`, who applies it,"),
        _ => "nobody".to_owned(),
    };
    let could = match lockout.nobody {
        true => "could any longer",
        false => "could no longer",
    };
    let one = lockout.objects.first().map(ToString::to_string);
    let which = match lockout.objects.len() {
        1 => format!("`{}`, which this stack manages", one.unwrap_or_default()),
        number => format!(
            "{number} objects that this stack manages, `{}` among them",
            one.unwrap_or_default()
        ),
    };
    let done = match lockout.lost {
        Lost::Reading => "read",
        Lost::Writing => "change",
    };
    let as_far = match lockout.whole {
        true => "",
        false => ", as far as RBAC could be read",
    };
    let cause = &lockout.cause;
    Diagnostic::error(
        "self-lockout",
        format!("after `{cause}` {who} {could} {done} {which}{as_far}"),
    )
    .address(cause)
    .help("let another binding that stays give it, or have this change made by somebody else")
}
