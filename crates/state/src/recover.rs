//! Reading what earlier runs left.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rbacform_core::{ObjectId, StateSnapshot};

use crate::record::FORMAT;
use crate::store::names_in;
use crate::{Header, Intent, LocalStore, Record, StateError, Version, durable, replay};

/// A journal that was found: of a killed run, of one that works right now, or one whose outcomes
/// are committed and whose removal was cut short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// The file.
    pub path: PathBuf,
    /// Its header; none where the run was killed before it was durable, and so did nothing.
    pub header: Option<Header>,
    /// What it says.
    pub records: Vec<Record>,
}

impl Leftover {
    /// Whether a state of that serial has its outcomes already.
    pub fn is_spent(&self, serial: u64) -> bool {
        self.header
            .as_ref()
            .is_none_or(|header| header.serial < serial)
    }
}

/// The state as it truly is: the file and what journals add to it.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The state, outcomes of journals included.
    pub snapshot: StateSnapshot,
    /// The version of the file, for the commit.
    pub version: Version,
    /// Intents whose end nobody knows: read the objects and [`settle`](crate::settle) each.
    pub open: Vec<Intent>,
    /// Temporary objects that a run may have left in the world, each with an intent about it.
    /// State never has them.
    pub bridges: BTreeMap<ObjectId, Intent>,
    /// The journals, to be removed once their outcomes are committed.
    pub leftovers: Vec<Leftover>,
    /// Whether journals made the state differ from the file.
    pub changed: bool,
}

impl Loaded {
    /// The paths of the journals.
    pub fn journals(&self) -> Vec<PathBuf> {
        self.leftovers
            .iter()
            .map(|leftover| leftover.path.clone())
            .collect()
    }

    /// What a commit must carry over, so that the next run still knows of it: open intents, and
    /// temporary objects that may still be there.
    pub fn unsettled(&self) -> Vec<Intent> {
        let open: BTreeSet<&ObjectId> = self.open.iter().map(|intent| &intent.object).collect();
        let bridges = self.bridges.values();
        let more = bridges.filter(|bridge| !open.contains(&bridge.object));
        self.open.iter().chain(more).cloned().collect()
    }
}

impl LocalStore {
    /// Reads the state and what journals add to it. Writes nothing; safe without the lock.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read); [`StateError::OtherLineage`] for a journal of another state.
    pub fn load(&self) -> Result<Loaded, StateError> {
        // Journals first: a run that commits in between makes them spent. The other way round its
        // outcomes would be in neither.
        let leftovers = self.leftovers()?;
        let read = self.read()?;
        let current = &read.snapshot;
        for leftover in &leftovers {
            if let Some(header) = &leftover.header
                && header.lineage != current.lineage
            {
                return Err(StateError::OtherLineage {
                    path: leftover.path.clone(),
                    found: header.lineage.clone(),
                    current: current.lineage.clone(),
                });
            }
        }
        let replayed = replay(read.snapshot, &leftovers);
        Ok(Loaded {
            snapshot: replayed.snapshot,
            version: read.version,
            open: replayed.open,
            bridges: replayed.bridges,
            leftovers,
            changed: replayed.changed,
        })
    }

    fn leftovers(&self) -> Result<Vec<Leftover>, StateError> {
        let dir = self.files().dir();
        let mut found = Vec::new();
        for name in names_in(dir)? {
            let path = dir.join(&name);
            if !self.files().is_journal(&name) {
                continue;
            }
            // One that is gone by now belonged to a run that ended.
            if let Some(bytes) = durable::read(&path)? {
                let (header, records) = parse(&bytes, &path)?;
                found.push(Leftover {
                    path,
                    header,
                    records,
                });
            }
        }
        Ok(found)
    }
}

/// The header and the records of a journal.
///
/// What follows the last line break was being written when the run was killed. Nobody acted upon
/// it, so it is passed over. Everything before was durable: anything wrong there is an error.
fn parse(bytes: &[u8], path: &Path) -> Result<(Option<Header>, Vec<Record>), StateError> {
    let whole = bytes
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    let mut lines = bytes
        .get(..whole)
        .unwrap_or_default()
        .split_inclusive(|byte| *byte == b'\n')
        .zip(1_u32..);
    let Some((first, number)) = lines.next() else {
        return Ok((None, Vec::new()));
    };
    let header = read_header(first, path, number)?;
    let mut records = Vec::new();
    let mut known = BTreeSet::new();
    for (line, number) in lines {
        let record: Record = serde_json::from_slice(line)
            .map_err(|error| broken(path, number, error.column(), what(&error)))?;
        let sound = match &record {
            Record::Intent(intent) => known.insert(intent.seq),
            Record::Outcome { seq, .. } => known.contains(seq),
        };
        if !sound {
            let why = "an outcome without its intent, or an intent twice".to_owned();
            return Err(broken(path, number, 1, why));
        }
        records.push(record);
    }
    Ok((Some(header), records))
}

fn read_header(line: &[u8], path: &Path, number: u32) -> Result<Header, StateError> {
    #[derive(serde::Deserialize)]
    struct Named {
        format: String,
    }
    let named: Named = serde_json::from_slice(line)
        .map_err(|error| broken(path, number, error.column(), what(&error)))?;
    if named.format != FORMAT {
        return Err(StateError::Newer {
            path: path.to_owned(),
            found: named.format,
            writer: None,
            ours: FORMAT,
        });
    }
    serde_json::from_slice(line).map_err(|error| broken(path, number, error.column(), what(&error)))
}

fn what(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    text.get(..end).unwrap_or_default().to_owned()
}

fn broken(path: &Path, line: u32, column: usize, why: String) -> StateError {
    StateError::Broken {
        what: "the journal",
        path: path.to_owned(),
        line,
        column: u32::try_from(column.max(1)).unwrap_or(u32::MAX),
        why,
        help: format!(
            "restore the file, or move `{}` away: objects that the run made carry this stack's \
             mark and are found by it",
            path.display()
        ),
    }
}

#[cfg(test)]
#[path = "recover_tests.rs"]
mod tests;
