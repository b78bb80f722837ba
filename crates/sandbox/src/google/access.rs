//! Whether a caller may do something.

use super::caller::{Caller, Member};
use super::clock::Moment;
use super::cloud::Cloud;
use super::condition::{Request, holds};
use super::name;
use super::predefined::PredefinedRoles;
use super::settings::Parents;
use super::target::Target;

/// Folders are in one another so deep at most.
/// (Google: `resource-manager/docs/creating-managing-folders`.)
const DEEPEST: usize = 11;

/// What a question of access is asked of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Access<'a> {
    pub(crate) cloud: &'a Cloud,
    pub(crate) roles: Option<&'a dyn PredefinedRoles>,
    /// What projects and folders are in.
    pub(crate) parents: &'a Parents,
    pub(crate) now: Moment,
}

impl Access<'_> {
    /// Whether a caller holds a permission on a resource, by its policy or those above it.
    pub(crate) fn may(&self, caller: &Caller, permission: &str, resource: &str) -> bool {
        let Caller::Member(member) = caller else {
            return true;
        };
        let project = name::project_of(resource).map(|project| format!("projects/{project}"));
        let project = project.filter(|project| project != resource);
        let own = project.as_deref().unwrap_or(resource);
        std::iter::once(resource)
            .chain(project.as_deref())
            .chain(self.above(own))
            .any(|place| self.grants(place, resource, member, permission))
    }

    /// What a project or folder is in, nearest first.
    pub(crate) fn above(&self, resource: &str) -> impl Iterator<Item = &str> {
        let parents = self.parents;
        let above = std::iter::successors(parents.of(resource), |it| parents.of(it));
        // A circle ends.
        above.take(DEEPEST)
    }

    /// Whether a role holds a permission.
    pub(crate) fn role_grants(&self, role: &str, permission: &str) -> bool {
        if let Some(custom) = self.cloud.role(role) {
            return custom.grants(permission);
        }
        let permissions = self.roles.and_then(|table| table.permissions(role));
        permissions.is_some_and(|held| held.iter().any(|held| held == permission))
    }

    fn grants(&self, place: &str, resource: &str, member: &Member, permission: &str) -> bool {
        let policy = self
            .cloud
            .effective(&policy_key(self.cloud, place), self.now);
        let service = Target::of(resource).map_or_else(String::new, |target| target.api.host());
        let request = Request {
            now: self.now,
            resource,
            service: &service,
        };
        let meant = policy.bindings.iter().filter(|binding| {
            binding
                .members
                .iter()
                .any(|bound| member.is_meant_by(bound))
        });
        meant
            .filter(|binding| self.role_grants(&binding.role, permission))
            .any(|binding| {
                binding
                    .condition
                    .as_ref()
                    .is_none_or(|c| holds(c, &request))
            })
    }
}

/// What the policy of a resource is kept under.
pub(crate) fn policy_key(cloud: &Cloud, resource: &str) -> String {
    match Target::of(resource).filter(|target| target.is_account()) {
        Some(_) => match cloud.living(name::last(resource)) {
            Some(account) => account.policy_key(),
            None => resource.to_owned(),
        },
        None => resource.to_owned(),
    }
}
