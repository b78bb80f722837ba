//! Observed: what the provider read just now.

use std::collections::BTreeSet;

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

impl ObservedObject {
    /// Whether this may be the very object that had that uid. Nothing and `-` are no uids: a
    /// grant is what it says, and has none.
    pub fn may_be(&self, uid: &str) -> bool {
        let unknown = |uid: &str| uid.is_empty() || uid == "-";
        unknown(uid) || unknown(&self.uid) || self.uid == uid
    }
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
///
/// A sorted vector: there may be tens of thousands, read once and then only looked up.
#[derive(Clone, Debug, Default)]
pub struct ObservedSet {
    objects: Vec<ObservedObject>,
    /// Kinds (instance, kind) that were listed whole: an object of these that is not in the set
    /// does not exist, whoever it belongs to.
    pub complete: BTreeSet<(Text, Text)>,
    /// Kinds (instance, kind, namespace) that were listed whole in one namespace, where the whole
    /// cluster could not be.
    pub complete_in: BTreeSet<(Text, Text, Text)>,
}

impl ObservedSet {
    /// Adds what was read, in place of what was read of it before.
    pub fn insert(&mut self, object: ObservedObject) {
        match self.position(&object.object) {
            Ok(index) => {
                if let Some(slot) = self.objects.get_mut(index) {
                    *slot = object;
                }
            }
            Err(index) => self.objects.insert(index, object),
        }
    }

    /// Adds what was read later.
    pub fn absorb(&mut self, later: Self) {
        self.extend(later.objects);
        self.complete.extend(later.complete);
        self.complete_in.extend(later.complete_in);
    }

    /// The object, if it exists.
    pub fn get(&self, id: &ObjectId) -> Option<&ObservedObject> {
        let index = self.position(id).ok()?;
        self.objects.get(index)
    }

    /// Every object, in order of identity.
    pub fn iter(&self) -> impl Iterator<Item = &ObservedObject> {
        self.objects.iter()
    }

    /// How many objects there are.
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    fn position(&self, id: &ObjectId) -> Result<usize, usize> {
        self.objects.binary_search_by(|held| held.object.cmp(id))
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
    /// Of two with one identity the later stays.
    fn extend<I: IntoIterator<Item = ObservedObject>>(&mut self, objects: I) {
        self.objects.extend(objects);
        // Lists arrive in order, kind after kind: as a rule there is nothing to sort, and no room
        // needed for sorting.
        if !self.objects.is_sorted_by(|a, b| a.object < b.object) {
            // Stable, so that the later of two stands behind.
            self.objects.sort_by(|a, b| a.object.cmp(&b.object));
            self.objects.dedup_by(|later, earlier| {
                let same = later.object == earlier.object;
                if same {
                    std::mem::swap(later, earlier);
                }
                same
            });
        }
        self.objects.shrink_to_fit();
    }
}
