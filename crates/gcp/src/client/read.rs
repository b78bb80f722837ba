//! Reading: one get a policy, one list a project's service accounts, one a parent's custom roles,
//! one get a project whose number is not known.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::{join, join_all};
use rbacform_core::{ObjectId, ObservedObject, Text, WorldPin};
use rbacform_provider::{ErrorKind, Observation, ProviderError, Query};

use super::http::Http;
use super::service_account::parts;
use crate::ident::{CUSTOM_ROLE, Ident, SERVICE_ACCOUNT};
use crate::policy;
use crate::target::{Api, ResourceName};

/// What reading told that writing needs: custom roles that can be brought back.
#[derive(Default)]
pub(super) struct Seen(Mutex<BTreeSet<String>>);

impl Seen {
    /// Whether a custom role was found deleted.
    pub(super) fn was_deleted(&self, name: &str) -> bool {
        let deleted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        deleted.contains(name)
    }

    fn deleted(&self, name: &str) {
        let mut deleted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        deleted.insert(name.to_owned());
    }
}

/// The read side of the provider.
#[derive(Clone)]
pub(super) struct Reader {
    pub(super) http: Arc<Http>,
    pub(super) instance: Text,
    pub(super) seen: Arc<Seen>,
}

/// What one request told.
#[derive(Default)]
struct Part {
    objects: Vec<ObservedObject>,
    notes: Vec<String>,
}

/// What a query comes to.
#[derive(Default)]
struct Questions<'q> {
    /// The policies, each with the objects that are in it.
    policies: BTreeMap<String, (Option<ResourceName>, Vec<&'q ObjectId>)>,
    /// Projects with service accounts, each with those named.
    accounts: BTreeMap<&'q str, Vec<&'q ObjectId>>,
    /// `projects/P` or `organizations/N` with custom roles, each with those named.
    roles: BTreeMap<&'q str, Vec<&'q ObjectId>>,
    /// Projects whose number is not known.
    projects: BTreeSet<String>,
}

impl Reader {
    /// Reads everything that a query names, side by side.
    pub(super) async fn read(&self, query: &Query) -> Result<Observation, ProviderError> {
        let questions = self.questions(query)?;
        let policies = questions
            .policies
            .iter()
            .filter_map(|(_, (name, objects))| Some(self.policy(name.as_ref()?, objects)));
        let accounts = questions.accounts.iter();
        let accounts = accounts.map(|(project, named)| self.accounts(project, named));
        let roles = questions.roles.iter();
        let roles = roles.map(|(parent, named)| self.roles(parent, named));
        let projects = questions.projects.iter().map(|project| self.pin(project));
        let ((policies, accounts), (roles, pins)) = join(
            join(join_all(policies), join_all(accounts)),
            join(join_all(roles), join_all(projects)),
        )
        .await;
        let mut observation = Observation::default();
        let mut objects = Vec::new();
        for part in policies.into_iter().chain(accounts).chain(roles) {
            let part = part?;
            objects.extend(part.objects);
            observation.notes.extend(part.notes);
        }
        for pin in pins {
            let (project, pin, note) = pin?;
            let key = format!("{}:projects/{project}", self.instance);
            observation.worlds.insert(key, pin);
            observation.notes.extend(note);
        }
        observation.observed.extend(objects);
        observation.observed.complete = self.complete(query);
        Ok(observation)
    }

    /// The kinds of which nothing that was asked for can be missing by oversight: grants, since
    /// each names its policy; roles, where the question was about them only (those that bindings
    /// name, wherever they are).
    fn complete(&self, query: &Query) -> BTreeSet<(Text, Text)> {
        let grants = query
            .objects
            .iter()
            .filter(|object| Ident::of(object).is_some());
        let mut kinds: BTreeSet<Text> = grants.map(|object| object.kind.clone()).collect();
        if query.kinds.iter().eq([CUSTOM_ROLE]) {
            kinds.insert(CUSTOM_ROLE.into());
        }
        kinds
            .into_iter()
            .map(|kind| (self.instance.clone(), kind))
            .collect()
    }

    /// Reads one object afresh.
    pub(super) async fn one(
        &self,
        object: &ObjectId,
    ) -> Result<Option<ObservedObject>, ProviderError> {
        if let Some(about) = Ident::of(object) {
            let name = resource(about.resource)?;
            let part = self.policy(&name, &[object]).await?;
            return Ok(part
                .objects
                .into_iter()
                .find(|found| found.object == *object));
        }
        match object.kind.as_str() {
            SERVICE_ACCOUNT => self.account(object).await,
            CUSTOM_ROLE => self.role(object).await,
            kind => Err(unknown_kind(kind)),
        }
    }

