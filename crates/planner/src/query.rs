//! Which kinds a plan reads. The request contract: at most one list a kind, and none that the
//! question does not need.

use std::collections::BTreeSet;

use rbacform_core::{DesiredResource, ObjectId, Semantics, StateSnapshot, Text};

/// The kinds of one provider that are declared or in state, and the companions of those declared:
/// bindings are read where a namespace or a role is declared.
pub fn kinds_to_read(
    desired: &[DesiredResource],
    prior: &StateSnapshot,
    semantics: &dyn Semantics,
) -> BTreeSet<Text> {
    let is_its = |object: &&ObjectId| object.instance == semantics.provider();
    let declared: BTreeSet<Text> = desired
        .iter()
        .map(|resource| &resource.object)
        .filter(is_its)
        .map(|object| object.kind.clone())
        .collect();
    let companions = declared
        .iter()
        .flat_map(|kind| semantics.companions(kind))
        .map(|kind| Text::from(*kind));
    let in_state = prior.resources.keys().filter(is_its);
    let in_state = in_state.map(|object| object.kind.clone());
    declared
        .iter()
        .cloned()
        .chain(companions)
        .chain(in_state)
        .collect()
}
