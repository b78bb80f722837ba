use std::io::{BufRead, BufReader};

use rbacform_core::{Address, ObjectId, Text};
use serde::{Deserialize, Serialize};

use crate::{Intent, Leftover, LocalStore, Outcome, Record, RunInfo, StateError, Verb};

/// The format name of a line of the audit record.
const FORMAT: &str = "rbacform.audit/1";

/// What one apply did; one line of `STACK.audit.jsonl`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// `rbacform.audit/1`.
    pub format: String,
    /// Who, when, with which plan, and why.
    pub run: RunInfo,
    /// The state's serial before.
    pub serial_before: u64,
    /// And after.
    pub serial_after: u64,
    /// Whether it was interrupted or killed.
    pub interrupted: bool,
    /// What was done.
    pub done: Vec<AuditEntry>,
    /// What failed.
    pub failed: Vec<AuditEntry>,
    /// What was sent and whose end is not known.
    pub open: Vec<AuditEntry>,
    /// What was not started.
    pub not_started: Vec<Address>,
}

/// One edit of an apply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// The resource.
    pub address: Address,
    /// The object.
    pub object: ObjectId,
    /// What was to be done.
    #[serde(rename = "do")]
    pub verb: Verb,
    /// The object's uid.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub uid: Text,
    /// The server's name for the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Text>,
    /// Why it failed: a stable code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// And in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl AuditRecord {
    /// The record of a run, nothing filled in yet.
    pub fn of_run(run: RunInfo, serial_before: u64) -> Self {
        Self {
            format: FORMAT.to_owned(),
            run,
            serial_before,
            serial_after: serial_before,
            ..Self::default()
        }
    }

    /// The record of a killed run, from the journal it left. None where it did nothing.
    pub fn of_leftover(leftover: &Leftover, serial_after: u64) -> Option<Self> {
        let header = leftover.header.as_ref()?;
        let mut record = Self {
            serial_after,
            interrupted: true,
            ..Self::of_run(header.run.clone(), header.serial)
        };
        let mut open: std::collections::BTreeMap<u64, &Intent> = Default::default();
        for entry in &leftover.records {
            match entry {
                Record::Intent(intent) => {
                    open.insert(intent.seq, intent);
                }
                Record::Outcome { seq, result } => {
                    let Some(intent) = open.get(seq).copied() else {
                        continue;
                    };
                    if *result != Outcome::Unknown {
                        open.remove(seq);
                    }
                    record.count(intent, result);
                }
            }
        }
        record.open = open.into_values().map(AuditEntry::of).collect();
        (!leftover.records.is_empty()).then_some(record)
    }

    fn count(&mut self, intent: &Intent, result: &Outcome) {
        let entry = AuditEntry::of(intent);
        match result {
            Outcome::Done { uid, request_id } => self.done.push(AuditEntry {
                uid: uid.clone(),
                request_id: request_id.clone(),
                ..entry
            }),
            Outcome::Failed(code) => self.failed.push(AuditEntry {
                code: Some(code.clone()),
                ..entry
            }),
            Outcome::NotSent => self.not_started.push(entry.address),
            Outcome::Unknown => {}
        }
    }
}

impl AuditEntry {
    fn of(intent: &Intent) -> Self {
        Self {
            address: intent.address.clone(),
            object: intent.object.clone(),
            verb: intent.verb,
            uid: Text::default(),
            request_id: None,
            code: None,
            message: None,
        }
    }
}

impl LocalStore {
    /// Records the runs whose journals are about to be removed and that could not do so
    /// themselves.
    pub fn audit_leftovers(
        &self,
        leftovers: &[Leftover],
        serial_after: u64,
    ) -> Result<(), StateError> {
        for leftover in leftovers {
            if let Some(record) = AuditRecord::of_leftover(leftover, serial_after)
                && record.run.operation != crate::journal::CARRIED_OVER
                && !self.is_audited(&record.run.id)?
            {
                self.audit(&record)?;
            }
        }
        Ok(())
    }

    fn is_audited(&self, run: &str) -> Result<bool, StateError> {
        #[derive(Deserialize)]
        struct Line {
            run: Run,
        }
        #[derive(Deserialize)]
        struct Run {
            id: String,
        }
        let path = self.files().audit();
        let file = match std::fs::File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(StateError::io("read", &path)(error)),
        };
        for line in BufReader::new(file).split(b'\n') {
            let line = line.map_err(StateError::io("read", &path))?;
            // A line that was cut short by a kill does not count.
            if serde_json::from_slice::<Line>(&line).is_ok_and(|line| line.run.id == run) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
#[path = "audit_tests.rs"]
mod tests;
