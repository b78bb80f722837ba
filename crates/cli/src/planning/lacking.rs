//! What assertions about Google lack: policies, roles and accounts that the stack does not name, and
//! what its projects are in.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use rbacform_access::google::{Facts, Missing, Parent, Resource};
use rbacform_core::{DesiredResource, ObjectId, Value};
use rbacform_gcp::target::ResourceName;
use rbacform_gcp::{GcpProvider, ident};
use rbacform_provider::{ErrorKind, Provider, ProviderError};

use super::GOOGLE;
use crate::connect::google::project_in;

/// What was found of it.
#[derive(Default)]
pub(super) struct Lacking {
    objects: Vec<(ObjectId, Value)>,
    parents: BTreeMap<String, Parent>,
    /// Project numbers by id.
    numbers: BTreeMap<String, String>,
    /// Policies of what is not there, which grant nothing.
    empty: BTreeSet<String>,
    /// Resources, and addresses of accounts, that are not there and that nothing declares.
    pub(super) absent: BTreeSet<String>,
    asked: BTreeSet<Missing>,
    /// What this identity may not read.
    pub(super) notes: Vec<String>,
}

/// The answer to one question.
enum Found {
    Object(ObjectId, Value),
    Parent(String, Parent, Option<(String, String)>),
    /// It is not there.
    Nothing,
    /// It cannot be asked.
    Silence,
    /// This identity may not read it.
    Forbidden,
}

impl Lacking {
    /// Reads what is missing and was not asked for before, each by one request. Says whether there
    /// was any.
    pub(super) async fn read(
        &mut self,
        google: &GcpProvider,
        missing: &BTreeSet<Missing>,
        declared: &[DesiredResource],
    ) -> Result<bool, ProviderError> {
        let wanted: Vec<Missing> = missing.difference(&self.asked).cloned().collect();
        let replies = join_all(wanted.iter().map(|it| find(google, it))).await;
        for (it, reply) in wanted.iter().zip(replies) {
            match reply? {
                Found::Object(object, attributes) => self.objects.push((object, attributes)),
                Found::Parent(of, parent, number) => {
                    self.parents.insert(of, parent);
                    self.numbers.extend(number);
                }
                Found::Nothing => self.nothing(it, declared),
                Found::Silence => {}
                Found::Forbidden => self.notes.push(format!(
                    "{it}: this identity may not read it, and assertions depend on it"
                )),
            }
        }
        let is_any = !wanted.is_empty();
        self.asked.extend(wanted);
        Ok(is_any)
    }

    fn nothing(&mut self, missing: &Missing, declared: &[DesiredResource]) {
        let (object, name) = match missing {
            Missing::Policy(name) => {
                self.empty.insert(name.clone());
                (name.clone(), name)
            }
            Missing::Account(email) => match ident::service_account(GOOGLE, email) {
                Some(object) => (object.ident.to_string(), email),
                None => return,
            },
            Missing::Role(role) => {
                let inert = Value::Map([("stage", "DISABLED")].into_iter().collect());
                self.objects.push((ident::role(GOOGLE, role), inert));
                return;
            }
            _ => return,
        };
        // What the stack makes is not there yet.
        let mut declared = declared.iter();
        if !declared.any(|it| it.object.instance == GOOGLE && *it.object.ident == *object) {
            self.absent.insert(name.clone());
        }
    }

    /// Lays it under what the stack's own policies say.
    pub(super) fn lay(&self, facts: &mut Facts) {
        for (object, attributes) in &self.objects {
            facts.put(object, attributes);
        }
        for name in &self.empty {
            facts.put_whole(name);
        }
        for (of, parent) in &self.parents {
            facts.put_parent(of, parent.clone());
        }
        for (id, number) in &self.numbers {
            facts.put_number(id, number);
        }
    }
}

async fn find(google: &GcpProvider, missing: &Missing) -> Result<Found, ProviderError> {
    let found = match missing {
        Missing::Policy(name) if ResourceName::parse(name).is_ok() => {
            object(google, ident::iam_policy(GOOGLE, name)).await
        }
        Missing::Role(role) if !role.starts_with("roles/") => {
            object(google, ident::role(GOOGLE, role)).await
        }
        Missing::Account(email) => match ident::service_account(GOOGLE, email) {
            Some(account) => object(google, account).await,
            None => Ok(Found::Silence),
        },
        Missing::Parent(name) => parent(google, name).await,
        _ => Ok(Found::Silence),
    };
    match found {
        Err(error) if error.kind == ErrorKind::Forbidden => Ok(Found::Forbidden),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(Found::Nothing),
        found => found,
    }
}

async fn object(google: &GcpProvider, object: ObjectId) -> Result<Found, ProviderError> {
    Ok(match google.read_one(&object).await? {
        Some(found) => Found::Object(object, found.attributes),
        None => Found::Nothing,
    })
}

/// What a project or folder is in. A bucket's own name does not tell its project.
async fn parent(google: &GcpProvider, name: &str) -> Result<Found, ProviderError> {
    let parent_of = |parent: Option<String>| parent.map_or(Parent::Nothing, Parent::In);
    if let Some(id) = name.strip_prefix("projects/") {
        let project = google.project(id).await?;
        let parent = parent_of(project.parent);
        let number = (project.id, project.number);
        return Ok(Found::Parent(name.to_owned(), parent, Some(number)));
    }
    if name.starts_with("folders/") {
        let parent = Some(google.folder_parent(name).await?);
        return Ok(Found::Parent(name.to_owned(), parent_of(parent), None));
    }
    Ok(Found::Silence)
}

/// The projects of the resources that a stack's assertions are about, by id as far as that is
/// written.
pub(super) fn projects(assertions: &[rbacform_core::Assertion]) -> BTreeSet<String> {
    let holders = resources(assertions)
        .into_iter()
        .flat_map(|it| it.holders());
    let projects = holders.filter_map(|name| project_in(&name).map(str::to_owned));
    projects.collect()
}

/// The resources at Google that a stack's assertions are about.
pub(crate) fn resources(assertions: &[rbacform_core::Assertion]) -> Vec<Resource> {
    let named = assertions.iter().flat_map(|it| it.claim.policies());
    named
        .filter_map(|name| Resource::parse(name).ok())
        .collect()
}
