//! `completions`: a shell's completion script.

use clap::CommandFactory;

use crate::args::{Cli, CompletionsArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::ui::Ui;

pub(crate) fn run(args: &CompletionsArgs, ui: &Ui) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "rbacform", &mut script);
    ui.data(&String::from_utf8_lossy(&script));
    Ok(Exit::Done)
}
