use rbacform_core::{Edit, Step, Text};
use rbacform_state::{AuditEntry, AuditRecord, Verb};

use crate::{EditEnd, Report};

/// Writes what became of every edit into the record of a run.
pub(crate) fn fill(record: &mut AuditRecord, steps: &[Step], report: &Report) {
    record.interrupted = report.interrupted;
    for (step, ends) in steps.iter().zip(&report.edits) {
        for (edit, end) in step.edits.iter().zip(ends) {
            count(record, edit, end);
        }
    }
}

fn count(record: &mut AuditRecord, edit: &Edit, end: &EditEnd) {
    let mut entry = AuditEntry {
        address: edit.address.clone(),
        object: edit.object.clone(),
        verb: Verb::from(&edit.kind),
        uid: Text::default(),
        request_id: None,
        code: None,
        message: None,
    };
    match end {
        EditEnd::Done { uid, request_id } => {
            entry.uid = uid.clone();
            entry.request_id = request_id.clone();
            record.done.push(entry);
        }
        EditEnd::NotStarted(_) => record.not_started.push(entry.address),
        EditEnd::Open => record.open.push(entry),
        EditEnd::Failed(error) => {
            entry.code = Some(error.kind.code().to_owned());
            entry.message = Some(error.message.clone());
            if end.is_open() {
                record.open.push(entry);
            } else {
                record.failed.push(entry);
            }
        }
    }
}
