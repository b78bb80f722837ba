//! What is known about Google: policies, hierarchy, roles, groups.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::ObjectId;

use super::resource::project_of_account;
use super::{Condition, CustomRole, DenyRule};

/// Members of a role, perhaps under a condition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Binding {
    /// `roles/viewer`, `projects/P/roles/ID`.
    pub role: String,
    /// Who holds it, as policies write them.
    pub members: Vec<String>,
    /// When it holds.
    pub condition: Option<Condition>,
    /// The object that says so, where it is one of a stack's or state's.
    pub object: Option<ObjectId>,
}

/// The allow policy of a resource, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Policy {
    pub(super) bindings: Vec<Binding>,
    /// Whether there is nothing in it but this.
    pub(super) whole: bool,
}

impl Binding {
    fn is_of(&self, role: &str, condition: Option<&Condition>) -> bool {
        self.role == role && self.condition.as_ref() == condition
    }
}

impl Policy {
    fn take(&mut self, role: &str, condition: Option<&Condition>, members: &[String]) {
        for held in &mut self.bindings {
            if held.is_of(role, condition) {
                held.members.retain(|member| !members.contains(member));
            }
        }
        self.bindings.retain(|held| !held.members.is_empty());
    }
}

/// What a resource is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parent {
    /// Another resource: `folders/1`.
    In(String),
    /// Nothing: it stands by itself.
    Nothing,
}

/// What is known. Resources go by their names without the host, projects by their ids where those
/// are known.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    policies: BTreeMap<String, Policy>,
    pub(super) parents: BTreeMap<String, Parent>,
    /// Project ids by number.
    pub(super) ids: BTreeMap<String, String>,
    denials: BTreeMap<String, Vec<DenyRule>>,
    custom_roles: BTreeMap<String, CustomRole>,
    groups: BTreeMap<String, BTreeSet<String>>,
    /// Service accounts by address, and whether each may be used.
    accounts: BTreeMap<String, bool>,
}

impl Facts {
    /// Whether nothing at all is known.
    pub fn is_empty(&self) -> bool {
        self.policies.is_empty() && self.custom_roles.is_empty() && self.accounts.is_empty()
    }

    /// Adds a binding to the policy of a resource. What stood there already is told of as this one
    /// from now on.
    pub fn put_binding(&mut self, resource: &str, binding: Binding) {
        let resource = self.spelled(resource);
        let policy = self.policies.entry(resource).or_default();
        policy.take(&binding.role, binding.condition.as_ref(), &binding.members);
        policy.bindings.push(binding);
    }

    /// Takes members out of a role under a condition; of one that is not held nothing is.
    pub fn remove_members(
        &mut self,
        resource: &str,
        role: &str,
        condition: Option<&Condition>,
        members: &[String],
    ) {
        let resource = self.spelled(resource);
        if let Some(policy) = self.policies.get_mut(&resource) {
            policy.take(role, condition, members);
        }
    }

    /// Takes everybody out of a role under a condition.
    pub fn remove_binding(&mut self, resource: &str, role: &str, condition: Option<&Condition>) {
        let resource = self.spelled(resource);
        if let Some(policy) = self.policies.get_mut(&resource) {
            policy.bindings.retain(|held| !held.is_of(role, condition));
        }
    }

    /// Takes everything out of the policy of a resource.
    pub fn clear(&mut self, resource: &str) {
        let resource = self.spelled(resource);
        self.policies.entry(resource).or_default().bindings.clear();
    }

    /// Says that nothing is in the policy of a resource but what was and will be put into it.
    pub fn put_whole(&mut self, resource: &str) {
        let resource = self.spelled(resource);
        self.policies.entry(resource).or_default().whole = true;
    }

    /// Says what a resource is in.
    pub fn put_parent(&mut self, resource: &str, parent: Parent) {
        let resource = self.spelled(resource);
        let parent = match parent {
            Parent::In(parent) => Parent::In(self.spelled(&parent)),
            Parent::Nothing => Parent::Nothing,
        };
        self.parents.insert(resource, parent);
    }

    /// Says that a project's id and number are one.
    pub fn put_number(&mut self, id: &str, number: &str) {
        self.ids.insert(number.to_owned(), id.to_owned());
        // What was said of the number before is of the id.
        for (resource, policy) in std::mem::take(&mut self.policies) {
            let into = self.policies.entry(self.spelled(&resource)).or_default();
            into.whole |= policy.whole;
            into.bindings.extend(policy.bindings);
        }
        for (resource, parent) in std::mem::take(&mut self.parents) {
            self.put_parent(&resource, parent);
        }
        for (resource, rules) in std::mem::take(&mut self.denials) {
            self.put_denials(&resource, rules);
        }
        for (name, role) in std::mem::take(&mut self.custom_roles) {
            self.put_custom_role(&name, role);
        }
    }

