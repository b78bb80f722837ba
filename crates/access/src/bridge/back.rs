//! From a resource back to everybody who gets at it.

use std::collections::{BTreeSet, VecDeque};

use super::actor::Actor;
use super::powers::{IAM_POWERS, POWERS};
use super::{Bridge, IDENTITY, Proof, Reached, Step, WhoCan};
use crate::google::{self, Missing, Resource};
use crate::{Grant, subject, who_can};

/// One who becomes somebody known to get there.
struct Before {
    who: Actor,
    step: Step,
    missing: BTreeSet<Missing>,
}

impl Bridge<'_> {
    /// Everybody who gets at a permission on a resource, directly or by acting as somebody else.
    /// Of several ways to get there the shortest is told.
    pub fn who_can(&self, permission: &str, resource: &Resource) -> WhoCan {
        let direct = self.google.who_can_within(permission, resource);
        let mut answer = WhoCan {
            missing: direct.missing,
            ..WhoCan::default()
        };
        let mut seen = BTreeSet::new();
        let mut queue = VecDeque::new();
        for holder in direct.holders.into_iter().chain(direct.perhaps) {
            if self.is_disabled(&holder.member) {
                answer.disabled.insert(holder.member);
                continue;
            }
            let who = Actor::of_member(&holder.member, self.project());
            if !seen.insert(who.clone()) {
                continue;
            }
            let steps = holder.group.map(|group| Step {
                how: format!("member of {group}"),
                becomes: group.clone(),
                proof: Proof::Group(group),
            });
            let reached = Reached {
                subject: who.spelled(),
                steps: steps.into_iter().collect(),
                via: holder.via,
                missing: holder.missing,
            };
            queue.push_back((who, reached));
        }
        while let Some((who, reached)) = queue.pop_front() {
            for before in self.before(&who, &mut answer) {
                if seen.insert(before.who.clone()) {
                    let mut steps = vec![before.step];
                    steps.extend(reached.steps.iter().cloned());
                    let mut missing = reached.missing.clone();
                    missing.extend(before.missing);
                    let further = Reached {
                        subject: before.who.spelled(),
                        steps,
                        via: reached.via.clone(),
                        missing,
                    };
                    queue.push_back((before.who, further));
                }
            }
            answer.reached.push(reached);
        }
        answer
    }

    /// What was not read of the accounts that hold a permission on a resource, or get at it: somebody
    /// may act as one of them.
    pub fn unread_ways(&self, permission: &str, resource: &Resource) -> BTreeSet<Missing> {
        let missing = self.who_can(permission, resource).missing.into_iter();
        let of_account = |it: &Missing| matches!(it, Missing::Policy(name) if name.contains("/serviceAccounts/"));
        missing.filter(of_account).collect()
    }

    /// Everybody who can become somebody in one step; what was not read of it goes to the answer.
    fn before(&self, who: &Actor, answer: &mut WhoCan) -> Vec<Before> {
        match who {
            Actor::Named(member) => match member.strip_prefix("serviceAccount:") {
                Some(email) => {
                    answer.missing.extend(self.google.unread_of_account(email));
                    self.who_acts_as(email)
                }
                None => Vec::new(),
            },
            Actor::Pods { namespace, name } => {
                let mut found = self.who_makes_pods(
                    namespace.as_deref(),
                    name.as_deref(),
                    &mut answer.platform,
                );
                found.extend(self.who_makes_pods_by_iam(who));
                found
            }
        }
    }

    fn who_acts_as(&self, email: &str) -> Vec<Before> {
        let actors = self.google.actors(email).into_iter();
        actors
            .filter(|actor| !self.is_disabled(&actor.member))
            .map(|actor| {
                let who = Actor::of_member(&actor.member, self.project());
                Before {
                    step: self.acting(&who, email, &actor),
                    who,
                    missing: actor.missing,
                }
            })
            .collect()
    }

    /// The step from somebody to the service account that they act as.
    pub(super) fn acting(&self, who: &Actor, email: &str, actor: &google::Actor) -> Step {
        let how = match who {
            Actor::Pods {
                namespace: Some(namespace),
                name: Some(name),
            } => match self.workloads.acts_as(namespace, name) {
                Some(annotated) if annotated == email => IDENTITY.to_owned(),
                _ => format!("{} (not annotated: pods must ask for it)", actor.way.words),
            },
            _ => actor.way.words.to_owned(),
        };
        Step {
            how,
            becomes: format!("serviceAccount:{email}"),
            proof: Proof::Google(actor.grant.clone()),
        }
    }

    fn who_makes_pods(
        &self,
        namespace: Option<&str>,
        name: Option<&str>,
        platform: &mut usize,
    ) -> Vec<Before> {
        let namespaces: BTreeSet<&str> = match namespace {
            Some(namespace) => BTreeSet::from([namespace]),
            None => {
                let bindings = self.kubernetes.all_role_bindings();
                let local = bindings.map(|binding| binding.namespace.as_str());
                std::iter::once("").chain(local).collect()
            }
        };
        let becomes = Actor::Pods {
            namespace: namespace.map(str::to_owned),
            name: name.map(str::to_owned),
        }
        .spelled();
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        let mut own = BTreeSet::new();
        for namespace in namespaces {
            for (how, request) in POWERS
                .into_iter()
                .flat_map(|power| power.requests(namespace, name))
            {
                for grant in who_can(self.kubernetes, &request) {
                    let who = Actor::of_grant(&grant);
                    if is_platform(&grant) {
                        own.insert(who);
                    } else if seen.insert(who.clone()) {
                        found.push(Before {
                            who,
                            step: Step {
                                how: how.clone(),
                                becomes: becomes.clone(),
                                proof: Proof::Kubernetes(grant),
                            },
                            missing: BTreeSet::new(),
                        });
                    }
                }
            }
        }
        *platform = (*platform).max(own.len());
        found
    }

    /// GKE lets in whom either RBAC or IAM allows, in every cluster of a project.
    fn who_makes_pods_by_iam(&self, who: &Actor) -> Vec<Before> {
        let Some(project) = self.project() else {
            return Vec::new();
        };
        let Ok(resource) = Resource::parse(&format!("projects/{project}")) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        for permission in IAM_POWERS {
            let answer = self.google.who_can(permission, &resource);
            for holder in answer.holders.into_iter().chain(answer.perhaps) {
                if self.is_disabled(&holder.member) {
                    continue;
                }
                let before = Actor::of_member(&holder.member, self.project());
                let Some(grant) = holder.via.into_iter().next() else {
                    continue;
                };
                if seen.insert(before.clone()) {
                    found.push(Before {
                        who: before,
                        step: by_iam(permission, project, who, grant),
                        missing: holder.missing,
                    });
                }
            }
        }
        found
    }

    /// Whether a member is a service account that is known to be disabled or gone.
    pub fn is_disabled(&self, member: &str) -> bool {
        let email = member.strip_prefix("serviceAccount:");
        email.is_some_and(|email| self.google.facts.is_disabled(email))
    }

    /// The project whose pool the cluster is in.
    pub(super) fn project(&self) -> Option<&str> {
        self.workloads.project.as_deref()
    }
}

/// The step from somebody to pods of any cluster of a project.
pub(super) fn by_iam(
    permission: &str,
    project: &str,
    becomes: &Actor,
    grant: google::Grant,
) -> Step {
    Step {
        how: format!("{permission} in every cluster of {project}"),
        becomes: becomes.spelled(),
        proof: Proof::Google(grant),
    }
}

/// What the platform binds for itself: all but the one for administrators is called `system:...`.
fn is_platform(grant: &Grant) -> bool {
    grant.binding.starts_with("system:") && grant.subject.name != subject::MASTERS
}
