//! Loading a stack with the inputs of the command line.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use rbacform_access::bridge::Workloads;
use rbacform_core::{
    Address, Diagnostic, ObjectId, Semantics, SourceMap, Span, StateSnapshot, Text, Value,
};
use rbacform_gcp::GcpSemantics;
use rbacform_kubernetes::KubernetesSemantics;
use rbacform_stack::{EnvSetting, Inputs, LoadInput, Stack};

use crate::args::{InputArgs, StateArgs, WorldArgs};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::place::Place;
use crate::planning::{GOOGLE, KUBERNETES};
use crate::refusable;
use crate::store::store;
use crate::twins;

/// The pure halves of the providers that are compiled in.
pub(crate) const SEMANTICS: [&dyn Semantics; 2] = [&KubernetesSemantics, &GcpSemantics];

/// A stack without errors.
pub(crate) struct LoadedStack {
    pub(crate) place: Place,
    pub(crate) stack: Stack,
    pub(crate) sources: SourceMap,
    pub(crate) warnings: Vec<Diagnostic>,
    /// What it was given.
    given: InputArgs,
    saved: Option<Inputs>,
}

/// Where the state is that tells the server's own ids of objects.
#[derive(Clone, Copy)]
pub(crate) enum Known<'a> {
    /// Nowhere: there is no world.
    Nothing,
    /// In the stack's state, as `--state` and `--sandbox` choose it.
    State {
        path: Option<&'a Path>,
        sandbox: bool,
    },
    /// In this one.
    Snapshot(&'a StateSnapshot),
}

impl<'a> Known<'a> {
    /// In the state that the flags choose.
    pub(crate) fn of(state: &'a StateArgs, world: &WorldArgs) -> Self {
        Self::State {
            path: state.state.as_deref(),
            sandbox: world.sandbox,
        }
    }
}

/// Loads the stack in `dir`, or says everything that is wrong with it.
pub(crate) fn load(
    dir: &Path,
    inputs: &InputArgs,
    environment: &Environment,
    known: Known<'_>,
) -> Result<LoadedStack, Failure> {
    load_with(dir, inputs, environment, None, known)
}

/// The same with what a saved plan recorded.
pub(crate) fn load_saved(
    dir: &Path,
    inputs: &InputArgs,
    environment: &Environment,
    saved: &Inputs,
    known: Known<'_>,
) -> Result<LoadedStack, Failure> {
    load_with(dir, inputs, environment, Some(saved), known)
}

fn load_with(
    dir: &Path,
    inputs: &InputArgs,
    environment: &Environment,
    saved: Option<&Inputs>,
    known: Known<'_>,
) -> Result<LoadedStack, Failure> {
    let place = Place::of(dir)?;
    let env = saved.map_or(inputs.env.as_deref(), |saved| saved.env.as_deref());
    let read = OnceLock::new();
    let ids = |object: &ObjectId| match known {
        Known::Nothing => None,
        Known::Snapshot(snapshot) => id_in(snapshot, object),
        Known::State { path, sandbox } => {
            let snapshot = read.get_or_init(|| {
                let name = rbacform_stack::stack_name(&place.dir)?;
                let store = store(&place, &name, env, path, sandbox);
                // A state that cannot be read is told of where it is needed for more than this.
                store.load().ok().map(|state| state.snapshot)
            });
            id_in(snapshot.as_ref()?, object)
        }
    };
    let loaded = rbacform_stack::load(&LoadInput {
        root: &place.root,
        dir: &place.dir,
        vars_files: &inputs.vars,
        vars: &inputs.var,
        env_vars: &environment.stack_variables(),
        env_settings: &env_settings(environment),
        env,
        now: saved.map_or(environment.now.as_second(), |saved| saved.now),
        saved,
        ids: &ids,
        semantics: &SEMANTICS,
    });
    let Some(stack) = loaded.stack else {
        return Err(Failure::of_stack(loaded.diagnostics, loaded.sources));
    };
    let mut warnings = loaded.diagnostics;
    match settings(&stack) {
        Ok(found) => warnings.extend(found),
        Err(problems) => return Err(Failure::of_stack(problems, loaded.sources)),
    }
    if let Some(twin) = twins::of(&place, &stack.name) {
        let twin = twin
            .strip_prefix(&place.root)
            .unwrap_or(&twin)
            .display()
            .to_string();
        let error = Diagnostic::error(
            "duplicate-stack",
            format!("another stack of this root is called `{}` too: `{twin}`", stack.name),
        )
        .at(stack.name_span)
        .help("two stacks of one name would share a state and delete each other's objects: rename one");
        return Err(Failure::of_stack(vec![error], loaded.sources));
    }
    Ok(LoadedStack {
        place,
        stack,
        sources: loaded.sources,
        warnings,
        given: inputs.clone(),
        saved: saved.cloned(),
    })
}

