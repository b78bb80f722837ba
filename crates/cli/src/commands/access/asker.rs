//! Who is asked about, as people write it: `ana`, `serviceaccount:team/ci`, `group:dev`.

use rbacform_access::impersonation::Target;
use rbacform_access::{User, subject};
use rbacform_core::hint::closest;

use super::args::WhoArgs;
use crate::failure::Failure;

const KINDS: [&str; 3] = ["user", "group", "serviceaccount"];

/// Who asks, with the groups that authenticators add by themselves.
pub(super) fn user(args: &WhoArgs) -> Result<User, Failure> {
    match args.who.as_deref() {
        Some(who) => somebody(who, &args.as_group),
        None if !args.as_group.is_empty() => Ok(any_member(&groups(&args.as_group)?)),
        None => Err(Failure::usage("who is asked about? give `--as WHO`")
            .help("WHO is a user's name, `serviceaccount:NAMESPACE/NAME` or `group:NAME`")),
    }
}

/// Whom it is asked about acting as.
pub(super) fn target(args: &WhoArgs) -> Result<Option<Target>, Failure> {
    let Some(who) = args.impersonate.as_deref() else {
        return Ok(None);
    };
    let name = somebody(who, &[])?.name;
    if name.is_empty() {
        let message = format!("nobody acts as `{who}` alone: a request acts as a user");
        return Err(Failure::usage(message)
            .help("give a user to `--impersonate`, and its groups to `--impersonate-group`"));
    }
    let groups = groups(&args.impersonate_group)?;
    Ok(Some(Target { name, groups }))
}

/// A subject as stack files spell it, or a bare user name, who is in some groups besides.
pub(super) fn somebody(spelled: &str, more: &[String]) -> Result<User, Failure> {
    check(spelled)?;
    let mut user = subject::somebody(spelled);
    add(&mut user.groups, groups(more)?);
    Ok(user)
}

/// Names of groups, which may be written with the word before them.
pub(super) fn groups(spelled: &[String]) -> Result<Vec<String>, Failure> {
    let names = spelled.iter().map(|group| {
        let name = group.strip_prefix("group:").unwrap_or(group);
        match name.is_empty() {
            true => Err(Failure::usage(format!("`{group}` names no group"))
                .help("write the group's name, e.g. `system:masters`")),
            false => Ok(name.to_owned()),
        }
    });
    names.collect()
}

/// Refuses what can mean nobody, and would be answered with a plain no.
pub(super) fn check(spelled: &str) -> Result<(), Failure> {
    let wrong = |message: String, help: &str| Err(Failure::usage(message).help(help));
    match spelled.split_once(':') {
        _ if spelled.is_empty() => wrong(
            "the name of who is asked about is empty".to_owned(),
            "write a user's name, `serviceaccount:NAMESPACE/NAME` or `group:NAME`",
        ),
        Some((kind @ ("user" | "group"), "")) => wrong(
            format!("`{spelled}` names nobody"),
            &format!("write `{kind}:NAME`"),
        ),
        Some(("serviceaccount", rest)) => match rest.split('/').collect::<Vec<_>>().as_slice() {
            [namespace, name] if !namespace.is_empty() && !name.is_empty() => Ok(()),
            _ => wrong(
                format!("`{spelled}` is no service account"),
                "write `serviceaccount:NAMESPACE/NAME`",
            ),
        },
        _ => Ok(()),
    }
}

/// A name that looks like another spelling of a kind of subject.
pub(super) fn note(spelled: &str) -> Option<String> {
    let (prefix, name) = spelled.split_once(':')?;
    if KINDS.contains(&prefix) || prefix == "system" {
        return None;
    }
    let meant = match (prefix, name.contains('@')) {
        // As policies of Google write it: a cluster of theirs knows it by its e-mail address.
        ("serviceAccount", true) => "user",
        _ => closest(&prefix.to_lowercase(), KINDS)?,
    };
    Some(format!(
        "`{spelled}` is taken as a user of that name; did you mean `{meant}:{name}`?"
    ))
}

/// Somebody of whom only groups are known.
fn any_member(names: &[String]) -> User {
    let mut user = User::default();
    for name in names {
        add(&mut user.groups, subject::groups_of_members(name));
    }
    user
}

fn add(groups: &mut Vec<String>, more: Vec<String>) {
    for group in more {
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
}
