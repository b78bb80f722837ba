//! Whom Google sees in pods: the accounts that they act as, and the pods themselves, where policies
//! name them.

use std::collections::BTreeMap;

use super::actor::Actor;
use super::{Bridge, Guised};
use crate::google::{Former, Grant, Principal, Window, Workload, canonical};

/// What lets pods act as an account, and nothing else.
const WORKLOAD_IDENTITY_USER: &str = "roles/iam.workloadIdentityUser";

/// Somebody whom Google sees in pods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Face {
    /// As stack files and policies spell them: `serviceAccount:trainer@...`,
    /// `serviceaccount:training/trainer`.
    pub(super) spelled: String,
    pub(super) principal: Principal,
    /// When.
    pub(super) times: Vec<Window>,
}

/// By the pods: those of one service account, of a namespace, or all.
pub(super) type Faces = BTreeMap<Actor, Vec<Face>>;

impl Face {
    /// The same for whoever lives in another world: somebody, at each of these times.
    pub(super) fn former(&self) -> impl Iterator<Item = Former> {
        let times = self.times.iter();
        times.map(|when| (self.principal.clone(), *when))
    }
}

impl Guised<'_> {
    /// Whom Google sees in pods that hold anything there in their own name, or by an account.
    pub(super) fn faces(&self) -> Faces {
        let mut faces = Faces::new();
        for (pods, accounts) in &self.edges {
            let accounts = accounts.iter().map(|(account, times)| Face {
                spelled: account.clone(),
                principal: Principal::of(account),
                times: times.clone(),
            });
            faces.insert(pods.clone(), accounts.collect());
        }
        for grant in self.bridge.google.grants() {
            let Some(pods) = self.bridge.pods_of(&grant.member) else {
                continue;
            };
            if self.is_edge(&grant, &pods) {
                continue;
            }
            let spelled = pods.spelled();
            let own = faces.entry(pods).or_default();
            if own.last().is_none_or(|face| face.spelled != spelled) {
                let principal = Principal::of(&grant.member);
                own.push(Face {
                    spelled,
                    principal,
                    times: vec![Window::ALWAYS],
                });
            }
        }
        faces
    }

    /// What the accounts that pods act as hold, and pods in their own name, by how these are spelled.
    pub(super) fn held(&self) -> BTreeMap<String, Vec<Grant>> {
        let mut held: BTreeMap<String, Vec<Grant>> = BTreeMap::new();
        for account in self.edges.values().flat_map(BTreeMap::keys) {
            held.entry(account.clone()).or_default();
        }
        for grant in self.bridge.google.grants() {
            if let Some(pods) = self.bridge.pods_of(&grant.member) {
                if !self.is_edge(&grant, &pods) {
                    held.entry(pods.spelled()).or_default().push(grant);
                }
            } else if let Some(own) = held.get_mut(&canonical(&grant.member)) {
                own.push(grant);
            }
        }
        held
    }

    /// Whether a grant is what lets pods act as an account: it is told of by what that one holds.
    fn is_edge(&self, grant: &Grant, pods: &Actor) -> bool {
        let email = grant.resource.split_once("/serviceAccounts/");
        let Some((_, email)) = email.filter(|_| grant.role == WORKLOAD_IDENTITY_USER) else {
            return false;
        };
        let account = canonical(&format!("serviceAccount:{email}"));
        match pods {
            Actor::Pods { name: Some(_), .. } => {
                let accounts = self.edges.get(pods);
                accounts.is_some_and(|accounts| accounts.contains_key(&account))
            }
            set => self.edges.iter().any(|(pods, accounts)| {
                let is_in = set.namespace().is_none() || set.namespace() == pods.namespace();
                is_in && accounts.contains_key(&account)
            }),
        }
    }

    /// A member of a policy as stack files spell it: pods of this cluster by their service account,
    /// everybody else as policies do. Pods of whom neither the cluster nor its pool is known stay as
    /// the policy has them, and so do those of one cluster by its URL.
    pub fn spelled(&self, member: &str) -> String {
        let here = || {
            let pods = self.bridge.pods_of(member)?;
            let workload = Workload::of(member).filter(|it| it.cluster.is_none())?;
            let is_known = self.bridge.project().is_some() || {
                let (namespace, name) = (&workload.namespace, &workload.name);
                let workloads = self.bridge.workloads;
                workloads.has_any(namespace.as_deref(), name.as_deref())
                    && self.pools.of(&pods) == Some(&workload.project)
            };
            is_known.then(|| pods.spelled())
        };
        here().unwrap_or_else(|| member.to_owned())
    }
}

impl Bridge<'_> {
    /// The pods of this cluster that a member of a policy names, as far as is known.
    fn pods_of(&self, member: &str) -> Option<Actor> {
        let workload = Workload::of(member)?;
        let ours = self
            .project()
            .is_none_or(|project| project == workload.project);
        ours.then_some(Actor::Pods {
            namespace: workload.namespace,
            name: workload.name,
        })
    }
}
