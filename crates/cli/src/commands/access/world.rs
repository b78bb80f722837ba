//! The world a question is asked about: what a stack declares, its state, a cluster, or plain files.
//!
//! Several are laid over each other: files over the cluster, a state over these, and stacks over all.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rbacform_access::google::Resource;
use rbacform_access::{Facts, aggregate};
use rbacform_core::{DesiredResource, ObjectId, OnDestroy, StateSnapshot};

use super::args::{FromArgs, SettingArgs};
use super::files;
use super::google::{self, Google};
use super::live::{self, Live};
use super::places::{Places, Written};
use super::unseen::Unseen;
use crate::failure::Failure;
use crate::load::{self, Known, LoadedStack};
use crate::planning::{GOOGLE, KUBERNETES};
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
    /// What is known about Google.
    pub(super) google: Google,
}

/// Everything that `--from` names. `namespace` is where the question is asked.
pub(super) fn world(
    args: &FromArgs,
    namespace: Option<&str>,
    session: &Session,
) -> Result<World, Failure> {
    of(&args.from, &args.settings, namespace, session)
}

/// The same with Google's policies, as far as they bear on a resource.
pub(super) fn with_google(
    args: &FromArgs,
    asked: Option<&Resource>,
    session: &Session,
) -> Result<World, Failure> {
    let settings = &args.settings;
    let mut layers = Layers::of(&args.from, settings, session)?;
    layers.read_google(settings, asked, session)?;
    // A question about Google alone needs no cluster.
    if layers.stacks.first().is_none_or(google::has_cluster) {
        layers.read_live(settings, None, session)?;
    } else {
        layers.forget_undeclared(settings)?;
    }
    layers.settle(settings)
}

/// The same with what somebody gets at in Google, where a stack that is asked about says anything
/// of it.
pub(super) fn followed(
    args: &FromArgs,
    namespace: Option<&str>,
    session: &Session,
) -> Result<World, Failure> {
    let settings = &args.settings;
    let mut layers = Layers::of(&args.from, settings, session)?;
    let of_google = |resource: &DesiredResource| resource.object.instance == GOOGLE;
    let mut resources = layers
        .stacks
        .iter()
        .flat_map(|loaded| &loaded.stack.resources);
    if resources.any(of_google) {
        layers.read_google(settings, None, session)?;
    }
    layers.read_live(settings, namespace, session)?;
    layers.settle(settings)
}

/// The world of some of the places that `--from` could name; of none, the stack in this directory.
pub(super) fn of(
    from: &[PathBuf],
    args: &SettingArgs,
    namespace: Option<&str>,
    session: &Session,
) -> Result<World, Failure> {
    let mut layers = Layers::of(from, args, session)?;
    layers.read_live(args, namespace, session)?;
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
    google: google::Layers,
}

impl Layers {
    fn of(from: &[PathBuf], args: &SettingArgs, session: &Session) -> Result<Self, Failure> {
        let mut layers = Self::default();
        if from.is_empty() {
            layers
                .add_stack(Path::new("."), args, session)
                .map_err(elsewhere)?;
        }
        for source in from {
            layers.add(source, args, session)?;
        }
        // A flag that names a cluster says what all of it is laid over.
        layers.wants_live |= args.world.names_one();
        Ok(layers)
    }

    fn read_live(
        &mut self,
        args: &SettingArgs,
        namespace: Option<&str>,
        session: &Session,
    ) -> Result<(), Failure> {
        if self.wants_live {
            let stack = self.stacks.first();
            self.live = Some(live::read(args, stack, namespace, session)?);
            self.forget_undeclared(args)?;
        }
        Ok(())
    }

    fn read_google(
        &mut self,
        args: &SettingArgs,
        asked: Option<&Resource>,
        session: &Session,
    ) -> Result<(), Failure> {
        if !self.wants_live {
            return Ok(());
        }
        let here = match self.stacks.first() {
            None => Some(live::stack_here(args, session)?),
            Some(_) => None,
        };
        if let Some(loaded) = self.stacks.first().or(here.as_ref()) {
            let live = google::read(args, loaded, asked, session)?;
            self.google.set_live(live);
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
            _ if from.is_dir() => self.add_stack(from, args, session),
            _ => files::add(from, &mut self.files, &mut self.places, &mut self.google),
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
        self.google.add_stack(&loaded);
        self.stacks.push(loaded);
        Ok(())
    }

    fn add_state(&mut self, args: &SettingArgs, session: &Session) -> Result<(), Failure> {
        self.partial = true;
        let environment = &session.environment;
        let loaded = load::load(Path::new("."), &args.inputs, environment, Known::Nothing)?;
        let snapshot = snapshot(&loaded, args)?;
        for (object, resource) in &snapshot.resources {
            self.state.put(object, &resource.attributes);
        }
        self.google.add_state(&snapshot);
        Ok(())
    }

    /// What a stack has made and no longer declares goes with its next apply.
    fn forget_undeclared(&mut self, args: &SettingArgs) -> Result<(), Failure> {
        if !self.wants_live {
            return Ok(());
        }
        for loaded in &self.stacks {
            let resources = loaded.stack.resources.iter();
            let declared: BTreeSet<&ObjectId> = resources.map(|held| &held.object).collect();
            for (object, held) in &snapshot(loaded, args)?.resources {
                if !declared.contains(object) && held.on_destroy == OnDestroy::Delete {
                    self.google.forget(object, &held.attributes);
                    if let Some(live) = &mut self.live {
                        live.facts.remove(object);
                    }
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
            google: self.google.settle(),
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
