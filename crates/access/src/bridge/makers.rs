//! What people gain and lose at Google by pods that they may make in a cluster.

use std::collections::{BTreeMap, BTreeSet};

use super::actor::Actor;
use super::powers::POWERS;
use super::{Acting, Guised};
use crate::google::{Comparison, Gain, News, Principal};
use crate::{Evaluator, Grant, User};

/// Something at Google that somebody gains by acting as pods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByPods {
    /// Who, as whom, and what.
    pub acting: Acting,
    /// The binding of the cluster that lets them act as the pods.
    pub by: Grant,
}

/// Somebody of whom a cluster's bindings say something else than before, as stack files spell them,
/// and the namespace; none for the whole cluster.
pub type Candidate = (String, Option<String>);

/// Who may act as which pods in one world.
struct Makers<'w> {
    world: &'w Guised<'w>,
    cluster: Evaluator<'w>,
    known: BTreeMap<(String, String), Option<Grant>>,
}

impl Guised<'_> {
    /// What candidates can do at Google as pods in these worlds and not in `before`: they may make
    /// pods, or what makes them, or mint their tokens. With the worlds swapped, what they can do no
    /// longer.
    ///
    /// Kubernetes: `concepts/security/rbac-good-practices/`, "Workload creation".
    pub fn gained_by_pods(&self, before: &Guised<'_>, candidates: &[Candidate]) -> Vec<ByPods> {
        if candidates.is_empty() || self.edges.is_empty() {
            return Vec::new();
        }
        let mut makers = Makers::of(self);
        let mut earlier = Makers::of(before);
        let mut comparison = Comparison::of(&before.bridge.google, &self.bridge.google);
        let held = self.held_by_accounts();
        let mut found = Vec::new();
        let mut told = BTreeSet::new();
        for (subject, namespace) in candidates {
            let actor = Actor::of_spelled(subject);
            let Some(user) = actor.user() else { continue };
            let accounts = makers.accounts(&user, subject, namespace.as_deref());
            let had = earlier.accounts(&user, subject, None);
            let own = self.pools.principal(&actor);
            let who: Vec<Principal> = own
                .into_iter()
                .chain(had.keys().map(|account| Principal::of(account)))
                .collect();
            for (account, by) in accounts {
                // Pods' own gains are told of as theirs.
                if !told.insert((subject.clone(), account.clone())) || had.contains_key(&account) {
                    continue;
                }
                for grant in held.get(&account).into_iter().flatten() {
                    let permissions = match comparison.news(grant, &who) {
                        News::Nothing | News::Untold => continue,
                        News::Role => BTreeSet::new(),
                        News::Permissions(new) => new,
                    };
                    found.push(ByPods {
                        acting: Acting {
                            workload: subject.clone(),
                            account: account.clone(),
                            gain: Gain::of(grant.clone(), permissions),
                        },
                        by: by.clone(),
                    });
                }
            }
        }
        found
    }
}

impl<'w> Makers<'w> {
    fn of(world: &'w Guised<'w>) -> Self {
        Self {
            cluster: Evaluator::new(world.bridge.kubernetes),
            world,
            known: BTreeMap::new(),
        }
    }

    /// The accounts that somebody can act as by pods, of one namespace or of any, each with a binding
    /// that lets them.
    fn accounts(
        &mut self,
        user: &User,
        subject: &str,
        within: Option<&str>,
    ) -> BTreeMap<String, Grant> {
        let mut found = BTreeMap::new();
        for (pods, accounts) in &self.world.edges {
            let Actor::Pods {
                namespace: Some(namespace),
                name: Some(name),
            } = pods
            else {
                continue;
            };
            if within.is_some_and(|within| within != namespace) || pods.spelled() == subject {
                continue;
            }
            let key = (subject.to_owned(), namespace.clone());
            let cluster = &self.cluster;
            let any = self
                .known
                .entry(key)
                .or_insert_with(|| allowed(cluster, user, namespace, None));
            // Tokens may be allowed of single accounts only.
            let by = any
                .clone()
                .or_else(|| allowed(cluster, user, namespace, Some(name)));
            if let Some(by) = by {
                for account in accounts {
                    found.entry(account.clone()).or_insert_with(|| by.clone());
                }
            }
        }
        found
    }
}

/// A binding that lets somebody act as pods of a namespace, with any account or with one.
fn allowed(
    cluster: &Evaluator<'_>,
    user: &User,
    namespace: &str,
    account: Option<&str>,
) -> Option<Grant> {
    let powers = POWERS
        .into_iter()
        .filter(|power| power.is_of_tokens() == account.is_some());
    let mut requests = powers.flat_map(|power| power.requests(namespace, account));
    requests.find_map(|(_, request)| cluster.every_grant(user, &request).into_iter().next())
}
