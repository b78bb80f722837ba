//! The pools that the pods of a cluster are in.

use std::collections::HashMap;

use super::Bridge;
use super::actor::Actor;
use crate::google::{Principal, Workload};

/// Whose pool: the cluster's project, or of each service account the project that a policy names.
pub(super) enum Pools<'w> {
    /// Of every pod.
    Known(&'w str),
    /// The first that a policy names, and as which of them it does so; by namespace and name, none
    /// for all.
    Named(HashMap<(Option<String>, Option<String>), (usize, String)>),
}

impl<'w> Bridge<'w> {
    /// The pools, found once for all that is asked.
    pub(super) fn pools(&self) -> Pools<'w> {
        if let Some(project) = &self.workloads.project {
            return Pools::Known(project);
        }
        let mut named = HashMap::new();
        for (place, workload) in self.named_workloads().enumerate() {
            let pods = (workload.namespace, workload.name);
            named.entry(pods).or_insert((place, workload.project));
        }
        Pools::Named(named)
    }

    /// The workloads that policies name.
    pub(super) fn named_workloads(&self) -> impl Iterator<Item = Workload> {
        let policies = self.google.facts.policies();
        let bindings = policies.flat_map(|(_, bindings)| bindings);
        let members = bindings.flat_map(|binding| &binding.members);
        members.filter_map(|member| Workload::of(member))
    }
}

impl Pools<'_> {
    /// Whom Google sees in somebody. None for a service account of a cluster whose pool is not known,
    /// and for a set of those.
    pub(super) fn principal(&self, who: &Actor) -> Option<Principal> {
        who.principal(self.of(who))
    }

    /// The project whose pool pods are taken to be in.
    pub(super) fn of(&self, who: &Actor) -> Option<&str> {
        let Actor::Pods { namespace, name } = who else {
            return None;
        };
        let named = match self {
            Self::Known(project) => return Some(project),
            Self::Named(named) => named,
        };
        let wider = [
            (None, None),
            (namespace.clone(), None),
            (namespace.clone(), name.clone()),
        ];
        let fitting = wider.iter().filter_map(|pods| named.get(pods));
        let (_, project) = fitting.min()?;
        Some(project)
    }
}
