//! Observed: what the provider read just now.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Mark, ObjectId, Text, Value};

/// One object as it is in the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedObject {
    /// Its identity.
    pub object: ObjectId,
    /// The server's own id for this very object; another after it was deleted and made again.
    pub uid: Text,
    /// The compare-and-swap token of a write (resourceVersion, etag). Moves for reasons that do
    /// not concern us.
    pub version: Text,
    /// Every attribute, in canonical form, foreign labels and annotations included. Our mark is
    /// not among them.
    pub attributes: Value,
    /// Which stack manages it, if any.
    pub mark: Option<Mark>,
    /// What another tool wrote into `app.kubernetes.io/managed-by`, or the like.
    pub managed_by: Option<Text>,
    /// Who last wrote it, other than us.
    pub last_writer: Option<Writer>,
    /// Whether it is being deleted and waits for its finalizers.
    pub terminating: bool,
    /// Whether the platform itself made it (a bootstrap role).
    pub bootstrap: bool,
}

/// Who wrote an object, and when.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Writer {
    /// The field manager, e.g. `kubectl-edit`.
    pub manager: Text,
    /// When, RFC 3339.
    pub at: Option<Text>,
}

/// Everything that was read for one plan.
#[derive(Clone, Debug, Default)]
pub struct ObservedSet {
    objects: BTreeMap<ObjectId, ObservedObject>,
    /// Kinds (instance, kind) that were listed whole: an object of these that is not in the set
    /// does not exist, whoever it belongs to.
    pub complete: BTreeSet<(Text, Text)>,
}

impl ObservedSet {
    /// Adds what was read.
    pub fn insert(&mut self, object: ObservedObject) {
        self.objects.insert(object.object.clone(), object);
    }

    /// Adds what was read later.
    pub fn absorb(&mut self, later: Self) {
        self.objects.extend(later.objects);
        self.complete.extend(later.complete);
    }

    /// The object, if it exists.
    pub fn get(&self, id: &ObjectId) -> Option<&ObservedObject> {
        self.objects.get(id)
    }

    /// Every object, in order of identity.
    pub fn iter(&self) -> impl Iterator<Item = &ObservedObject> {
        self.objects.values()
    }

    /// How many objects there are.
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }
}

impl FromIterator<ObservedObject> for ObservedSet {
    fn from_iter<I: IntoIterator<Item = ObservedObject>>(objects: I) -> Self {
        let mut set = Self::default();
        set.extend(objects);
        set
    }
}

impl Extend<ObservedObject> for ObservedSet {
    fn extend<I: IntoIterator<Item = ObservedObject>>(&mut self, objects: I) {
        self.objects.extend(
            objects
                .into_iter()
                .map(|object| (object.object.clone(), object)),
        );
    }
}
