//! What somebody holds as themselves: in their own name and, of pods, as the account of their
//! annotation, which is what it is for.

use std::collections::BTreeSet;

use super::actor::Actor;
use super::forward::of_google;
use super::{Bridge, Step};
use crate::google::{Decision, Missing, Principal, Resource};

/// A decision about somebody as themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// Whether they hold it.
    pub decision: Decision,
    /// How they do so as the account of their annotation; empty where it is in their own name.
    pub steps: Vec<Step>,
}

/// Somebody, as Google sees them.
struct Oneself {
    principal: Principal,
    steps: Vec<Step>,
    /// What is missing to be sure that it is them.
    missing: BTreeSet<Missing>,
}

impl Bridge<'_> {
    /// Whether somebody holds a permission on a resource as themselves. None for a service account of
    /// a cluster whose pool is not known.
    pub fn decide(
        &self,
        spelled: &str,
        groups: &[String],
        permission: &str,
        resource: &Resource,
    ) -> Option<Own> {
        self.own(spelled, groups, |who| {
            self.google.decide(who, permission, resource)
        })
    }

    /// The same, which is open where they may hold it on something in the resource.
    pub fn decide_within(
        &self,
        spelled: &str,
        groups: &[String],
        permission: &str,
        resource: &Resource,
    ) -> Option<Own> {
        self.own(spelled, groups, |who| {
            self.google.decide_within(who, permission, resource)
        })
    }

    /// What is missing to tell that they hold it on nothing in the resource.
    pub fn open_within(
        &self,
        spelled: &str,
        groups: &[String],
        permission: &str,
        resource: &Resource,
    ) -> BTreeSet<Missing> {
        let selves = self.selves(spelled, groups).into_iter().flatten();
        let open = |oneself: Oneself| {
            self.google
                .open_within(&oneself.principal, permission, resource)
        };
        selves.flat_map(open).collect()
    }

    fn own(
        &self,
        spelled: &str,
        groups: &[String],
        decide: impl Fn(&Principal) -> Decision,
    ) -> Option<Own> {
        let mut missing = BTreeSet::new();
        let mut perhaps = Vec::new();
        let mut first = None;
        for oneself in self.selves(spelled, groups)? {
            match decide(&oneself.principal) {
                decision @ Decision::Allowed { .. } if oneself.missing.is_empty() => {
                    let steps = oneself.steps;
                    return Some(Own { decision, steps });
                }
                Decision::Allowed { via, .. } => {
                    missing.extend(oneself.missing);
                    perhaps.extend(via);
                }
                Decision::CannotTell {
                    missing: more,
                    perhaps: grants,
                } => {
                    missing.extend(more.into_iter().chain(oneself.missing));
                    perhaps.extend(grants);
                }
                decision => first = first.or(Some(decision)),
            }
        }
        let decision = match missing.is_empty() {
            true => first?,
            false => Decision::CannotTell { missing, perhaps },
        };
        let steps = Vec::new();
        Some(Own { decision, steps })
    }

    /// Themselves first. None where Google cannot know them.
    fn selves(&self, spelled: &str, groups: &[String]) -> Option<Vec<Oneself>> {
        let actor = Actor::of_spelled(spelled);
        let principal = self.pools().principal(&actor)?;
        let account = self.annotated_account(&actor, &principal);
        let own = Oneself {
            principal: principal.in_groups(of_google(groups, true)),
            steps: Vec::new(),
            missing: BTreeSet::new(),
        };
        Some(std::iter::once(own).chain(account).collect())
    }

    /// The account of the annotation of pods, where a policy lets them act as it, or may.
    fn annotated_account(&self, pods: &Actor, principal: &Principal) -> Option<Oneself> {
        let Actor::Pods {
            namespace: Some(namespace),
            name: Some(name),
        } = pods
        else {
            return None;
        };
        let email = self.workloads.acts_as(namespace, name)?;
        let (steps, missing) = match self.google.acts_as(principal, email) {
            Some(actor) => {
                let step = self.acting(pods, email, &actor);
                (vec![step], actor.missing)
            }
            None => (Vec::new(), self.google.unread_of_account(email)),
        };
        let may_be = !steps.is_empty() || !missing.is_empty();
        may_be.then(|| Oneself {
            principal: Principal::of(&format!("serviceAccount:{email}")),
            steps,
            missing,
        })
    }

    /// The pods that act as one of some service accounts by their annotation for sure, as stack files
    /// spell them.
    pub fn pods_of_accounts(&self, emails: &BTreeSet<String>) -> Vec<String> {
        let pools = self.pools();
        let acting = self.workloads.iter().filter_map(|(namespace, name)| {
            let email = self.workloads.acts_as(namespace, name)?;
            let pods = Actor::Pods {
                namespace: Some(namespace.to_owned()),
                name: Some(name.to_owned()),
            };
            let principal = pools.principal(&pods).filter(|_| emails.contains(email))?;
            let actor = self.google.acts_as(&principal, email)?;
            actor.missing.is_empty().then(|| pods.spelled())
        });
        acting.collect()
    }
}
