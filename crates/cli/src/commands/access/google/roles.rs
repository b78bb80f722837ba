//! Google's own roles, from the table in this program.

use rbacform_access::google::Roles;
use rbacform_gcp::roles;

/// The table.
pub(super) struct Table;

impl Roles for Table {
    fn holds(&self, role: &str, permission: &str) -> Option<bool> {
        roles::holds(role, permission)
    }

    fn permissions(&self, role: &str) -> Option<Vec<&str>> {
        roles::permissions(role).filter(|held| !held.is_empty())
    }
}
