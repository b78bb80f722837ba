//! `init`, `validate`, `fmt`: commands about stack files.

use std::path::PathBuf;

use clap::Args;

use super::InputArgs;

#[derive(Clone, Debug, Args)]
pub(crate) struct InitArgs {
    /// The stack's directory
    #[arg(default_value = ".")]
    pub(crate) dir: PathBuf,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ValidateArgs {
    /// The stack's directory
    #[arg(default_value = ".")]
    pub(crate) dir: PathBuf,
    /// Print `rbacform.diagnostics/1`
    #[arg(long)]
    pub(crate) json: bool,
    /// Print what the assertions came to as JUnit XML
    #[arg(long, conflicts_with = "json")]
    pub(crate) junit: bool,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct FmtArgs {
    /// The stack's directory, or one file
    #[arg(default_value = ".")]
    pub(crate) dir: PathBuf,
    /// Change nothing; exit 1 when something would change
    #[arg(long)]
    pub(crate) check: bool,
}
