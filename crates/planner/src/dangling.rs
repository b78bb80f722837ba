//! Bindings to roles that do not exist: they grant nothing until somebody makes the role.

use std::collections::BTreeSet;

use rbacform_core::{Action, DesiredResource, Diagnostic, ObjectId, ObservedSet, Semantics};

use crate::decide::Decision;
use crate::{Context, bindings_of, semantics_of};

/// A warning for each declared binding whose role is not declared, nor one that the platform makes
/// itself: what files alone can tell (`validate`).
pub fn dangling_bindings(
    desired: &[DesiredResource],
    semantics: &[&dyn Semantics],
) -> Vec<Diagnostic> {
    let made_by_itself = |role: &ObjectId| {
        semantics
            .iter()
            .any(|semantics| semantics.is_bootstrap(role))
    };
    undeclared_roles(desired, semantics)
        .filter(|(_, role)| !made_by_itself(role))
        .map(|(binding, role)| told(binding, &role, "not declared here", desired, semantics))
        .collect()
}

/// The same where the world is known: neither declared nor live, once the plan is carried out.
pub(crate) fn dangling(context: &Context<'_>, decisions: &[Decision]) -> Vec<Diagnostic> {
    let (desired, observed) = (context.input.desired, context.input.observed);
    let semantics = context.input.semantics;
    let going: BTreeSet<&ObjectId> = decisions
        .iter()
        .filter(|decision| decision.change.action == Action::Delete)
        .map(|decision| &decision.change.object)
        .collect();
    let fate = |role: &ObjectId| {
        let known = (role.instance.clone(), role.kind.clone());
        match observed.get(role) {
            Some(_) if going.contains(role) => Some("no longer declared, and this plan deletes it"),
            Some(_) => None,
            None if observed.complete.contains(&known) => Some("neither declared nor there"),
            None => None,
        }
    };
    undeclared_roles(desired, semantics)
        .filter_map(|(binding, role)| Some(told(binding, &role, fate(&role)?, desired, semantics)))
        .collect()
}

/// Roles that declared bindings name and that neither the stack, nor what was read, nor the
/// platform's own defaults account for: they must be looked up to know whether they dangle.
pub fn roles_to_look_up(
    desired: &[DesiredResource],
    observed: &ObservedSet,
    semantics: &[&dyn Semantics],
) -> BTreeSet<ObjectId> {
    undeclared_roles(desired, semantics)
        .map(|(_, role)| role)
        .filter(|role| observed.get(role).is_none())
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

/// Each declared binding whose role the stack does not declare, and that role, of kinds that a
/// stack can declare: Google's own roles are nobody's objects.
fn undeclared_roles<'a>(
    desired: &'a [DesiredResource],
    semantics: &'a [&dyn Semantics],
) -> impl Iterator<Item = (&'a DesiredResource, ObjectId)> {
    let declared: BTreeSet<&ObjectId> = desired.iter().map(|resource| &resource.object).collect();
    let of_a_type = |role: &ObjectId| {
        semantics_of(semantics, role)
            .is_some_and(|known| known.types().iter().any(|schema| schema.kind == role.kind))
    };
    desired.iter().flat_map(move |resource| {
        let roles: Vec<ObjectId> = bindings_of(semantics, &resource.object, &resource.attributes)
            .into_iter()
            .map(|binding| binding.role)
            .filter(|role| !declared.contains(role) && of_a_type(role))
            .collect();
        roles.into_iter().map(move |role| (resource, role))
    })
}

fn told(
    binding: &DesiredResource,
    role: &ObjectId,
    state: &str,
    desired: &[DesiredResource],
    semantics: &[&dyn Semantics],
) -> Diagnostic {
    let grants =
        semantics_of(semantics, role).is_some_and(|semantics| semantics.grants_on_resources());
    match grants {
        true => nothing_granted(binding, role, state),
        false => warning(binding, role, state, desired),
    }
}

fn warning(
    binding: &DesiredResource,
    role: &ObjectId,
    state: &str,
    desired: &[DesiredResource],
) -> Diagnostic {
    let place = role
        .namespace()
        .map_or(String::new(), |ns| format!(" in namespace `{ns}`"));
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
fn nothing_granted(grant: &DesiredResource, role: &ObjectId, state: &str) -> Diagnostic {
    let message = format!(
        "`{}` grants `{}`, which is {state}",
        grant.address, role.ident
    );
    Diagnostic::warning("dangling-binding", message)
        .at(grant.span)
        .address(&grant.address)
        .help("declare the role, or correct its name: Google refuses a grant of a role it lacks")
}