    /// Says what all deny policies attached to a project, folder or organization hold. Where there
    /// are none that is worth saying too.
    pub fn put_denials(&mut self, resource: &str, rules: Vec<DenyRule>) {
        let resource = self.spelled(resource);
        self.denials.entry(resource).or_default().extend(rules);
    }

    /// Adds a custom role by its whole name.
    pub fn put_custom_role(&mut self, name: &str, role: CustomRole) {
        let name = self.spelled(name);
        self.custom_roles.insert(name, role);
    }

    /// Says who is in a group (`group:NAME@DOMAIN`), all of them.
    pub fn put_group(&mut self, group: &str, members: BTreeSet<String>) {
        self.groups.insert(group.to_lowercase(), members);
    }

    /// Adds a service account by its address. One that was deleted can be used no more than one that
    /// is disabled.
    pub fn put_account(&mut self, email: &str, enabled: bool) {
        self.accounts.insert(email.to_lowercase(), enabled);
    }

    /// The resources whose policies are known, at least in part, with what is known of them.
    pub fn policies(&self) -> impl Iterator<Item = (&str, &[Binding])> {
        let policies = self.policies.iter();
        policies.map(|(resource, policy)| (resource.as_str(), policy.bindings.as_slice()))
    }

    /// Whether all of the policy of a resource is known.
    pub fn is_whole(&self, resource: &str) -> bool {
        let policy = self.policies.get(&self.spelled(resource));
        policy.is_some_and(|policy| policy.whole)
    }

    /// The service accounts of which another world says otherwise whether they can be used, by
    /// address.
    pub fn changed_accounts<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a str> {
        self.accounts.iter().filter_map(|(email, usable)| {
            let theirs = other.accounts.get(email)?;
            (theirs != usable).then_some(email.as_str())
        })
    }

    /// Whether anything is said of a service account.
    pub fn knows_account(&self, email: &str) -> bool {
        self.accounts.contains_key(&email.to_lowercase())
    }

    /// The custom roles of which another world says something else, by name.
    pub fn changed_roles<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a str> {
        self.custom_roles.iter().filter_map(|(name, role)| {
            let theirs = other.custom_roles.get(name)?;
            (theirs != role).then_some(name.as_str())
        })
    }

    /// The resources whose deny policies are not the same in another world.
    pub fn changed_denials<'a>(&'a self, other: &'a Self) -> BTreeSet<&'a str> {
        let both = self.denials.keys().chain(other.denials.keys());
        let rules = |facts: &'a Self, at: &str| facts.denials(at).unwrap_or_default();
        both.map(String::as_str)
            .filter(|at| rules(self, at) != rules(other, at))
            .collect()
    }

    pub(super) fn policy(&self, resource: &str) -> Option<&Policy> {
        self.policies.get(resource)
    }

    pub(super) fn denials(&self, resource: &str) -> Option<&[DenyRule]> {
        self.denials.get(resource).map(Vec::as_slice)
    }

    pub(super) fn custom_role(&self, name: &str) -> Option<&CustomRole> {
        self.custom_roles.get(&self.spelled(name))
    }

    pub(super) fn custom_roles(&self) -> impl Iterator<Item = &CustomRole> {
        self.custom_roles.values()
    }

    pub(super) fn group(&self, group: &str) -> Option<&BTreeSet<String>> {
        self.groups.get(&group.to_lowercase())
    }

    /// Whether a service account is known to be disabled.
    pub fn is_disabled(&self, email: &str) -> bool {
        self.accounts.get(&email.to_lowercase()) == Some(&false)
    }

    /// Whether a member of a policy can make use of what it is given: it was not deleted, and is no
    /// service account that is known to be disabled or gone.
    pub(crate) fn is_alive(&self, member: &str) -> bool {
        let account = member.strip_prefix("serviceAccount:");
        !member.starts_with("deleted:") && !account.is_some_and(|email| self.is_disabled(email))
    }

    /// The service accounts that are spoken of: declared, or with a policy of their own.
    pub fn accounts(&self) -> BTreeSet<String> {
        let of_policies = self
            .policies
            .keys()
            .filter_map(|resource| account_of(resource));
        let declared = self.accounts.keys().map(String::as_str);
        declared.chain(of_policies).map(str::to_owned).collect()
    }
}

/// The address of a service account that a resource's name is.
pub(super) fn account_of(resource: &str) -> Option<&str> {
    let (_, email) = resource.split_once("/serviceAccounts/")?;
    (!email.contains('/')).then_some(email)
}

/// The name of a service account as a resource. None where its address does not tell its project.
pub(super) fn account_resource(email: &str) -> Option<String> {
    let project = project_of_account(email)?;
    Some(format!("projects/{project}/serviceAccounts/{email}"))
}
