//! Self-lockout: plans after which whoever carries them out, or anybody at all, could no longer
//! manage what the stack manages.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::{Address, ObjectId, Step};

use super::kind::Kind;
use crate::subject::MASTERS;
use crate::{Evaluator, Facts, Grant, Request, ResourceRequest, Subject, User, who_can};

/// What the question follows from.
#[derive(Clone, Copy, Debug)]
pub struct LockoutInput<'a> {
    /// Who carries the plan out; none where the server did not say.
    pub user: Option<&'a User>,
    /// Roles and bindings as they stand.
    pub before: &'a Facts,
    /// The same once the plan is carried out, aggregation settled.
    pub after: &'a Facts,
    /// The plan's writes.
    pub steps: &'a [Step],
    /// The objects that the stack manages once the plan is carried out, with their addresses.
    pub managed: &'a [(&'a Address, &'a ObjectId)],
}

/// A change that takes away what the stack is managed by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lockout {
    /// The change.
    pub cause: Address,
    /// Whether it is not only the one who applies: nobody could.
    pub nobody: bool,
    /// What could no longer be written, in order.
    pub objects: BTreeSet<ObjectId>,
}

/// Every such change, in order of address. Only what RBAC gives before the plan can be lost by it;
/// `system:masters` loses nothing.
pub fn lockouts(input: &LockoutInput<'_>) -> Vec<Lockout> {
    let is_master = |user: &User| user.groups.iter().any(|group| group == MASTERS);
    if input.user.is_some_and(is_master) {
        return Vec::new();
    }
    let mut worlds = Worlds {
        input,
        anybody: BTreeMap::new(),
        before: Evaluator::new(input.before),
        after: Evaluator::new(input.after),
    };
    let mut found: BTreeMap<(Address, bool), BTreeSet<ObjectId>> = BTreeMap::new();
    for (address, object) in input.managed {
        if let Some((grants, nobody)) = worlds.lost(object) {
            let cause = worlds.cause(&grants).unwrap_or(address);
            let objects = found.entry((cause.clone(), nobody)).or_default();
            objects.insert((*object).clone());
        }
    }
    let told = found.into_iter().map(|((cause, nobody), objects)| Lockout {
        cause,
        nobody,
        objects,
    });
    told.collect()
}

struct Worlds<'a> {
    input: &'a LockoutInput<'a>,
    /// Whether somebody may in the end, by what is asked: many objects ask alike.
    anybody: BTreeMap<Request, bool>,
    before: Evaluator<'a>,
    after: Evaluator<'a>,
}

impl Worlds<'_> {
    /// What lets an object be written now, where nothing does any longer; and whether that is so
    /// for everybody.
    fn lost(&mut self, object: &ObjectId) -> Option<(Vec<Grant>, bool)> {
        let request = Kind::of(object)?.request(object, "patch");
        let asked = Request::Resource(request.clone());
        if let Some(user) = self.input.user
            && self.before.allows(user, &asked)
        {
            let lost = !self.after.allows(user, &asked);
            return lost.then(|| (self.before.every_grant(user, &asked), false));
        }
        // Whoever applies is let through by something else, or is not the one who plans.
        let nameless = Request::Resource(ResourceRequest {
            name: String::new(),
            ..request
        });
        if self.anybody(&nameless) || self.anybody(&asked) {
            return None;
        }
        let before = by_people(who_can(self.input.before, &asked));
        (!before.is_empty()).then_some((before, true))
    }

    /// Whether anybody may, in the end.
    fn anybody(&mut self, request: &Request) -> bool {
        if let Some(known) = self.anybody.get(request) {
            return *known;
        }
        let found = !by_people(who_can(self.input.after, request)).is_empty();
        self.anybody.insert(request.clone(), found);
        found
    }

    /// The change of a binding, or else of a role, that gave it.
    fn cause(&self, grants: &[Grant]) -> Option<&Address> {
        let edits = || self.input.steps.iter().flat_map(|step| &step.edits);
        let is_binding = |object: &ObjectId, grant: &Grant| match grant.binding_namespace.as_str() {
            "" => object.kind == "ClusterRoleBinding" && object.ident == grant.binding,
            namespace => {
                object.kind == "RoleBinding"
                    && object.namespace() == Some(namespace)
                    && object.name() == grant.binding
            }
        };
        let is_role = |object: &ObjectId, grant: &Grant| {
            object.kind == grant.role_ref.kind
                && match grant.role_ref.kind.as_str() {
                    "ClusterRole" => object.ident == grant.role_ref.name,
                    _ => {
                        object.namespace() == Some(&*grant.binding_namespace)
                            && object.name() == grant.role_ref.name
                    }
                }
        };
        let by = |fits: &dyn Fn(&ObjectId, &Grant) -> bool| {
            edits()
                .find(|edit| grants.iter().any(|grant| fits(&edit.object, grant)))
                .map(|edit| &edit.address)
        };
        by(&is_binding).or_else(|| by(&is_role))
    }
}

/// Without the platform itself, which manages nobody's stack.
fn by_people(grants: Vec<Grant>) -> Vec<Grant> {
    let mut grants = grants;
    grants.retain(|grant| !is_platform(&grant.subject, &grant.binding_namespace));
    grants
}

fn is_platform(subject: &Subject, binding_namespace: &str) -> bool {
    let home = match subject.namespace.as_str() {
        "" => binding_namespace,
        home => home,
    };
    match subject.kind.as_str() {
        "ServiceAccount" => home == "kube-system",
        "User" => match subject.name.strip_prefix("system:serviceaccount:") {
            Some(account) => account.starts_with("kube-system:"),
            None => subject.name.starts_with("system:"),
        },
        _ => subject.name == MASTERS || subject.name == "system:nodes",
    }
}

#[cfg(test)]
#[path = "lockout_tests.rs"]
mod tests;
