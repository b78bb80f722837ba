//! The assertions of a plan, tested on the world as it will be.

use std::borrow::Cow;

use rbacform_access::assert::{Policies, Sight, depends_on_version};
use rbacform_access::bridge::Bridge;
use rbacform_access::{Facts, Version, google};
use rbacform_core::plan::Mode;
use rbacform_planner::Planned;
use rbacform_provider::ErrorKind;

use super::Request;
use super::analyse::Analysis;
use super::lacking::Lacking;
use super::read::Reader;
use crate::analysis;
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
    let version = version(request, reader).await?;
    let none = Facts::default();
    let facts = analysis.cluster.as_ref();
    let facts = facts.map_or(&none, |worlds| &worlds.after);
    let mut policies = Cow::Borrowed(&analysis.google.after.facts);
    let mut lacking = Lacking::default();
    let tested = loop {
        let tested = once(
            request,
            reader,
            planned,
            (facts, &policies),
            &lacking,
            (version, now),
        )?;
        if reader.look_at(&tested.missing).await? {
            continue;
        }
        let Some(google) = reader.connection.gcp() else {
            break tested;
        };
        // What a project is in tells of the next policies to read, up to the organization's.
        let declared = reader.declared(request);
        if !lacking.read(google, &tested.lacking, declared).await? {
            break tested;
        }
        let mut known = analysis.google.after.facts.clone();
        lacking.lay(&mut known);
        policies = Cow::Owned(known);
    };
    reader.notes.append(&mut lacking.notes);
    Ok(tested)
}

/// The cluster's version, asked only where an assertion depends on it; else, and where the cluster does
/// not say, the newest.
async fn version(request: &Request<'_>, reader: &mut Reader<'_>) -> Result<Version, Failure> {
    let mut assertions = request.loaded.stack.assertions.iter();
    let depends = assertions.any(depends_on_version);
    let Some(cluster) = reader.connection.kubernetes().filter(|_| depends) else {
        return Ok(Version::NEWEST);
    };
    match cluster.version().await {
        Ok(text) => Ok(Version::nearest(&text).unwrap_or_default()),
        Err(error) => match error.kind {
            ErrorKind::Forbidden | ErrorKind::NotFound => {
                reader.notes.push(error.message);
                Ok(Version::NEWEST)
            }
            _ => Err(error.into()),
        },
    }
}

fn once(
    request: &Request<'_>,
    reader: &Reader<'_>,
    planned: &Planned,
    (facts, policies): (&Facts, &google::Facts),
    lacking: &Lacking,
    (version, now): (Version, i64),
) -> Result<Tested, Failure> {
    let declared = reader.declared(request);
    let sight = Sight {
        version,
        ..assertions::of_plan(&reader.observed, &planned.changes, declared)
    };
    let mut workloads = analysis::workloads(&reader.observed, &planned.changes);
    workloads.project = reader.pool_project(request);
    let world = World {
        facts,
        sight: &sight,
        policies: Some(Policies {
            bridge: Bridge {
                google: google_roles::evaluator(policies, now),
                kubernetes: facts,
                workloads: &workloads,
            },
            absent: &lacking.absent,
        }),
        is_part: !request.targets.is_empty(),
    };
    assertions::test(&request.loaded.stack, &world, &request.loaded.sources)
        .map_err(Failure::of_own_roles)
}
