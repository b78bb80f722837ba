//! The command line's grammar. Doc comments are the help texts.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

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

/// What the stack is given.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Stack inputs")]
pub(crate) struct InputArgs {
    /// Read variables from a TOML file; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) vars: Vec<PathBuf>,
    /// Set one variable; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = key_value)]
    pub(crate) var: Vec<(String, String)>,
    /// Use NAME.vars.toml, and a state and mark of its own
    #[arg(long, value_name = "NAME", value_parser = env_name)]
    pub(crate) env: Option<String>,
}

#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "State")]
pub(crate) struct StateArgs {
    /// The state file, instead of RBACFORM_STATE or ROOT/state/STACK.json
    #[arg(long, value_name = "PATH", value_parser = crate::state_place::parse)]
    pub(crate) state: Option<PathBuf>,
}

/// How the world is reached.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "World")]
pub(crate) struct WorldArgs {
    /// Rehearse against the embedded sandbox, kept in ROOT/.rbacform/sandbox
    #[arg(long)]
    pub(crate) sandbox: bool,
    /// The kubeconfig, instead of KUBECONFIG or ~/.kube/config
    #[arg(long, value_name = "FILE")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// The kubeconfig's context, instead of the stack's or the current one
    #[arg(long, value_name = "NAME")]
    pub(crate) context: Option<String>,
    /// How long one request may take: seconds, or with a unit as in 30s and 2m
    #[arg(long, value_name = "TIME", default_value = "60", value_parser = seconds)]
    pub(crate) timeout: u64,
    /// How many writes may be in flight at once
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) parallelism: u16,
}

impl WorldArgs {
    /// Whether a flag says which cluster is meant.
    pub(crate) fn names_one(&self) -> bool {
        self.sandbox || self.kubeconfig.is_some() || self.context.is_some()
    }
}

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

/// Which state is meant.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "State")]
pub(crate) struct PlaceArgs {
    /// The environment whose state is meant
    #[arg(long, value_name = "NAME", value_parser = env_name)]
    pub(crate) env: Option<String>,
    /// The sandbox's state
    #[arg(long)]
    pub(crate) sandbox: bool,
    #[command(flatten)]
    pub(crate) state: StateArgs,
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

#[derive(Clone, Debug, Args)]
pub(crate) struct SandboxArgs {
    /// Where to listen; a free port of this machine where left out
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,
    /// The Kubernetes version to be
    #[arg(long, value_name = "VERSION")]
    pub(crate) kubernetes_version: Option<String>,
    /// Inject the faults of a TOML file: `[[faults]]` with `on`, `when` and `effect`
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,
    /// Forget the world, and the state of stacks in it, first
    #[arg(long)]
    pub(crate) reset: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

fn key_value(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .filter(|(key, _)| !key.is_empty())
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .ok_or_else(|| "write it as NAME=VALUE".to_owned())
}

/// How long a request may take at most, in seconds.
const LONGEST: u64 = 3600;

/// `30`, `30s`, `2m` or `1h`, in seconds.
fn seconds(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text.get(digits.len()..) {
        Some("" | "s") => 1,
        Some("m") => 60,
        Some("h") => 3600,
        _ => 0,
    };
    digits
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(unit))
        .filter(|seconds| (1..=LONGEST).contains(seconds))
        .ok_or_else(|| "write it like `30s` or `2m`, at least 1s and at most 1h".to_owned())
}

/// An environment's name becomes part of file names and of the mark.
fn env_name(text: &str) -> Result<String, String> {
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    match !text.is_empty() && text.len() <= 63 && text.chars().all(legal) && !text.starts_with('-')
    {
        true => Ok(text.to_owned()),
        false => Err("an environment's name is lower-case letters, digits and dashes".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn a_time_has_a_unit_or_is_in_seconds() {
        for (text, expected) in [("30", 30), ("30s", 30), ("2m", 120), ("1h", 3600)] {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
        for text in [
            "",
            "0",
            "s",
            "-1",
            "1.5s",
            "2h",
            "500ms",
            "61m",
            "1 m",
            "99999999999999999999m",
        ] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
