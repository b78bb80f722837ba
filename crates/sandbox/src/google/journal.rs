//! The Google half of a world on disk: one line a commit, written before the reply, so that a
//! killed process loses nothing it answered for. A commit is whole or not there.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::account::Account;
use super::clock::Moment;
use super::policy::Policy;
use super::role::CustomRole;
use crate::persist::{PersistError, at, open_private};

const FORMAT: &str = "rbacform.sandbox-google/1";
const LOG: &str = "google.jsonl";

/// One thing that became otherwise.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    /// A resource exists.
    Resource { name: String, created: Moment },
    /// An account stands so.
    Account(Account),
    /// An account is gone for good.
    AccountPurged(String),
    /// A custom role stands so.
    Role(CustomRole),
    /// The id of a custom role is free again.
    RolePurged(String),
    /// The policy under a key stands so.
    Policy { key: String, policy: Policy },
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    Head { format: String },
    Commit { commit: Vec<Change> },
}

/// The open file.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    /// Opens the file in a world's directory, which must be locked already, and reads it.
    pub(crate) fn open(directory: &Path) -> Result<(Vec<Change>, Self), PersistError> {
        let path = directory.join(LOG);
        let known = match File::open(&path) {
            Ok(file) => read(&path, file)?,
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(at(&path)(error)),
        };
        let file = open_private(&path, OpenOptions::new().create(true).append(true))?;
        Ok((known, Self { path, file }))
    }

    /// Starts the file afresh with one commit that says how all stands.
    pub(crate) fn compact(&mut self, standing: &[Change]) -> Result<(), PersistError> {
        let fresh = self.path.with_extension("jsonl.new");
        let mut options = OpenOptions::new();
        let mut file = open_private(&fresh, options.create(true).write(true).truncate(true))?;
        let head = to_line(&Line::Head {
            format: FORMAT.to_owned(),
        });
        file.write_all(head.as_bytes()).map_err(at(&fresh))?;
        for change in standing {
            let line = to_line(&Line::Commit {
                commit: vec![change.clone()],
            });
            file.write_all(line.as_bytes()).map_err(at(&fresh))?;
        }
        std::fs::rename(&fresh, &self.path).map_err(at(&self.path))?;
        self.file = open_private(&self.path, OpenOptions::new().append(true))?;
        Ok(())
    }

    pub(crate) fn commit(&mut self, changes: &[Change]) -> Result<(), PersistError> {
        let line = to_line(&Line::Commit {
            commit: changes.to_vec(),
        });
        self.file.write_all(line.as_bytes()).map_err(at(&self.path))
    }
}

fn read(path: &Path, file: File) -> Result<Vec<Change>, PersistError> {
    let mut changes = Vec::new();
    let mut reader = BufReader::new(file);
    let mut text = String::new();
    for number in 1.. {
        text.clear();
        if reader.read_line(&mut text).map_err(at(path))? == 0 {
            break;
        }
        // A kill can tear the last line; nobody was told of that commit.
        if !text.ends_with('\n') {
            break;
        }
        match serde_json::from_str(&text) {
            Ok(Line::Head { format }) if format == FORMAT && number == 1 => {}
            Ok(Line::Commit { commit }) if number > 1 => changes.extend(commit),
            _ => {
                return Err(PersistError::Unreadable {
                    path: path.to_owned(),
                    line: number,
                });
            }
        }
    }
    Ok(changes)
}

fn to_line(line: &Line) -> String {
    // Strings and numbers always serialise.
    let mut text = serde_json::to_string(line).unwrap_or_default();
    text.push('\n');
    text
}
