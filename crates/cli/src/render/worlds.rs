//! Which clusters and projects were asked, and as whom: the first line of everything.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::Plan;
use rbacform_core::plan::{GcpWorld, KubernetesWorld};

use crate::render::text::{STRONG, safe, styled};

/// What stands for a project where only resources are asked that name none, like buckets.
pub(crate) const NO_PROJECT: &str = "-";

/// The first line. Where the server was not asked who we are, the kubeconfig's `user` is named
/// instead.
pub(crate) fn worlds(plan: &Plan, user: Option<&str>) -> String {
    let env = plan
        .env
        .as_ref()
        .map(|env| format!("/{env}"))
        .unwrap_or_default();
    let stack = styled(STRONG, &format!("{}{env}", plan.stack));
    let mut places: Vec<String> = plan
        .world
        .kubernetes
        .iter()
        .map(|world| cluster(world, user))
        .collect();
    places.extend(projects(&plan.world.gcp));
    match places.is_empty() {
        true => format!("Stack {stack}\n"),
        false => format!("Stack {stack} on {}\n", places.join("; on ")),
    }
}

fn cluster(world: &KubernetesWorld, user: Option<&str>) -> String {
    let context = world
        .context
        .as_ref()
        .map(|context| format!(" (context {})", safe(context)));
    let identity = match (&world.identity, user) {
        (Some(identity), _) => format!(", as {}", safe(identity)),
        (None, Some(user)) => format!(", as the kubeconfig's user {}", safe(user)),
        (None, None) => String::new(),
    };
    format!(
        "{}{}{identity}",
        safe(&world.server),
        context.unwrap_or_default()
    )
}

/// `the Google projects a and b, as ana@example.com`, once for each identity.
pub(crate) fn projects(worlds: &[GcpWorld]) -> Vec<String> {
    let mut by_identity: BTreeMap<Option<&str>, BTreeSet<&str>> = BTreeMap::new();
    for world in worlds {
        let projects = by_identity.entry(world.identity.as_deref()).or_default();
        projects.insert(&world.project);
    }
    by_identity
        .into_iter()
        .map(|(identity, projects)| {
            let identity = identity.map(|name| format!(", as {}", safe(name)));
            let names: Vec<_> = projects.into_iter().map(safe).collect();
            let google = match names.as_slice() {
                [only] if only == NO_PROJECT => "Google".to_owned(),
                [only] => format!("the Google project {only}"),
                several => format!("the Google projects {}", several.join(", ")),
            };
            google + &identity.unwrap_or_default()
        })
        .collect()
}
