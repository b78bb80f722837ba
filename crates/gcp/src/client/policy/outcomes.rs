//! What became of each edit of one policy.

use std::collections::BTreeMap;

use rbacform_core::{Edit, EditKind, Text};
use rbacform_provider::{ErrorKind, ProviderError, WriteOutcome, Written};

use crate::client::write::NO_UID;

/// Outcomes by the edits' indices.
pub(super) struct Outcomes<'e> {
    edits: &'e [&'e Edit],
    known: BTreeMap<usize, WriteOutcome>,
}

impl<'e> Outcomes<'e> {
    pub(super) fn new(edits: &'e [&'e Edit]) -> Self {
        Self {
            edits,
            known: BTreeMap::new(),
        }
    }

    /// The edits among these of which nothing is known yet.
    pub(super) fn open(&self, indices: &[usize]) -> Vec<(usize, &'e Edit)> {
        let edits = indices
            .iter()
            .filter_map(|index| Some((*index, *self.edits.get(*index)?)));
        edits
            .filter(|(index, _)| !self.known.contains_key(index))
            .collect()
    }

    /// These were carried out, or stood already.
    pub(super) fn done(&mut self, edits: &[(usize, &Edit)], request_id: Option<&Text>) {
        for (index, edit) in edits {
            let uid = match edit.kind {
                EditKind::Delete => Text::default(),
                _ => NO_UID.into(),
            };
            let written = Written {
                uid,
                request_id: request_id.cloned(),
            };
            self.known.insert(*index, Ok(written));
        }
    }

    /// These failed.
    pub(super) fn failed(&mut self, edits: &[(usize, &Edit)], error: &ProviderError) {
        for (index, _) in edits {
            self.known.insert(*index, Err(error.clone()));
        }
    }

    /// One outcome an edit, in order.
    pub(super) fn finish(mut self) -> Vec<WriteOutcome> {
        (0..self.edits.len())
            .map(|index| {
                self.known.remove(&index).unwrap_or_else(|| {
                    Err(ProviderError::new(
                        ErrorKind::Protocol,
                        "it was never tried",
                    ))
                })
            })
            .collect()
    }
}
