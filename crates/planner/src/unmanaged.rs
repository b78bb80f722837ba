//! Unmanaged access: bindings to a declared role, or in a declared namespace, that nobody declares.

use std::collections::BTreeSet;

use rbacform_core::plan::{Unmanaged, UnmanagedPlace};
use rbacform_core::{Binding, ObjectId, ObservedObject};

use crate::Context;

/// Every subject of every such binding, sorted. Bootstrap bindings and those that another stack
/// marks as its own are not among them.
pub(crate) fn unmanaged(context: &Context<'_>) -> Vec<Unmanaged> {
    let declared: BTreeSet<&ObjectId> = context
        .input
        .desired
        .iter()
        .map(|resource| &resource.object)
        .collect();
    let namespaces: BTreeSet<&str> = declared
        .iter()
        .filter(|object| object.kind == "Namespace")
        .map(|object| object.name())
        .collect();
    let mut found: Vec<Unmanaged> = context
        .input
        .observed
        .iter()
        .filter(|object| is_nobodys(object, context, &declared))
        .filter_map(|object| Some((object, binding(object, context)?)))
        .filter(|(object, binding)| {
            declared.contains(&binding.role)
                || object
                    .object
                    .namespace()
                    .is_some_and(|namespace| namespaces.contains(namespace))
        })
        .flat_map(|(object, binding)| entries(object, &binding))
        .collect();
    found.sort();
    found
}

fn is_nobodys(
    object: &ObservedObject,
    context: &Context<'_>,
    declared: &BTreeSet<&ObjectId>,
) -> bool {
    !object.bootstrap
        && object.mark.is_none()
        && !declared.contains(&object.object)
        && !context.input.prior.resources.contains_key(&object.object)
}

fn binding(object: &ObservedObject, context: &Context<'_>) -> Option<Binding> {
    context
        .input
        .semantics
        .iter()
        .find_map(|semantics| semantics.binding(&object.object, &object.attributes))
}

fn entries(object: &ObservedObject, binding: &Binding) -> Vec<Unmanaged> {
    let entry = |subject: &String| Unmanaged {
        platform: object.object.instance.to_string(),
        kind: "binding".to_owned(),
        object: object.object.clone(),
        subject: subject.clone(),
        role: format!("{} {}", binding.role.kind, binding.role.name()),
        place: UnmanagedPlace::Scope(binding.scope.clone()),
        condition: binding.condition.clone(),
    };
    binding.subjects.iter().map(entry).collect()
}
