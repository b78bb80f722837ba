//! Who is asked about: subjects as stack files spell them.

use rbacform_core::Asker;

use crate::User;
use crate::subject::{AUTHENTICATED, UNAUTHENTICATED, implied_groups, service_account_username};

/// The caller that an assertion is about: the groups that its name implies, and those it is said
/// to be in. A group stands for any member of it.
pub fn user(asker: &Asker) -> User {
    let mut user = spelled(&asker.subject);
    for group in asker.group_names() {
        if !user.groups.iter().any(|known| known == group) {
            user.groups.push(group.to_owned());
        }
    }
    user
}

/// The same of a subject alone.
pub(super) fn spelled(subject: &str) -> User {
    if let Some(group) = subject.strip_prefix("group:") {
        return User {
            name: String::new(),
            groups: groups_of_group(group),
        };
    }
    let account = subject.strip_prefix("serviceaccount:");
    let name = match account.and_then(|rest| rest.split_once('/')) {
        Some((namespace, name)) => service_account_username(namespace, name),
        None => subject.strip_prefix("user:").unwrap_or(subject).to_owned(),
    };
    User {
        groups: implied_groups(&name),
        name,
    }
}

/// A group and those that its members are in for certain.
fn groups_of_group(group: &str) -> Vec<String> {
    let mut groups = vec![group.to_owned()];
    if group.starts_with("system:serviceaccounts:") {
        groups.push("system:serviceaccounts".to_owned());
    }
    if ![AUTHENTICATED, UNAUTHENTICATED].contains(&group) {
        groups.push(AUTHENTICATED.to_owned());
    }
    groups
}

/// Whether a subject stands for everybody of a kind, so that what it holds is everybody's.
pub(super) fn is_everybody(group: &str) -> bool {
    [AUTHENTICATED, UNAUTHENTICATED].contains(&group) || group.starts_with("system:serviceaccounts")
}
