use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The files of one state, side by side in one folder:
///
/// ```text
/// quickstart.json                    the state
/// quickstart.lock                    who runs now
/// quickstart.door                    held for milliseconds around a commit or a lock
/// quickstart.RUN.journal             what a run does, or what a killed one left
/// quickstart.audit.jsonl             one line per apply
/// backups/quickstart.SERIAL.json     the last ten states
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    dir: PathBuf,
    base: String,
    state: PathBuf,
}

impl Files {
    /// The files of a stack, or of its environment `env`, in `dir`.
    pub fn of_stack(dir: impl Into<PathBuf>, stack: &str, env: Option<&str>) -> Self {
        let dir = dir.into();
        let base = match env {
            Some(env) => format!("{stack}.{env}"),
            None => stack.to_owned(),
        };
        let state = dir.join(format!("{base}.json"));
        Self { dir, base, state }
    }

    /// The files of a state whose own path is given.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        let state = path.into();
        let dir = match state.parent() {
            Some(parent) if parent != Path::new("") => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let json = state.extension() == Some(OsStr::new("json"));
        let base = if json {
            state.file_stem()
        } else {
            state.file_name()
        };
        let base = base.unwrap_or_default().to_string_lossy().into_owned();
        Self { dir, base, state }
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The state file.
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// Where the next state is written before it takes the place of the state file.
    pub(crate) fn temp(&self) -> PathBuf {
        let name = self.state.file_name().unwrap_or_default();
        self.dir.join(format!(".{}.tmp", name.to_string_lossy()))
    }

    /// The lock of a run.
    pub fn lock(&self) -> PathBuf {
        self.sibling("lock")
    }

    /// The lock around a commit. Not `door.lock`: that is the lock of an environment `door`.
    pub(crate) fn door(&self) -> PathBuf {
        self.sibling("door")
    }

    /// The audit record.
    pub fn audit(&self) -> PathBuf {
        self.sibling("audit.jsonl")
    }

    /// The journal of one run. A run's name holds no dot, so that the journals of an environment
    /// are never taken for those of the stack without one.
    pub fn journal(&self, run: &str) -> PathBuf {
        let run: String = run
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        self.sibling(&format!("{run}.journal"))
    }

    /// Whether a file name is that of one of this state's journals.
    pub(crate) fn is_journal(&self, name: &str) -> bool {
        name.strip_prefix(&self.base)
            .and_then(|rest| rest.strip_prefix('.'))
            .and_then(|rest| rest.strip_suffix(".journal"))
            .is_some_and(|run| !run.is_empty() && !run.contains('.'))
    }

    /// The folder of former states.
    pub fn backups(&self) -> PathBuf {
        self.dir.join("backups")
    }

    /// The backup of the state of that serial.
    pub fn backup(&self, serial: u64) -> PathBuf {
        self.backups().join(format!("{}.{serial}.json", self.base))
    }

    /// The serial of a backup of this state, from its file name.
    pub(crate) fn backup_serial(&self, name: &str) -> Option<u64> {
        name.strip_prefix(&self.base)?
            .strip_prefix('.')?
            .strip_suffix(".json")?
            .parse()
            .ok()
    }

    fn sibling(&self, suffix: &str) -> PathBuf {
        self.dir.join(format!("{}.{suffix}", self.base))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_lie_side_by_side() {
        let files = Files::of_stack("state", "quickstart", Some("prod"));
        assert_eq!(files.state(), Path::new("state/quickstart.prod.json"));
        assert_eq!(files.lock(), Path::new("state/quickstart.prod.lock"));
        assert_eq!(
            files.backup(7),
            Path::new("state/backups/quickstart.prod.7.json")
        );
        let given = Files::at("my.json");
        assert_eq!(
            (given.dir(), given.lock()),
            (Path::new("."), "./my.lock".into())
        );
        assert_eq!(
            Files::at("/x/my.state").lock(),
            Path::new("/x/my.state.lock")
        );
    }

    #[test]
    fn no_environment_shares_a_file_with_the_stack() {
        let all = |files: &Files| {
            [
                files.state().to_owned(),
                files.temp(),
                files.lock(),
                files.door(),
                files.audit(),
                files.journal("0f-1"),
                files.backup(7),
            ]
        };
        let stack = all(&Files::of_stack("state", "a", None));
        for env in [
            "door", "lock", "audit", "json", "tmp", "journal", "7", "0f-1",
        ] {
            for path in all(&Files::of_stack("state", "a", Some(env))) {
                assert!(!stack.contains(&path), "{}", path.display());
            }
        }
    }

    #[test]
    fn journals_of_an_environment_are_not_those_of_the_stack() {
        let stack = Files::of_stack("state", "a", None);
        let env = Files::of_stack("state", "a", Some("b"));
        let name = |path: PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        assert!(stack.is_journal(&name(stack.journal("0f-1"))));
        assert!(!stack.is_journal(&name(env.journal("0f-1"))));
        assert!(!env.is_journal(&name(stack.journal("0f-1"))));
        assert!(stack.is_journal(&name(stack.journal("dots.and/slashes"))));
        assert_eq!(stack.backup_serial("a.12.json"), Some(12));
        assert_eq!(stack.backup_serial("a.b.12.json"), None);
    }
}
