//! Planning: load -> read -> plan. Everything that `plan`, `apply`, `destroy` and `drift` share.

mod analyse;
mod assertions;
mod document;
mod google_lockout;
mod google_preflight;
mod identities;
mod lacking;
mod lockout;
mod preflight;
mod read;

use std::collections::BTreeMap;

use rbacform_core::plan::Mode;
use rbacform_core::{Address, Diagnostic, Plan, WorldPin};
use rbacform_executor::{Settled, settle_open_intents};
use rbacform_planner::{Planned, plan};
use rbacform_state::LocalStore;

use crate::analysis::{self, Worlds};
use crate::args::WorldArgs;
use crate::connect::Connection;
use crate::failure::Failure;
use crate::load::{LoadedStack, SEMANTICS};
use crate::session::Session;
use analyse::Analysis;
use identities::Identities;
pub(crate) use lacking::resources as asserted_resources;
use read::Reader;

/// The instance of the Kubernetes provider.
pub(crate) const KUBERNETES: &str = "kubernetes";
/// The instance of the Google provider.
pub(crate) const GOOGLE: &str = "gcp";

/// What to plan.
pub(crate) struct Request<'a> {
    pub(crate) loaded: &'a LoadedStack,
    pub(crate) store: &'a LocalStore,
    pub(crate) world: &'a WorldArgs,
    pub(crate) mode: Mode,
    pub(crate) adopt: bool,
    pub(crate) targets: &'a [Address],
    /// The lineage that a saved plan gave to a stack without state.
    pub(crate) lineage: Option<&'a str>,
    /// Ask the server who we are even where nothing changes: a plan that is saved says so.
    pub(crate) ask_identity: bool,
}

impl<'a> Request<'a> {
    /// To look at the worlds of a stack: nothing is taken over, and all of it is meant.
    pub(crate) fn to_look(
        mode: Mode,
        loaded: &'a LoadedStack,
        store: &'a LocalStore,
        world: &'a WorldArgs,
    ) -> Self {
        Self {
            loaded,
            store,
            world,
            mode,
            adopt: false,
            targets: &[],
            lineage: None,
            ask_identity: false,
        }
    }
}

/// A plan and all it follows from.
pub(crate) struct Planning {
    pub(crate) document: Plan,
    pub(crate) planned: Planned,
    pub(crate) settled: Settled,
    pub(crate) worlds: BTreeMap<String, WorldPin>,
    /// The access worlds before and after it, where it changes who may do what on a cluster.
    pub(crate) analysis: Option<Worlds>,
    pub(crate) connection: Connection,
    /// Warnings of stack and plan that no exception lets pass.
    pub(crate) findings: Vec<Diagnostic>,
    /// Why gates and assertions refuse the plan; empty where none does.
    pub(crate) refused: Vec<Diagnostic>,
    /// How the world was read: things a person should know.
    pub(crate) notes: Vec<String>,
}

/// Plans, or says why not.
pub(crate) async fn make_plan(
    request: Request<'_>,
    session: &Session,
) -> Result<Planning, Failure> {
    // First, so that its facts are gone before those of the world come.
    let dead = dead_weight(&request)?;
    let state = request.store.load()?;
    let mut reader = Reader::open(&request, &state, session).await?;
    let settled = settle_open_intents(
        state,
        &reader.observed,
        &reader.connection.providers,
        &SEMANTICS,
    )
    .await
    .map_err(|error| Failure::from(error.source.clone()).help(error.to_string()))?;
    let (settled, no_state) = with_lineage(settled, request.lineage);
    let mut planned = plan(&reader.input(&request, &settled.snapshot, no_state));
    if planned.is_valid() && !planned.steps.is_empty() && reader.look_further(&planned).await? {
        planned = plan(&reader.input(&request, &settled.snapshot, no_state));
    }
    if !planned.is_valid() {
        return Err(not_a_plan(
            &request,
            std::mem::take(&mut planned.diagnostics),
        ));
    }
    planned.diagnostics.extend(dead);
    planned.diagnostics.append(&mut reader.warnings);
    let now = session.environment.now.as_second();
    let analysis = Analysis::of(&request, &reader, &planned, now);
    let mut tested = assertions::test(&request, &mut reader, &planned, &analysis, now).await?;
    planned.diagnostics.append(&mut tested.untold);
    let identities = Identities::ask(&request, &planned, &mut reader).await?;
    let worlds = analysis.cluster.as_ref();
    let foreseen = preflight::preflight(&planned, &reader, worlds, &identities).await?;
    let mut risks = lockout::risks(&request, &planned, &reader, worlds, &identities);
    let names = &identities.names;
    risks.extend(google_lockout::risks(
        &request,
        &planned,
        reader.declared(&request),
        &analysis.google,
        names.get(GOOGLE).map(String::as_str),
        now,
    ));
    let gates = document::gates(&request, &planned, names, &risks, session);
    if !gates.exceptions.is_empty() {
        return Err(not_a_plan(&request, gates.exceptions));
    }
    let document = Plan {
        access: analysis.access,
        assertions: tested.results,
        ..document::document(
            &request, &planned, &reader, names, &gates, foreseen, session,
        )
    };
    let mut refused = gates.refused;
    refused.append(&mut tested.failed);
    Ok(Planning {
        document,
        planned,
        settled,
        worlds: reader.worlds,
        analysis: analysis.cluster,
        connection: reader.connection,
        findings: gates.findings,
        refused,
        notes: reader.notes,
    })
}

/// What of the stack does not do what it seems to.
fn dead_weight(request: &Request<'_>) -> Result<Vec<Diagnostic>, Failure> {
    if request.mode != Mode::Apply {
        return Ok(Vec::new());
    }
    let loaded = request.loaded;
    let stack = &loaded.stack;
    let mut found = analysis::findings(&stack.resources, &stack.temporary, &loaded.sources)?;
    found.retain(|warning| is_asked_for(warning, request.targets));
    Ok(found)
}

/// Whether a warning is about one of the targets; about everything where there is none.
fn is_asked_for(warning: &Diagnostic, targets: &[Address]) -> bool {
    let address = warning.address.as_deref();
    let address = address.and_then(|address| address.parse::<Address>().ok());
    targets.is_empty()
        || address.is_some_and(|address| targets.iter().any(|target| target.covers(&address)))
}

/// Everything could be read, and still there is no plan.
fn not_a_plan(request: &Request<'_>, mut found: Vec<Diagnostic>) -> Failure {
    let mut all = request.loaded.warnings.clone();
    all.append(&mut found);
    rbacform_core::diagnostic::sort(&mut all);
    Failure {
        of_plan: true,
        ..Failure::of_stack(all, request.loaded.sources.clone())
    }
}

/// A stack without state gets its lineage before planning, since every mark carries it.
fn with_lineage(mut settled: Settled, given: Option<&str>) -> (Settled, bool) {
    let no_state = !settled.snapshot.exists();
    if no_state {
        settled.snapshot.lineage = match given {
            Some(lineage) => lineage.to_owned(),
            None => rbacform_state::new_lineage(),
        };
    }
    (settled, no_state)
}

/// Parses `--target`.
pub(crate) fn targets(texts: &[String]) -> Result<Vec<Address>, Failure> {
    texts
        .iter()
        .map(|text| {
            text.parse()
                .map_err(|error: rbacform_core::AddressError| Failure::usage(error.to_string()))
        })
        .collect()
}
