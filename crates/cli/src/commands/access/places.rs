//! Where the roles and bindings of a world are written.

use std::collections::{BTreeMap, HashMap};

use rbacform_core::{Location, ObjectId, SourceMap, Span};

/// The places of objects. They are looked up only for what an answer tells of: a file may hold a
/// hundred thousand.
#[derive(Default)]
pub(super) struct Places {
    sources: Vec<SourceMap>,
    objects: HashMap<ObjectId, (usize, Written)>,
}

/// Where one object is written.
pub(super) struct Written {
    pub(super) object: Span,
    /// Where each of its rules is, as far as that is known.
    pub(super) rules: Vec<Span>,
}

impl Places {
    /// Adds what is written in some files, in place of what was known of these objects.
    pub(super) fn add(
        &mut self,
        sources: SourceMap,
        objects: impl IntoIterator<Item = (ObjectId, Written)>,
    ) {
        let files = self.sources.len();
        self.sources.push(sources);
        let objects = objects.into_iter();
        self.objects
            .extend(objects.map(|(object, written)| (object, (files, written))));
    }

    /// Where an object is written.
    pub(super) fn of(&self, object: &ObjectId) -> Option<Location> {
        let (files, written) = self.objects.get(object)?;
        self.sources.get(*files)?.locate(written.object)
    }

    /// All of them, by the objects' ids.
    pub(super) fn all(&self) -> BTreeMap<String, Location> {
        let located = self.objects.keys().filter_map(|object| {
            let place = self.of(object)?;
            Some((object.to_string(), place))
        });
        located.collect()
    }

    /// Where one rule of a role is written; where that is not known, the role.
    pub(super) fn of_rule(&self, role: &ObjectId, rule: usize) -> Option<Location> {
        let (files, written) = self.objects.get(role)?;
        let span = written.rules.get(rule).unwrap_or(&written.object);
        self.sources.get(*files)?.locate(*span)
    }
}
