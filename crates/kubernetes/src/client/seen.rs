//! What reading told that writing needs: who says that they manage an object.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use rbacform_core::{ObjectId, ObservedObject};

/// Whether we may write the label `app.kubernetes.io/managed-by`: only where nobody else did.
#[derive(Default)]
pub(crate) struct Seen(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// Kinds that were listed whole.
    kinds: BTreeSet<&'static str>,
    /// Objects that were read by themselves.
    objects: BTreeSet<ObjectId>,
    /// Objects whose label is somebody else's.
    foreign: BTreeSet<ObjectId>,
}

impl Seen {
    /// Remembers what was read of a kind.
    pub(crate) fn kind(&self, kind: &'static str, whole: bool, objects: &[ObservedObject]) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if whole {
            known.kinds.insert(kind);
        } else {
            known
                .objects
                .extend(objects.iter().map(|object| object.object.clone()));
        }
        let foreign = objects.iter().filter(|object| object.managed_by.is_some());
        known
            .foreign
            .extend(foreign.map(|object| object.object.clone()));
    }

    /// Whether the label is ours to write; `None` where the object was never read.
    pub(super) fn is_ours(&self, object: &ObjectId) -> Option<bool> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let read = known.kinds.contains(object.kind.as_str()) || known.objects.contains(object);
        read.then(|| !known.foreign.contains(object))
    }
}
