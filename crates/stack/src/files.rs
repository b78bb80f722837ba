//! Reading files, and only those below the root.

use std::fs;
use std::path::{Component, Path, PathBuf};

use rbacform_core::{Diagnostic, FileId, Location, SourceMap};

use crate::toml_tree;

/// No file larger than this is read, in bytes.
const LARGEST: u64 = 64 * 1024 * 1024;

/// A directory below a root.
pub(crate) struct Folder<'a> {
    pub(crate) root: &'a Path,
    pub(crate) dir: &'a Path,
}

/// The `[stack] name` of a directory, without resolving anything. `None` where it has none, or
/// where its files cannot be read or parsed so far.
pub fn stack_name(dir: &Path) -> Option<String> {
    let folder = Folder { root: dir, dir };
    let paths = folder.stack_files(&[]).ok()?;
    paths.iter().find_map(|path| {
        let text = fs::read_to_string(path).ok()?;
        // Most files have no such table; only those that may have it are parsed.
        if !text.contains("stack") {
            return None;
        }
        let (root, _) = toml_tree::parse(FileId(0), &text);
        root.get("stack")?.get("name")?.as_str().map(str::to_owned)
    })
}

impl Folder<'_> {
    /// The stack's files by name: `*.toml` directly in the directory, without `*.vars.toml`,
    /// `rbacform.toml` and the files given as variables.
    pub(crate) fn stack_files(&self, except: &[PathBuf]) -> Result<Vec<PathBuf>, Diagnostic> {
        let error = |error: std::io::Error| {
            let message = format!("the directory cannot be read: {}", reason(&error));
            unread(self.shown(self.dir), "no-stack", message)
        };
        let except: Vec<PathBuf> = except
            .iter()
            .filter_map(|p| p.canonicalize().ok())
            .collect();
        let mut found = Vec::new();
        for entry in fs::read_dir(self.dir).map_err(error)? {
            let path = entry.map_err(error)?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            let is_stack_file = name.is_some_and(|name| {
                name.ends_with(".toml")
                    && !name.ends_with(".vars.toml")
                    && !name.starts_with('.')
                    && name != "rbacform.toml"
            });
            if !is_stack_file || path.is_dir() {
                continue;
            }
            let excluded =
                !except.is_empty() && path.canonicalize().is_ok_and(|real| except.contains(&real));
            if !excluded {
                found.push(path);
            }
        }
        found.sort();
        Ok(found)
    }

    /// Reads a file of the stack into the source map.
    pub(crate) fn read(&self, path: &Path, sources: &mut SourceMap) -> Result<FileId, Diagnostic> {
        let shown = self.shown(path);
        let error = |code, message: String| unread(shown.clone(), code, message);
        let cannot = |e: std::io::Error| {
            error(
                "unreadable-file",
                format!("the file cannot be read: {}", reason(&e)),
            )
        };
        self.check_inside(path)?;
        let size = fs::metadata(path).map_err(cannot)?;
        if !size.is_file() {
            return Err(error("unreadable-file", "this is not a file".to_owned()));
        }
        if size.len() > LARGEST {
            let message = format!(
                "the file has {} bytes, more than the {LARGEST} allowed",
                size.len()
            );
            return Err(error("file-too-large", message));
        }
        let bytes = fs::read(path).map_err(cannot)?;
        match String::from_utf8(bytes) {
            Ok(text) => Ok(sources.add(shown, text)),
            Err(bad) => {
                let before = bad
                    .as_bytes()
                    .get(..bad.utf8_error().valid_up_to())
                    .unwrap_or(&[]);
                let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
                let last = before.rsplit(|byte| *byte == b'\n').next();
                let last = last.map(String::from_utf8_lossy).unwrap_or_default();
                let place = Location {
                    file: shown.clone(),
                    line: u32::try_from(line).unwrap_or(u32::MAX),
                    column: u32::try_from(last.chars().count() + 1).unwrap_or(u32::MAX),
                };
                Err(Diagnostic::error("not-utf8", "the file is not UTF-8 text").in_file(place))
            }
        }
    }

    /// An error where a file is outside of the root, once symbolic links are followed. A path that
    /// names a place outside by itself comes from the command line, which may.
    fn check_inside(&self, path: &Path) -> Result<(), Diagnostic> {
        let (Ok(root), Ok(real)) = (self.root.canonicalize(), path.canonicalize()) else {
            return Ok(());
        };
        let named_inside = path.starts_with(self.root) || path.starts_with(&root);
        if real.starts_with(&root) || !named_inside {
            return Ok(());
        }
        let message = "this is a link to a place outside of the root, where nothing is read";
        Err(unread(self.shown(path), "outside-root", message.to_owned()))
    }

    /// Whether a path, links followed, is below the root.
    pub(crate) fn contains(&self, path: &Path) -> bool {
        match (self.root.canonicalize(), path.canonicalize()) {
            (Ok(root), Ok(real)) => real.starts_with(root),
            _ => false,
        }
    }

    /// A path as it is shown: relative to the root, with `/`.
    pub(crate) fn shown(&self, path: &Path) -> String {
        let relative = path.strip_prefix(self.root).unwrap_or(path);
        let mut parts: Vec<String> = Vec::new();
        let mut absolute = false;
        for component in relative.components() {
            match component {
                Component::RootDir => absolute = true,
                Component::CurDir => {}
                other => parts.push(other.as_os_str().to_string_lossy().into_owned()),
            }
        }
        let joined = parts.join("/");
        if absolute {
            format!("/{joined}")
        } else {
            joined
        }
    }
}

/// A diagnostic about a whole file.
pub(crate) fn unread(shown: String, code: &'static str, message: String) -> Diagnostic {
    let file = if shown.is_empty() {
        ".".to_owned()
    } else {
        shown
    };
    Diagnostic::error(code, message).in_file(Location {
        file,
        line: 1,
        column: 1,
    })
}

/// What the operating system says, without its error number.
fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "it does not exist".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::NotADirectory => "it is not a directory".to_owned(),
        _ => {
            let text = error.to_string();
            let end = text.find(" (os error").unwrap_or(text.len());
            text.get(..end).unwrap_or_default().to_lowercase()
        }
    }
}
