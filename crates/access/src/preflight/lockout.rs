//! Self-lockout: plans after which whoever carries them out, or anybody at all, could no longer
//! manage what the stack manages.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::{Address, ObjectId, Step};

use super::kind::Kind;
use crate::delta::Known;
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
    /// Which kinds were read whole.
    pub known: &'a Known,
}

/// A change that takes away what the stack is managed by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lockout {
    /// The change.
    pub cause: Address,
    /// Whether it is not only the one who applies: nobody could.
    pub nobody: bool,
    /// What is lost.
    pub lost: Lost,
    /// Whether RBAC was read whole where the objects are: else a binding that was not read may still
    /// give it.
    pub whole: bool,
    /// What could no longer be managed, in order.
    pub objects: BTreeSet<ObjectId>,
}

/// What the stack's next apply does with an object that stands, and could do no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lost {
    /// Reading it, by a list or alone.
    Reading,
    /// Bringing it to what the stack says.
    Writing,
}

/// Every such change, in order of address. Only what RBAC gives before the plan can be lost by it;
/// `system:masters` loses nothing. What nobody could is only said where RBAC was read whole.
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
    let mut found: BTreeMap<_, BTreeSet<ObjectId>> = BTreeMap::new();
    for (address, object) in input.managed {
        if let Some((grants, nobody, lost)) = worlds.lost(object) {
            let cause = worlds.cause(&grants).unwrap_or(address);
            let key = (cause.clone(), nobody, lost, worlds.is_whole(object));
            found.entry(key).or_default().insert((*object).clone());
        }
    }
    let told = found.into_iter().map(|(key, objects)| {
        let (cause, nobody, lost, whole) = key;
        Lockout {
            cause,
            nobody,
            lost,
            whole,
            objects,
        }
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
    /// What lets an object be managed now, where nothing does any longer; whether that is so for
    /// everybody; and what of it is lost.
    fn lost(&mut self, object: &ObjectId) -> Option<(Vec<Grant>, bool, Lost)> {
        let kind = Kind::of(object)?;
        let write = kind.request(object, "patch");
        if let Some((grants, nobody)) = self.lost_ways(object, vec![write]) {
            return Some((grants, nobody, Lost::Writing));
        }
        let list = ResourceRequest {
            name: String::new(),
            ..kind.request(object, "list")
        };
        let everywhere = ResourceRequest {
            namespace: String::new(),
            ..list.clone()
        };
        let reads = vec![everywhere, list, kind.request(object, "get")];
        let (grants, nobody) = self.lost_ways(object, reads)?;
        Some((grants, nobody, Lost::Reading))
    }

    /// The same of one thing that can be done in several ways.
    fn lost_ways(
        &mut self,
        object: &ObjectId,
        ways: Vec<ResourceRequest>,
    ) -> Option<(Vec<Grant>, bool)> {
        let ways: Vec<Request> = ways.into_iter().map(Request::Resource).collect();
        if let Some(user) = self.input.user {
            let may = |world: &Evaluator<'_>| ways.iter().any(|way| world.allows(user, way));
            if may(&self.before) {
                let grants = ways
                    .iter()
                    .flat_map(|way| self.before.every_grant(user, way));
                return (!may(&self.after)).then(|| (grants.collect(), false));
            }
        }
        // Whoever applies is let through by something else, or is not the one who plans.
        if !self.is_whole(object) || ways.iter().any(|way| self.somebody(way)) {
            return None;
        }
        let before = ways
            .iter()
            .flat_map(|way| by_people(who_can(self.input.before, way)));
        let before: Vec<Grant> = before.collect();
        (!before.is_empty()).then_some((before, true))
    }

    /// Whether all of RBAC that bears on an object was read. A namespace is asked for in itself.
    fn is_whole(&self, object: &ObjectId) -> bool {
        let known = self.input.known;
        let home = match object.kind.as_str() {
            "Namespace" => Some(object.name()),
            _ => object.namespace(),
        };
        let is_known_in = |home| known.roles_of(home) && known.role_bindings_of(home);
        known.cluster_roles && known.cluster_role_bindings && home.is_none_or(is_known_in)
    }

    /// Whether anybody may, in the end: first whether they may with every object of the kind.
    fn somebody(&mut self, request: &Request) -> bool {
        let Request::Resource(asked) = request else {
            return self.anybody(request);
        };
        let nameless = Request::Resource(ResourceRequest {
            name: String::new(),
            ..asked.clone()
        });
        self.anybody(&nameless) || self.anybody(request)
    }

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
