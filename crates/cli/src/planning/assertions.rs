//! The assertions of a plan, tested on the world as it will be.

use std::borrow::Cow;

use rbacform_access::assert::Policies;
use rbacform_access::{Facts, google};
use rbacform_core::plan::Mode;
use rbacform_planner::Planned;

use super::Request;
use super::analyse::Analysis;
use super::lacking::Lacking;
use super::read::Reader;
use crate::assertions::{self, Tested, World};
use crate::failure::Failure;
use crate::google_roles;

/// Tests them. What they need to know besides roles and bindings is read where it matters: whether a
/// namespace or a service account exists that the stack does not declare.
pub(super) async fn test(
    request: &Request<'_>,
    reader: &mut Reader<'_>,
    planned: &Planned,
    analysis: &Analysis,
    now: i64,
) -> Result<Tested, Failure> {
    if request.mode != Mode::Apply || request.loaded.stack.assertions.is_empty() {
        return Ok(Tested::default());
    }
    let none = Facts::default();
    let facts = analysis.cluster.as_ref();
    let facts = facts.map_or(&none, |worlds| &worlds.after);
    let mut policies = Cow::Borrowed(&analysis.google.after.facts);
    let mut lacking = Lacking::default();
    let mut tested = once(request, reader, planned, (facts, &policies), &lacking, now)?;
    if reader.look_at(&tested.missing).await? {
        tested = once(request, reader, planned, (facts, &policies), &lacking, now)?;
    }
    // What a project is in tells of the next policies to read, up to the organization's.
    while let Some(google) = reader.connection.gcp() {
        let declared = reader.declared(request);
        if !lacking.read(google, &tested.lacking, declared).await? {
            break;
        }
        let mut known = analysis.google.after.facts.clone();
        lacking.lay(&mut known);
        policies = Cow::Owned(known);
        tested = once(request, reader, planned, (facts, &policies), &lacking, now)?;
    }
    reader.notes.append(&mut lacking.notes);
    Ok(tested)
}

fn once(
    request: &Request<'_>,
    reader: &Reader<'_>,
    planned: &Planned,
    (facts, policies): (&Facts, &google::Facts),
    lacking: &Lacking,
    now: i64,
) -> Result<Tested, Failure> {
    let declared = reader.declared(request);
    let sight = assertions::of_plan(&reader.observed, &planned.changes, declared);
    let pool = reader.pool_project(request);
    let world = World {
        facts,
        sight: &sight,
        policies: Some(Policies {
            evaluator: google::Evaluator {
                facts: policies,
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
