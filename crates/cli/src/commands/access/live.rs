//! The live world: the roles and bindings of a cluster, as far as the identity may read them.

use std::collections::BTreeSet;
use std::path::Path;

use rbacform_core::plan::Mode;
use rbacform_core::{ObjectId, ObservedSet, Text};
use rbacform_provider::{Observation, Query};

use super::args::SettingArgs;
use super::unseen::Unseen;
use crate::analysis::{self, RBAC_KINDS};
use crate::connect::Connection;
use crate::failure::Failure;
use crate::load::{self, Known, LoadedStack};
use crate::place::Place;
use crate::planning::{KUBERNETES, Request};
use crate::session::Session;
use crate::store::store;

/// What stands in a cluster.
#[derive(Clone)]
pub(super) struct Live {
    pub(super) observed: ObservedSet,
    pub(super) unseen: Unseen,
}

/// Lists the roles and bindings of the cluster that the flags name; else of the first stack's own;
/// else of the kubeconfig's current one. Where only namespaces may be listed, those are `namespace`
/// and the ones that the stacks have anything in.
pub(super) fn read(
    args: &SettingArgs,
    stacks: &[&LoadedStack],
    namespace: Option<&str>,
    session: &Session,
) -> Result<Live, Failure> {
    let here;
    let loaded = match stacks.first() {
        Some(stack) => *stack,
        None => {
            here = stack_here(args, session)?;
            &here
        }
    };
    let store = store(
        &loaded.place,
        &loaded.stack.name,
        loaded.stack.env.as_deref(),
        args.state.state.as_deref(),
        args.world.sandbox,
    );
    let request = Request::to_look(Mode::Apply, loaded, &store, &args.world);
    session.read(|| async {
        let instances = BTreeSet::from([KUBERNETES]);
        let connection = Connection::open(&request, &instances, session).await?;
        let Some(provider) = connection.providers.get(KUBERNETES) else {
            return Err(Failure::bug("no connection to a cluster"));
        };
        let query = query(namespace, stacks);
        Ok(live(provider.read(&query).await?))
    })
}

/// The stack in the current directory says which cluster is its own; without one, nothing does.
pub(super) fn stack_here(args: &SettingArgs, session: &Session) -> Result<LoadedStack, Failure> {
    let here = Path::new(".");
    let place = Place::of(here)?;
    match rbacform_stack::stack_name(&place.dir) {
        Some(_) => load::load(here, &args.inputs, &session.environment, Known::Nothing),
        None => Ok(LoadedStack::none(place)),
    }
}

fn query(namespace: Option<&str>, stacks: &[&LoadedStack]) -> Query {
    let home = |name: &str| ObjectId::cluster(KUBERNETES, "Namespace", name);
    let declared = stacks.iter().flat_map(|loaded| &loaded.stack.resources);
    let declared = declared.map(|resource| &resource.object);
    let ours = declared.filter(|object| RBAC_KINDS.contains(&object.kind.as_str()));
    let ours = ours.flat_map(|object| {
        object
            .namespace()
            .map(home)
            .into_iter()
            .chain([object.clone()])
    });
    Query {
        kinds: RBAC_KINDS.iter().copied().map(Text::from).collect(),
        objects: ours.chain(namespace.map(home)).collect(),
        ..Query::default()
    }
}

fn live(observation: Observation) -> Live {
    let known = analysis::known(&observation.observed);
    let unseen = [
        (known.cluster_roles, "ClusterRoles"),
        (known.cluster_role_bindings, "ClusterRoleBindings"),
        (known.roles, "Roles"),
        (known.role_bindings, "RoleBindings"),
    ];
    let unseen = unseen.iter().filter(|(seen, _)| !seen);
    let unseen: Vec<&str> = unseen.map(|(_, kinds)| *kinds).collect();
    // One line for all kinds; what else there is to know stays as it is.
    let mut notes = observation.notes;
    notes.retain(|note| !note.contains("may not be listed"));
    if !unseen.is_empty() {
        let kinds = unseen.join(", ");
        notes.push(format!("this identity may not read every one of: {kinds}"));
    }
    Live {
        observed: observation.observed,
        unseen: Unseen { known, notes },
    }
}
