//! `show`: a saved plan, or the state.

use std::path::{Path, PathBuf};

use rbacform_core::StateSnapshot;
use rbacform_state::{LocalStore, encode};

use crate::args::{PlaceArgs, ShowArgs, StateArgs};
use crate::commands::state::listing;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::planfile::PlanFile;
use crate::render;
use crate::session::Session;
use crate::store::store_of;

pub(crate) fn run(args: &ShowArgs, session: &Session) -> Result<Exit, Failure> {
    if let Some(given) = &args.state {
        return show_state(args, given.clone(), session);
    }
    let path = args
        .path
        .as_ref()
        .ok_or_else(|| Failure::usage("nothing to show").help("give a plan file, or `--state`"))?;
    let plan = PlanFile::read(path)?.plan;
    if args.json {
        session.ui.json(&plan);
    } else {
        session.ui.data(&render::plan::plan(&plan, None));
    }
    Ok(Exit::Done)
}

/// `--state` alone is the stack's own; with a path it is that file, or that directory's.
fn show_state(args: &ShowArgs, given: Option<PathBuf>, session: &Session) -> Result<Exit, Failure> {
    let (dir, file) = match given {
        Some(path) if path.is_dir() => (path, None),
        Some(path) => (args.path.clone().unwrap_or_else(|| ".".into()), Some(path)),
        None => (args.path.clone().unwrap_or_else(|| ".".into()), None),
    };
    let place = PlaceArgs {
        env: args.env.clone(),
        sandbox: args.sandbox,
        state: StateArgs { state: file },
    };
    print(&store_of(Path::new(&dir), &place)?, args.json, session)
}

/// `rbacform.state/1`, as the state's file has it.
pub(crate) fn document(snapshot: &StateSnapshot, session: &Session) -> Result<(), Failure> {
    let bytes = encode(snapshot)?;
    session.ui.data(&String::from_utf8_lossy(&bytes));
    Ok(())
}

/// The whole state.
fn print(store: &LocalStore, json: bool, session: &Session) -> Result<Exit, Failure> {
    let snapshot = store.load()?.snapshot;
    if json {
        document(&snapshot, session)?;
        return Ok(Exit::Done);
    }
    session.ui.data(&format!(
        "Stack {}, serial {}, lineage {}\n{}",
        snapshot.stack,
        snapshot.serial,
        snapshot.lineage,
        listing(&snapshot)
    ));
    Ok(Exit::Done)
}