    fn questions<'q>(&self, query: &'q Query) -> Result<Questions<'q>, ProviderError> {
        let mut asked = Questions::default();
        for object in &query.objects {
            let project;
            if let Some(about) = Ident::of(object) {
                let place = asked.policies.entry(about.resource.to_owned()).or_default();
                if place.0.is_none() {
                    place.0 = Some(resource(about.resource)?);
                }
                place.1.push(object);
                project = place.0.as_ref().and_then(ResourceName::project);
            } else if object.kind == SERVICE_ACCOUNT {
                let (own, _) = parts(object).ok_or_else(|| unknown_kind(&object.ident))?;
                asked.accounts.entry(own).or_default().push(object);
                project = Some(own);
            } else if object.kind == CUSTOM_ROLE {
                let (parent, _) = super::custom_role::parts(&object.ident)
                    .ok_or_else(|| unknown_kind(&object.ident))?;
                asked.roles.entry(parent).or_default().push(object);
                project = parent.strip_prefix("projects/");
            } else {
                return Err(unknown_kind(&object.kind));
            }
            if let Some(project) = project.filter(|_| query.world) {
                let key = format!("{}:projects/{project}", self.instance);
                let known = query
                    .pinned
                    .get(&key)
                    .is_some_and(|pin| !pin.uid.is_empty());
                if !known {
                    asked.projects.insert(project.to_owned());
                }
            }
        }
        Ok(asked)
    }

    async fn policy(
        &self,
        name: &ResourceName,
        objects: &[&ObjectId],
    ) -> Result<Part, ProviderError> {
        let Some(found) = self.http.policy(name).await? else {
            let mut part = Part::default();
            // An account that the stack declares is mostly not there yet.
            if name.target().api != Api::Iam {
                part.notes
                    .push(format!("`{name}` does not exist: nothing is granted on it"));
            }
            return Ok(part);
        };
        let named = objects.iter().copied();
        Ok(Part {
            objects: policy::observe(&self.instance, name.as_str(), &found, named),
            notes: Vec::new(),
        })
    }

    async fn accounts(&self, project: &str, named: &[&ObjectId]) -> Result<Part, ProviderError> {
        match self.http.service_accounts(project).await {
            Ok(listed) => Ok(Part {
                objects: listed
                    .iter()
                    .map(|account| account.observed(&self.instance, project))
                    .collect(),
                notes: Vec::new(),
            }),
            Err(error) if error.kind == ErrorKind::Forbidden => {
                let each = join_all(named.iter().map(|object| self.account(object)));
                part(each.await, &error, "service accounts", project)
            }
            Err(error) => Err(error),
        }
    }

    async fn account(&self, object: &ObjectId) -> Result<Option<ObservedObject>, ProviderError> {
        let Some((project, _)) = parts(object) else {
            return Ok(None);
        };
        let found = self.http.service_account(object, None).await?;
        Ok(found.map(|account| account.observed(&self.instance, project)))
    }

    async fn roles(&self, parent: &str, named: &[&ObjectId]) -> Result<Part, ProviderError> {
        match self.http.custom_roles(parent).await {
            Ok(listed) => {
                let mut part = Part::default();
                for role in listed {
                    match role.deleted {
                        true => self.seen.deleted(&role.name),
                        false => part.objects.push(role.observed(&self.instance)),
                    }
                }
                Ok(part)
            }
            Err(error) if error.kind == ErrorKind::Forbidden => {
                let each = join_all(named.iter().map(|object| self.role(object)));
                part(each.await, &error, "custom roles", parent)
            }
            Err(error) => Err(error),
        }
    }

    async fn role(&self, object: &ObjectId) -> Result<Option<ObservedObject>, ProviderError> {
        match self.http.custom_role(&object.ident).await? {
            Some(role) if role.deleted => {
                self.seen.deleted(&role.name);
                Ok(None)
            }
            found => Ok(found.map(|role| role.observed(&self.instance))),
        }
    }

    /// A project's id, its pin, and what a person should know of it.
    async fn pin(
        &self,
        project: &str,
    ) -> Result<(String, WorldPin, Option<String>), ProviderError> {
        let pin = |uid: String| WorldPin {
            server: self.http.endpoints().server(Api::CloudResourceManager),
            uid,
            ca: String::new(),
        };
        match self.http.project(project).await {
            Ok(found) => Ok((found.id, pin(found.number), None)),
            Err(error) if matches!(error.kind, ErrorKind::Forbidden | ErrorKind::NotFound) => {
                let note = format!(
                    "the number of `projects/{project}` may not be read by this identity: the \
                     project is known by its id only"
                );
                Ok((project.to_owned(), pin(String::new()), Some(note)))
            }
            Err(error) => Err(error),
        }
    }
}

/// What is left where nothing may be listed: the objects themselves.
fn part(
    each: Vec<Result<Option<ObservedObject>, ProviderError>>,
    refused: &ProviderError,
    what: &str,
    place: &str,
) -> Result<Part, ProviderError> {
    let mut part = Part::default();
    for found in each {
        // Where even that is refused, the list's refusal says more.
        part.objects.extend(found.map_err(|error| match error.kind {
            ErrorKind::Forbidden => refused.clone(),
            _ => error,
        })?);
    }
    part.notes.push(format!(
        "the {what} of `{place}` may not be listed by this identity: only those of the stack were \
         read"
    ));
    Ok(part)
}

fn resource(text: &str) -> Result<ResourceName, ProviderError> {
    ResourceName::parse(text).map_err(|error| {
        let wrong = ProviderError::new(ErrorKind::Invalid, error.message);
        match error.help {
            Some(help) => wrong.help(help),
            None => wrong,
        }
    })
}

fn unknown_kind(kind: &str) -> ProviderError {
    let message = format!("`{kind}` is no object that this provider knows");
    ProviderError::new(ErrorKind::Invalid, message)
}
