//! Unmanaged access: bindings to a declared role, or in a declared namespace, that nobody declares.

use std::collections::BTreeSet;

use rbacform_core::plan::Unmanaged;
use rbacform_core::{Binding, ObjectId, ObservedObject};

use crate::Context;

/// Every subject of every such binding, sorted, and how many the platform's own bindings of that
/// kind have besides: they are on every cluster. Bindings that another stack marks as its own are
/// not among them.
pub(crate) fn unmanaged(context: &Context<'_>) -> (Vec<Unmanaged>, usize) {
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
    let (mut listed, mut bootstrap) = (Vec::new(), 0);
    let nobodys = context
        .input
        .observed
        .iter()
        .filter(|object| is_nobodys(object, context, &declared));
    for object in nobodys {
        let Some(binding) = binding(object, context) else {
            continue;
        };
        let home = object.object.namespace();
        let is_near = declared.contains(&binding.role)
            || home.is_some_and(|namespace| namespaces.contains(namespace));
        match (is_near, object.bootstrap) {
            (false, _) => {}
            (true, true) => bootstrap += binding.subjects.len(),
            (true, false) => listed.extend(entries(object, &binding)),
        }
    }
    listed.sort();
    (listed, bootstrap)
}

fn is_nobodys(
    object: &ObservedObject,
    context: &Context<'_>,
    declared: &BTreeSet<&ObjectId>,
) -> bool {
    object.mark.is_none()
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
        scope: binding.scope.clone(),
    };
    binding.subjects.iter().map(entry).collect()
}
