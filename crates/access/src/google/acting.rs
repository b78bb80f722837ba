//! Who can act as a service account: impersonation, and what comes to the same.
//!
//! Google: `iam/docs/service-account-impersonation`, `iam/docs/service-account-permissions`; the
//! services that run code as an account are those of `iam/docs/attach-service-accounts`.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::account_resource;
use super::resource::project_of_account;
use super::{Condition, Evaluator, Grant, Missing, Principal, Resource, Verdict, Window};

/// One way to act as a service account, by the permissions on it that it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Way {
    /// In words: `mints its tokens`.
    pub words: &'static str,
    /// The permission on the account.
    pub permission: &'static str,
}

/// The permissions that are enough by themselves.
pub const WAYS: [Way; 6] = [
    Way {
        words: "mints its tokens",
        permission: "iam.serviceAccounts.getAccessToken",
    },
    Way {
        words: "signs JWTs as it",
        permission: "iam.serviceAccounts.signJwt",
    },
    Way {
        words: "signs as it",
        permission: "iam.serviceAccounts.signBlob",
    },
    Way {
        words: "makes keys of it",
        permission: "iam.serviceAccountKeys.create",
    },
    Way {
        words: "sets its policy",
        permission: "iam.serviceAccounts.setIamPolicy",
    },
    Way {
        words: "runs code as it",
        permission: ACT_AS,
    },
];

/// Attaches an account to something that runs, for whoever may make such a thing.
const ACT_AS: &str = "iam.serviceAccounts.actAs";

/// Permissions on the project that make something run with an attached account.
const RUNNERS: [&str; 16] = [
    "compute.instances.create",
    "compute.instances.setServiceAccount",
    "cloudfunctions.functions.create",
    "cloudfunctions.functions.update",
    "run.services.create",
    "run.services.update",
    "run.jobs.create",
    "cloudbuild.builds.create",
    "cloudscheduler.jobs.create",
    "dataflow.jobs.create",
    "dataproc.clusters.create",
    "composer.environments.create",
    "workflows.workflows.create",
    "batch.jobs.create",
    "aiplatform.customJobs.create",
    "notebooks.instances.create",
];

/// Somebody who can act as a service account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Who, as policies write it.
    pub member: String,
    /// How.
    pub way: Way,
    /// The grant on the account, or above it.
    pub grant: Grant,
    /// What is missing to be sure; empty where it is sure.
    pub missing: BTreeSet<Missing>,
}

impl Evaluator<'_> {
    /// Everybody who can act as a service account, each once, by the first way there is.
    pub fn actors(&self, email: &str) -> Vec<Actor> {
        let Some(resource) = self.account(email) else {
            return Vec::new();
        };
        let mut found: Vec<Actor> = Vec::new();
        for way in WAYS {
            let answer = self.who_can(way.permission, &resource);
            for holder in answer.holders.into_iter().chain(answer.perhaps) {
                if found.iter().any(|known| known.member == holder.member) {
                    continue;
                }
                let who = Principal::of(&holder.member);
                let missing = match self.runs(&who, way, email) {
                    Verdict::No => continue,
                    Verdict::Yes => holder.missing,
                    Verdict::Unknown(more) => holder.missing.into_iter().chain(more).collect(),
                };
                if let Some(grant) = holder.via.into_iter().next() {
                    found.push(Actor {
                        member: holder.member,
                        way,
                        grant,
                        missing,
                    });
                }
            }
        }
        found
    }

    /// How somebody can act as a service account, where anything is granted that allows it.
    pub fn acts_as(&self, who: &Principal, email: &str) -> Option<Actor> {
        let resource = self.account(email)?;
        WAYS.into_iter().find_map(|way| {
            let judged = self.judged(who, way.permission, &resource);
            let granted = Verdict::any(judged.iter().map(|(_, verdict)| verdict.clone()));
            let denied = self.denied(who, way.permission, &resource);
            let missing = match granted.and(denied.not()).and(self.runs(who, way, email)) {
                Verdict::No => return None,
                Verdict::Yes => BTreeSet::new(),
                Verdict::Unknown(missing) => missing,
            };
            let (grant, _) = judged.into_iter().next()?;
            Some(Actor {
                member: who.member.clone(),
                way,
                grant,
                missing,
            })
        })
    }

    /// What was not read of the policies that say who can act as a service account.
    pub(crate) fn unread_of_account(&self, email: &str) -> BTreeSet<Missing> {
        match self.account(email).map(|it| self.out_of_sight(&it)) {
            Some(Verdict::Unknown(missing)) => missing,
            _ => BTreeSet::new(),
        }
    }

    /// When somebody can act as a service account for sure, by what is granted from now on; `windows`
    /// are those of [`Evaluator::windows`].
    pub(crate) fn times_of_acting(
        &self,
        who: &Principal,
        email: &str,
        windows: &BTreeMap<&str, Vec<Window>>,
    ) -> Vec<Window> {
        let Some(resource) = self.account(email) else {
            return Vec::new();
        };
        let nodes = self.facts.lineage(&resource).0;
        let ends = nodes.iter().filter_map(|node| windows.get(node.as_str()));
        let mut times: Vec<Window> = Vec::new();
        for part in Window::from(self.now).cut(ends.flatten().copied()) {
            let then = Self {
                now: part.start().unwrap_or(self.now),
                ..*self
            };
            let acts = then.acts_as(who, email);
            if !acts.is_some_and(|actor| actor.missing.is_empty()) {
                continue;
            }
            let part = part.since(self.now);
            match times
                .last_mut()
                .and_then(|last| Some((last.joined(part)?, last)))
            {
                Some((joined, last)) => *last = joined,
                None => times.push(part),
            }
        }
        times
    }

    /// When bindings hold that have a condition about nothing but the time, by resource.
    pub(crate) fn windows(&self) -> BTreeMap<&str, Vec<Window>> {
        let mut found: BTreeMap<&str, Vec<Window>> = BTreeMap::new();
        for (node, bindings) in self.facts.policies() {
            let conditions = bindings.iter().filter_map(|it| it.condition.as_ref());
            for window in conditions.filter_map(Condition::window) {
                found.entry(node).or_default().push(window);
            }
        }
        found
    }

    /// The account as a resource; none where it is disabled, so that nobody can act as it.
    fn account(&self, email: &str) -> Option<Resource> {
        if self.facts.is_disabled(email) {
            return None;
        }
        Resource::parse(&account_resource(email)?).ok()
    }

    /// To attach an account takes something to attach it to, in the account's project.
    fn runs(&self, who: &Principal, way: Way, email: &str) -> Verdict {
        if way.permission != ACT_AS {
            return Verdict::Yes;
        }
        let project = project_of_account(email).map(|project| format!("projects/{project}"));
        let Some(project) = project.and_then(|project| Resource::parse(&project).ok()) else {
            return Verdict::No;
        };
        Verdict::any(RUNNERS.into_iter().map(|permission| {
            let judged = self.judged(who, permission, &project);
            let granted = Verdict::any(judged.into_iter().map(|(_, verdict)| verdict));
            granted.and(self.denied(who, permission, &project).not())
        }))
    }
}
