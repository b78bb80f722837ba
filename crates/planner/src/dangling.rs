//! Bindings to roles that do not exist: they grant nothing until somebody makes the role.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::{DesiredResource, Diagnostic, ObjectId, ObservedSet, Semantics};

use crate::{bindings_of, semantics_of};

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
        .map(|(binding, role)| {
            let grants = semantics_of(semantics, &role)
                .is_some_and(|semantics| semantics.grants_on_resources());
            match grants {
                true => nothing_granted(binding, &role, observed.is_some()),
                false => warning(binding, &role, observed.is_some(), desired),
            }
        })
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

/// The roles that resources bind, of kinds that a stack can declare: Google's own roles are
/// nobody's objects.
fn bound_roles<'a>(
    desired: &'a [DesiredResource],
    semantics: &'a [&dyn Semantics],
) -> impl Iterator<Item = (&'a DesiredResource, ObjectId)> {
    desired.iter().flat_map(|resource| {
        bindings_of(semantics, &resource.object, &resource.attributes)
            .into_iter()
            .map(|binding| binding.role)
            .filter(|role| {
                semantics_of(semantics, role).is_some_and(|semantics| {
                    semantics
                        .types()
                        .iter()
                        .any(|schema| schema.kind == role.kind)
                })
            })
            .map(move |role| (resource, role))
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

/// The same for a grant of a custom role.
fn nothing_granted(grant: &DesiredResource, role: &ObjectId, looked: bool) -> Diagnostic {
    let state = if looked {
        "neither declared nor there"
    } else {
        "not declared here"
    };
    let message = format!(
        "`{}` grants `{}`, which is {state}",
        grant.address, role.ident
    );
    Diagnostic::warning("dangling-binding", message)
        .at(grant.span)
        .address(&grant.address)
        .help("declare the role, or correct its name: Google refuses a grant of a role it lacks")
}
