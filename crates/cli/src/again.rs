//! The command that goes on from here, ready to paste: it asks the same world with the same inputs.

use std::path::Path;

use crate::args::{InputArgs, WorldArgs};

/// `rbacform VERB DIR` with the flags of this run. Values of `--var` may be secrets: they are left
/// to be filled in.
pub(crate) fn command(
    verb: &str,
    dir: &Path,
    inputs: &InputArgs,
    state: Option<&Path>,
    world: &WorldArgs,
) -> String {
    let mut words = vec![format!(
        "rbacform {verb} {}",
        quoted(&dir.to_string_lossy())
    )];
    if world.sandbox {
        words.push("--sandbox".to_owned());
    }
    let mut path = |flag: &str, path: Option<&Path>| {
        words.extend(path.map(|path| format!("{flag} {}", quoted(&path.to_string_lossy()))));
    };
    path("--kubeconfig", world.kubeconfig.as_deref());
    path("--state", state);
    for file in &inputs.vars {
        path("--vars", Some(file));
    }
    words.extend(
        world
            .context
            .as_ref()
            .map(|name| format!("--context {}", quoted(name))),
    );
    words.extend(inputs.env.as_ref().map(|name| format!("--env {name}")));
    words.extend(
        inputs
            .var
            .iter()
            .map(|(name, _)| format!("--var {name}=...")),
    );
    words.join(" ")
}

/// `rbacform unlock DIR ID`, for the state of this run.
pub(crate) fn unlock(
    dir: &Path,
    id: &str,
    env: Option<&str>,
    state: Option<&Path>,
    sandbox: bool,
) -> String {
    let mut words = vec![format!(
        "rbacform unlock {} {}",
        quoted(&dir.to_string_lossy()),
        quoted(id)
    )];
    words.extend(sandbox.then(|| "--sandbox".to_owned()));
    words.extend(env.map(|name| format!("--env {name}")));
    words.extend(state.map(|path| format!("--state {}", quoted(&path.to_string_lossy()))));
    words.join(" ")
}

/// As a POSIX shell reads it back.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@+,=".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_shell_reads_back_what_was_meant() {
        assert_eq!(quoted("stacks/quickstart"), "stacks/quickstart");
        assert_eq!(quoted("my stack"), "'my stack'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
    }
}
