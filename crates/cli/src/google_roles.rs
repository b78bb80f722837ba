//! Google's own roles, from the table in this program.

use rbacform_access::google::{Evaluator, Facts, Roles};
use rbacform_gcp::roles;

/// A world at a moment, in seconds since 1970, whose roles hold what this program knows of them.
pub(crate) fn evaluator(facts: &Facts, now: i64) -> Evaluator<'_> {
    Evaluator {
        facts,
        roles: &Table,
        now,
    }
}

/// The table. Of a role that nothing is published of it says nothing: neither yes nor no.
struct Table;

impl Roles for Table {
    fn holds(&self, role: &str, permission: &str) -> Option<bool> {
        roles::holds(role, permission)
    }

    fn permissions(&self, role: &str) -> Option<Vec<&str>> {
        roles::permissions(role).filter(|held| !held.is_empty())
    }

    fn knows(&self, permission: &str) -> bool {
        roles::permission_exists(permission)
    }

    fn closest(&self, permission: &str) -> Option<String> {
        roles::closest_permission(permission).map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_of_which_nothing_is_published_is_neither_yes_nor_no() {
        let untold = roles::all().find(|role| {
            let held = roles::permissions(role);
            held.is_some_and(|held| held.is_empty())
        });
        let untold = untold.expect("a few are in the data");
        assert_eq!(Table.holds(&untold, "storage.objects.get"), None);
        assert_eq!(Table.permissions(&untold), None);
    }
}
