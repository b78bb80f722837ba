//! What questions are asked of, in layers: files over the cluster, a state over these, and stacks over
//! all.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rbacform_access::google::Resource;
use rbacform_access::{Facts, aggregate};
use rbacform_core::{Map, ObjectId, OnDestroy, StateSnapshot, Value};
use rbacform_state::LocalStore;

use super::args::SettingArgs;
use super::files;
use super::google;
use super::live::{self, Live};
use super::places::{Places, Written};
use super::unseen::Unseen;
use super::world::World;
use crate::analysis::overlay;
use crate::failure::Failure;
use crate::load::{self, Known, LoadedStack};
use crate::session::Session;

/// What a question is about, in the making: what lies over what is settled at the end.
#[derive(Default)]
pub(super) struct Layers {
    state: Facts,
    files: Facts,
    /// Files that are still to be read.
    named: Vec<PathBuf>,
    pub(super) live: Option<Live>,
    pub(super) wants_live: bool,
    places: Places,
    /// Stacks that are asked about; the first says which cluster is meant.
    pub(super) stacks: Vec<LoadedStack>,
    /// Whether stacks or states are among it: they are no whole world.
    partial: bool,
    pub(super) google: google::Layers,
}

impl Layers {
    pub(super) fn of(
        from: &[PathBuf],
        args: &SettingArgs,
        session: &Session,
    ) -> Result<Self, Failure> {
        files::read_stdin_once(from)?;
        let mut layers = Self::default();
        if from.is_empty() {
            layers
                .add_stack(Path::new("."), args, session)
                .map_err(elsewhere)?;
        }
        for source in from {
            layers.add(source, args, session)?;
        }
        layers.read_files(session)?;
        // A flag that names a cluster says what all of it is laid over.
        layers.wants_live |= args.world.names_one();
        Ok(layers)
    }

    fn read_files(&mut self, session: &Session) -> Result<(), Failure> {
        let named = std::mem::take(&mut self.named);
        let Self {
            files,
            places,
            google,
            ..
        } = self;
        files::add(&named, files, places, google, session)
    }

    pub(super) fn read_live(
        &mut self,
        args: &SettingArgs,
        namespace: Option<&str>,
        session: &Session,
    ) -> Result<(), Failure> {
        if self.wants_live {
            let stacks: Vec<&LoadedStack> = self.stacks.iter().collect();
            self.live = Some(live::read(args, &stacks, namespace, session)?);
        }
        Ok(())
    }

    pub(super) fn read_google(
        &mut self,
        args: &SettingArgs,
        asked: Option<&Resource>,
        session: &Session,
    ) -> Result<(), Failure> {
        if !self.wants_live {
            return Ok(());
        }
        let about: Vec<Resource> = asked.into_iter().cloned().collect();
        let live = google_of(self.stacks.first(), args, &about, session)?;
        self.lay_google(live, args)
    }

