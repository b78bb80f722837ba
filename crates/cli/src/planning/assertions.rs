//! The assertions of a plan, tested on the world as it will be.

use rbacform_access::assert::Policies;
use rbacform_access::{Facts, google};
use rbacform_core::plan::Mode;
use rbacform_planner::Planned;

use super::Request;
use super::lacking::Lacking;
use super::read::Reader;
use crate::analysis::Worlds;
use crate::assertions::policies;
use crate::assertions::{self, Tested, World};
use crate::failure::Failure;
use crate::google_roles;
use crate::session::Session;

/// Tests them. What they need to know besides roles and bindings is read where it matters: whether a
/// namespace or a service account exists that the stack does not declare.
pub(super) async fn test(
    request: &Request<'_>,
    reader: &mut Reader<'_>,
    planned: &Planned,
    worlds: &Option<Worlds>,
    session: &Session,
) -> Result<Tested, Failure> {
    if request.mode != Mode::Apply || request.loaded.stack.assertions.is_empty() {
        return Ok(Tested::default());
    }
    let none = Facts::default();
    let facts = worlds.as_ref().map_or(&none, |worlds| &worlds.after);
    let now = session.environment.now.as_second();
    let mut lacking = Lacking::default();
    let mut tested = once(request, reader, planned, facts, &lacking, now)?;
    if reader.look_at(&tested.missing).await? {
        tested = once(request, reader, planned, facts, &lacking, now)?;
    }
    // What a project is in tells of the next policies to read, up to the organization's.
    while let Some(google) = reader.connection.gcp() {
        let declared = reader.declared(request);
        if !lacking.read(google, &tested.lacking, declared).await? {
            break;
        }
        tested = once(request, reader, planned, facts, &lacking, now)?;
    }
    reader.notes.append(&mut lacking.notes);
    Ok(tested)
}

fn once(
    request: &Request<'_>,
    reader: &Reader<'_>,
    planned: &Planned,
    facts: &Facts,
    lacking: &Lacking,
    now: i64,
) -> Result<Tested, Failure> {
    let declared = reader.declared(request);
    let sight = assertions::of_plan(&reader.observed, &planned.changes, declared);
    let mut policies = policies::after(&reader.observed, &planned.changes, declared);
    lacking.lay(&mut policies);
    let pool = reader.connection.pool.as_ref();
    let pool = match request.world.sandbox {
        // No cluster is looked up: the stack's own words count.
        true => assertions::pool(&request.loaded.stack),
        false => pool.map(|pool| pool.name.trim_end_matches(".svc.id.goog").to_owned()),
    };
    let world = World {
        facts,
        sight: &sight,
        policies: Some(Policies {
            evaluator: google::Evaluator {
                facts: &policies,
                roles: &google_roles::Table,
                now,
            },
            pool: pool.as_deref(),
            absent: &lacking.absent,
        }),
        is_part: !request.targets.is_empty(),
    };
    assertions::test(&request.loaded.stack, &world, &request.loaded.sources)
        .map_err(Failure::of_own_roles)
}
