//! Planning: load -> read -> plan. Everything that `plan`, `apply`, `destroy` and `drift` share.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::plan::{Finding, Mode, Requests, World};
use rbacform_core::{
    Address, Diagnostic, ObjectId, ObservedSet, Plan, StateSnapshot, Text, WorldPin,
};
use rbacform_executor::{Settled, settle_open_intents};
use rbacform_kubernetes::KubernetesSemantics;
use rbacform_planner::{PlanInput, Planned, check_world, kinds_to_read, plan, roles_to_look_up};
use rbacform_provider::{ErrorKind, ProviderError, Query};
use rbacform_state::{Loaded, LocalStore};

use crate::args::WorldArgs;
use crate::connect::Connection;
use crate::failure::Failure;
use crate::load::{LoadedStack, SEMANTICS};
use crate::session::Session;

/// The one provider instance of this version.
pub(crate) const INSTANCE: &str = "kubernetes";

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

/// A plan and all it follows from.
pub(crate) struct Planning {
    pub(crate) document: Plan,
    pub(crate) planned: Planned,
    pub(crate) settled: Settled,
    pub(crate) worlds: BTreeMap<String, WorldPin>,
    pub(crate) connection: Connection,
    /// How state was read: things a person should know.
    pub(crate) notes: Vec<String>,
}

/// Plans, or says why not.
pub(crate) async fn make_plan(
    request: Request<'_>,
    session: &Session,
) -> Result<Planning, Failure> {
    let loaded_state = request.store.load()?;
    make_plan_on(loaded_state, request, session).await
}

/// The same from a state that was read under the lock.
pub(crate) async fn make_plan_on(
    state: Loaded,
    request: Request<'_>,
    session: &Session,
) -> Result<Planning, Failure> {
    let mut reader = Reader::open(&request, &state, session).await?;
    let settled = settle_open_intents(state, &reader.observed, &reader.connection.providers)
        .await
        .map_err(|error| Failure::from(error.source.clone()).help(error.to_string()))?;
    let (settled, no_state) = with_lineage(settled, request.lineage);
    let mut planned = plan(&reader.input(&request, &settled.snapshot, no_state));
    if planned.is_valid() && !planned.steps.is_empty() {
        let roles = roles_to_look_up(
            &request.loaded.stack.resources,
            &reader.observed,
            &SEMANTICS,
        );
        if !roles.is_empty() {
            reader.look_up(roles).await?;
            planned = plan(&reader.input(&request, &settled.snapshot, no_state));
        }
    }
    if !planned.is_valid() {
        let mut all = request.loaded.warnings.clone();
        all.append(&mut planned.diagnostics);
        let failure = Failure::of_stack(all, request.loaded.sources.clone());
        return Err(Failure {
            of_plan: true,
            ..failure
        });
    }
    let document = document(&request, &planned, &mut reader, session).await?;
    let worlds = reader
        .world
        .map(|world| (INSTANCE.to_owned(), world))
        .into_iter()
        .collect();
    Ok(Planning {
        document,
        planned,
        settled,
        worlds,
        connection: reader.connection,
        notes: reader.notes,
    })
}

/// What was read so far.
struct Reader {
    connection: Connection,
    observed: ObservedSet,
    world: Option<WorldPin>,
    notes: Vec<String>,
}

impl Reader {
    /// Reads what the question needs, from the world that the state describes.
    async fn open(
        request: &Request<'_>,
        state: &Loaded,
        session: &Session,
    ) -> Result<Self, Failure> {
        let prior = &state.snapshot;
        let desired = match request.mode {
            // Without state, only what is declared tells where marks of a lost one may be.
            Mode::Destroy if state.snapshot.exists() => &[],
            _ => request.loaded.stack.resources.as_slice(),
        };
        let mut kinds = kinds_to_read(desired, prior, &KubernetesSemantics);
        // What earlier runs left open, they may have made.
        let unsettled = state.unsettled();
        kinds.extend(unsettled.iter().map(|intent| intent.object.kind.clone()));
        let objects = desired
            .iter()
            .map(|resource| resource.object.clone())
            .chain(prior.resources.keys().cloned())
            .chain(unsettled.into_iter().map(|intent| intent.object))
            .collect();
        let mut reader = Self {
            connection: Connection::none(),
            observed: ObservedSet::default(),
            world: None,
            notes: Vec::new(),
        };
        if kinds.is_empty() {
            return Ok(reader);
        }
        reader.connection = Connection::open(request, session).await?;
        reader
            .read(Query {
                kinds,
                objects,
                world: true,
            })
            .await?;
        if let Some(error) = reader
            .world
            .as_ref()
            .and_then(|world| check_world(prior, INSTANCE, world))
        {
            return Err(Failure::of_stack(
                vec![error],
                request.loaded.sources.clone(),
            ));
        }
        Ok(reader)
    }