/// `GOOGLE_CLOUD_PROJECT` stands where `[providers.gcp]` names no project, as in Google's own tools.
fn env_settings(environment: &Environment) -> Vec<EnvSetting> {
    const PROJECT: &str = "GOOGLE_CLOUD_PROJECT";
    let setting = |value: &str| EnvSetting {
        provider: GOOGLE.to_owned(),
        name: "project".to_owned(),
        variable: PROJECT.to_owned(),
        value: value.to_owned(),
    };
    environment.get(PROJECT).map(setting).into_iter().collect()
}

fn id_in(snapshot: &StateSnapshot, object: &ObjectId) -> Option<Text> {
    let held = snapshot.resources.get(object)?;
    (!held.uid.is_empty()).then(|| held.uid.clone())
}

impl LoadedStack {
    /// No stack at all: what is asked of a world without one.
    pub(crate) fn none(place: Place) -> Self {
        Self {
            place,
            stack: Stack::none(),
            sources: SourceMap::default(),
            warnings: Vec::new(),
            given: InputArgs::default(),
            saved: None,
        }
    }

    /// Where a resource is declared.
    pub(crate) fn place_of(&self, address: &str) -> Option<Span> {
        let address = address.parse::<Address>().ok()?;
        let mut resources = self.stack.resources.iter();
        let found = resources.find(|resource| resource.address == address);
        found.map(|resource| resource.span)
    }

    /// The service accounts that the stack declares in its cluster.
    pub(crate) fn workloads(&self) -> Workloads {
        let mut workloads = Workloads::default();
        for resource in &self.stack.resources {
            workloads.put(&resource.object, &resource.attributes);
        }
        workloads.project = self.pool_project();
        workloads
    }

    /// The project whose Workload Identity pool the stack's cluster is in, where the stack names the
    /// cluster as one of GKE.
    pub(crate) fn pool_project(&self) -> Option<String> {
        let given = self.stack.providers.get(KUBERNETES)?;
        let settings = rbacform_kubernetes::Settings::read(&given.settings).ok()?;
        settings.gke.map(|gke| gke.project)
    }

    /// The outputs again, from a state that has what only a server could tell.
    pub(crate) fn outputs_after(
        &self,
        snapshot: &StateSnapshot,
        environment: &Environment,
    ) -> Option<BTreeMap<String, Value>> {
        let (dir, known) = (&self.place.dir, Known::Snapshot(snapshot));
        let again = load_with(dir, &self.given, environment, self.saved.as_ref(), known).ok()?;
        Some(again.stack.outputs)
    }
}

/// What the providers' settings mean is known without the world, so it is said by `validate` too.
fn settings(stack: &Stack) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
    let (mut problems, mut warnings) = (refusable::check(&stack.policy), Vec::new());
    for given in stack.providers.values() {
        let settings = &given.settings;
        let read = match given.instance.as_str() {
            GOOGLE => {
                warnings.extend(rbacform_gcp::Settings::warnings(settings));
                rbacform_gcp::Settings::read(settings).map(drop)
            }
            _ => rbacform_kubernetes::Settings::read(settings).map(drop),
        };
        problems.extend(read.err().into_iter().flatten());
    }
    match problems.is_empty() {
        true => Ok(warnings),
        false => Err(problems),
    }
}
