//! What people gain and lose at Google by pods that they may make in a cluster.

use std::collections::{BTreeMap, BTreeSet};

use super::actor::Actor;
use super::faces::{Face, Faces};
use super::powers::POWERS;
use super::{Acting, Guised};
use crate::google::{Comparison, Former, Gain, Window};
use crate::{Evaluator, Grant, User};

/// Something at Google that somebody gains by acting as pods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByPods {
    /// Who, as whom, and what. As the pods themselves where they hold it in their own name.
    pub acting: Acting,
    /// The binding of the cluster that lets them act as the pods.
    pub by: Grant,
}

/// Somebody of whom a cluster's bindings say something else than before, as stack files spell them,
/// and the namespace; none for the whole cluster.
pub type Candidate = (String, Option<String>);

/// Who may act as which pods in one world.
struct Makers<'w> {
    faces: Faces,
    cluster: Evaluator<'w>,
}

/// Somebody who may make pods, and where.
struct Maker<'m, 'w> {
    cluster: &'m Evaluator<'w>,
    user: &'m User,
    /// Where they may do so by bindings of the namespace; none where one has to ask of each.
    within: Option<BTreeSet<&'w str>>,
    known: BTreeMap<String, Option<Grant>>,
}

impl Guised<'_> {
    /// What candidates can do at Google as pods in these worlds and not in `before`: they may make
    /// pods, or what makes them, or mint their tokens. With the worlds swapped, what they can do no
    /// longer.
    ///
    /// Kubernetes: `concepts/security/rbac-good-practices/`, "Workload creation".
    pub fn gained_by_pods(&self, before: &Guised<'_>, candidates: &[Candidate]) -> Vec<ByPods> {
        let makers = Makers::of(self);
        if candidates.is_empty() || makers.faces.is_empty() {
            return Vec::new();
        }
        let earlier = Makers::of(before);
        let mut comparison = Comparison::of(&before.bridge.google, &self.bridge.google);
        let held = self.held();
        let mut found = Vec::new();
        for (subject, places) in by_subject(candidates) {
            let actor = Actor::of_spelled(subject);
            let Some(user) = actor.user() else { continue };
            let faces = makers.of_somebody(&user, &actor, Some(&places));
            if faces.is_empty() {
                continue;
            }
            let had = earlier.of_somebody(&user, &actor, None);
            let own = self.pools.principal(&actor);
            let own = own.into_iter().map(|own| (own, Window::ALWAYS));
            let others = had.values().flat_map(|(face, _)| face.former());
            let who: Vec<Former> = own.chain(others).collect();
            // Pods' own gains are told of as theirs.
            let new = faces
                .into_values()
                .filter(|(face, _)| !had.contains_key(face.spelled.as_str()));
            for (face, by) in new {
                for grant in held.get(&face.spelled).into_iter().flatten() {
                    let news = comparison.news(grant, &face.times, &who).into_iter();
                    let gains = news.filter_map(|(news, when)| Gain::of(grant, news, when));
                    found.extend(gains.map(|gain| ByPods {
                        acting: Acting {
                            workload: subject.to_owned(),
                            account: face.spelled.clone(),
                            gain,
                        },
                        by: by.clone(),
                    }));
                }
            }
        }
        found
    }
}

/// Each candidate once, with the namespaces that it is about; none for the whole cluster.
fn by_subject(candidates: &[Candidate]) -> BTreeMap<&str, BTreeSet<Option<&str>>> {
    let mut found: BTreeMap<&str, BTreeSet<Option<&str>>> = BTreeMap::new();
    for (subject, namespace) in candidates {
        let places = found.entry(subject).or_default();
        places.insert(namespace.as_deref());
    }
    found
}

impl<'w> Makers<'w> {
    fn of(world: &Guised<'w>) -> Self {
        Self {
            faces: world.faces(),
            cluster: Evaluator::new(world.bridge.kubernetes),
        }
    }

