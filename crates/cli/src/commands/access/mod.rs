//! `access`: who may do what, answered offline as the API server itself would.

mod answer;
pub(crate) mod args;
mod asker;
mod batch;
mod can_i;
mod decision;
mod diff;
mod files;
mod google;
mod hints;
mod layers;
mod live;
mod named;
mod places;
mod resource;
mod unseen;
mod what_can;
mod who_can;
mod world;

use args::AccessCommand;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;

pub(crate) fn run(command: &AccessCommand, session: &Session) -> Result<Exit, Failure> {
    match command {
        AccessCommand::CanI(args) => can_i::can_i(args, session),
        AccessCommand::Explain(args) => can_i::explain(args, session),
        AccessCommand::WhoCan(args) => who_can::run(args, session),
        AccessCommand::WhatCan(args) => what_can::run(args, session),
        AccessCommand::Diff(args) => diff::run(args, session),
    }
}

/// Whether a failure is to be printed as a document.
pub(crate) fn wants_json(command: &AccessCommand) -> bool {
    match command {
        AccessCommand::CanI(args) => args.json,
        AccessCommand::Explain(args) => args.json,
        AccessCommand::WhoCan(args) => args.json,
        AccessCommand::WhatCan(args) => args.json,
        AccessCommand::Diff(args) => args.json,
    }
}
