//! `unlock`: removes a lock by its id.

use std::path::Path;

use crate::args::UnlockArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;
use crate::store::store_of;

pub(crate) fn run(args: &UnlockArgs, session: &Session) -> Result<Exit, Failure> {
    let (dir, id) = match args.words.as_slice() {
        [id] => (".", id),
        [dir, id] => (dir.as_str(), id),
        _ => return Err(Failure::usage("give the lock's id")),
    };
    let store = store_of(Path::new(dir), &args.place)?;
    let holder = store.unlock(id)?;
    session.ui.talk(&format!("Removed the lock: {holder}.\n"));
    Ok(Exit::Done)
}
