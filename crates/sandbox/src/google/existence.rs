//! Which resources exist, and how their names are spelled.

use super::call::Call;
use super::clock::Moment;
use super::cloud::Cloud;
use super::failure::Failure;
use super::journal::Change;
use super::name;
use super::settings::{ORGANIZATION, OnFirstUse};
use super::target::{CLUSTER, Target};

impl Call<'_> {
    /// The name of the resource that was asked for, as it is kept.
    pub(crate) fn existing(&mut self, target: &'static Target) -> Result<String, Failure> {
        let name = self.operation.name.clone();
        if target.is_account() {
            return self.account_name(&name);
        }
        let name = self.in_project(&name)?;
        if self.cloud.created(&name).is_some() {
            return Ok(name);
        }
        let on_use = match self.settings.on_first_use {
            // Folders say that they are in it.
            _ if name == ORGANIZATION => true,
            OnFirstUse::Refuse => false,
            OnFirstUse::CreateProjects => target.is_container(),
            OnFirstUse::CreateAll => true,
        };
        let well_formed = match target.pattern {
            "folders/*" | "organizations/*" => name::is_number(name::last(&name)),
            _ => true,
        };
        if on_use && well_formed {
            create(self.cloud, &name, self.now)?;
            return Ok(name);
        }
        Err(missing(target, &name))
    }

    /// The project that a name is in, which must exist, in its place by its id.
    pub(crate) fn in_project(&mut self, resource: &str) -> Result<String, Failure> {
        let Some(spelling) = name::project_of(resource) else {
            return Ok(resource.to_owned());
        };
        if let Some(id) = self.cloud.project(spelling) {
            return Ok(name::with_project(resource, id));
        }
        let on_use = self.settings.on_first_use != OnFirstUse::Refuse;
        if on_use && name::is_project_id(spelling) {
            create(self.cloud, &format!("projects/{spelling}"), self.now)?;
            return Ok(resource.to_owned());
        }
        Err(match self.operation.api {
            super::GoogleApi::Iam => Failure::not_found(format!("Unknown project id: {spelling}")),
            _ => Failure::hidden(),
        })
    }

    /// An account by email or unique id, in its project's spelling or behind `-`.
    fn account_name(&mut self, asked: &str) -> Result<String, Failure> {
        let anywhere = name::project_of(asked) == Some("-");
        let within = match anywhere {
            true => None,
            false => Some(self.in_project(asked)?),
        };
        let account = self.cloud.living(name::last(asked));
        let project = within.as_deref().and_then(name::project_of);
        let account = account.filter(|account| project.is_none_or(|p| p == account.project));
        match account {
            Some(account) => Ok(account.name()),
            None if anywhere => {
                let permission = format!("iam.serviceAccounts.{}", self.operation.verb);
                Err(Failure::denied(self.operation.api, &permission, asked))
            }
            None => Err(Failure::not_found("Unknown service account")),
        }
    }
}

/// Makes a resource exist, and its project; nothing happens where it does.
pub(crate) fn create(cloud: &mut Cloud, resource: &str, now: Moment) -> Result<(), Failure> {
    let project = name::project_of(resource).map(|project| format!("projects/{project}"));
    let missing = project
        .into_iter()
        .chain([resource.to_owned()])
        .filter(|name| cloud.created(name).is_none());
    let mut changes: Vec<Change> = Vec::new();
    for name in missing {
        let is_new = !changes
            .iter()
            .any(|change| matches!(change, Change::Resource { name: made, .. } if *made == name));
        if is_new {
            changes.push(Change::Resource { name, created: now });
        }
    }
    match changes.is_empty() {
        true => Ok(()),
        false => cloud.commit(changes, now),
    }
}

/// Whether a name is one that can be made to exist: something with a policy, or a cluster.
pub(crate) fn can_exist(resource: &str) -> bool {
    let known = Target::of(resource).is_some() || name::matches(CLUSTER, resource);
    let project = name::project_of(resource);
    known && project.is_none_or(name::is_project_id)
}

fn missing(target: &Target, resource: &str) -> Failure {
    match target.permission {
        // Whether one exists is told to nobody.
        permission if target.is_container() => match permission {
            "resourcemanager.projects" => Failure::hidden(),
            _ => Failure::denied(
                target.api,
                &format!("{permission}.get"),
                &target.full_name(resource),
            ),
        },
        "storage.buckets" => Failure::not_found("The specified bucket does not exist."),
        "secretmanager.secrets" => Failure::not_found(format!("Secret [{resource}] not found.")),
        "pubsub.topics" | "pubsub.subscriptions" => Failure::not_found(format!(
            "Resource not found (resource={}).",
            name::last(resource)
        )),
        _ => Failure::not_found(format!("The resource `{resource}` was not found.")),
    }
}
