//! Places: the root, the stack's directory, and where state lives.

use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// A stack's directory within its root.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The nearest folder at or above the directory with `rbacform.toml` or `.git`; else the
    /// directory itself.
    pub(crate) root: PathBuf,
    /// The stack's directory.
    pub(crate) dir: PathBuf,
}

impl Place {
    /// Finds the root of a directory.
    pub(crate) fn of(dir: &Path) -> Result<Self, Failure> {
        let dir = canonical_directory(dir)?;
        let root = dir
            .ancestors()
            .find(|folder| is_root(folder))
            .unwrap_or(&dir)
            .to_owned();
        Ok(Self { root, dir })
    }

    /// The directory relative to the root, with `/` between its parts; `.` for the root itself.
    pub(crate) fn relative(&self) -> String {
        let relative = self.dir.strip_prefix(&self.root).unwrap_or(&self.dir);
        let parts: Vec<_> = relative
            .components()
            .map(|part| part.as_os_str().to_string_lossy())
            .collect();
        if parts.is_empty() {
            ".".to_owned()
        } else {
            parts.join("/")
        }
    }

    /// The directory as a command in the current folder names it.
    pub(crate) fn shown(&self) -> PathBuf {
        let here = Path::new(".").canonicalize().ok();
        let inner = here
            .as_deref()
            .and_then(|here| self.dir.strip_prefix(here).ok());
        match inner {
            Some(inner) if inner.as_os_str().is_empty() => PathBuf::from("."),
            Some(inner) => inner.to_owned(),
            None => self.dir.clone(),
        }
    }

    /// Where the sandbox keeps its world and that world's state.
    pub(crate) fn sandbox(&self) -> PathBuf {
        self.root.join(".rbacform/sandbox")
    }

    /// Where state lives.
    pub(crate) fn state(&self, sandbox: bool) -> PathBuf {
        if sandbox {
            self.sandbox()
        } else {
            self.root.join("state")
        }
    }
}

/// Whether a folder is a root by itself.
pub(crate) fn is_root(folder: &Path) -> bool {
    folder.join("rbacform.toml").is_file() || folder.join(".git").exists()
}

fn canonical_directory(dir: &Path) -> Result<PathBuf, Failure> {
    let shown = dir.display();
    let canonical = dir.canonicalize().map_err(|error| {
        Failure::error(
            "no-directory",
            format!("cannot open the directory `{shown}`: {error}"),
        )
        .help("give the directory that holds the stack's TOML files")
    })?;
    if canonical.is_dir() {
        return Ok(canonical);
    }
    Err(
        Failure::error("no-directory", format!("`{shown}` is not a directory"))
            .help("give the directory that holds the stack's TOML files"),
    )
}
