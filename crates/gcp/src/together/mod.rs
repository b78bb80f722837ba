//! Rules across resources: declarations that would fight, halves that lack each other.

mod authority;
mod workload_identity;

use rbacform_core::{DesiredResource, Diagnostic};

pub(crate) use authority::covered_by;
pub(crate) use workload_identity::WORKLOAD_IDENTITY_USER;
pub use workload_identity::{check_pool, check_sameness, grants_to_pool};

/// Everything that is wrong between resources of one stack, other providers' included.
pub(crate) fn check(desired: &[DesiredResource]) -> Vec<Diagnostic> {
    let mut found = authority::check(desired);
    found.extend(workload_identity::check(desired));
    found
}
