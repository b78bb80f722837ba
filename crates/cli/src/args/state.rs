//! `state` and `unlock`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{InputArgs, PlaceArgs, StateArgs, WorldArgs};

#[derive(Debug, Subcommand)]
pub(crate) enum StateCommand {
    /// List the addresses in the state
    List(StateReadArgs),
    /// Show resources as they were last applied
    Show(StateReadArgs),
    /// Give a resource another address; nothing is sent
    Mv(StateMvArgs),
    /// Forget a resource; the object stays
    Rm(StateRmArgs),
    /// Rebuild a lost state from the marks that the objects carry
    Recover(StateRecoverArgs),
}

#[derive(Clone, Debug, Args)]
pub(crate) struct StateRecoverArgs {
    /// The stack's directory
    #[arg(default_value = ".")]
    pub(crate) dir: PathBuf,
    /// The lineage to recover, where the marks have several
    #[arg(long, value_name = "ID")]
    pub(crate) lineage: Option<String>,
    /// Replace a state that is not lost, or one of another cluster
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) world: WorldArgs,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct StateReadArgs {
    /// The stack's directory, or the address
    #[arg(value_name = "DIR|ADDRESS")]
    pub(crate) first: Option<String>,
    /// The address: of one resource, or of all of a `for_each`; everything if left out
    pub(crate) address: Option<String>,
    /// Print `rbacform.state/1`
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct StateRmArgs {
    /// The address, after the directory where it is not this one
    #[arg(num_args = 1..=2, required = true, value_names = ["DIR|ADDRESS", "ADDRESS"])]
    pub(crate) words: Vec<String>,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct StateMvArgs {
    /// The old and the new address, after the directory where it is not this one
    #[arg(num_args = 2..=3, required = true, value_names = ["DIR|FROM", "FROM|TO", "TO"])]
    pub(crate) words: Vec<String>,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct UnlockArgs {
    /// The id, after the directory where it is not this one
    #[arg(num_args = 1..=2, required = true, value_names = ["DIR|LOCK_ID", "LOCK_ID"])]
    pub(crate) words: Vec<String>,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}