    /// Reads roles that only a warning is about: not being allowed to spoils no plan.
    async fn look_up(&mut self, roles: BTreeSet<ObjectId>) -> Result<(), ProviderError> {
        let kinds: BTreeSet<Text> = roles.iter().map(|role| role.kind.clone()).collect();
        for kind in kinds {
            let objects: BTreeSet<ObjectId> = roles
                .iter()
                .filter(|role| role.kind == kind)
                .cloned()
                .collect();
            let query = Query {
                kinds: BTreeSet::from([kind]),
                objects: objects.clone(),
                world: false,
            };
            match self.read(query).await {
                Err(error) if error.kind == ErrorKind::Forbidden => {
                    self.notes.extend(objects.iter().map(cannot_tell));
                }
                read => read?,
            }
        }
        Ok(())
    }

    async fn read(&mut self, query: Query) -> Result<(), ProviderError> {
        let Some(provider) = self.connection.providers.get(INSTANCE) else {
            return Ok(());
        };
        let observation = provider.read(&query).await?;
        if self.observed.is_empty() && self.observed.complete.is_empty() {
            self.observed = observation.observed;
        } else {
            self.observed.absorb(observation.observed);
        }
        let world = observation.world.map(|world| self.connection.steady(world));
        self.world = world.or(self.world.take());
        self.notes.extend(observation.notes);
        Ok(())
    }

    fn input<'a>(
        &'a self,
        request: &Request<'a>,
        prior: &'a StateSnapshot,
        no_state: bool,
    ) -> PlanInput<'a> {
        PlanInput {
            desired: &request.loaded.stack.resources,
            expired: &request.loaded.stack.expired,
            prior,
            no_state,
            observed: &self.observed,
            semantics: &SEMANTICS,
            mode: request.mode,
            adopt: request.adopt,
            targets: request.targets,
        }
    }
}

fn cannot_tell(role: &ObjectId) -> String {
    let place = role
        .namespace()
        .map_or(String::new(), |name| format!(" in namespace `{name}`"));
    format!(
        "cannot tell whether {} `{}`{place} exists: this identity may not read it",
        role.kind,
        role.name()
    )
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

async fn document(
    request: &Request<'_>,
    planned: &Planned,
    reader: &mut Reader,
    session: &Session,
) -> Result<Plan, Failure> {
    let mut world = World::default();
    let mut requests = Requests::default();
    if let Some(provider) = reader.connection.providers.get(INSTANCE) {
        let asks = request.ask_identity || planned.summary.pending() > 0;
        let identity = if asks {
            match provider.identity().await {
                Ok(identity) => Some(identity),
                Err(error) => {
                    reader.notes.push(unidentified(error)?);
                    None
                }
            }
        } else {
            None
        };
        world.kubernetes.push(reader.connection.world(identity));
        requests.kubernetes = provider.requests();
    }
    let stack = &request.loaded.stack;
    let outputs = match request.mode {
        Mode::Destroy => BTreeMap::new(),
        Mode::Apply | Mode::RefreshOnly => stack.outputs.clone(),
    };
    Ok(Plan {
        format: rbacform_core::plan::FORMAT.to_owned(),
        rbacform_version: env!("CARGO_PKG_VERSION").to_owned(),
        stack: stack.name.clone(),
        env: stack.env.clone(),
        mode: request.mode,
        summary: planned.summary.clone(),
        changes: planned.changes.clone(),
        drift: planned.drift.clone(),
        unmanaged: planned.unmanaged.clone(),
        unmanaged_bootstrap: planned.unmanaged_bootstrap,
        access: planned.access.clone(),
        findings: findings(request.loaded, planned),
        assertions: Vec::new(),
        preflight: Vec::new(),
        outputs,
        world,
        now: session.environment.now.to_string(),
        requests,
    })
}

/// Who we are is only told, never needed: a server that refuses to say is no reason not to plan.
fn unidentified(error: ProviderError) -> Result<String, ProviderError> {
    match error.kind {
        ErrorKind::Forbidden | ErrorKind::NotFound => Ok(error.message),
        _ => Err(error),
    }
}

fn findings(loaded: &LoadedStack, planned: &Planned) -> Vec<Finding> {
    let mut all: Vec<&Diagnostic> = loaded.warnings.iter().chain(&planned.diagnostics).collect();
    all.sort_by_key(|diagnostic| (diagnostic.span(), diagnostic.code));
    all.into_iter()
        .map(|diagnostic| finding(diagnostic, loaded))
        .collect()
}

fn finding(diagnostic: &Diagnostic, loaded: &LoadedStack) -> Finding {
    let location = diagnostic.location(&loaded.sources);
    Finding {
        code: diagnostic.code.to_owned(),
        severity: if diagnostic.is_error() {
            "error"
        } else {
            "warning"
        }
        .to_owned(),
        message: diagnostic.message.clone(),
        address: diagnostic.address.clone(),
        file: location.as_ref().map(|place| place.file.clone()),
        line: location.as_ref().map(|place| place.line),
        column: location.as_ref().map(|place| place.column),
        help: diagnostic.help.clone(),
        doc: format!("docs/reference/diagnostics.md#{}", diagnostic.code),
    }
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
