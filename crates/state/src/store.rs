use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rbacform_core::{Digest, StateSnapshot};

use crate::lock::Door;
use crate::{
    AuditRecord, Checkpoint, Files, Intent, Journal, LockGuard, LockInfo, Point, StateError,
    durable, format, lock,
};

/// How many former states are kept.
const BACKUPS: usize = 10;

/// The state of one stack (and environment) in local files.
#[derive(Clone, Debug)]
pub struct LocalStore {
    files: Files,
    stack: String,
    env: Option<String>,
    checkpoint: Checkpoint,
}

/// Which state was read: what a later commit compares before it swaps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    digest: Option<Digest>,
    serial: u64,
}

impl Version {
    /// The version of a state file, or of none.
    pub(crate) fn of(bytes: Option<&[u8]>, serial: u64) -> Self {
        Self {
            digest: bytes.map(Digest::of_bytes),
            serial,
        }
    }

    /// Whether there was no state at all.
    pub fn is_absent(&self) -> bool {
        self.digest.is_none()
    }

    /// The serial that was read; zero where there was none.
    pub fn serial(&self) -> u64 {
        self.serial
    }
}

/// A state and its version.
#[derive(Clone, Debug)]
pub struct Versioned {
    /// The state; empty where there is none yet.
    pub snapshot: StateSnapshot,
    /// Its version.
    pub version: Version,
}

impl LocalStore {
    /// The state of a stack in the folder `dir`: `STACK.json`, or `STACK.ENV.json`.
    pub fn new(dir: impl Into<PathBuf>, stack: &str, env: Option<&str>) -> Self {
        Self::with_files(Files::of_stack(dir, stack, env), stack, env)
    }

    /// The same in a file of one's own choice; its lock, journal and backups lie beside it.
    pub fn at(path: impl Into<PathBuf>, stack: &str, env: Option<&str>) -> Self {
        Self::with_files(Files::at(path), stack, env)
    }

    fn with_files(files: Files, stack: &str, env: Option<&str>) -> Self {
        Self {
            files,
            stack: stack.to_owned(),
            env: env.map(str::to_owned),
            checkpoint: Checkpoint::default(),
        }
    }

    /// Has `checkpoint` called at every point where a crash would differ.
    #[must_use]
    pub fn with_checkpoint(mut self, checkpoint: Checkpoint) -> Self {
        self.checkpoint = checkpoint;
        self
    }

    /// Where everything lies.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// The hook for crash tests.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The state as the file has it, without what journals would add; see
    /// [`LocalStore::load`](Self::load). Empty where there is none.
    pub fn read(&self) -> Result<Versioned, StateError> {
        let Some(bytes) = durable::read(self.files.state())? else {
            return Ok(Versioned {
                snapshot: StateSnapshot::empty(&self.stack, self.env.clone()),
                version: Version::default(),
            });
        };
        let snapshot = self.decode(&bytes)?;
        let version = Version::of(Some(&bytes), snapshot.serial);
        Ok(Versioned { snapshot, version })
    }

    /// The state in some bytes, checked as the file itself would be: for `state push`.
    pub fn decode(&self, bytes: &[u8]) -> Result<StateSnapshot, StateError> {
        let backup = self.last_backup();
        let snapshot = format::decode(bytes, self.files.state(), backup.as_deref())?;
        if snapshot.stack != self.stack || snapshot.env != self.env {
            return Err(StateError::OtherStack {
                path: self.files.state().to_owned(),
                found: whose(&snapshot.stack, snapshot.env.as_deref()),
                wanted: whose(&self.stack, self.env.as_deref()),
            });
        }
        Ok(snapshot)
    }

    /// Refuses where the state is no longer the one that was read: [`StateError::Changed`].
    pub fn check_current(&self, expected: &Version) -> Result<(), StateError> {
        let path = self.files.state();
        let now = durable::read(path)?;
        if now.as_deref().map(Digest::of_bytes) == expected.digest {
            return Ok(());
        }
        let found = match now {
            None => "gone".to_owned(),
            Some(bytes) => match format::decode(&bytes, path, None) {
                Ok(snapshot) => format!("serial {}", snapshot.serial),
                Err(_) => "something else".to_owned(),
            },
        };
        Err(StateError::Changed {
            path: path.to_owned(),
            expected: expected.serial,
            found,
        })
    }

    /// Replaces the state, if it is still the one that was read, and gives the new version. The
    /// serial becomes the next one; the former state is kept as a backup.
    ///
    /// # Errors
    ///
    /// [`StateError::Changed`] where somebody else committed meanwhile; [`StateError::Io`] where
    /// anything could not be made durable. The snapshot is then as it was given, and the file
    /// either the former or the new state, whole.
    pub fn commit(
        &self,
        snapshot: &mut StateSnapshot,
        expected: &Version,
    ) -> Result<Version, StateError> {
        let former = snapshot.serial;
        snapshot.serial = next_serial(snapshot, expected)?;
        let committed = self.replace(snapshot, expected);
        if committed.is_err() {
            snapshot.serial = former;
        }
        committed
    }

    /// Commits, and brings what earlier runs left to its end: `open` intents, which stay to be
    /// settled, are first carried over into a journal bound to the new serial; `journals` are
    /// removed afterwards.
    ///
    /// Killed in between, both journals exist, or the older one is bound to a former serial and
    /// therefore ignored: nothing is lost either way.
    pub fn commit_over(
        &self,
        snapshot: &mut StateSnapshot,
        expected: &Version,
        open: &[Intent],
        journals: &[PathBuf],
    ) -> Result<Version, StateError> {
        self.carry_over(snapshot, expected, open)?;
        let version = self.commit(snapshot, expected)?;
        self.remove_journals(journals)?;
        Ok(version)
    }

