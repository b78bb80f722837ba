//! Saved plans: what `plan --out` writes and `apply FILE` carries out.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use rbacform_core::{Address, Digest, Plan, Step, WorldPin};
use rbacform_stack::Inputs;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

const FORMAT: &str = "rbacform.planfile/1";

/// A plan and everything it is bound to. Holds no sensitive value.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PlanFile {
    /// `rbacform.planfile/1`.
    pub(crate) format: String,
    /// The stack's directory, relative to its root.
    pub(crate) path: String,
    /// What `--state` said.
    pub(crate) state: Option<PathBuf>,
    /// Whether it was planned against the sandbox.
    pub(crate) sandbox: bool,
    /// The context that `--context` named.
    pub(crate) context: Option<String>,
    /// The lineage of the state, freshly made where there was none.
    pub(crate) lineage: String,
    /// The serial of the state.
    pub(crate) serial: u64,
    /// What the stack was given; sensitive values must be given again.
    pub(crate) inputs: Inputs,
    /// The digest of what that resolved to.
    pub(crate) inputs_digest: Digest,
    /// Which world was planned against.
    pub(crate) worlds: BTreeMap<String, WorldPin>,
    /// Whether `--adopt` was given.
    pub(crate) adopt: bool,
    /// What `--target` named.
    pub(crate) targets: Vec<Address>,
    /// What a person approved.
    pub(crate) plan: Plan,
    /// What is carried out.
    pub(crate) steps: Vec<Step>,
}

impl PlanFile {
    /// The format that is written.
    pub(crate) fn format() -> String {
        FORMAT.to_owned()
    }

    /// Reads a plan file.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let shown = path.display();
        let bytes = fs::read(path).map_err(|error| {
            Failure::error(
                "unreadable-plan",
                format!("cannot read the plan `{shown}`: {error}"),
            )
        })?;
        let head: Head = serde_json::from_slice(&bytes).map_err(|error| {
            Failure::error(
                "broken-plan",
                format!("`{shown}` is no saved plan: {error}"),
            )
            .help("make one with `rbacform plan --out FILE`")
        })?;
        if head.format != FORMAT {
            let message = format!(
                "`{shown}` has the format `{}`, and this version reads only `{FORMAT}`",
                head.format
            );
            return Err(Failure::error("newer-plan", message).help("plan again with this version"));
        }
        serde_json::from_slice(&bytes).map_err(|error| {
            Failure::error(
                "broken-plan",
                format!("the plan `{shown}` cannot be read: {error}"),
            )
            .help("plan again")
        })
    }

    /// Writes it, mode 0600: whole or not at all.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Failure> {
        let failed = |error: std::io::Error| {
            Failure::error(
                "unwritable-plan",
                format!("cannot write `{}`: {error}", path.display()),
            )
            .help("give a file in a folder that exists and that you may write to")
        };
        let bytes = serde_json::to_vec(self).map_err(|error| Failure::bug(error.to_string()))?;
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.tmp", std::process::id()));
        let temp = path.with_file_name(name);
        let written = private(&temp)
            .and_then(|mut file| file.write_all(&bytes).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&temp, path));
        written.map_err(|error| {
            // The first error is the one to tell; the leftover is only litter.
            let _ = fs::remove_file(&temp);
            failed(error)
        })
    }

    /// The stack's directory: below the first of the current folder's root and the plan file's
    /// own in which the recorded path holds a stack of the recorded name.
    pub(crate) fn stack_dir(&self, file: &Path, roots: &[PathBuf]) -> Result<PathBuf, Failure> {
        roots
            .iter()
            .map(|root| root.join(&self.path))
            .find(|dir| rbacform_stack::stack_name(dir).as_deref() == Some(&self.plan.stack))
            .ok_or_else(|| {
                let message = format!(
                    "the plan `{}` is of stack `{}` in `{}`, and there is no such stack here",
                    file.display(),
                    self.plan.stack,
                    self.path
                );
                Failure::error("no-stack", message).help("run it in the repository it was made in")
            })
    }
}

#[derive(Deserialize)]
struct Head {
    format: String,
}

#[cfg(unix)]
fn private(path: &Path) -> std::io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
}

#[cfg(not(unix))]
fn private(path: &Path) -> std::io::Result<fs::File> {
    fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)
}
