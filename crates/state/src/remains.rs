//! What is left of a lost state, and putting another in its place.

use std::fs;
use std::path::{Path, PathBuf};

use rbacform_core::StateSnapshot;

use crate::record::Header;
use crate::store::names_in;
use crate::{Intent, LocalStore, StateError, Version, durable};

/// What is left of a state that may be lost.
#[derive(Clone, Debug)]
pub struct Remains {
    /// The state itself, where it can be read.
    pub current: Option<StateSnapshot>,
    /// The newest backup that can be read.
    pub backup: Option<StateSnapshot>,
    /// What the commit replaces. Its serial is not older than any that is known.
    pub version: Version,
    /// Journals, of whatever state.
    pub journals: Vec<PathBuf>,
}

impl LocalStore {
    /// Looks for what is left of the state. Writes nothing.
    ///
    /// # Errors
    /// As [`read`](Self::read), but for a state file that is broken, which counts as lost: a state
    /// of another stack or of a newer format is not.
    pub fn remains(&self) -> Result<Remains, StateError> {
        let bytes = durable::read(self.files().state())?;
        let current = match bytes.as_deref().map(|bytes| self.decode(bytes)).transpose() {
            Ok(current) => current,
            Err(StateError::Broken { .. }) => None,
            Err(error) => return Err(error),
        };
        let backups = self.backups()?;
        let journals = self.journals()?;
        let known = backups.iter().map(|(serial, _)| *serial);
        let known = known
            .chain(journals.iter().filter_map(|path| serial_of(path)))
            .max();
        let serial = match (&current, known) {
            (Some(current), known) if known.is_none_or(|known| known < current.serial) => {
                current.serial
            }
            // Also the name of the backup of what is replaced: no other has it.
            (_, known) => known.unwrap_or_default().saturating_add(1),
        };
        let backup = backups.iter().rev().find_map(|(_, path)| {
            let bytes = durable::read(path).ok()??;
            self.decode(&bytes).ok()
        });
        Ok(Remains {
            current,
            backup,
            version: Version::of(bytes.as_deref(), serial),
            journals,
        })
    }

    /// Commits a rebuilt state in the place of what is left. What is replaced becomes a backup, and
    /// so do the journals: what they tell of carries a mark, or is in `open`.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub fn rebuild(
        &self,
        snapshot: &mut StateSnapshot,
        remains: &Remains,
        open: &[Intent],
    ) -> Result<Version, StateError> {
        self.carry_over(snapshot, &remains.version, open)?;
        let version = self.commit(snapshot, &remains.version)?;
        let backups = self.files().backups();
        durable::private_dir(&backups)?;
        for journal in &remains.journals {
            let name = journal.file_name().unwrap_or_default();
            fs::rename(journal, backups.join(name))
                .map_err(StateError::io("move away", journal))?;
        }
        durable::sync_dir(&backups)?;
        durable::sync_dir(self.files().dir())?;
        Ok(version)
    }

    fn journals(&self) -> Result<Vec<PathBuf>, StateError> {
        let dir = self.files().dir();
        let names = names_in(dir)?;
        let own = names.iter().filter(|name| self.files().is_journal(name));
        Ok(own.map(|name| dir.join(name)).collect())
    }
}

/// The serial that a journal is bound to, where it tells.
fn serial_of(journal: &Path) -> Option<u64> {
    let bytes = durable::read(journal).ok()??;
    let first = bytes.split(|byte| *byte == b'\n').next()?;
    let header: Header = serde_json::from_slice(first).ok()?;
    // One that was left behind is bound to none.
    Some(header.serial).filter(|serial| *serial != u64::MAX)
}

#[cfg(test)]
#[path = "remains_tests.rs"]
mod tests;
