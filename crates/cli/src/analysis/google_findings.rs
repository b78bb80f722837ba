//! Warnings about declared grants at Google that another one gives anyway.

use std::collections::BTreeMap;

use rbacform_access::google::{Facts, Grant};
use rbacform_core::{DesiredResource, Diagnostic, ObjectId, SourceMap, Span};

use crate::google_roles;
use crate::planning::GOOGLE;
use crate::written::Written;

/// Grants that another one of the stack gives already.
pub(super) fn redundant(declared: &[DesiredResource], sources: &SourceMap) -> Vec<Diagnostic> {
    let ours = || declared.iter().filter(|it| it.object.instance == GOOGLE);
    let mut facts = Facts::default();
    for resource in ours() {
        facts.put(&resource.object, &resource.attributes);
    }
    let by_object: BTreeMap<&ObjectId, &DesiredResource> = ours()
        .map(|resource| (&resource.object, resource))
        .collect();
    // No condition is asked whether it holds: any moment will do.
    let evaluator = google_roles::evaluator(&facts, 0);
    let mut places = Written::default();
    let mut place = |resource: &DesiredResource, grant: &Grant| {
        places.member(sources, resource.span, (&grant.role, &grant.member))
    };
    let found = evaluator.redundant().into_iter();
    found
        .filter_map(|(grant, by)| warning(&grant, &by, &by_object, &mut place))
        .collect()
}

fn warning(
    grant: &Grant,
    by: &Grant,
    declared: &BTreeMap<&ObjectId, &DesiredResource>,
    place: &mut impl FnMut(&DesiredResource, &Grant) -> Span,
) -> Option<Diagnostic> {
    let resource = declared.get(grant.object.as_ref()?)?;
    let other = by.object.as_ref().and_then(|object| declared.get(object));
    let through = match by.member == grant.member {
        true => String::new(),
        false => format!(" to `{}`", by.member),
    };
    let message = format!(
        "`{}` has all of `{}` on `{}` already, through `{}` on `{}`{through}",
        grant.member, grant.role, grant.resource, by.role, by.resource
    );
    let warning = Diagnostic::warning("redundant-grant", message)
        .at(place(resource, grant))
        .address(&resource.address)
        .help("taking this grant away takes nothing from them: remove it, or narrow the other one");
    Some(
        match other.filter(|other| other.object != resource.object) {
            Some(other) => warning.related(other.span, "it is given here too"),
            None => warning,
        },
    )
}
