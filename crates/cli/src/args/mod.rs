//! The command line's grammar. Doc comments are the help texts.

mod files;
mod look;
mod plan;
mod shared;
mod state;
mod tools;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use files::{FmtArgs, InitArgs, ValidateArgs};
pub(crate) use look::{GraphArgs, GraphFormat, OutputArgs, ShowArgs};
pub(crate) use plan::{ApplyArgs, DestroyArgs, DriftArgs, FailOn, PlanArgs, RunArgs};
pub(crate) use shared::{InputArgs, PlaceArgs, StateArgs, WorldArgs};
pub(crate) use state::{
    StateCommand, StateMvArgs, StateReadArgs, StateRecoverArgs, StateRmArgs, UnlockArgs,
};
pub(crate) use tools::{CompletionsArgs, SandboxArgs};

use crate::commands::access::args::AccessCommand;

/// Access as code for Kubernetes RBAC and Google Cloud IAM
///
/// Stack files in git say who may do what. `plan` shows what would change, `apply` makes it so,
/// `drift` tells what changed behind the stack's back.
#[derive(Debug, Parser)]
#[command(name = "rbacform", version, max_term_width = 100)]
#[command(
    after_help = "Start with `rbacform init`, or try `rbacform apply stacks/quickstart --sandbox`."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct Global {
    /// When to use colour
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "auto",
        value_name = "WHEN"
    )]
    pub(crate) color: Color,
    /// Say more, e.g. how many requests were sent
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Say only what went wrong
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a commented starter stack that plans
    Init(InitArgs),
    /// Check everything that can be known without the world
    Validate(ValidateArgs),
    /// Put stack files into canonical layout, keeping comments
    Fmt(FmtArgs),
    /// Show what would change; write nothing
    Plan(PlanArgs),
    /// Plan, ask, and carry the plan out
    Apply(ApplyArgs),
    /// Remove everything the stack manages
    Destroy(DestroyArgs),
    /// Tell what changed behind the stack's back; never write
    Drift(DriftArgs),
    /// Show a saved plan, or the state
    Show(ShowArgs),
    /// Print the stack's outputs
    Output(OutputArgs),
    /// Print the dependency graph
    Graph(GraphArgs),
    /// Look into the state, and operate on it
    #[command(subcommand)]
    State(StateCommand),
    /// Remove a lock by its id
    Unlock(UnlockArgs),
    /// Answer who may do what, offline
    #[command(subcommand)]
    Access(Box<AccessCommand>),
    /// Serve the sandbox until stopped; print what points kubectl, gcloud and rbacform at it
    Sandbox(SandboxArgs),
    /// Print the JSON Schema of stack files
    Schema,
    /// Print a shell's completion script
    Completions(CompletionsArgs),
}
