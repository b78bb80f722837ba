//! The live world of Google: the policies that bear on a question, each read once, as far as the
//! identity may; and the cluster's service accounts.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use rbacform_access::bridge::annotation;
use rbacform_access::google::{Facts, Parent, Resource};
use rbacform_core::plan::Mode;
use rbacform_core::{ObjectId, Value};
use rbacform_gcp::ident::{self, Ident, SERVICE_ACCOUNT};
use rbacform_gcp::target::ResourceName;
use rbacform_provider::{ErrorKind, Provider, ProviderError, Query};

use super::super::args::SettingArgs;
use crate::connect::Connection;
use crate::connect::google::project_in;
use crate::failure::Failure;
use crate::load::LoadedStack;
use crate::planning::{GOOGLE, KUBERNETES, Request};
use crate::session::Session;
use crate::store::store;

/// What stands at Google.
#[derive(Clone, Default)]
pub(in super::super) struct Live {
    pub(super) facts: Facts,
    /// Service accounts of the cluster.
    pub(super) accounts: Vec<(ObjectId, Value)>,
    pub(super) notes: Vec<String>,
}

/// Reads the policies of what a stack names, of what is `asked` about and what that is in, and of the
/// service accounts that those grant something to.
pub(in super::super) fn read(
    args: &SettingArgs,
    loaded: &LoadedStack,
    asked: &[Resource],
    session: &Session,
) -> Result<Live, Failure> {
    let store = store(
        &loaded.place,
        &loaded.stack.name,
        loaded.stack.env.as_deref(),
        args.state.state.as_deref(),
        args.world.sandbox,
    );
    let request = Request::to_look(Mode::Apply, loaded, &store, &args.world);
    session.read(|| async {
        let mut instances = BTreeSet::from([GOOGLE]);
        if has_cluster(loaded) {
            instances.insert(KUBERNETES);
        }
        let connection = Connection::open(&request, &instances, session).await?;
        let mut live = Live::default();
        if let Some(cluster) = connection.providers.get(KUBERNETES) {
            live.read_accounts(cluster.as_ref()).await?;
        }
        if let Some(google) = connection.providers.get(GOOGLE) {
            live.read_policies(google.as_ref(), loaded, asked).await?;
        }
        if args.world.sandbox {
            live.stand_alone();
        }
        Ok(live)
    })
}

/// Whether a stack says anything of a cluster.
pub(in super::super) fn has_cluster(loaded: &LoadedStack) -> bool {
    let mut resources = loaded.stack.resources.iter();
    loaded.stack.providers.contains_key(KUBERNETES)
        || resources.any(|resource| resource.object.instance == KUBERNETES)
}

impl Live {
    async fn read_accounts(&mut self, cluster: &dyn Provider) -> Result<(), Failure> {
        let query = Query {
            kinds: BTreeSet::from(["ServiceAccount".into()]),
            ..Query::default()
        };
        match cluster.read(&query).await {
            Ok(read) => {
                let objects = read.observed.iter();
                self.accounts
                    .extend(objects.map(|found| (found.object.clone(), found.attributes.clone())));
            }
            Err(error) => self.note(error, "the cluster's service accounts")?,
        }
        Ok(())
    }

    async fn read_policies(
        &mut self,
        google: &dyn Provider,
        loaded: &LoadedStack,
        asked: &[Resource],
    ) -> Result<(), Failure> {
        let ours = loaded
            .stack
            .resources
            .iter()
            .map(|resource| &resource.object);
        let ours: Vec<&ObjectId> = ours.filter(|object| object.instance == GOOGLE).collect();
        let mut wanted: BTreeSet<String> = ours
            .iter()
            .filter_map(|object| resource_of(object))
            .collect();
        wanted.extend(asked.iter().flat_map(Resource::holders));
        let above: Vec<String> = wanted.iter().filter_map(|name| project_of(name)).collect();
        wanted.extend(above);
        self.read_numbers(google, &wanted).await?;
        let annotated = self.accounts.iter().filter_map(|(_, attributes)| {
            let account = account(annotation(attributes)?)?;
            Some(account.as_str().to_owned())
        });
        wanted.extend(annotated);
        let mut seen = BTreeSet::new();
        // The accounts that these policies name have policies too: who may act as them.
        while !wanted.is_empty() {
            let policies = wanted
                .iter()
                .filter(|name| ResourceName::parse(name).is_ok());
            let objects: Vec<ObjectId> = policies
                .map(|name| ident::iam_policy(GOOGLE, name))
                .collect();
            let read = join_all(objects.iter().map(|object| google.read_one(object))).await;
            seen.append(&mut wanted);
            for (object, read) in objects.iter().zip(read) {
                match read {
                    Ok(Some(found)) => self.facts.put(object, &found.attributes),
                    // What does not exist grants nothing.
                    Ok(None) => self.facts.put_whole(&object.ident),
                    Err(error) => self.note(error, &format!("the policy of `{}`", object.ident))?,
                }
            }
            let named = self.facts.policies().flat_map(|(_, bindings)| bindings);
            let members = named.flat_map(|binding| &binding.members);
            let emails = members.filter_map(|member| member.strip_prefix("serviceAccount:"));
            let accounts = emails
                .filter_map(account)
                .map(|name| name.as_str().to_owned());
            let known: BTreeSet<String> = seen.iter().filter_map(|name| project_of(name)).collect();
            wanted = accounts
                .filter(|name| !seen.contains(name))
                // Other projects' accounts are theirs to know.
                .filter(|name| project_of(name).is_some_and(|project| known.contains(&project)))
                .collect();
        }
        self.read_status(google, &seen).await?;
        self.read_roles(google).await
    }

