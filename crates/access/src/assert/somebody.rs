//! Positive controls of whom a claim is about: subjects, and groups that they are said to be in.

use rbacform_core::{Asker, Assertion, Claim, hint};

use super::asker::user;
use super::control::{Control, namespace, nowhere};
use super::told::{Part, Reason};
use super::world::Planned;
use crate::delta::{Bound, Who, bindings};
use crate::subject::{ANONYMOUS, AUTHENTICATED, MASTERS, UNAUTHENTICATED, split_service_account};

/// The controls of a claim that somebody holds nothing, or no more than something; those of which
/// something is wrong first.
pub(super) fn of_asker(assertion: &Assertion, world: &Planned<'_>) -> Vec<Control> {
    let (Claim::Cannot(asker, _) | Claim::CanOnly(asker, _)) = &assertion.claim else {
        return Vec::new();
    };
    if assertion.known {
        return Vec::new();
    }
    let mut found = vec![of_subject(asker, world)];
    let groups = asker.group_names();
    found.extend(groups.map(|group| of_group(group, Part::Groups, world)));
    found.sort_by_key(|control| !matches!(control, Control::Nowhere(_)));
    found
}

fn of_subject(asker: &Asker, world: &Planned<'_>) -> Control {
    match asker.subject.strip_prefix("group:") {
        Some(group) => of_group(group, Part::Subject, world),
        None => of_user(&user(asker).name, world),
    }
}

fn of_user(name: &str, world: &Planned<'_>) -> Control {
    let subject = Who::User(name.to_owned()).spelled();
    if name == ANONYMOUS || is_named(&subject, world) {
        return Control::Exists;
    }
    let Some((home, account)) = split_service_account(name) else {
        return of_bindings(&subject, Part::Subject, world);
    };
    let known = format!("{home}/{account}");
    if world.sight.service_accounts.contains(&known) {
        return Control::Exists;
    }
    if account == "default" {
        return namespace(home, world);
    }
    if world.sight.is_whole("ServiceAccount") {
        return of_bindings(&subject, Part::Subject, world);
    }
    let message = format!("whether there is a service account `{known}` is not known");
    Control::Untold(Reason::new(message, &["ServiceAccount"]))
}

fn of_group(group: &str, part: Part, world: &Planned<'_>) -> Control {
    let subject = format!("group:{group}");
    let own = [
        AUTHENTICATED,
        UNAUTHENTICATED,
        MASTERS,
        "system:serviceaccounts",
        "system:nodes",
    ];
    if own.contains(&group) || is_named(&subject, world) {
        return Control::Exists;
    }
    match group.strip_prefix("system:serviceaccounts:") {
        Some(home) => namespace(home, world),
        None => of_bindings(&subject, part, world),
    }
}

/// Whether a binding or a grant names a subject.
fn is_named(subject: &str, world: &Planned<'_>) -> bool {
    let spelled = |bound: Bound<'_>| {
        let mut subjects = bound.subjects.iter();
        subjects
            .any(|held| Who::of(held, bound.namespace).is_some_and(|who| who.spelled() == subject))
    };
    world.sight.named.contains(subject) || bindings(world.facts).any(spelled)
}

/// Somebody of whom only bindings could tell.
fn of_bindings(subject: &str, part: Part, world: &Planned<'_>) -> Control {
    let missing: Vec<&str> = ["RoleBinding", "ClusterRoleBinding"]
        .into_iter()
        .filter(|kind| !world.sight.is_whole(kind))
        .collect();
    if !missing.is_empty() {
        let message = format!("nothing that is known names `{subject}`");
        return Control::Untold(Reason::new(message, &missing));
    }
    let mut known: Vec<String> = bindings(world.facts)
        .flat_map(|bound| {
            let subjects = bound.subjects.iter();
            subjects.filter_map(move |held| Who::of(held, bound.namespace))
        })
        .map(|who| who.spelled())
        .filter(|name| part != Part::Groups || name.starts_with("group:"))
        .collect();
    known.sort();
    known.dedup();
    let help = match hint::closest(subject, known.iter().map(String::as_str)) {
        Some(closest) => format!("did you mean `{closest}`?"),
        None => "mend the name, or say `known = true` if somebody of that name exists".to_owned(),
    };
    let message = format!("`{subject}` exists nowhere: no binding and no grant names it");
    nowhere(part, message, help)
}