    /// Whom Google sees in the pods that somebody can act as, in some namespaces or in any, by how
    /// they are spelled, each with a binding that lets them.
    fn of_somebody(
        &self,
        user: &User,
        who: &Actor,
        places: Option<&BTreeSet<Option<&str>>>,
    ) -> BTreeMap<&str, (&Face, Grant)> {
        let mut maker = Maker::of(&self.cluster, user);
        let mut found = BTreeMap::new();
        for (pods, faces) in self.pods(places, &maker) {
            if pods == who {
                continue;
            }
            if let Some(by) = maker.makes(pods) {
                for face in faces {
                    let spelled = face.spelled.as_str();
                    found.entry(spelled).or_insert_with(|| (face, by.clone()));
                }
            }
        }
        found
    }

    /// The pods of some namespaces, or of all where a maker may make any.
    fn pods<'s>(
        &'s self,
        places: Option<&BTreeSet<Option<&str>>>,
        maker: &Maker<'_, '_>,
    ) -> Vec<(&'s Actor, &'s Vec<Face>)> {
        let places = places.filter(|places| !places.contains(&None));
        let named = places.map(|places| places.iter().flatten().copied().collect());
        let Some(namespaces) = named.or_else(|| maker.within.clone()) else {
            return self.faces.iter().collect();
        };
        let pods = namespaces.into_iter().flat_map(|namespace| {
            let first = Actor::Pods {
                namespace: Some(namespace.to_owned()),
                name: None,
            };
            let from = self.faces.range(first..);
            from.take_while(move |(pods, _)| pods.namespace() == Some(namespace))
        });
        // Those of every namespace are made in any.
        let all = self
            .faces
            .iter()
            .take_while(|(pods, _)| pods.namespace().is_none());
        all.chain(pods).collect()
    }
}

impl<'m, 'w> Maker<'m, 'w> {
    fn of(cluster: &'m Evaluator<'w>, user: &'m User) -> Self {
        let mut rules = cluster.held_rules(user, "").flat_map(|(_, rules)| rules);
        // Tokens may be allowed of single accounts, whatever namespace these are in.
        let of_tokens = rules.any(|rule| {
            let mut resources = rule.resources.iter();
            resources.any(|it| it == "serviceaccounts/token" || it.starts_with('*'))
        });
        let asks_each = of_tokens || allowed(cluster, user, "", None).is_some();
        Self {
            within: (!asks_each).then(|| cluster.namespaces_of(user)),
            known: BTreeMap::new(),
            cluster,
            user,
        }
    }

    /// A binding that lets them act as some pods.
    fn makes(&mut self, pods: &Actor) -> Option<Grant> {
        let Actor::Pods { namespace, name } = pods else {
            return None;
        };
        match (namespace, name) {
            (Some(namespace), Some(name)) => {
                let by = self.in_namespace(namespace);
                by.or_else(|| allowed(self.cluster, self.user, namespace, Some(name)))
            }
            (Some(namespace), None) => self.some_in(namespace),
            (None, _) => {
                let bound = self.cluster.namespaces_of(self.user).into_iter();
                let mut places = std::iter::once("").chain(bound);
                places.find_map(|namespace| self.some_in(namespace))
            }
        }
    }

    /// A binding that lets them act as some pods of a namespace; without one, of every namespace.
    fn some_in(&mut self, namespace: &str) -> Option<Grant> {
        self.in_namespace(namespace).or_else(|| {
            let rules = self.cluster.held_rules(self.user, namespace);
            let named = rules
                .flat_map(|(_, rules)| rules)
                .flat_map(|rule| &rule.resource_names);
            let mut names = named.map(String::as_str).chain([""]);
            names.find_map(|name| allowed(self.cluster, self.user, namespace, Some(name)))
        })
    }

    fn in_namespace(&mut self, namespace: &str) -> Option<Grant> {
        let (cluster, user) = (self.cluster, self.user);
        let known = self.known.entry(namespace.to_owned());
        let by = known.or_insert_with(|| allowed(cluster, user, namespace, None));
        by.clone()
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
