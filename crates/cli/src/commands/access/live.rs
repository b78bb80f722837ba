//! The live world: the roles and bindings of a cluster, as far as the identity may read them.

use std::collections::BTreeSet;
use std::path::Path;

use rbacform_access::Facts;
use rbacform_core::plan::Mode;
use rbacform_core::{ObjectId, Text};
use rbacform_provider::{Observation, Query};

use super::args::SettingArgs;
use super::unseen::Unseen;
use crate::connect::Connection;
use crate::failure::Failure;
use crate::load::{self, Known, LoadedStack};
use crate::place::Place;
use crate::planning::{KUBERNETES, Request};
use crate::session::Session;
use crate::store::store;

const KINDS: [&str; 4] = ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"];

/// What stands in a cluster.
#[derive(Default)]
pub(super) struct Live {
    pub(super) facts: Facts,
    pub(super) unseen: Unseen,
}

/// Lists the roles and bindings of the cluster that the flags name; else of the stack's own; else of
/// the kubeconfig's current one. Where only namespaces may be listed, that is `namespace`.
pub(super) fn read(
    args: &SettingArgs,
    stack: Option<&LoadedStack>,
    namespace: Option<&str>,
    session: &Session,
) -> Result<Live, Failure> {
    let here = match stack {
        None => Some(stack_here(args, session)?),
        Some(_) => None,
    };
    let Some(loaded) = stack.or(here.as_ref()) else {
        return Ok(Live::default());
    };
    let store = store(
        &loaded.place,
        &loaded.stack.name,
        loaded.stack.env.as_deref(),
        args.state.state.as_deref(),
        args.world.sandbox,
    );
    let request = Request {
        loaded,
        store: &store,
        world: &args.world,
        mode: Mode::Apply,
        adopt: false,
        targets: &[],
        lineage: None,
        ask_identity: false,
    };
    session.read(|| async {
        let instances = BTreeSet::from([KUBERNETES]);
        let connection = Connection::open(&request, &instances, session).await?;
        let Some(provider) = connection.providers.get(KUBERNETES) else {
            return Ok(Live::default());
        };
        let observation = provider.read(&query(namespace)).await?;
        Ok(live(&observation))
    })
}

/// The stack in the current directory says which cluster is its own; without one, nothing does.
fn stack_here(args: &SettingArgs, session: &Session) -> Result<LoadedStack, Failure> {
    let here = Path::new(".");
    let place = Place::of(here)?;
    match rbacform_stack::stack_name(&place.dir) {
        Some(_) => load::load(here, &args.inputs, &session.environment, Known::Nothing),
        None => Ok(LoadedStack::none(place)),
    }
}

fn query(namespace: Option<&str>) -> Query {
    let namespace = namespace.map(|name| ObjectId::cluster(KUBERNETES, "Namespace", name));
    Query {
        kinds: KINDS.iter().copied().map(Text::from).collect(),
        objects: namespace.into_iter().collect(),
        ..Query::default()
    }
}

fn live(observation: &Observation) -> Live {
    let mut facts = Facts::default();
    for object in observation.observed.iter() {
        facts.put(&object.object, &object.attributes);
    }
    let complete = &observation.observed.complete;
    let unseen = |kind: &str| !complete.contains(&(KUBERNETES.into(), kind.into()));
    let unseen: [bool; 4] = KINDS.map(unseen);
    let [roles, cluster_roles, role_bindings, cluster_role_bindings] = unseen;
    Live {
        facts,
        unseen: Unseen {
            roles,
            cluster_roles,
            role_bindings,
            cluster_role_bindings,
            notes: notes(observation, &unseen),
        },
    }
}

/// What was not seen, in one line for all kinds; what else there is to know stays as it is.
fn notes(observation: &Observation, unseen: &[bool; 4]) -> Vec<String> {
    let kinds = KINDS.iter().zip(unseen).filter(|(_, unseen)| **unseen);
    let kinds: Vec<String> = kinds.map(|(kind, _)| format!("{kind}s")).collect();
    let told = observation.notes.iter();
    let mut notes: Vec<String> = told
        .filter(|note| !note.contains("may not be listed"))
        .cloned()
        .collect();
    if !kinds.is_empty() {
        notes.push(format!(
            "this identity may not read every one of: {}",
            kinds.join(", ")
        ));
    }
    notes
}
