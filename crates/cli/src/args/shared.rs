//! What several commands take: stack inputs, state, and how the world is reached.

use std::path::PathBuf;

use clap::Args;

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
pub(super) fn env_name(text: &str) -> Result<String, String> {
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
