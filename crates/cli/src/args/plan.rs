//! `plan`, `apply`, `destroy`, `drift`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{InputArgs, StateArgs, WorldArgs};

#[derive(Clone, Debug, Args)]
pub(crate) struct PlanArgs {
    /// The stack's directory
    #[arg(default_value = ".")]
    pub(crate) dir: PathBuf,
    /// Save the plan, to be carried out by `apply FILE`
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Exit 2 when changes are pending
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
    /// Plan the removal of everything the stack manages
    #[arg(long, conflicts_with = "refresh_only")]
    pub(crate) destroy: bool,
    /// Plan only this resource and what it needs; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) target: Vec<String>,
    /// Only let the state learn what the world is
    #[arg(long)]
    pub(crate) refresh_only: bool,
    /// Take over declared objects that exist and that nobody manages
    #[arg(long)]
    pub(crate) adopt: bool,
    /// Print instead what somebody must be granted to plan, apply and see the drift of this stack
    #[arg(long, conflicts_with_all = ["out", "detailed_exitcode", "destroy", "target", "refresh_only", "adopt", "markdown"])]
    pub(crate) needs: bool,
    /// Print `rbacform.plan/1`; with --needs `rbacform.needs/1`
    #[arg(long, conflicts_with = "markdown")]
    pub(crate) json: bool,
    /// Print Markdown, for a pull request's comment
    #[arg(long)]
    pub(crate) markdown: bool,
    /// Print what the assertions came to as JUnit XML
    #[arg(long, conflicts_with_all = ["json", "markdown"])]
    pub(crate) junit: bool,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) world: WorldArgs,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ApplyArgs {
    /// The stack's directory, or a plan that `plan --out` saved
    #[arg(default_value = ".", value_name = "DIR|PLANFILE")]
    pub(crate) target_path: PathBuf,
    /// Take over declared objects that exist and that nobody manages
    #[arg(long)]
    pub(crate) adopt: bool,
    #[command(flatten)]
    pub(crate) run: RunArgs,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) world: WorldArgs,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct DestroyArgs {
    /// The stack's directory
    #[arg(default_value = ".")]
    pub(crate) dir: PathBuf,
    #[command(flatten)]
    pub(crate) run: RunArgs,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) world: WorldArgs,
}

/// How a plan is carried out.
#[derive(Clone, Debug, Args)]
pub(crate) struct RunArgs {
    /// Do not ask
    #[arg(long, visible_alias = "auto-approve")]
    pub(crate) yes: bool,
    /// Allow the plan to revoke up to N grants, where it takes away most of what the stack holds
    #[arg(long, value_name = "N")]
    pub(crate) allow_revokes: Option<usize>,
    /// Send also what the preflight says will be refused
    #[arg(long)]
    pub(crate) ignore_preflight: bool,
    /// Read the world once more afterwards, ask the servers what the stack asserts, and fail unless
    /// both are as the stack says
    #[arg(long)]
    pub(crate) verify: bool,
    /// Why, for the audit record
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Print `rbacform.apply/1`
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct DriftArgs {
    /// The stack's directory
    #[arg(default_value = ".")]
    pub(crate) dir: PathBuf,
    /// Let this change the exit code too
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) fail_on: Option<FailOn>,
    /// Print `rbacform.drift/1`
    #[arg(long, conflicts_with = "markdown")]
    pub(crate) json: bool,
    /// Print Markdown
    #[arg(long)]
    pub(crate) markdown: bool,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) world: WorldArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Access that nobody declares
    Unmanaged,
}
