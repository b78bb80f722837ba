//! Where the roles and bindings of a world are written.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use rbacform_access::PolicyRule;
use rbacform_core::{Location, ObjectId, SourceMap, Span};

use crate::written;

/// The places of objects. They are looked up only for what an answer tells of: a file may hold a
/// hundred thousand.
#[derive(Default)]
pub(super) struct Places {
    sources: Vec<SourceMap>,
    /// For the rules of stacks, which are looked for only once an answer tells of them.
    reread: Vec<RefCell<written::Written>>,
    objects: HashMap<ObjectId, (usize, Written)>,
}

/// Where one object is written.
pub(super) struct Written {
    pub(super) object: Span,
    /// Where each of its rules is; none where a stack declares it.
    pub(super) rules: Option<Vec<Span>>,
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
        self.reread.push(RefCell::default());
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
    pub(super) fn of_rule(
        &self,
        role: &ObjectId,
        index: usize,
        rule: &PolicyRule,
    ) -> Option<Location> {
        let (files, written) = self.objects.get(role)?;
        let sources = self.sources.get(*files)?;
        let span = match &written.rules {
            Some(rules) => *rules.get(index).unwrap_or(&written.object),
            None => {
                let mut reread = self.reread.get(*files)?.borrow_mut();
                reread.rule(sources, written.object, rule)
            }
        };
        sources.locate(span)
    }
}
