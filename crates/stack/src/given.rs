//! What is given to a stack from outside: files of variables, flags, the environment.

use std::path::PathBuf;

use rbacform_core::Diagnostic;

use crate::files::Folder;
use crate::resolve::parse;
use crate::variables::{self, Assigned, Given, Variables};
use crate::workbench::Workbench;
use crate::{EnvSetting, Inputs, LoadInput};

/// The value of every variable: default, then `RBACFORM_VAR_*`, `NAME.vars.toml`, `--vars`,
/// `--var`; the last one wins.
pub(crate) fn assign(
    input: &LoadInput<'_>,
    folder: &Folder<'_>,
    variables: &Variables,
    bench: &mut Workbench,
) -> Assigned {
    let mut given = Given::default();
    given.only_sensitive = input.saved.is_some();
    variables::hide(variables, &[], &mut bench.sources);
    for (name, text) in input.env_vars {
        let from = format!("RBACFORM_VAR_{name}");
        if variables.contains_key(name.as_str()) {
            given.text(name, text, &from, variables, &mut bench.diagnostics);
        } else {
            // It may be meant for another stack that is planned in the same shell.
            let message = format!("`{from}` is set, but no variable is called `{name}`");
            let warning = Diagnostic::warning("unknown-variable", message);
            bench.diagnostics.push(warning);
        }
    }
    files(input, folder, variables, &mut given, bench);
    if let Some(saved) = input.saved {
        given.only_sensitive = false;
        for (name, text) in &saved.variables {
            given.text(
                name,
                text,
                "the saved plan",
                variables,
                &mut bench.diagnostics,
            );
        }
    }
    // Last, also over a saved plan: who says otherwise in so many words gets another digest, not
    // silence.
    for (name, text) in input.vars {
        let from = format!("--var {name}");
        given.text(name, text, &from, variables, &mut bench.diagnostics);
    }
    variables::assign(given, variables, &mut bench.diagnostics)
}

fn files(
    input: &LoadInput<'_>,
    folder: &Folder<'_>,
    variables: &Variables,
    given: &mut Given,
    bench: &mut Workbench,
) {
    let mut paths = Vec::new();
    if let Some(env) = input.env {
        let legal = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if env.is_empty() || !env.chars().all(legal) {
            let error = Diagnostic::error("invalid-name", "this cannot name an environment");
            let error = error.help("use letters, digits, `-` and `_`");
            bench.diagnostics.push(error);
        } else {
            paths.push(input.dir.join(format!("{env}.vars.toml")));
        }
    }
    paths.extend(input.vars_files.iter().cloned());
    for path in paths {
        match folder.read(&path, &mut bench.sources) {
            Err(error) => {
                bench.diagnostics.push(error);
                given.incomplete = true;
            }
            Ok(file) => {
                let (root, errors) = parse(file, &bench.sources);
                given.incomplete |= !errors.is_empty();
                variables::hide(variables, std::slice::from_ref(&root), &mut bench.sources);
                bench.diagnostics.extend(errors);
                given.file(root, variables, &mut bench.diagnostics);
            }
        }
    }
}

impl Assigned {
    /// What a saved plan records of it.
    pub(crate) fn inputs(self, input: &LoadInput<'_>, settings: Vec<EnvSetting>) -> Inputs {
        Inputs {
            env: input.env.map(str::to_owned),
            now: input.now,
            vars_files: vars_files(input),
            variables: self.recorded,
            settings,
        }
    }
}

/// The files that are named as variables, and lie below the root.
fn vars_files(input: &LoadInput<'_>) -> Vec<String> {
    let below = |path: &PathBuf| {
        let real = path.canonicalize().ok()?;
        let relative = real.strip_prefix(input.root).ok()?;
        Some(relative.to_str()?.to_owned())
    };
    input.vars_files.iter().filter_map(below).collect()
}
