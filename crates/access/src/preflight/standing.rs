//! What the actor holds while the plan goes on.

use rbacform_core::{Edit, ObjectId, ObservedSet};

use super::write::after;
use crate::aggregate::settle;
use crate::subject::first_match;
use crate::{ClusterRole, Facts, RoleRef, User};

/// The roles of the world, and of its bindings those that name the actor: all that a judgement of
/// the actor's writes takes.
#[derive(Clone)]
pub(super) struct Standing<'a> {
    user: &'a User,
    facts: Facts,
    /// The same once the controller has gathered what was written.
    settled: Option<Facts>,
    /// Whether an aggregated role may still get other rules.
    rippling: bool,
}

impl<'a> Standing<'a> {
    pub(super) fn new(facts: &Facts, user: &'a User) -> Self {
        Self {
            user,
            facts: facts.held_by(user),
            settled: None,
            rippling: false,
        }
    }

    pub(super) fn facts(&self) -> &Facts {
        &self.facts
    }

    pub(super) fn user(&self) -> &'a User {
        self.user
    }

    /// Carries out one edit.
    pub(super) fn carry_out(&mut self, edit: &Edit, observed: &ObservedSet) {
        let gathered_before = self.is_gathered(&edit.object);
        match after(edit, observed.get(&edit.object)) {
            Some(attributes) => self.facts.put(&edit.object, &attributes),
            None if edit.kind == rbacform_core::EditKind::Delete => self.facts.remove(&edit.object),
            None => return,
        }
        if !self.names_actor(&edit.object) {
            self.facts.remove(&edit.object);
        }
        if gathered_before || self.is_gathered(&edit.object) {
            self.rippling = true;
            self.settled = None;
        }
    }

    /// Makes an object what it was at first.
    pub(super) fn rewind(&mut self, object: &ObjectId, first: &Self) {
        self.facts.restore(object, &first.facts);
        self.settled = None;
    }

    /// The facts once the controller has gathered everything, where that may matter to a write of
    /// this role, or to what the actor holds.
    pub(super) fn settled(&mut self, bound: Option<&RoleRef>) -> Option<&Facts> {
        if !self.rippling || !self.depends_on_aggregation(bound) {
            return None;
        }
        if self.settled.is_none() {
            let mut facts = self.facts.clone();
            settle(&mut facts);
            self.settled = Some(facts);
        }
        self.settled.as_ref()
    }

    fn depends_on_aggregation(&self, bound: Option<&RoleRef>) -> bool {
        let held = self.facts.role_refs();
        held.chain(bound).any(|role_ref| {
            role_ref.kind == "ClusterRole"
                && self
                    .facts
                    .cluster_role(&role_ref.name)
                    .is_some_and(|role| role.aggregation.is_some())
        })
    }

    /// Whether an object is a cluster role that another gathers, or that gathers.
    fn is_gathered(&self, object: &ObjectId) -> bool {
        let role = match object.kind.as_str() {
            "ClusterRole" => self.facts.cluster_role(&object.ident),
            _ => None,
        };
        let gathers = |other: &ClusterRole, labels| {
            let selectors = other.aggregation.iter().flatten();
            selectors
                .into_iter()
                .any(|selector| selector.matches(labels))
        };
        role.is_some_and(|role| {
            role.aggregation.is_some()
                || self
                    .facts
                    .cluster_roles()
                    .any(|other| gathers(other, &role.labels))
        })
    }

    /// Whether an object is no binding, or one that names the actor.
    fn names_actor(&self, object: &ObjectId) -> bool {
        let namespace = object.namespace().unwrap_or_default();
        match self.facts.binding(object) {
            Some((_, subjects)) => first_match(subjects, self.user, namespace).is_some(),
            None => true,
        }
    }
}
