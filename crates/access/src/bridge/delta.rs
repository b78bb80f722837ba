//! What pods gain and lose by the Google accounts that they act as.

use std::collections::BTreeMap;

use super::Bridge;
use super::actor::Actor;
use super::pools::Pools;
use crate::google::{Comparison, Former, Gain, Principal, Window, Workload, canonical};

/// Something that the pods of a service account gain as a Google account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Acting {
    /// Whose pods: `serviceaccount:training/trainer`.
    pub workload: String,
    /// As whom: `serviceAccount:trainer@acme-ml.iam.gserviceaccount.com`.
    pub account: String,
    /// What the account gives them that they had not before, as whomever they acted then.
    pub gain: Gain,
}

/// The Google accounts that pods act as, and when.
pub(super) type Edges = BTreeMap<Actor, BTreeMap<String, Vec<Window>>>;

/// A world with the Google accounts that its pods act as, found once for all that is asked.
pub struct Guised<'w> {
    /// The world.
    pub bridge: Bridge<'w>,
    pub(super) edges: Edges,
    pub(super) pools: Pools<'w>,
}

impl<'w> Bridge<'w> {
    /// Finds the accounts that pods act as.
    pub fn guised(self) -> Guised<'w> {
        let pools = self.pools();
        Guised {
            edges: self.edges(&pools),
            pools,
            bridge: self,
        }
    }
}

impl Guised<'_> {
    /// What pods get by Workload Identity in these worlds and not in `before`: since the account is
    /// given more, or since they have come to act as it. With the worlds swapped, what they lose.
    pub fn gained_since(&self, before: &Guised<'_>) -> Vec<Acting> {
        if self.edges.is_empty() {
            return Vec::new();
        }
        let mut comparison = Comparison::of(&before.bridge.google, &self.bridge.google);
        let held = self.held();
        let mut found = Vec::new();
        for (pods, accounts) in &self.edges {
            let Some(own) = self.pools.principal(pods) else {
                continue;
            };
            let earlier = before.edges.get(pods).into_iter().flatten();
            let earlier = earlier.flat_map(|(member, times)| {
                let times = times.iter();
                times.map(|when| (Principal::of(member), *when))
            });
            let who: Vec<Former> = std::iter::once((own, Window::ALWAYS))
                .chain(earlier)
                .collect();
            for (account, times) in accounts {
                for grant in held.get(account).into_iter().flatten() {
                    let news = comparison.news(grant, times, &who).into_iter();
                    let gains = news.filter_map(|(news, when)| Gain::of(grant, news, when));
                    found.extend(gains.map(|gain| Acting {
                        workload: pods.spelled(),
                        account: account.clone(),
                        gain,
                    }));
                }
            }
        }
        found.sort();
        found
    }

    /// The pods that come to act as an account, as stack files and policies spell them: whatever it
    /// holds where nobody looked is theirs from then on; or at other times than before. With the worlds
    /// swapped, those that do so no longer.
    pub fn new_guises(&self, before: &Guised<'_>) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for (pods, accounts) in &self.edges {
            let known = before.edges.get(pods);
            let new = accounts.iter().filter(|(account, times)| {
                known.and_then(|known| known.get(*account)) != Some(times)
            });
            found.extend(new.map(|(account, _)| (pods.spelled(), account.clone())));
        }
        found
    }
}

impl Bridge<'_> {
    /// Pods act as the account of their annotation, where a policy lets them. Of pods that only a
    /// policy names the annotation is not known, and it is the policy that counts.
    fn edges(&self, pools: &Pools<'_>) -> Edges {
        let annotated = self.workloads.iter().filter_map(|(namespace, name)| {
            let email = self.workloads.acts_as(namespace, name)?;
            Some((pods(namespace, name), email.to_owned()))
        });
        let ends = self.google.windows();
        let mut edges = Edges::new();
        for (pods, email) in annotated.chain(self.named_by_accounts()) {
            let Some(principal) = pools.principal(&pods) else {
                continue;
            };
            let times = self.google.times_of_acting(&principal, &email, &ends);
            if !times.is_empty() {
                let accounts = edges.entry(pods).or_default();
                accounts.insert(canonical(&format!("serviceAccount:{email}")), times);
            }
        }
        edges
    }

    /// Pods of this cluster, as far as is known, that the policies of accounts name, though nothing
    /// is known of their service accounts.
    fn named_by_accounts(&self) -> Vec<(Actor, String)> {
        let mut found = Vec::new();
        for grant in self.google.grants() {
            let account = grant.resource.split_once("/serviceAccounts/");
            let (Some((_, email)), Some(workload)) = (account, Workload::of(&grant.member)) else {
                continue;
            };
            let here = self
                .project()
                .is_none_or(|project| project == workload.project);
            if let (Some(namespace), Some(name), true) = (workload.namespace, workload.name, here)
                && !self.workloads.is_known(&namespace, &name)
            {
                found.push((pods(&namespace, &name), email.to_owned()));
            }
        }
        found
    }
}

fn pods(namespace: &str, name: &str) -> Actor {
    Actor::Pods {
        namespace: Some(namespace.to_owned()),
        name: Some(name.to_owned()),
    }
}
