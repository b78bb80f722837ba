//! Google's own roles, as far as the sandbox was told of them.

use std::collections::BTreeMap;
use std::fmt;

/// What Google's predefined roles grant. The sandbox knows none by itself: whoever starts it hands
/// over a table, or, where none is given, every well-formed `roles/…` exists and is accepted
/// everywhere.
pub trait PredefinedRoles: fmt::Debug + Send + Sync {
    /// The names of all roles, such as `roles/viewer`, sorted.
    fn names(&self) -> Vec<String>;

    /// The permissions of a role; `None` where there is no such role.
    fn permissions(&self, role: &str) -> Option<Vec<String>>;

    /// Whether a permission of this name exists in any role.
    fn knows_permission(&self, permission: &str) -> bool {
        let mut names = self.names().into_iter();
        names.any(|role| {
            let permissions = self.permissions(&role).unwrap_or_default();
            permissions.iter().any(|held| held == permission)
        })
    }

    /// What people call the role; made of its name where the table has no titles.
    fn title(&self, role: &str) -> String {
        role.trim_start_matches("roles/").to_owned()
    }
}

/// A table written out: role to permissions.
impl PredefinedRoles for BTreeMap<String, Vec<String>> {
    fn names(&self) -> Vec<String> {
        self.keys().cloned().collect()
    }

    fn permissions(&self, role: &str) -> Option<Vec<String>> {
        self.get(role).cloned()
    }

    fn knows_permission(&self, permission: &str) -> bool {
        self.values().flatten().any(|held| held == permission)
    }
}

/// The roles that every resource has known since before there were others.
pub(crate) fn is_basic(role: &str) -> bool {
    matches!(role, "roles/owner" | "roles/editor" | "roles/viewer")
}
