//! Decisions: allow policies down the hierarchy, less what deny policies take away.
//!
//! Google: `iam/docs/policy-types` ("Policy evaluation"), `iam/docs/resource-hierarchy-access-control`.
//! What is neither read here nor modelled: principal access boundaries, organization policies,
//! VPC Service Controls, the access control lists of objects.

use std::collections::{BTreeMap, BTreeSet};

use super::condition::Moment;
use super::{
    Binding, Condition, Facts, Missing, Principal, Resource, Roles, Verdict, member, roles,
};

/// One world at one time, ready to be asked.
#[derive(Clone, Copy)]
pub struct Evaluator<'f> {
    /// What is known.
    pub facts: &'f Facts,
    /// What Google's own roles hold.
    pub roles: &'f dyn Roles,
    /// `request.time`, in seconds since 1970.
    pub now: i64,
}

/// A binding that gives somebody something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// The resource whose policy says so: the one asked about, or one that it is in.
    pub resource: String,
    /// The role.
    pub role: String,
    /// The member that means the principal, as the policy writes it.
    pub member: String,
    /// When it holds.
    pub condition: Option<Condition>,
    /// The object that declares it, where there is one.
    pub object: Option<rbacform_core::ObjectId>,
}

/// The answer to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It is allowed, unless what was not read denies it.
    Allowed {
        /// Every grant that allows it.
        via: Vec<Grant>,
        /// Deny policies that were not read.
        unread: BTreeSet<Missing>,
    },
    /// A deny rule takes it away, whatever grants it.
    Denied {
        /// The resource and the policy that deny it.
        by: Vec<(String, String)>,
    },
    /// Nothing grants it.
    NoGrant,
    /// It depends on what is missing.
    CannotTell {
        /// What would have to be known.
        missing: BTreeSet<Missing>,
        /// Grants that may allow it.
        perhaps: Vec<Grant>,
    },
}

/// A grant, and whether it gives what was asked.
pub(super) type Judged = (Grant, Verdict);

/// A binding on a resource or above it, the resource whose policy has it, and whether it gives what
/// was asked.
pub(super) type InEffect<'f> = (String, &'f Binding, Verdict);

