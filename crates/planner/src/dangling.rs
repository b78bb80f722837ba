//! Bindings to roles that do not exist: they grant nothing until somebody makes the role.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::{DesiredResource, Diagnostic, ObjectId, ObservedSet, Semantics};

/// A warning for each declared binding whose role is neither declared nor live. Without a world
/// (`validate`) only what files can tell: not declared, and none that the platform makes itself.
pub fn dangling_bindings(
    desired: &[DesiredResource],
    observed: Option<&ObservedSet>,
    semantics: &[&dyn Semantics],
) -> Vec<Diagnostic> {
    let declared: BTreeMap<&ObjectId, &DesiredResource> = desired
        .iter()
        .map(|resource| (&resource.object, resource))
        .collect();
    bound_roles(desired, semantics)
        .filter(|(_, role)| !declared.contains_key(role))
        .filter(|(_, role)| match observed {
            None => !semantics
                .iter()
                .any(|semantics| semantics.is_bootstrap(role)),
            Some(observed) => {
                observed.get(role).is_none()
                    && observed
                        .complete
                        .contains(&(role.instance.clone(), role.kind.clone()))
            }
        })
        .map(|(binding, role)| warning(binding, &role, observed.is_some(), desired))
        .collect()
}

/// Roles that declared bindings name and that neither the stack, nor what was read, nor the
/// platform's own defaults account for: they must be looked up to know whether they dangle.
pub fn roles_to_look_up(
    desired: &[DesiredResource],
    observed: &ObservedSet,
    semantics: &[&dyn Semantics],
) -> BTreeSet<ObjectId> {
    let declared: BTreeSet<&ObjectId> = desired.iter().map(|resource| &resource.object).collect();
    bound_roles(desired, semantics)
        .map(|(_, role)| role)
        .filter(|role| !declared.contains(role) && observed.get(role).is_none())
        .filter(|role| {
            !observed
                .complete
                .contains(&(role.instance.clone(), role.kind.clone()))
        })
        .filter(|role| {
            !semantics
                .iter()
                .any(|semantics| semantics.is_bootstrap(role))
        })
        .collect()
}

fn bound_roles<'a>(
    desired: &'a [DesiredResource],
    semantics: &'a [&dyn Semantics],
) -> impl Iterator<Item = (&'a DesiredResource, ObjectId)> {
    desired.iter().filter_map(|resource| {
        let binding = semantics
            .iter()
            .find_map(|semantics| semantics.binding(&resource.object, &resource.attributes))?;
        Some((resource, binding.role))
    })
}

fn warning(
    binding: &DesiredResource,
    role: &ObjectId,
    looked: bool,
    desired: &[DesiredResource],
) -> Diagnostic {
    let place = role
        .namespace()
        .map_or(String::new(), |ns| format!(" in namespace `{ns}`"));
    let state = if looked {
        "neither declared nor in the cluster"
    } else {
        "not declared here"
    };
    let message = format!(
        "`{}` binds {} `{}`{place}, which is {state}: it grants nothing",
        binding.object.name(),
        role.kind,
        role.name(),
    );
    let warning = Diagnostic::warning("dangling-binding", message)
        .at(binding.span)
        .address(&binding.address);
    let elsewhere = desired.iter().find(|resource| {
        resource.object.kind == role.kind
            && resource.object.name() == role.name()
            && resource.object != *role
    });
    match elsewhere {
        Some(other) => warning
            .related(other.span, "declared here, in another namespace")
            .help(format!(
                "a {} `{}` is declared in namespace `{}`, and a RoleBinding reaches only roles of its \
                 own namespace: declare it in namespace `{}`, or bind a ClusterRole",
                role.kind,
                role.name(),
                other.object.namespace().unwrap_or_default(),
                role.namespace().unwrap_or_default(),
            )),
        None => warning.help(
            "declare the role, or correct its name; until then whoever may create that role decides \
             what this binding grants",
        ),
    }
}
