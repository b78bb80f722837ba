//! Unmanaged access: bindings to a declared role or in a declared namespace, and grants on the
//! policies that the stack touches, that nobody declares.

use std::collections::BTreeSet;

use rbacform_core::plan::{Unmanaged, UnmanagedPlace};
use rbacform_core::{Binding, ObjectId, ObservedObject, Semantics};

use crate::Context;
use crate::access::role_text;

/// Every subject of every such binding or grant, sorted; besides how many grants of the platform's
/// own service agents there are, and how many subjects the platform's own bindings have: they are
/// on every cluster. Bindings that another stack marks as its own are not among them.
pub(crate) fn unmanaged(context: &Context<'_>) -> (Vec<Unmanaged>, usize, usize) {
    let declared: BTreeSet<&ObjectId> = context
        .input
        .desired
        .iter()
        .map(|resource| &resource.object)
        .collect();
    let (mut listed, mut agents, mut bootstrap) = (Vec::new(), 0, 0);
    for object in context.input.observed.iter() {
        let Some(semantics) = context.semantics(&object.object) else {
            continue;
        };
        let grants = semantics.grants_on_resources();
        if !is_nobodys(object, context, &declared)
            || (grants && is_covered(object, context, &declared, semantics))
        {
            continue;
        }
        for binding in context.bindings(&object.object, &object.attributes) {
            if !grants && !is_near(object, &binding, &declared) {
                continue;
            }
            if object.bootstrap {
                bootstrap += binding.subjects.len();
                continue;
            }
            for subject in &binding.subjects {
                match semantics.is_platform_subject(subject) {
                    true => agents += 1,
                    false => listed.push(entry(object, &binding, subject, grants, context)),
                }
            }
        }
    }
    listed.sort();
    (listed, agents, bootstrap)
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

/// Whether a binding is to a declared role, or in a declared namespace.
fn is_near(object: &ObservedObject, binding: &Binding, declared: &BTreeSet<&ObjectId>) -> bool {
    let home = object
        .object
        .namespace()
        .map(|namespace| ObjectId::cluster(&object.object.instance, "Namespace", namespace));
    declared.contains(&binding.role) || home.is_some_and(|home| declared.contains(&home))
}

/// Whether a whole binding or policy of the stack decides over a grant. A whole one that was read
/// repeats grants that were read one by one.
fn is_covered(
    object: &ObservedObject,
    context: &Context<'_>,
    declared: &BTreeSet<&ObjectId>,
    semantics: &dyn Semantics,
) -> bool {
    let prior = &context.input.prior.resources;
    semantics.is_authoritative(&object.object.kind)
        || semantics
            .covered_by(&object.object)
            .iter()
            .any(|covering| declared.contains(covering) || prior.contains_key(covering))
}

fn entry(
    object: &ObservedObject,
    binding: &Binding,
    subject: &str,
    grants: bool,
    context: &Context<'_>,
) -> Unmanaged {
    Unmanaged {
        platform: object.object.instance.to_string(),
        kind: if grants { "grant" } else { "binding" }.to_owned(),
        object: object.object.clone(),
        subject: subject.to_owned(),
        role: role_text(&object.object, binding, context),
        place: match grants {
            true => UnmanagedPlace::Resource(binding.scope.clone()),
            false => UnmanagedPlace::Scope(binding.scope.clone()),
        },
        condition: binding.condition.clone(),
    }
}
