//! Which store holds a stack's state.

use std::path::Path;

use rbacform_state::{LocalStore, StateError};

use crate::args::PlaceArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::place::Place;

/// The store of a stack: where `--state` says, else in the sandbox's folder, else in the root's.
pub(crate) fn store(
    place: &Place,
    stack: &str,
    env: Option<&str>,
    state: Option<&Path>,
    sandbox: bool,
) -> LocalStore {
    match state {
        Some(path) => LocalStore::at(path, stack, env),
        None => LocalStore::new(place.state(sandbox), stack, env),
    }
}

/// The store of the stack in a directory, without resolving the stack.
pub(crate) fn store_of(dir: &Path, args: &PlaceArgs) -> Result<LocalStore, Failure> {
    let place = Place::of(dir)?;
    let name = rbacform_stack::stack_name(&place.dir).ok_or_else(|| {
        Failure::error(
            "no-stack",
            format!("no file in `{}` has a `[stack] name`", dir.display()),
        )
        .help("give the directory that holds the stack's TOML files")
    })?;
    Ok(store(
        &place,
        &name,
        args.env.as_deref(),
        args.state.state.as_deref(),
        args.sandbox,
    ))
}

impl From<StateError> for Failure {
    fn from(error: StateError) -> Self {
        let exit = if error.is_contention() {
            Exit::Stale
        } else {
            Exit::Failed
        };
        Self::new(exit, error.diagnostic())
    }
}
