//! The world a question is asked about: what a stack declares, its state, a cluster, or plain files.
//!
//! Several are laid over each other: files over the cluster, a state over these, and stacks over all.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rbacform_access::{Facts, aggregate};
use rbacform_core::{ObjectId, OnDestroy, StateSnapshot};

use super::args::{FromArgs, SettingArgs};
use super::files;
use super::live::{self, Live};
use super::places::{Places, Written};
use super::unseen::Unseen;
use crate::failure::Failure;
use crate::load::{self, Known, LoadedStack};
use crate::planning::KUBERNETES;
use crate::session::Session;
use crate::store::store;

/// Facts, and where they were written.
#[derive(Default)]
pub(super) struct World {
    pub(super) facts: Facts,
    pub(super) places: Places,
    /// What may be there and was not seen.
    pub(super) unseen: Unseen,
    /// Whether it is only what files of ours declare: a cluster may hold more.
    pub(super) declared_only: bool,
}

/// Everything that `--from` names. `namespace` is where the question is asked.
pub(super) fn world(
    args: &FromArgs,
    namespace: Option<&str>,
    session: &Session,
) -> Result<World, Failure> {
    of(&args.from, &args.settings, namespace, session)
}

/// The world of some of the places that `--from` could name; of none, the stack in this directory.
pub(super) fn of(
    from: &[PathBuf],
    args: &SettingArgs,
    namespace: Option<&str>,
    session: &Session,
) -> Result<World, Failure> {
    let mut layers = Layers::default();
    if from.is_empty() {
        layers
            .add_stack(Path::new("."), args, session)
            .map_err(elsewhere)?;
    }
    for source in from {
        layers.add(source, args, session)?;
    }
    // A flag that names a cluster says what all of it is laid over.
    if layers.wants_live || args.world.names_one() {
        let stack = layers.stacks.first();
        layers.live = Some(live::read(args, stack, namespace, session)?);
        layers.forget_undeclared(args)?;
    }
    layers.settle(args)
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

#[derive(Default)]
struct Layers {
    declared: Facts,
    state: Facts,
    files: Facts,
    live: Option<Live>,
    wants_live: bool,
    places: Places,
    /// Stacks that are asked about; the first says which cluster is meant.
    stacks: Vec<LoadedStack>,
    /// Whether stacks or states are among it: they are no whole world.
    partial: bool,
}

impl Layers {
    fn add(&mut self, from: &Path, args: &SettingArgs, session: &Session) -> Result<(), Failure> {
        match from.to_str() {
            Some("live") if !from.is_dir() => {
                self.wants_live = true;
                Ok(())
            }
            Some("state") if !from.is_dir() => self.add_state(args, session),
            _ if from.is_dir() => self.add_stack(from, args, session),
            _ => files::add(from, &mut self.files, &mut self.places),
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
        let resources = &loaded.stack.resources;
        for resource in resources {
            self.declared.put(&resource.object, &resource.attributes);
        }
        let written = resources.iter().map(|resource| {
            let written = Written {
                object: resource.span,
                rules: Vec::new(),
            };
            (resource.object.clone(), written)
        });
        self.places.add(loaded.sources.clone(), written);
        self.stacks.push(loaded);
        Ok(())
    }

    fn add_state(&mut self, args: &SettingArgs, session: &Session) -> Result<(), Failure> {
        self.partial = true;
        let environment = &session.environment;
        let loaded = load::load(Path::new("."), &args.inputs, environment, Known::Nothing)?;
        for (object, resource) in &snapshot(&loaded, args)?.resources {
            self.state.put(object, &resource.attributes);
        }
        Ok(())
    }

    /// What a stack has made and no longer declares goes with its next apply.
    fn forget_undeclared(&mut self, args: &SettingArgs) -> Result<(), Failure> {
        let Some(live) = &mut self.live else {
            return Ok(());
        };
        for loaded in &self.stacks {
            let resources = loaded.stack.resources.iter();
            let declared: BTreeSet<&ObjectId> = resources.map(|held| &held.object).collect();
            for (object, held) in &snapshot(loaded, args)?.resources {
                if !declared.contains(object) && held.on_destroy == OnDestroy::Delete {
                    live.facts.remove(object);
                }
            }
        }
        Ok(())
    }

    /// Lays the platform's own roles under a world that has none, and lets aggregated roles gather
    /// their rules. Of a world as it was listed, what was gathered stands.
    fn settle(self, args: &SettingArgs) -> Result<World, Failure> {
        let unreadable =
            |error| Failure::bug(format!("the platform's roles cannot be read: {error}"));
        let listed = self.files.has_bootstrap().map_err(unreadable)?;
        let mut world = World {
            facts: self.declared,
            places: self.places,
            ..World::default()
        };
        let is_changed = self.partial || (self.live.is_some() && !self.files.is_empty());
        world.facts.lay_under(self.state);
        world.facts.lay_under(self.files);
        let is_bare = !listed && self.live.is_none();
        if let Some(live) = self.live {
            world.facts.lay_under(live.facts);
            world.unseen = live.unseen;
        }
        if is_bare {
            // What a stack does not declare may stand in the cluster all the same.
            world.unseen.roles = self.partial;
            world.unseen.cluster_roles = self.partial;
            world.declared_only = self.partial;
            let version = args.kubernetes_version.unwrap_or_default();
            world.facts.lay_bootstrap_of(version).map_err(unreadable)?;
        }
        // Roles that nobody saw may feed those that gather.
        let gathers = is_bare || (is_changed && !world.unseen.cluster_roles);
        match gathers {
            true => aggregate::settle_written(&mut world.facts),
            false => aggregate::settle_empty(&mut world.facts),
        };
        Ok(world)
    }
}

/// What a stack's state says.
fn snapshot(loaded: &LoadedStack, args: &SettingArgs) -> Result<StateSnapshot, Failure> {
    let store = store(
        &loaded.place,
        &loaded.stack.name,
        loaded.stack.env.as_deref(),
        args.state.state.as_deref(),
        args.world.sandbox,
    );
    Ok(store.load()?.snapshot)
}

/// A binding's or role's id.
pub(super) fn object(kind: &str, namespace: &str, name: &str) -> ObjectId {
    match namespace {
        "" => ObjectId::cluster(KUBERNETES, kind, name),
        namespace => ObjectId::namespaced(KUBERNETES, kind, namespace, name),
    }
}
