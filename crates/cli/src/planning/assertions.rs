//! The assertions of a plan, tested on the world as it will be.

use rbacform_core::plan::Mode;
use rbacform_planner::Planned;

use super::Request;
use super::read::{Reader, asserts};
use crate::analysis::Worlds;
use crate::assertions::{self, Tested, World};
use crate::failure::Failure;

/// Tests them. What they need to know besides roles and bindings is read where it matters: whether a
/// namespace or a service account exists that the stack does not declare.
pub(super) async fn test(
    request: &Request<'_>,
    reader: &mut Reader<'_>,
    planned: &Planned,
) -> Result<Tested, Failure> {
    if request.mode != Mode::Apply || request.loaded.stack.assertions.is_empty() {
        return Ok(Tested::default());
    }
    let mut tested = once(request, reader, planned)?;
    if asserts(request) && reader.look_at(&tested.missing).await? {
        tested = once(request, reader, planned)?;
    }
    Ok(tested)
}

fn once(request: &Request<'_>, reader: &Reader<'_>, planned: &Planned) -> Result<Tested, Failure> {
    let (declared, sources) = (reader.declared(request), &request.loaded.sources);
    let worlds = Worlds::of_plan(&reader.observed, &planned.changes, declared, sources);
    let sight = assertions::of_plan(&reader.observed, &planned.changes, declared);
    let world = World {
        facts: &worlds.after,
        sight: &sight,
        is_part: !request.targets.is_empty(),
    };
    assertions::test(&request.loaded.stack, &world, sources).map_err(Failure::of_own_roles)
}