impl Evaluator<'_> {
    /// Whether somebody holds a permission, e.g. `storage.objects.get`, on a resource. A service
    /// account that is disabled or gone holds nothing that it could use.
    pub fn decide(&self, who: &Principal, permission: &str, resource: &Resource) -> Decision {
        if !self.facts.is_alive(&who.member) {
            return Decision::NoGrant;
        }
        let denied = self.denied(who, permission, resource);
        if denied.is_yes() {
            let by = self.denying(who, permission, resource);
            return Decision::Denied { by };
        }
        let judged = self.judged(who, permission, resource);
        let granted = Verdict::any(judged.iter().map(|(_, verdict)| verdict.clone()));
        // What is not read can only matter where nothing that was read decides.
        let allowed = granted.or(self.out_of_sight(resource));
        match allowed.clone().and(denied.not()) {
            Verdict::Yes => Decision::Allowed {
                via: grants(judged, Verdict::is_yes),
                unread: self.unread_denials(resource),
            },
            Verdict::No => Decision::NoGrant,
            Verdict::Unknown(missing) => Decision::CannotTell {
                missing,
                perhaps: grants(judged, |_| true),
            },
        }
    }

    /// Every grant of a permission that may mean somebody, with how sure that is; those that do
    /// not for certain are left out.
    pub(super) fn judged(
        &self,
        who: &Principal,
        permission: &str,
        resource: &Resource,
    ) -> Vec<Judged> {
        let mut found = Vec::new();
        for (node, binding, holds) in self.in_effect(permission, resource) {
            for member in &binding.members {
                let verdict = holds.clone().and(member::means(self.facts, member, who));
                if !verdict.is_no() {
                    found.push((grant(&node, binding, member), verdict));
                }
            }
        }
        found
    }

    /// The bindings in effect on a resource whose role may hold a permission, nearest first, with
    /// whether they give it at this moment.
    pub(super) fn in_effect(&self, permission: &str, resource: &Resource) -> Vec<InEffect<'_>> {
        let moment = self.moment_of(permission, resource);
        let holds = |role| roles::holds(self.facts, self.roles, role, permission);
        // A role is often bound many times, to each of its members alone.
        let mut known: BTreeMap<&str, Verdict> = BTreeMap::new();
        let mut found = Vec::new();
        for node in self.facts.lineage(resource).0 {
            let policy = self.facts.policy(&node);
            for binding in policy.map_or(&[][..], |policy| &policy.bindings) {
                let role = binding.role.as_str();
                let held = known.entry(role).or_insert_with(|| holds(role));
                if held.is_no() {
                    continue;
                }
                let holds = held.clone().and(self.holds(binding, &moment));
                if !holds.is_no() {
                    found.push((node.clone(), binding, holds));
                }
            }
        }
        found
    }

    /// Whether a binding's condition holds.
    pub(super) fn holds(&self, binding: &Binding, moment: &Moment) -> Verdict {
        let condition = binding.condition.as_ref();
        condition.map_or(Verdict::Yes, |condition| condition.holds(moment))
    }

    pub(super) fn moment(&self, resource: &Resource) -> Moment {
        Moment {
            now: Some(self.now),
            resource: self.facts.attributes(resource),
        }
    }

    /// Whether a deny policy that was read denies it.
    pub(super) fn denied(&self, who: &Principal, permission: &str, resource: &Resource) -> Verdict {
        let verdicts = self.denials(who, permission, resource);
        Verdict::any(verdicts.into_iter().map(|(_, _, verdict)| verdict))
    }

    fn denying(
        &self,
        who: &Principal,
        permission: &str,
        resource: &Resource,
    ) -> Vec<(String, String)> {
        let verdicts = self.denials(who, permission, resource).into_iter();
        verdicts
            .filter(|(_, _, verdict)| verdict.is_yes())
            .map(|(node, policy, _)| (node, policy))
            .collect()
    }

    /// What every deny policy that was read says of it: where it is attached, its name, whether.
    pub(super) fn denials(
        &self,
        who: &Principal,
        permission: &str,
        resource: &Resource,
    ) -> Vec<(String, String, Verdict)> {
        let means = |member: &str| member::means(self.facts, member, who);
        let mut found = Vec::new();
        for node in self.facts.lineage(resource).0 {
            for rule in self.facts.denials(&node).unwrap_or_default() {
                let verdict = rule.denies(permission, means);
                found.push((node.clone(), rule.policy.clone(), verdict));
            }
        }
        found
    }

    /// Policies that may grant more than is known of them.
    pub(super) fn out_of_sight(&self, resource: &Resource) -> Verdict {
        let (nodes, above) = self.facts.lineage(resource);
        let unread = nodes
            .into_iter()
            .filter(|node| !self.facts.policy(node).is_some_and(|policy| policy.whole))
            .map(Missing::Policy);
        let missing: BTreeSet<Missing> = unread.chain(above.map(Missing::Parent)).collect();
        match missing.is_empty() {
            true => Verdict::No,
            false => Verdict::Unknown(missing),
        }
    }

    /// Where deny policies may be attached that were not read.
    pub(super) fn unread_denials(&self, resource: &Resource) -> BTreeSet<Missing> {
        let (nodes, above) = self.facts.lineage(resource);
        let attachable = |node: &String| {
            let mut parts = node.split('/');
            matches!(parts.next(), Some("projects" | "folders" | "organizations"))
                && parts.count() == 1
        };
        let unread = nodes
            .into_iter()
            .filter(attachable)
            .filter(|node| self.facts.denials(node).is_none())
            .map(Missing::DenyPolicies);
        unread.chain(above.map(Missing::Parent)).collect()
    }
}

pub(super) fn grant(resource: &str, binding: &Binding, member: &str) -> Grant {
    Grant {
        resource: resource.to_owned(),
        role: binding.role.clone(),
        member: member.to_owned(),
        condition: binding.condition.clone(),
        object: binding.object.clone(),
    }
}

fn grants(judged: Vec<Judged>, wanted: impl Fn(&Verdict) -> bool) -> Vec<Grant> {
    judged
        .into_iter()
        .filter(|(_, verdict)| wanted(verdict))
        .map(|(grant, _)| grant)
        .collect()
}
