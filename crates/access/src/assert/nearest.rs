//! What comes nearest to granting something that nothing grants.

use super::region::{Region, What};
use super::world::Planned;
use crate::near::{NearMiss, near_misses};
use crate::{Request, User};

/// The rule that would grant a request but for one field.
pub(super) fn nearest(
    world: &Planned<'_>,
    user: &User,
    region: &Region,
    request: &Request,
) -> Option<String> {
    let miss = near_misses(&world.evaluator, user, request, 1).pop()?;
    let (grant, field) = (&miss.grant, miss.field);
    let has: Vec<String> = miss.has.iter().map(|item| quoted(item)).collect();
    Some(format!(
        "nearest is {} `{}` of the binding `{}`: its {field}s are {}, not {}",
        grant.role_ref.kind,
        grant.role_ref.name,
        grant.binding,
        has.join(", "),
        wanted(region, &miss)
    ))
}

/// What a claim wants of a field. The request stands for more than itself where not one is meant.
fn wanted(region: &Region, miss: &NearMiss) -> String {
    let every_one = match (&region.what, miss.field) {
        (What::Path(verb, _), "verb") => verb == "*",
        (What::Path(..), _) => false,
        (What::Cell(cell), "verb") => cell.verbs.counted().is_none(),
        (What::Cell(cell), "api_group") => cell.groups.counted().is_none(),
        (What::Cell(cell), "resource") => {
            cell.resources.counted().is_none() || cell.subresources.counted().is_none()
        }
        (What::Cell(cell), _) => cell.names.counted().is_none(),
    };
    match (every_one, miss.field, miss.wanted.as_str()) {
        (true, ..) => "every one".to_owned(),
        (false, "name", "") => "requests without a name".to_owned(),
        (false, _, wanted) => quoted(wanted),
    }
}

fn quoted(item: &str) -> String {
    match item {
        "" => "`\"\"`".to_owned(),
        item => format!("`{item}`"),
    }
}
