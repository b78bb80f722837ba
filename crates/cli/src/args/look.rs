//! `show`, `output`, `graph`: commands that print what is known.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::shared::env_name;
use super::{InputArgs, PlaceArgs};

#[derive(Clone, Debug, Args)]
pub(crate) struct ShowArgs {
    /// A plan that `plan --out` saved; with --state the stack's directory
    #[arg(value_name = "PLANFILE")]
    pub(crate) path: Option<PathBuf>,
    /// Show the state instead; a path here is the state file
    #[arg(long, num_args = 0..=1, value_name = "PATH", value_parser = crate::state_place::parse)]
    pub(crate) state: Option<Option<PathBuf>>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// The environment whose state is shown
    #[arg(long, value_name = "NAME", value_parser = env_name)]
    pub(crate) env: Option<String>,
    /// Show the sandbox's state
    #[arg(long)]
    pub(crate) sandbox: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct OutputArgs {
    /// The stack's directory, or the output's name
    #[arg(value_name = "DIR|NAME")]
    pub(crate) first: Option<String>,
    /// The output's name
    pub(crate) name: Option<String>,
    /// Print `rbacform.outputs/1`
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct GraphArgs {
    /// The stack's directory
    #[arg(default_value = ".")]
    pub(crate) dir: PathBuf,
    /// The language to print
    #[arg(long, value_enum, default_value = "dot")]
    pub(crate) format: GraphFormat,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphFormat {
    Dot,
    Mermaid,
    Svg,
}
