//! The world a question is asked about: what a stack declares, its state, or plain files.

use std::collections::BTreeMap;
use std::path::Path;

use rbacform_access::{Facts, aggregate};
use rbacform_core::{Location, ObjectId};

use super::args::FromArgs;
use super::files;
use crate::args::InputArgs;
use crate::failure::Failure;
use crate::load::{self, Known};
use crate::session::Session;
use crate::store::store;

/// Facts, and where they were written.
#[derive(Default)]
pub(super) struct World {
    pub(super) facts: Facts,
    /// What plain files hold; stacks are laid over it.
    files: Facts,
    /// Where each object was declared.
    pub(super) places: BTreeMap<String, Location>,
    /// Whether it is the whole of a world: a role that is not there does not exist.
    pub(super) whole: bool,
}

/// Everything that `--from` names.
pub(super) fn world(args: &FromArgs, session: &Session) -> Result<World, Failure> {
    let mut world = World {
        whole: true,
        ..World::default()
    };
    for from in &args.from {
        world.add(from, &args.inputs, session)?;
    }
    world.finish()
}

/// One of two worlds to compare.
pub(super) fn one(from: &Path, inputs: &InputArgs, session: &Session) -> Result<World, Failure> {
    let mut world = World {
        whole: true,
        ..World::default()
    };
    world.add(from, inputs, session)?;
    world.finish()
}

impl World {
    fn add(&mut self, from: &Path, inputs: &InputArgs, session: &Session) -> Result<(), Failure> {
        match from {
            state if state == Path::new("state") && !state.is_dir() => {
                self.add_state(inputs, session)
            }
            stack if stack.is_dir() => self.add_stack(stack, inputs, session),
            file => files::add(file, &mut self.files),
        }
    }

    fn add_stack(
        &mut self,
        dir: &Path,
        inputs: &InputArgs,
        session: &Session,
    ) -> Result<(), Failure> {
        // What a stack does not declare may stand in the cluster all the same.
        self.whole = false;
        let loaded = load::load(dir, inputs, &session.environment, Known::Nothing)?;
        for resource in &loaded.stack.resources {
            self.facts.put(&resource.object, &resource.attributes);
            if let Some(place) = loaded.sources.locate(resource.span) {
                self.places.insert(resource.object.to_string(), place);
            }
        }
        Ok(())
    }

    fn add_state(&mut self, inputs: &InputArgs, session: &Session) -> Result<(), Failure> {
        self.whole = false;
        let loaded = load::load(Path::new("."), inputs, &session.environment, Known::Nothing)?;
        let env = loaded.stack.env.as_deref();
        let elsewhere = session.environment.get("RBACFORM_STATE").map(Path::new);
        let store = store(&loaded.place, &loaded.stack.name, env, elsewhere, false);
        for (object, resource) in &store.load()?.snapshot.resources {
            self.facts.put(object, &resource.attributes);
        }
        Ok(())
    }

    /// Lays the platform's own roles under a world that has none, and lets aggregated roles gather
    /// their rules. Of a world with roles of its own, what was gathered stands.
    fn finish(mut self) -> Result<Self, Failure> {
        let unreadable =
            |error| Failure::bug(format!("the platform's roles cannot be read: {error}"));
        let partial = !self.whole;
        let bare = !self.files.has_bootstrap().map_err(unreadable)?;
        self.facts.lay_under(std::mem::take(&mut self.files));
        if bare {
            self.facts.lay_bootstrap().map_err(unreadable)?;
        } else {
            // Somebody listed a cluster: what is not there does not exist.
            self.whole = true;
        }
        match bare || partial {
            true => aggregate::settle_written(&mut self.facts),
            false => aggregate::settle_empty(&mut self.facts),
        };
        Ok(self)
    }

    /// Where a binding was written.
    pub(super) fn place(&self, kind: &str, namespace: &str, name: &str) -> Option<&Location> {
        self.places.get(&object(kind, namespace, name).to_string())
    }
}

/// A binding's or role's id.
pub(super) fn object(kind: &str, namespace: &str, name: &str) -> ObjectId {
    match namespace {
        "" => ObjectId::cluster("kubernetes", kind, name),
        namespace => ObjectId::namespaced("kubernetes", kind, namespace, name),
    }
}
