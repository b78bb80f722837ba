//! Who is asked about: subjects as stack files spell them.

use rbacform_core::Asker;

use crate::User;
use crate::subject::{AUTHENTICATED, UNAUTHENTICATED, somebody};

/// The caller that an assertion is about: the groups that its name implies, and those it is said
/// to be in. A group stands for any member of it.
pub fn user(asker: &Asker) -> User {
    let mut user = somebody(&asker.subject);
    for group in asker.group_names() {
        if !user.groups.iter().any(|known| known == group) {
            user.groups.push(group.to_owned());
        }
    }
    user
}

/// Whether a subject stands for everybody of a kind, so that what it holds is everybody's.
pub(super) fn is_everybody(group: &str) -> bool {
    [AUTHENTICATED, UNAUTHENTICATED].contains(&group) || group.starts_with("system:serviceaccounts")
}
