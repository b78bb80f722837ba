//! One decision for each grant: a member and a binding over one role and condition would undo each
//! other at every apply, and so would a whole policy and anything else on it.

use std::collections::BTreeMap;

use rbacform_core::{DesiredResource, Diagnostic, ObjectId};

use crate::ident::{self, IAM_BINDING, IAM_MEMBER, Ident};

/// The objects that, where declared, decide over this one too.
pub(crate) fn covered_by(object: &ObjectId) -> Vec<ObjectId> {
    let Some(about) = Ident::of(object) else {
        return Vec::new();
    };
    let policy = ident::iam_policy(&object.instance, about.resource);
    match object.kind.as_str() {
        IAM_MEMBER => vec![about.binding(&object.instance), policy],
        IAM_BINDING => vec![policy],
        _ => Vec::new(),
    }
}

pub(super) fn check(desired: &[DesiredResource]) -> Vec<Diagnostic> {
    let declared: BTreeMap<&ObjectId, &DesiredResource> = desired
        .iter()
        .map(|resource| (&resource.object, resource))
        .collect();
    let conflict = |resource: &DesiredResource| {
        let covering = covered_by(&resource.object)
            .into_iter()
            .find_map(|object| declared.get(&object).copied())?;
        Some(told(resource, covering))
    };
    desired.iter().filter_map(conflict).collect()
}

fn told(resource: &DesiredResource, covering: &DesiredResource) -> Diagnostic {
    let (about, role) = match Ident::of(&resource.object) {
        Some(about) => (about.resource, about.role),
        None => ("", ""),
    };
    let (over, help) = match covering.object.kind.as_str() {
        IAM_BINDING => (
            format!("everybody who has `{role}` on `{about}`"),
            "put its member among the binding's, or make the binding's members \
             `gcp.iam_member`s",
        ),
        _ => (
            format!("the whole policy of `{about}`"),
            "put it among the policy's bindings, or take the policy apart into members and \
             bindings",
        ),
    };
    let message = format!(
        "`{}` and `{}` fight: the latter decides over {over}",
        resource.address, covering.address
    );
    Diagnostic::error("conflicting-grants", message)
        .at(resource.span)
        .address(&resource.address)
        .help(help)
        .related(covering.span, "which is declared here")
}
