//! From somebody on to everything they get at.

use std::collections::{BTreeSet, VecDeque};

use super::actor::Actor;
use super::back::by_iam;
use super::pools::Pools;
use super::powers::{IAM_POWERS, POWERS};
use super::{Bridge, Held, Proof, Reached, Step};
use crate::Evaluator;
use crate::google::{Decision, Missing, Principal, Resource};

/// Somebody one can act as, and the way there.
struct Guise {
    who: Actor,
    steps: Vec<Step>,
    missing: BTreeSet<Missing>,
}

impl Bridge<'_> {
    /// Every role at Google that somebody gets at: their own, then those of whom they can act as.
    pub fn what_can(&self, spelled: &str, groups: &[String]) -> Vec<Held> {
        let pools = self.pools();
        let mut found: Vec<Held> = Vec::new();
        for guise in self.guises(spelled, groups, &pools) {
            let Some(principal) = pools.principal(&guise.who) else {
                continue;
            };
            let principal = principal.in_groups(of_google(groups, guise.steps.is_empty()));
            for mut holding in self.google.holdings(&principal) {
                if found
                    .iter()
                    .any(|known| known.holding.grant == holding.grant)
                {
                    continue;
                }
                holding.missing.extend(guise.missing.iter().cloned());
                found.push(Held {
                    steps: guise.steps.clone(),
                    holding,
                });
            }
        }
        found
    }

    /// How somebody gets at a permission on a resource by acting as others; none where nothing
    /// lets them for sure.
    pub fn reach(
        &self,
        spelled: &str,
        groups: &[String],
        permission: &str,
        resource: &Resource,
    ) -> Option<Reached> {
        let pools = self.pools();
        let mut guises = self.guises(spelled, groups, &pools).into_iter();
        guises.find_map(|guise| {
            let principal = pools.principal(&guise.who)?;
            let principal = principal.in_groups(of_google(groups, guise.steps.is_empty()));
            match self.google.decide(&principal, permission, resource) {
                Decision::Allowed { via, .. } => Some(Reached {
                    subject: spelled.to_owned(),
                    steps: guise.steps,
                    via,
                    missing: guise.missing,
                }),
                _ => None,
            }
        })
    }

    /// Whom Google sees in somebody, as stack files or policies spell them. None for a service
    /// account of a cluster whose pool is not known, and for a set of those.
    pub fn principal(&self, spelled: &str, groups: &[String]) -> Option<Principal> {
        let principal = self.pools().principal(&Actor::of_spelled(spelled))?;
        Some(principal.in_groups(of_google(groups, true)))
    }

    /// Everybody one can act as, oneself first, each by the shortest way.
    fn guises(&self, spelled: &str, groups: &[String], pools: &Pools<'_>) -> Vec<Guise> {
        let start = Actor::of_spelled(spelled);
        let mut seen = BTreeSet::from([start.clone()]);
        let mut queue = VecDeque::from([Guise {
            who: start,
            steps: Vec::new(),
            missing: BTreeSet::new(),
        }]);
        let evaluator = Evaluator::new(self.kubernetes);
        let mut found = Vec::new();
        while let Some(guise) = queue.pop_front() {
            let groups = if guise.steps.is_empty() { groups } else { &[] };
            let next = [
                self.accounts(&guise.who, groups, pools),
                self.pods(&guise.who, groups, &evaluator),
            ];
            for (who, step, missing) in next.into_iter().flatten() {
                if seen.insert(who.clone()) {
                    let mut steps = guise.steps.clone();
                    steps.push(step);
                    let missing = guise.missing.iter().cloned().chain(missing).collect();
                    queue.push_back(Guise {
                        who,
                        steps,
                        missing,
                    });
                }
            }
            found.push(guise);
        }
        found
    }

    /// The Google service accounts that somebody can act as.
    fn accounts(
        &self,
        who: &Actor,
        groups: &[String],
        pools: &Pools<'_>,
    ) -> Vec<(Actor, Step, BTreeSet<Missing>)> {
        let Some(principal) = pools.principal(who) else {
            return Vec::new();
        };
        let principal = principal.in_groups(of_google(groups, true));
        let mut emails = self.google.facts.accounts();
        emails.extend(self.workloads.annotated().map(str::to_owned));
        let acted = emails.into_iter().filter_map(|email| {
            let actor = self.google.acts_as(&principal, &email)?;
            let step = self.acting(who, &email, &actor);
            Some((Actor::Named(step.becomes.clone()), step, actor.missing))
        });
        acted.collect()
    }

    /// The service accounts of the cluster that somebody can run pods with.
    fn pods(
        &self,
        who: &Actor,
        groups: &[String],
        evaluator: &Evaluator<'_>,
    ) -> Vec<(Actor, Step, BTreeSet<Missing>)> {
        let by_iam = self.pods_by_iam(who);
        let Some(mut user) = who.user() else {
            return by_iam;
        };
        user.groups.extend(groups.iter().cloned());
        let mut found = Vec::new();
        for (namespace, name) in self.pods_that_matter() {
            let requests = POWERS
                .into_iter()
                .flat_map(|power| power.requests(&namespace, Some(&name)));
            let allowed = requests.into_iter().find_map(|(how, request)| {
                let grants = evaluator.every_grant(&user, &request);
                Some((how, grants.into_iter().next()?))
            });
            let Some((how, grant)) = allowed else {
                continue;
            };
            let pods = Actor::Pods {
                namespace: Some(namespace),
                name: Some(name),
            };
            let step = Step {
                how,
                becomes: pods.spelled(),
                proof: Proof::Kubernetes(grant),
            };
            found.push((pods, step, BTreeSet::new()));
        }
        found.extend(by_iam);
        found
    }

    fn pods_by_iam(&self, who: &Actor) -> Vec<(Actor, Step, BTreeSet<Missing>)> {
        let (Some(project), Some(principal)) = (self.project(), who.principal(self.project()))
        else {
            return Vec::new();
        };
        let Ok(resource) = Resource::parse(&format!("projects/{project}")) else {
            return Vec::new();
        };
        let held = IAM_POWERS.into_iter().find_map(|permission| {
            match self.google.decide(&principal, permission, &resource) {
                Decision::Allowed { via, .. } => Some((permission, via.into_iter().next()?)),
                _ => None,
            }
        });
        let Some((permission, grant)) = held else {
            return Vec::new();
        };
        let pods = self
            .pods_that_matter()
            .into_iter()
            .map(|(namespace, name)| {
                let pods = Actor::Pods {
                    namespace: Some(namespace),
                    name: Some(name),
                };
                let step = by_iam(permission, project, &pods, grant.clone());
                (pods, step, BTreeSet::new())
            });
        pods.collect()
    }

    /// The service accounts of the cluster that Google may know: those it has, and those that
    /// policies name.
    fn pods_that_matter(&self) -> BTreeSet<(String, String)> {
        let known = self.workloads.iter();
        let known = known.map(|(namespace, name)| (namespace.to_owned(), name.to_owned()));
        let named = self.named_workloads().filter_map(|workload| {
            let ours = self
                .project()
                .is_none_or(|project| project == workload.project);
            Some((workload.namespace?, workload.name?)).filter(|_| ours)
        });
        known.chain(named).collect()
    }
}

/// The groups that Google may know, for whoever asks in their own name.
pub(super) fn of_google(groups: &[String], own: bool) -> Vec<String> {
    let mail = groups.iter().filter(|group| own && group.contains('@'));
    mail.map(|group| format!("group:{}", group.trim_start_matches("group:")))
        .collect()
}
