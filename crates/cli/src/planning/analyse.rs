//! What a plan means for access, in all its worlds.

use rbacform_access::Facts;
use rbacform_core::Change;
use rbacform_core::plan::{AccessChange, Mode};
use rbacform_planner::Planned;

use super::Request;
use super::read::{Reader, asserts};
use crate::analysis::{self, GoogleWorlds, Worlds};

/// Both worlds before and after a plan, and what the difference is.
pub(super) struct Analysis {
    /// The cluster's, where the plan changes who may do what there, or assertions are about it.
    pub(super) cluster: Option<Worlds>,
    /// Google's, likewise; of nothing where neither is so.
    pub(super) google: GoogleWorlds,
    /// Who gains and who loses what.
    pub(super) access: AccessChange,
}

impl Analysis {
    /// The analysis of a plan at a moment, in seconds since 1970.
    pub(super) fn of(
        request: &Request<'_>,
        reader: &Reader<'_>,
        planned: &Planned,
        now: i64,
    ) -> Self {
        let (declared, sources) = (reader.declared(request), &request.loaded.sources);
        let (observed, changes) = (&reader.observed, &planned.changes);
        let matters = changes.iter().any(analysis::changes_rbac) || asserts(request);
        let cluster = matters.then(|| Worlds::of_plan(observed, changes, declared, sources));
        let mut access = match &cluster {
            Some(worlds) => analysis::access_change(worlds),
            None => AccessChange::default(),
        };
        analysis::temporary(&mut access.gained, &request.loaded.stack.temporary);
        let google = match looks_at_google(request, reader, changes) {
            true => {
                let project = reader.pool_project(request);
                let google = reader.connection.gcp();
                let was_deleted = |role: &str| google.is_some_and(|it| it.was_deleted(role));
                GoogleWorlds::of_plan(observed, changes, declared, project.as_deref(), was_deleted)
            }
            false => GoogleWorlds::default(),
        };
        let none = Facts::default();
        let facts = cluster.as_ref();
        let facts = facts.map_or([&none; 2], |worlds| [&worlds.before, &worlds.after]);
        let [was, is] = facts;
        let [before, after] = [(&google.before, was), (&google.after, is)]
            .map(|(side, cluster)| side.bridge(cluster, now).guised());
        let mut at_google = analysis::google_change(&before, &after);
        analysis::put_down_to(&planned.granted, &mut at_google.gained, &after);
        analysis::put_down_to(&planned.revoked, &mut at_google.lost, &before);
        for more in [
            analysis::change_by_pods(&before, &after, &access),
            at_google,
        ] {
            access.gained.extend(more.gained);
            access.lost.extend(more.lost);
            access.cannot_tell.extend(more.cannot_tell);
        }
        analysis::locate(&mut access, declared, sources);
        analysis::by_weight(&mut access);
        Self {
            cluster,
            google,
            access,
        }
    }
}

/// Whether what is known of Google matters: the plan changes it, or who may make pods in the cluster.
fn looks_at_google(request: &Request<'_>, reader: &Reader<'_>, changes: &[Change]) -> bool {
    let is_read = || reader.connection.gcp().is_some();
    changes.iter().any(analysis::changes_google)
        || (is_read() && changes.iter().any(analysis::changes_rbac))
        || asserts_on_policies(request)
}

/// Whether a plan tests assertions about policies.
fn asserts_on_policies(request: &Request<'_>) -> bool {
    let mut assertions = request.loaded.stack.assertions.iter();
    request.mode == Mode::Apply && assertions.any(|it| it.claim.is_on_policies())
}
