//! Loading a stack with the inputs of the command line.

use std::path::Path;

use rbacform_core::{Diagnostic, Semantics, SourceMap};
use rbacform_kubernetes::{KubernetesSemantics, Settings};
use rbacform_stack::{Inputs, LoadInput, Stack};

use crate::args::InputArgs;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::place::Place;
use crate::twins;

/// The pure halves of the providers that are compiled in.
pub(crate) const SEMANTICS: [&dyn Semantics; 1] = [&KubernetesSemantics];

/// A stack without errors.
pub(crate) struct LoadedStack {
    pub(crate) place: Place,
    pub(crate) stack: Stack,
    pub(crate) sources: SourceMap,
    pub(crate) warnings: Vec<Diagnostic>,
}

/// Loads the stack in `dir`, or says everything that is wrong with it.
pub(crate) fn load(
    dir: &Path,
    inputs: &InputArgs,
    environment: &Environment,
) -> Result<LoadedStack, Failure> {
    load_with(dir, inputs, environment, None)
}

/// The same with what a saved plan recorded.
pub(crate) fn load_saved(
    dir: &Path,
    inputs: &InputArgs,
    environment: &Environment,
    saved: &Inputs,
) -> Result<LoadedStack, Failure> {
    load_with(dir, inputs, environment, Some(saved))
}

fn load_with(
    dir: &Path,
    inputs: &InputArgs,
    environment: &Environment,
    saved: Option<&Inputs>,
) -> Result<LoadedStack, Failure> {
    let place = Place::of(dir)?;
    let loaded = rbacform_stack::load(&LoadInput {
        root: &place.root,
        dir: &place.dir,
        vars_files: &inputs.vars,
        vars: &inputs.var,
        env_vars: &environment.stack_variables(),
        env: saved.map_or(inputs.env.as_deref(), |saved| saved.env.as_deref()),
        now: saved.map_or(environment.now.as_second(), |saved| saved.now),
        saved,
        semantics: &SEMANTICS,
    });
    let Some(stack) = loaded.stack else {
        return Err(Failure::of_stack(loaded.diagnostics, loaded.sources));
    };
    // What a provider's settings mean is known without the world, so it is said by `validate` too.
    for settings in stack.providers.values() {
        if let Err(problems) = Settings::read(&settings.settings) {
            return Err(Failure::of_stack(problems, loaded.sources));
        }
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
        warnings: loaded.diagnostics,
    })
}
