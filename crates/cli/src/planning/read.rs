//! Reading: what a plan must know of each world, all worlds at once.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::{join_all, try_join_all};
use rbacform_core::plan::Mode;
use rbacform_core::{
    DesiredResource, Diagnostic, ObjectId, ObservedSet, StateSnapshot, Text, WorldPin,
};
use rbacform_planner::{PlanInput, Planned, check_worlds, kinds_to_read, roles_to_look_up};
use rbacform_provider::{ErrorKind, Observation, ProviderError, Query};
use rbacform_state::Loaded;

use super::{GOOGLE, KUBERNETES, Request, lacking};
use crate::analysis;
use crate::connect::{Connection, google};
use crate::failure::Failure;
use crate::load::SEMANTICS;
use crate::session::Session;

/// What was read so far.
pub(super) struct Reader<'r> {
    pub(super) connection: Connection,
    pub(super) observed: ObservedSet,
    pub(super) worlds: BTreeMap<String, WorldPin>,
    pub(super) notes: Vec<String>,
    /// What only a look at the worlds tells of the stack.
    pub(super) warnings: Vec<Diagnostic>,
    /// The Google projects that the stack and its state speak of, by id.
    pub(super) projects: BTreeSet<String>,
    /// The kinds that were asked for, each with its instance, whether they could be read or not.
    asked: BTreeSet<(Text, Text)>,
    /// Namespaces that the stack and its state speak of.
    homes: BTreeSet<ObjectId>,
    /// What the stack says, each Google project spelled as its id.
    desired: Cow<'r, [DesiredResource]>,
}

