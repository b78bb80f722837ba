//! What roles hold.

use std::collections::BTreeSet;

use super::{Evaluator, Facts, Missing, Verdict};

/// What Google's own roles hold. Whoever asks hands over a table.
pub trait Roles {
    /// Whether a role, written `roles/...`, holds a permission. None where there is no such role
    /// here, or nothing is published of what it holds.
    fn holds(&self, role: &str, permission: &str) -> Option<bool>;

    /// Everything that a role holds, sorted. None as above.
    fn permissions(&self, role: &str) -> Option<Vec<&str>>;

    /// Whether there is a permission of that name. A table that cannot tell takes every one for
    /// real.
    fn knows(&self, _permission: &str) -> bool {
        true
    }

    /// The permission whose name is closest, where one is close enough to suggest.
    fn closest(&self, _permission: &str) -> Option<String> {
        None
    }
}

/// A role of a project or organization.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CustomRole {
    /// What it holds.
    pub permissions: BTreeSet<String>,
    /// Whether it grants nothing: it is disabled, or was deleted.
    pub inert: bool,
}

/// Whether a role holds a permission.
pub(super) fn holds(facts: &Facts, roles: &dyn Roles, role: &str, permission: &str) -> Verdict {
    if role.starts_with("roles/") {
        return match roles.holds(role, permission) {
            Some(held) => held.into(),
            None => Verdict::unknown(Missing::Role(role.to_owned())),
        };
    }
    match facts.custom_role(role) {
        Some(custom) => (!custom.inert && custom.permissions.contains(permission)).into(),
        None => Verdict::unknown(Missing::Role(role.to_owned())),
    }
}

impl<'w> Evaluator<'w> {
    /// Whether there is a permission of that name: Google's, or one that a custom role holds, which
    /// Google has let it hold.
    pub(crate) fn knows(&self, permission: &str) -> bool {
        let mut custom = self.facts.custom_roles();
        self.roles.knows(permission) || custom.any(|role| role.permissions.contains(permission))
    }

    /// Whether a role is known to grant nothing: it is disabled, or was deleted.
    pub(super) fn is_inert(&self, role: &str) -> bool {
        let custom = self.facts.custom_role(role);
        !role.starts_with("roles/") && custom.is_some_and(|role| role.inert)
    }

    /// Everything that a role holds. None where that is not known.
    pub(super) fn permissions(&self, role: &str) -> Option<BTreeSet<&'w str>> {
        if role.starts_with("roles/") {
            return Some(self.roles.permissions(role)?.into_iter().collect());
        }
        let custom = self.facts.custom_role(role)?;
        Some(match custom.inert {
            true => BTreeSet::new(),
            false => custom.permissions.iter().map(String::as_str).collect(),
        })
    }
}
