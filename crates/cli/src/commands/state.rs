//! `state list|show|mv|rm`: looks into the state, and operations on it. Each mutation takes the
//! lock, bumps the serial and keeps a backup.

use std::path::Path;

use rbacform_core::{Address, StateSnapshot};
use rbacform_state::{Intent, LocalStore, LockInfo, surgery};

use crate::args::{StateCommand, StateMvArgs, StateReadArgs, StateRmArgs};
use crate::commands::{recover, show};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::text::safe;
use crate::render::values;
use crate::session::Session;
use crate::store::store_of;

pub(crate) fn run(command: &StateCommand, session: &Session) -> Result<Exit, Failure> {
    match command {
        StateCommand::List(args) => list(args, session),
        StateCommand::Show(args) => show_all(args, session),
        StateCommand::Mv(args) => mv(args, session),
        StateCommand::Rm(args) => rm(args, session),
        StateCommand::Recover(args) => recover::run(args, session),
    }
}

/// Every address and its object, a line each.
pub(crate) fn listing(snapshot: &StateSnapshot) -> String {
    surgery::list(snapshot, None)
        .into_iter()
        .map(|resource| {
            format!(
                "{}  {} {}\n",
                resource.address,
                resource.object.kind,
                safe(&resource.object.ident)
            )
        })
        .collect()
}

fn list(args: &StateReadArgs, session: &Session) -> Result<Exit, Failure> {
    let asked = asked(args)?;
    match args.json {
        true => show::document(&asked, session)?,
        false => session.ui.data(&listing(&asked)),
    }
    Ok(Exit::Done)
}

fn show_all(args: &StateReadArgs, session: &Session) -> Result<Exit, Failure> {
    let asked = asked(args)?;
    if args.json {
        show::document(&asked, session)?;
        return Ok(Exit::Done);
    }
    for resource in surgery::list(&asked, None) {
        let mut text = format!(
            "{}\n  object: {} {}\n  uid: {}\n",
            resource.address,
            resource.object.kind,
            safe(&resource.object.ident),
            safe(&resource.uid)
        );
        for (name, value) in resource
            .attributes
            .as_map()
            .into_iter()
            .flat_map(|map| map.iter())
        {
            text.push_str(&format!("  {name}: {}\n", values::short(value)));
        }
        session.ui.data(&text);
    }
    Ok(Exit::Done)
}

/// The state, or the part of it that an address names: then without what is nobody's in particular.
fn asked(args: &StateReadArgs) -> Result<StateSnapshot, Failure> {
    let (dir, text) = match (&args.first, &args.address) {
        (None, _) => (".", None),
        (Some(dir), Some(text)) => (dir.as_str(), Some(text)),
        (Some(word), None) if Path::new(word).is_dir() => (word.as_str(), None),
        (Some(word), None) => (".", Some(word)),
    };
    let address = text.map(|text| address(text)).transpose()?;
    let mut snapshot = store_of(Path::new(dir), &args.place)?.load()?.snapshot;
    if let Some(address) = address {
        let named = surgery::show(&snapshot, &address).map_err(refused)?;
        let named = named.into_iter().cloned();
        snapshot.resources = named
            .map(|resource| (resource.object.clone(), resource))
            .collect();
        snapshot.outputs.clear();
    }
    Ok(snapshot)
}

fn mv(args: &StateMvArgs, session: &Session) -> Result<Exit, Failure> {
    let (dir, from, to) = match args.words.as_slice() {
        [from, to] => (".", from, to),
        [dir, from, to] => (dir.as_str(), from, to),
        _ => return Err(Failure::usage("give the old and the new address")),
    };
    let (from, to) = (address(from)?, address(to)?);
    let store = store_of(Path::new(dir), &args.place)?;
    let moved = mutate(&store, "state mv", session, |snapshot, _| {
        surgery::mv(snapshot, &from, &to).map_err(refused)
    })?;
    session
        .ui
        .talk(&format!("Moved {moved}: {from} is now {to}.\n"));
    Ok(Exit::Done)
}

fn rm(args: &StateRmArgs, session: &Session) -> Result<Exit, Failure> {
    let (dir, text) = match args.words.as_slice() {
        [text] => (".", text),
        [dir, text] => (dir.as_str(), text),
        _ => return Err(Failure::usage("give the address")),
    };
    let address = address(text)?;
    let store = store_of(Path::new(dir), &args.place)?;
    let forgotten = mutate(&store, "state rm", session, |snapshot, open| {
        surgery::rm(snapshot, open, &address).map_err(refused)
    })?;
    for resource in forgotten {
        session.ui.talk(&format!(
            "Forgot {}; {} {} stays as it is, with this stack's mark.\n",
            resource.address,
            resource.object.kind,
            safe(&resource.object.ident)
        ));
    }
    Ok(Exit::Done)
}

fn address(text: &str) -> Result<Address, Failure> {
    text.parse()
        .map_err(|error: rbacform_core::AddressError| Failure::usage(error.to_string()))
}

fn refused(error: surgery::SurgeryError) -> Failure {
    Failure::error("state-surgery", error.to_string())
}

/// Reads under the lock, changes, and commits; what earlier runs left open stays to be settled.
fn mutate<T>(
    store: &LocalStore,
    operation: &str,
    session: &Session,
    change: impl FnOnce(&mut StateSnapshot, &mut Vec<Intent>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let environment = &session.environment;
    let _lock = store.lock(LockInfo {
        id: rbacform_state::new_lineage(),
        operation: operation.to_owned(),
        who: environment.who(),
        host: environment.host(),
        pid: std::process::id(),
        created: environment.now.to_string(),
    })?;
    let mut loaded = store.load()?;
    let result = change(&mut loaded.snapshot, &mut loaded.open)?;
    let (unsettled, journals) = (loaded.unsettled(), loaded.journals());
    store.commit_over(&mut loaded.snapshot, &loaded.version, &unsettled, &journals)?;
    Ok(result)
}
