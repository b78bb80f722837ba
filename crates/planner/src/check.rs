//! Rules across resources, as the providers know them.

use rbacform_core::{DesiredResource, Diagnostic, Semantics};

/// Declarations that would fight over one thing, and halves that lack each other. [`plan`] asks
/// by itself; `validate` asks here.
///
/// [`plan`]: crate::plan
pub fn check_together(
    desired: &[DesiredResource],
    semantics: &[&dyn Semantics],
) -> Vec<Diagnostic> {
    semantics
        .iter()
        .flat_map(|semantics| semantics.check_together(desired))
        .collect()
}