    /// What a stack has made and no longer declares goes with its next apply.
    pub(super) fn lay_google(
        &mut self,
        live: google::Live,
        args: &SettingArgs,
    ) -> Result<(), Failure> {
        self.google.set_live(live);
        for loaded in &self.stacks {
            for (object, held) in &snapshot(loaded, args)?.resources {
                if held.on_destroy == OnDestroy::Delete {
                    self.google.forget(object, &held.attributes);
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, from: &Path, args: &SettingArgs, session: &Session) -> Result<(), Failure> {
        match from.to_str() {
            Some("live") if !from.is_dir() => {
                self.wants_live = true;
                Ok(())
            }
            Some("state") if !from.is_dir() => self.add_state(args, session),
            _ => match files::named(from) {
                named if named.is_empty() => self.add_stack(from, args, session),
                named => {
                    self.named.extend(named);
                    Ok(())
                }
            },
        }
    }

    fn add_stack(
        &mut self,
        dir: &Path,
        args: &SettingArgs,
        session: &Session,
    ) -> Result<(), Failure> {
        self.partial = true;
        let known = Known::of(&args.state, &args.world);
        let loaded = load::load(dir, &args.inputs, &session.environment, known)?;
        let written = loaded.stack.resources.iter().map(|resource| {
            let written = Written {
                object: resource.span,
                rules: None,
            };
            (resource.object.clone(), written)
        });
        self.places.add(loaded.sources.clone(), written);
        self.google.add_stack(&loaded);
        self.stacks.push(loaded);
        Ok(())
    }

    fn add_state(&mut self, args: &SettingArgs, session: &Session) -> Result<(), Failure> {
        self.partial = true;
        let environment = &session.environment;
        let loaded = load::load(Path::new("."), &args.inputs, environment, Known::Nothing)?;
        let state = store(&loaded, args).load()?;
        let snapshot = state.snapshot;
        if state.version.is_absent() && snapshot.resources.is_empty() {
            return Err(no_state(&loaded));
        }
        for (object, resource) in &snapshot.resources {
            self.state.put(object, &resource.attributes);
        }
        self.google.add_state(&snapshot);
        Ok(())
    }

    /// Lays all of it over each other and the platform's own roles under a world that has none, and
    /// lets aggregated roles gather their rules. Of a world as it was listed, what was gathered
    /// stands.
    pub(super) fn settle(mut self, args: &SettingArgs) -> Result<World, Failure> {
        let unreadable =
            |error| Failure::bug(format!("the platform's roles cannot be read: {error}"));
        let listed = self.files.has_bootstrap().map_err(unreadable)?;
        let stacks = std::mem::take(&mut self.stacks);
        let mut world = World {
            places: self.places,
            google: self.google.settle(),
            ..World::default()
        };
        let Some(live) = self.live else {
            for loaded in &stacks {
                declare(&mut world.facts, loaded);
            }
            world.facts.lay_under(self.state);
            world.facts.lay_under(self.files);
            if listed {
                // Somebody listed a cluster: what is not there does not exist.
                match self.partial {
                    true => aggregate::settle_written(&mut world.facts),
                    false => aggregate::settle_empty(&mut world.facts),
                };
                return Ok(world);
            }
            if self.partial {
                // What a stack does not declare may stand in the cluster all the same.
                world.unseen = Unseen::roles();
                world.declared_only = !world.google.is_live;
            }
            let version = args.kubernetes_version.unwrap_or_default();
            world.facts.lay_bootstrap_of(version).map_err(unreadable)?;
            aggregate::settle_written(&mut world.facts);
            return Ok(world);
        };
        let mut stands = Facts::default();
        for found in live.observed.iter() {
            stands.put(&found.object, &found.attributes);
        }
        world.facts = self.state;
        world.facts.lay_under(self.files);
        world.facts.lay_under(stands.clone());
        for loaded in &stacks {
            planned(&mut world.facts, loaded, &live, args)?;
        }
        // Roles that nobody saw may feed those that gather.
        if live.unseen.known.cluster_roles {
            aggregate::settle_changed(&mut world.facts, &stands);
        }
        world.unseen = live.unseen;
        world.is_live = true;
        Ok(world)
    }
}

fn declare(facts: &mut Facts, loaded: &LoadedStack) {
    for resource in &loaded.stack.resources {
        facts.put(&resource.object, &resource.attributes);
    }
}

/// What a plan would make of what stands: others' labels stay, and what the stack has made and no
/// longer declares goes.
fn planned(
    facts: &mut Facts,
    loaded: &LoadedStack,
    live: &Live,
    args: &SettingArgs,
) -> Result<(), Failure> {
    let prior = snapshot(loaded, args)?;
    let resources = &loaded.stack.resources;
    let declared: BTreeSet<&ObjectId> = resources.iter().map(|held| &held.object).collect();
    for (object, held) in &prior.resources {
        if declared.contains(object) || held.on_destroy != OnDestroy::Delete {
            continue;
        }
        match object.kind.as_str() {
            // It takes along the roles and bindings in it, whoever made them.
            "Namespace" => facts.remove_namespace(object.name()),
            _ => facts.remove(object),
        }
    }
    for resource in resources {
        let held = prior.resources.get(&resource.object);
        let nothing = Value::Map(Map::new());
        let was = held.map_or(&nothing, |held| &held.attributes);
        match live.observed.get(&resource.object) {
            Some(found) => {
                let wanted = rbacform_planner::wanted(resource, was, found);
                let will = overlay::changed(&found.attributes, was, &wanted);
                facts.put(&resource.object, &will);
            }
            None => facts.put(&resource.object, &resource.attributes),
        }
    }
    Ok(())
}

/// Nothing was applied: an answer would be a `no` that means nothing.
fn no_state(loaded: &LoadedStack) -> Failure {
    let name = &loaded.stack.name;
    let message = format!("nothing of the stack `{name}` was applied: it has no state here");
    Failure::error("no-state", message).help(
        "ask what it declares with `--from DIR`, or say which state is meant with `--state` or `--env`",
    )
}

/// What a stack's state says.
fn snapshot(loaded: &LoadedStack, args: &SettingArgs) -> Result<StateSnapshot, Failure> {
    Ok(store(loaded, args).load()?.snapshot)
}

fn store(loaded: &LoadedStack, args: &SettingArgs) -> LocalStore {
    crate::store::store(
        &loaded.place,
        &loaded.stack.name,
        loaded.stack.env.as_deref(),
        args.state.state.as_deref(),
        args.world.sandbox,
    )
}

/// What Google says of some resources, asked as a stack says, else as the one here does.
pub(super) fn google_of(
    stack: Option<&LoadedStack>,
    args: &SettingArgs,
    about: &[Resource],
    session: &Session,
) -> Result<google::Live, Failure> {
    match stack {
        Some(loaded) => google::read(args, loaded, about, session),
        None => google::read(args, &live::stack_here(args, session)?, about, session),
    }
}

/// Without a stack here, a question has to say what it is about.
fn elsewhere(failure: Failure) -> Failure {
    match failure.diagnostics.as_slice() {
        [only] if only.code == "no-stack" => failure.help(
            "say what is asked: `--from live` for the cluster, `--from FILE` for Kubernetes objects, \
             `--from DIR` for a stack",
        ),
        _ => failure,
    }
}