    /// Writes down intents that the coming commit leaves open, in a journal bound to the serial
    /// that it makes, and gives its path; none where nothing is open. To be called right before
    /// [`commit`](Self::commit).
    pub fn carry_over(
        &self,
        snapshot: &StateSnapshot,
        expected: &Version,
        open: &[Intent],
    ) -> Result<Option<PathBuf>, StateError> {
        if open.is_empty() {
            return Ok(None);
        }
        let serial = next_serial(snapshot, expected)?;
        Journal::carry_over(self, &snapshot.lineage, serial, open).map(Some)
    }

    /// Leaves behind what a run did whose commit came too late: a journal of its intents for the
    /// next run, which settles each by a live read. Nothing where the state is another by now.
    pub fn leave_behind(
        &self,
        snapshot: &StateSnapshot,
        intents: &[Intent],
    ) -> Result<(), StateError> {
        if intents.is_empty() || self.read()?.snapshot.lineage != snapshot.lineage {
            return Ok(());
        }
        // Later than any state, so that no outcome of it is ever trusted and none is ever spent.
        Journal::carry_over(self, &snapshot.lineage, u64::MAX, intents).map(drop)
    }

    /// Removes journals whose outcomes are committed.
    pub fn remove_journals(&self, journals: &[PathBuf]) -> Result<(), StateError> {
        if journals.is_empty() {
            return Ok(());
        }
        for journal in journals {
            durable::remove(journal)?;
        }
        durable::sync_dir(self.files.dir())?;
        self.checkpoint.reach(Point::JournalRemoved);
        Ok(())
    }

    /// Takes the lock of a run, or says who has it.
    pub fn lock(&self, info: LockInfo) -> Result<LockGuard, StateError> {
        LockGuard::acquire(self, info)
    }

    /// Removes the lock of that id and says whose it was.
    pub fn unlock(&self, id: &str) -> Result<LockInfo, StateError> {
        lock::unlock(self, id)
    }

    /// Adds a line to the audit record.
    pub fn audit(&self, record: &AuditRecord) -> Result<(), StateError> {
        let path = self.files.audit();
        let line = serde_json::to_vec(record)
            .map_err(|error| StateError::Unwritable(error.to_string()))?;
        durable::append_line(&path, &line)?;
        self.checkpoint.reach(Point::Audit);
        Ok(())
    }

    fn replace(&self, snapshot: &StateSnapshot, expected: &Version) -> Result<Version, StateError> {
        if snapshot.lineage.is_empty() {
            return Err(StateError::Unwritable("it has no lineage".to_owned()));
        }
        let bytes = format::encode(snapshot)?;
        durable::private_dir(self.files.dir())?;
        let _door = Door::enter(self)?;
        self.check_current(expected)?;
        let temp = self.files.temp();
        durable::write_new(&temp, &bytes)?;
        self.checkpoint.reach(Point::CommitTemp);
        if !expected.is_absent() {
            self.back_up(expected.serial)?;
        }
        fs::rename(&temp, self.files.state())
            .map_err(StateError::io("replace", self.files.state()))?;
        self.checkpoint.reach(Point::CommitRename);
        durable::sync_dir(self.files.dir())?;
        Ok(Version::of(Some(&bytes), snapshot.serial))
    }

    /// Keeps the state that is about to be replaced under a second name; its content is durable
    /// already.
    fn back_up(&self, serial: u64) -> Result<(), StateError> {
        let dir = self.files.backups();
        durable::private_dir(&dir)?;
        let backup = self.files.backup(serial);
        durable::remove(&backup)?;
        if fs::hard_link(self.files.state(), &backup).is_err() {
            // Not every file system has links.
            let bytes = durable::read(self.files.state())?.unwrap_or_default();
            durable::write_new(&backup, &bytes)?;
        }
        for (_, old) in self.backups()?.into_iter().rev().skip(BACKUPS) {
            durable::remove(&old)?;
        }
        durable::sync_dir(&dir)
    }

    /// The backups, oldest first.
    pub(crate) fn backups(&self) -> Result<Vec<(u64, PathBuf)>, StateError> {
        let dir = self.files.backups();
        let mut found = Vec::new();
        for name in names_in(&dir)? {
            if let Some(serial) = self.files.backup_serial(&name) {
                found.push((serial, dir.join(name)));
            }
        }
        found.sort();
        Ok(found)
    }

    fn last_backup(&self) -> Option<PathBuf> {
        let (_, path) = self.backups().ok()?.pop()?;
        Some(path)
    }
}

fn next_serial(snapshot: &StateSnapshot, expected: &Version) -> Result<u64, StateError> {
    let last = expected.serial.max(snapshot.serial);
    last.checked_add(1)
        .ok_or_else(|| StateError::Unwritable(format!("there is no serial after {last}")))
}

/// The names of the files in a folder, sorted; none where there is no folder.
pub(crate) fn names_in(dir: &Path) -> Result<Vec<String>, StateError> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(StateError::io("list", dir)(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(StateError::io("list", dir))?;
        names.extend(entry.file_name().into_string());
    }
    names.sort();
    Ok(names)
}

fn whose(stack: &str, env: Option<&str>) -> String {
    match env {
        Some(env) => format!("the stack `{stack}` in environment `{env}`"),
        None => format!("the stack `{stack}`"),
    }
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