    /// Which of the accounts whose policies were read can be used, by one list of each project's.
    async fn read_status(
        &mut self,
        google: &dyn Provider,
        seen: &BTreeSet<String>,
    ) -> Result<(), Failure> {
        let accounts = seen.iter().filter(|name| {
            let of_project =
                |project: String| name.starts_with(&format!("{project}/serviceAccounts/"));
            project_of(name).is_some_and(of_project) && ResourceName::parse(name).is_ok()
        });
        let objects: BTreeSet<ObjectId> = accounts
            .map(|name| ObjectId::cluster(GOOGLE, SERVICE_ACCOUNT, name))
            .collect();
        if objects.is_empty() {
            return Ok(());
        }
        let query = Query {
            kinds: BTreeSet::from([SERVICE_ACCOUNT.into()]),
            objects,
            ..Query::default()
        };
        match google.read(&query).await {
            Ok(read) => {
                for found in read.observed.iter() {
                    self.facts.put(&found.object, &found.attributes);
                }
                self.notes.extend(read.notes);
            }
            Err(error) => self.note(error, "which service accounts are disabled")?,
        }
        Ok(())
    }

    /// Ids and numbers of the projects, which conditions and federated principals tell apart.
    async fn read_numbers(
        &mut self,
        google: &dyn Provider,
        wanted: &BTreeSet<String>,
    ) -> Result<(), Failure> {
        let projects: BTreeSet<String> =
            wanted.iter().filter_map(|name| project_of(name)).collect();
        let objects = projects
            .iter()
            .filter(|name| ResourceName::parse(name).is_ok());
        let query = Query {
            objects: objects
                .map(|name| ident::iam_policy(GOOGLE, name))
                .collect(),
            world: true,
            ..Query::default()
        };
        match google.read(&query).await {
            Ok(read) => {
                for (world, pin) in read.worlds {
                    let project = world.rsplit_once("projects/").map(|(_, project)| project);
                    if let (Some(project), false) = (project, pin.uid.is_empty()) {
                        self.facts.put_number(project, &pin.uid);
                    }
                }
            }
            Err(error) => self.note(error, "the projects' numbers")?,
        }
        Ok(())
    }

    /// What the custom roles that are bound somewhere hold.
    async fn read_roles(&mut self, google: &dyn Provider) -> Result<(), Failure> {
        let bound = self.facts.policies().flat_map(|(_, bindings)| bindings);
        let custom = bound.filter(|binding| !binding.role.starts_with("roles/"));
        let objects: BTreeSet<ObjectId> = custom
            .map(|binding| ident::role(GOOGLE, &binding.role))
            .collect();
        let read = join_all(objects.iter().map(|object| google.read_one(object))).await;
        for (object, read) in objects.iter().zip(read) {
            match read {
                Ok(Some(found)) => self.facts.put(object, &found.attributes),
                Ok(None) => self.facts.remove(object, &Value::Null),
                Err(error) => self.note(error, &format!("the role `{}`", object.ident))?,
            }
        }
        Ok(())
    }

    /// What may not be read is missing in the answer; anything else ends the question.
    fn note(&mut self, error: ProviderError, what: &str) -> Result<(), Failure> {
        match error.kind {
            ErrorKind::Forbidden => {
                self.notes
                    .push(format!("{what} may not be read by this identity"));
                Ok(())
            }
            _ => Err(error.into()),
        }
    }

    /// Above the sandbox's projects there is nothing, and no deny policies are in it.
    fn stand_alone(&mut self) {
        let nodes = self.facts.policies().map(|(name, _)| name.to_owned());
        let projects: BTreeSet<String> = nodes.filter_map(|name| project_of(&name)).collect();
        for project in projects {
            self.facts.put_parent(&project, Parent::Nothing);
            self.facts.put_denials(&project, Vec::new());
        }
    }
}

/// The resource whose policy an object is in; a service account's own.
pub(super) fn resource_of(object: &ObjectId) -> Option<String> {
    match Ident::of(object) {
        Some(about) => Some(about.resource.to_owned()),
        None if object.kind == SERVICE_ACCOUNT => {
            let name = ResourceName::parse(&object.ident).ok()?;
            Some(name.as_str().to_owned())
        }
        None => None,
    }
}

/// `projects/P` of what is in one.
fn project_of(name: &str) -> Option<String> {
    Some(format!("projects/{}", project_in(name)?))
}

fn account(email: &str) -> Option<ResourceName> {
    ResourceName::parse(&format!("projects/-/serviceAccounts/{email}")).ok()
}
