//! The command line. Only this crate prints, reads the environment, or ends the process.

mod again;
mod analysis;
mod args;
mod assertions;
mod bug;
mod commands;
mod connect;
mod effect;
mod environment;
mod exit;
mod failpoint;
mod failure;
mod google_roles;
mod load;
mod place;
mod planfile;
mod planning;
mod progress;
mod refusable;
mod render;
mod report;
mod session;
mod signals;
mod state_place;
mod store;
mod twins;
mod ui;
mod usage;
mod written;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Command};
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;
use crate::ui::Ui;

fn main() -> ExitCode {
    let mut cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage::told(&error).into(),
    };
    let session = Session {
        environment: Environment::read(),
        ui: Ui::new(&cli.global),
    };
    let placed = state_place::from_environment(&mut cli.command, &session.environment);
    let ran = placed.and_then(|()| bug::caught(|| run(&cli.command, &session)));
    let exit = ran.unwrap_or_else(|failure| {
        report::failure(&failure, wants_json(&cli.command), &session.ui);
        failure.exit
    });
    exit.into()
}

fn run(command: &Command, session: &Session) -> Result<Exit, Failure> {
    let (environment, ui) = (&session.environment, &session.ui);
    failpoint::panic(environment, "start");
    match command {
        Command::Init(args) => commands::init::run(args, session),
        Command::Validate(args) => commands::validate::run(args, environment, ui),
        Command::Fmt(args) => commands::fmt::run(args, ui),
        Command::Plan(args) => commands::plan::run(args, session),
        Command::Apply(args) => commands::apply::run(args, session),
        Command::Destroy(args) => commands::destroy::run(args, session),
        Command::Drift(args) => commands::drift::run(args, session),
        Command::Show(args) => commands::show::run(args, session),
        Command::Output(args) => commands::output::run(args, session),
        Command::Graph(args) => commands::graph::run(args, environment, ui),
        Command::State(command) => commands::state::run(command, session),
        Command::Unlock(args) => commands::unlock::run(args, session),
        Command::Access(command) => commands::access::run(command, session),
        Command::Sandbox(args) => commands::sandbox::run(args, session),
        Command::Schema => commands::schema::run(ui),
        Command::Completions(args) => commands::completions::run(args, ui),
    }
}

/// Whether a failure is to be printed as a document.
fn wants_json(command: &Command) -> bool {
    match command {
        Command::Validate(args) => args.json,
        Command::Plan(args) => args.json,
        Command::Apply(args) => args.run.json,
        Command::Destroy(args) => args.run.json,
        Command::Drift(args) => args.json,
        Command::Show(args) => args.json,
        Command::Output(args) => args.json,
        Command::State(args::StateCommand::List(args)) => args.json,
        Command::State(args::StateCommand::Show(args)) => args.json,
        Command::Access(command) => commands::access::wants_json(command),
        Command::Init(_)
        | Command::Fmt(_)
        | Command::Graph(_)
        | Command::State(_)
        | Command::Unlock(_)
        | Command::Sandbox(_)
        | Command::Schema
        | Command::Completions(_) => false,
    }
}