impl<'r> Reader<'r> {
    /// Reads what the question needs, from the worlds that the state describes.
    pub(super) async fn open(
        request: &Request<'r>,
        state: &Loaded,
        session: &Session,
    ) -> Result<Self, Failure> {
        let prior = &state.snapshot;
        let desired: &'r [DesiredResource] = match request.mode {
            // Without state, only what is declared tells where marks of a lost one may be.
            Mode::Destroy if prior.exists() => &[],
            _ => &request.loaded.stack.resources,
        };
        let queries = queries(desired, state, asserts(request));
        let mut reader = Self {
            connection: Connection::none(),
            observed: ObservedSet::default(),
            worlds: BTreeMap::new(),
            notes: Vec::new(),
            warnings: Vec::new(),
            projects: BTreeSet::new(),
            asked: BTreeSet::new(),
            homes: BTreeSet::new(),
            desired: Cow::Borrowed(desired),
        };
        let mut instances: BTreeSet<&str> = queries.keys().map(Text::as_str).collect();
        if asserts_at_google(request) {
            instances.insert(GOOGLE);
        }
        if instances.is_empty() {
            return Ok(reader);
        }
        reader.connection = Connection::open(request, &instances, session).await?;
        reader.read(&queries).await?;
        let other_worlds = check_worlds(prior, &reader.worlds);
        if !other_worlds.is_empty() {
            let sources = request.loaded.sources.clone();
            return Err(Failure::of_stack(other_worlds, sources));
        }
        reader.spell_projects(prior, request)?;
        let objects = reader.desired.iter().map(|resource| &resource.object);
        let objects: BTreeSet<&ObjectId> = objects.chain(prior.resources.keys()).collect();
        reader.homes = analysis::homes(objects.iter().copied());
        let projects = objects.into_iter().filter_map(google::project_of);
        reader.projects = projects.collect();
        if asserts_at_google(request) {
            let asserted = lacking::projects(&request.loaded.stack.assertions);
            reader.projects.extend(asserted);
        }
        if let Some(pool) = &reader.connection.pool {
            let wrong = rbacform_gcp::check_pool(&reader.desired, &pool.name);
            if !wrong.is_empty() {
                return Err(Failure::of_stack(wrong, request.loaded.sources.clone()));
            }
            match &pool.others {
                Ok(others) => {
                    let same = rbacform_gcp::check_sameness(&reader.desired, &pool.name, others);
                    reader.warnings.extend(same);
                }
                Err(why) => reader.notes.push(why.clone()),
            }
        }
        Ok(reader)
    }

    /// What the files say, also where all of it is to go.
    pub(super) fn declared<'a>(&'a self, request: &Request<'a>) -> &'a [DesiredResource] {
        match request.mode {
            Mode::Destroy => &request.loaded.stack.resources,
            Mode::Apply | Mode::RefreshOnly => &self.desired,
        }
    }

    /// The project whose Workload Identity pool the cluster is in, where that is known.
    pub(super) fn pool_project(&self, request: &Request<'_>) -> Option<String> {
        let found = self.connection.pool.as_ref();
        let found = found.and_then(|pool| pool.name.strip_suffix(".svc.id.goog"));
        found.map_or_else(|| request.loaded.pool_project(), |id| Some(id.to_owned()))
    }

    /// Reads what a plan that changes something needs beside: the roles that its warnings are
    /// about, and where it changes who may do what on a cluster, the RBAC kinds that were not asked
    /// for yet. Says whether there was anything. Not being allowed to spoils no plan.
    pub(super) async fn look_further(&mut self, planned: &Planned) -> Result<bool, Failure> {
        let mut wanted: BTreeMap<(Text, Text), BTreeSet<ObjectId>> = BTreeMap::new();
        for role in roles_to_look_up(&self.desired, &self.observed, &SEMANTICS) {
            let kind = (role.instance.clone(), role.kind.clone());
            wanted.entry(kind).or_default().insert(role);
        }
        if planned.changes.iter().any(analysis::changes_rbac) {
            for kind in analysis::RBAC_KINDS {
                let kind = (Text::from(KUBERNETES), Text::from(kind));
                if !self.asked.contains(&kind) {
                    wanted.entry(kind).or_default();
                }
            }
        }
        self.look_up(wanted).await
    }

    /// Reads kinds of the cluster whole that were not asked for yet. Says whether there was any.
    pub(super) async fn look_at(&mut self, kinds: &BTreeSet<String>) -> Result<bool, Failure> {
        let kinds = kinds
            .iter()
            .map(|kind| (Text::from(KUBERNETES), Text::from(kind.as_str())))
            .filter(|kind| !self.asked.contains(kind));
        let wanted = kinds.map(|kind| (kind, BTreeSet::new())).collect();
        self.look_up(wanted).await
    }

    async fn look_up(
        &mut self,
        wanted: BTreeMap<(Text, Text), BTreeSet<ObjectId>>,
    ) -> Result<bool, Failure> {
        let queries: Vec<(Text, Query)> = wanted
            .into_iter()
            .filter(|((instance, _), _)| self.connection.providers.contains_key(instance.as_str()))
            .map(|((instance, kind), roles)| (instance, self.one_kind(kind, roles)))
            .collect();
        let replies = join_all(queries.iter().map(async |(instance, query)| {
            match self.connection.providers.get(instance.as_str()) {
                Some(provider) => provider.read(query).await,
                None => Ok(Observation::default()),
            }
        }))
        .await;
        for ((instance, query), reply) in queries.iter().zip(replies) {
            match reply {
                Err(error) if error.kind == ErrorKind::Forbidden => {
                    let roles = query
                        .objects
                        .iter()
                        .filter(|it| query.kinds.contains(&it.kind));
                    self.notes.extend(roles.map(cannot_tell));
                }
                reply => self.take(reply?),
            }
            self.asked_for(instance, query);
        }
        Ok(!queries.is_empty())
    }

    /// One kind, whole; else what of it is in the namespaces of the stack, and these roles.
    fn one_kind(&self, kind: Text, roles: BTreeSet<ObjectId>) -> Query {
        let homes = match self.asked.contains(&(KUBERNETES.into(), kind.clone())) {
            // They were listed before.
            true => BTreeSet::new(),
            false => self.homes.clone(),
        };
        Query {
            kinds: BTreeSet::from([kind]),
            objects: roles.into_iter().chain(homes).collect(),
            ..Query::default()
        }
    }

    /// Asks every provider at once.
    async fn read(&mut self, queries: &BTreeMap<Text, Query>) -> Result<(), ProviderError> {
        let asked = queries.iter().filter_map(|(instance, query)| {
            let provider = self.connection.providers.get(instance.as_str())?;
            Some(provider.read(query))
        });
        let observations: Vec<Observation> = try_join_all(asked).await?;
        for observation in observations {
            self.take(observation);
        }
        for (instance, query) in queries {
            self.asked_for(instance, query);
        }
        Ok(())
    }

    fn asked_for(&mut self, instance: &Text, query: &Query) {
        let kinds = query.kinds.iter();
        self.asked
            .extend(kinds.map(|kind| (instance.clone(), kind.clone())));
    }

    fn take(&mut self, observation: Observation) {
        if self.observed.is_empty() && self.observed.complete.is_empty() {
            self.observed = observation.observed;
        } else {
            self.observed.absorb(observation.observed);
        }
        for (key, world) in observation.worlds {
            self.worlds.insert(key, self.connection.steady(world));
        }
        self.notes.extend(observation.notes);
    }

    /// A project's number and its id are one: what the stack spells with the number is spelled
    /// with the id from here on, as far as either is known.
    fn spell_projects(
        &mut self,
        prior: &StateSnapshot,
        request: &Request<'_>,
    ) -> Result<(), Failure> {
        if rbacform_gcp::project_numbers(&self.desired).is_empty() {
            return Ok(());
        }
        let prefix = format!("{GOOGLE}:projects/");
        let ids: BTreeMap<String, String> = prior
            .worlds
            .iter()
            .chain(&self.worlds)
            .filter_map(|(key, world)| {
                let id = key.strip_prefix(&prefix)?;
                Some((world.uid.clone(), id.to_owned()))
            })
            .collect();
        let twice = rbacform_gcp::rename_projects(self.desired.to_mut(), &ids);
        match twice.is_empty() {
            true => Ok(()),
            false => Err(Failure::of_stack(twice, request.loaded.sources.clone())),
        }
    }

    pub(super) fn input<'a>(
        &'a self,
        request: &Request<'a>,
        prior: &'a StateSnapshot,
        no_state: bool,
    ) -> PlanInput<'a> {
        PlanInput {
            desired: self.declared(request),
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

/// Whether a plan tests assertions about a cluster: whoever is bound to what then matters.
pub(super) fn asserts(request: &Request<'_>) -> bool {
    let mut assertions = request.loaded.stack.assertions.iter();
    request.mode == Mode::Apply && assertions.any(|it| !it.claim.is_on_policies())
}

/// Whether a plan tests assertions about Google, where the stack says that Google is to be asked.
fn asserts_at_google(request: &Request<'_>) -> bool {
    let stack = &request.loaded.stack;
    let mut assertions = stack.assertions.iter();
    request.mode == Mode::Apply
        && stack.providers.contains_key(GOOGLE)
        && assertions.any(|it| it.claim.is_on_policies())
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

/// What each provider instance is asked: only those that the stack, its state or an interrupted
/// apply speaks of.
fn queries(desired: &[DesiredResource], state: &Loaded, asserts: bool) -> BTreeMap<Text, Query> {
    let prior = &state.snapshot;
    let mut queries: BTreeMap<Text, Query> = BTreeMap::new();
    // What earlier runs left open, they may have made.
    let unsettled = state.unsettled();
    for semantics in SEMANTICS {
        let provider = semantics.provider();
        let mut kinds = kinds_to_read(desired, prior, semantics);
        let open = unsettled.iter().map(|intent| &intent.object);
        kinds.extend(
            open.filter(|object| object.instance == provider)
                .map(|object| object.kind.clone()),
        );
        if asserts && provider == KUBERNETES {
            kinds.extend(analysis::RBAC_KINDS.map(Text::from));
        }
        if !kinds.is_empty() {
            let query = Query {
                kinds,
                world: true,
                pinned: prior.worlds.clone(),
                ..Query::default()
            };
            queries.insert(provider.into(), query);
        }
    }
    let objects = desired
        .iter()
        .map(|resource| &resource.object)
        .chain(prior.resources.keys())
        .chain(unsettled.iter().map(|intent| &intent.object));
    for object in objects {
        if let Some(query) = queries.get_mut(&object.instance) {
            query.objects.insert(object.clone());
        }
    }
    queries
}
