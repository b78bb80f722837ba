//! The evaluator: facts indexed by subject, for many questions about one world.

use std::collections::{BTreeSet, HashMap};

use crate::authorize::{Held, Missing, Via, referenced_rules};
use crate::delta::bindings;
use crate::matching::{contains, rule_allows};
use crate::subject::{MASTERS, first_match, is_named, service_account_username};
use crate::{Decision, Facts, Grant, PolicyRule, Request, RoleRef, Subject, User};

/// One world, ready to be asked. Answers are those of [`authorize`](crate::authorize()), found
/// without walking every binding.
pub struct Evaluator<'f> {
    bindings: Vec<Indexed<'f>>,
    users: HashMap<String, Places>,
    groups: HashMap<String, Places>,
    namespaces: HashMap<&'f str, usize>,
}

/// A binding, its role's rules beside it; none where the role does not exist.
struct Indexed<'f> {
    namespace: &'f str,
    name: &'f str,
    subjects: &'f [Subject],
    role_ref: &'f RoleRef,
    rules: Option<&'f [PolicyRule]>,
}

/// Which bindings name a username or a group, in order of evaluation.
#[derive(Default)]
struct Places {
    cluster: Vec<usize>,
    /// By the number of the namespace, which grows.
    local: Vec<(usize, Vec<usize>)>,
}

impl Places {
    fn add(&mut self, namespace: Option<usize>, index: usize) {
        let indexes = match namespace {
            None => &mut self.cluster,
            Some(namespace) => {
                if self.local.last().map(|(last, _)| *last) != Some(namespace) {
                    self.local.push((namespace, Vec::new()));
                }
                match self.local.last_mut() {
                    Some((_, indexes)) => indexes,
                    None => return,
                }
            }
        };
        if indexes.last() != Some(&index) {
            indexes.push(index);
        }
    }

    fn of(&self, namespace: Option<usize>) -> impl Iterator<Item = usize> {
        let local = namespace.and_then(|namespace| {
            let place = self.local.binary_search_by_key(&namespace, |(at, _)| *at);
            self.local.get(place.ok()?).map(|(_, indexes)| indexes)
        });
        self.cluster
            .iter()
            .chain(local.into_iter().flatten())
            .copied()
    }
}

impl<'f> Evaluator<'f> {
    /// Indexes a world.
    pub fn new(facts: &'f Facts) -> Self {
        let mut evaluator = Self {
            bindings: Vec::new(),
            users: HashMap::new(),
            groups: HashMap::new(),
            namespaces: HashMap::new(),
        };
        for bound in bindings(facts) {
            let namespace = match bound.namespace {
                "" => None,
                namespace => {
                    let next = evaluator.namespaces.len();
                    Some(*evaluator.namespaces.entry(namespace).or_insert(next))
                }
            };
            for subject in bound.subjects {
                evaluator.name(subject, bound.namespace, namespace);
            }
            evaluator.bindings.push(Indexed {
                namespace: bound.namespace,
                name: bound.name,
                subjects: bound.subjects,
                role_ref: bound.role_ref,
                rules: referenced_rules(facts, bound.role_ref, bound.namespace),
            });
        }
        evaluator
    }

    /// Notes whom the next binding names.
    fn name(&mut self, subject: &Subject, binding_namespace: &str, namespace: Option<usize>) {
        let (names, name) = match subject.kind.as_str() {
            "User" => (&mut self.users, subject.name.clone()),
            "Group" => (&mut self.groups, subject.name.clone()),
            "ServiceAccount" => {
                let home = match subject.namespace.as_str() {
                    "" => binding_namespace,
                    home => home,
                };
                if home.is_empty() {
                    return;
                }
                let username = service_account_username(home, &subject.name);
                (&mut self.users, username)
            }
            _ => return,
        };
        let index = self.bindings.len();
        names.entry(name).or_default().add(namespace, index);
    }

    /// Whether a request is allowed: the quickest question.
    pub fn allows(&self, user: &User, request: &Request) -> bool {
        contains(&user.groups, MASTERS)
            || self
                .held(user, request)
                .any(|index| self.rule(index, request).is_some())
    }

    /// The answer with its reason: the first binding in the server's order of evaluation.
    pub fn decide(&self, user: &User, request: &Request) -> Decision {
        if contains(&user.groups, MASTERS) {
            return Decision::Allowed {
                via: Via::SystemMasters,
            };
        }
        let mut first: Option<(usize, usize)> = None;
        let mut is_missing = false;
        for index in self.held(user, request) {
            if first.is_some_and(|(first, _)| first <= index) {
                continue;
            }
            match self.rule(index, request) {
                Some(rule) => first = Some((index, rule)),
                None => is_missing |= self.bindings.get(index).is_some_and(|b| b.rules.is_none()),
            }
        }
        if let Some(grant) = first.and_then(|(index, rule)| self.grant(user, index, rule)) {
            return Decision::Allowed {
                via: Via::Binding(Box::new(grant)),
            };
        }
        if !is_missing {
            return Decision::NoGrant {
                missing: Vec::new(),
            };
        }
        Decision::NoGrant {
            missing: self.missing_roles(user, request.namespace()).collect(),
        }
    }

    /// The roles that a user's bindings name in a namespace (`""`: cluster-wide only) and that do not
    /// exist, in order of evaluation.
    pub fn missing_roles(&self, user: &User, namespace: &str) -> impl Iterator<Item = Missing> {
        self.missing(user, namespace).map(|(_, missing)| missing)
    }

    /// The same, each with the namespace of its binding (empty: a cluster role binding).
    pub(crate) fn missing(
        &self,
        user: &User,
        namespace: &str,
    ) -> impl Iterator<Item = (&'f str, Missing)> {
        let mut indexes: Vec<usize> = self.held_in(user, namespace).collect();
        indexes.sort_unstable();
        indexes.dedup();
        let bindings = indexes
            .into_iter()
            .filter_map(|index| self.bindings.get(index));
        bindings
            .filter(|binding| binding.rules.is_none())
            .map(|binding| {
                let role_ref = binding.role_ref.clone();
                (binding.namespace, Missing { role_ref })
            })
    }

    /// Every binding that allows a request, in order of evaluation.
    pub fn every_grant(&self, user: &User, request: &Request) -> Vec<Grant> {
        self.found(user, request)
            .into_iter()
            .filter_map(|(index, rule)| self.grant(user, index, rule))
            .collect()
    }

    /// The same once more for each subject of a binding that names the user.
    pub(crate) fn every_grant_to_each(&self, user: &User, request: &Request) -> Vec<Grant> {
        let mut grants = Vec::new();
        for (index, rule) in self.found(user, request) {
            let Some(binding) = self.bindings.get(index) else {
                continue;
            };
            let subjects = binding.subjects.iter();
            let named = subjects.filter(|subject| is_named(subject, user, binding.namespace));
            grants.extend(named.map(|subject| binding.grant(subject, rule)));
        }
        grants
    }

    /// The bindings that allow a request, and by which rule, in order of evaluation.
    fn found(&self, user: &User, request: &Request) -> Vec<(usize, usize)> {
        let mut found: Vec<(usize, usize)> = self
            .held(user, request)
            .filter_map(|index| Some((index, self.rule(index, request)?)))
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The rules a user holds in a namespace (`""`: cluster-wide only), binding by binding.
    pub fn held_rules<'s>(
        &'s self,
        user: &'s User,
        namespace: &'s str,
    ) -> impl Iterator<Item = (Held<'f>, &'f [PolicyRule])> + 's {
        let held = self.held_bindings(user, namespace);
        held.filter_map(|held| Some((held, held.rules?)))
    }

    /// The bindings that name a user in a namespace (`""`: cluster-wide only), in order of
    /// evaluation, those of roles that do not exist too.
    pub(crate) fn held_bindings<'s>(
        &'s self,
        user: &'s User,
        namespace: &'s str,
    ) -> impl Iterator<Item = Held<'f>> + 's {
        let mut indexes: Vec<usize> = self.held_in(user, namespace).collect();
        indexes.sort_unstable();
        indexes.dedup();
        indexes.into_iter().filter_map(move |index| {
            let binding = self.bindings.get(index)?;
            let subject = first_match(binding.subjects, user, binding.namespace)?;
            Some(Held {
                namespace: binding.namespace,
                name: binding.name,
                role_ref: binding.role_ref,
                subject,
                rules: binding.rules,
            })
        })
    }

    /// The namespaces in which any binding names a user.
    pub(crate) fn namespaces_of(&self, user: &User) -> BTreeSet<&'f str> {
        let by_group = user.groups.iter().filter_map(|name| self.groups.get(name));
        let places = self.users.get(&user.name).into_iter().chain(by_group);
        let first = places
            .flat_map(|places| &places.local)
            .filter_map(|(_, indexes)| self.bindings.get(*indexes.first()?));
        first.map(|binding| binding.namespace).collect()
    }

    /// The namespaces that have any binding, sorted.
    pub fn namespaces(&self) -> impl Iterator<Item = &'f str> {
        let names: BTreeSet<&'f str> = self.namespaces.keys().copied().collect();
        names.into_iter()
    }

    /// Bindings that hold in a namespace (`""`: cluster-wide only) and name a role that is not
    /// there: kind, namespace and name of the binding, and what it names.
    pub fn unknown_roles<'s>(
        &'s self,
        namespace: &'s str,
    ) -> impl Iterator<Item = ((&'static str, &'f str, &'f str), &'f RoleRef)> + 's {
        self.bindings
            .iter()
            .filter(|binding| binding.rules.is_none())
            .filter(move |binding| binding.namespace.is_empty() || binding.namespace == namespace)
            .map(|binding| {
                let kind = match binding.namespace {
                    "" => "ClusterRoleBinding",
                    _ => "RoleBinding",
                };
                ((kind, binding.namespace, binding.name), binding.role_ref)
            })
    }

    fn held<'s>(
        &'s self,
        user: &'s User,
        request: &'s Request,
    ) -> impl Iterator<Item = usize> + 's {
        self.held_in(user, request.namespace())
    }

    fn held_in<'s>(&'s self, user: &'s User, namespace: &str) -> impl Iterator<Item = usize> + 's {
        let namespace = self.namespaces.get(namespace).copied();
        let by_name = self.users.get(&user.name);
        let by_group = user
            .groups
            .iter()
            .filter_map(|group| self.groups.get(group));
        by_name
            .into_iter()
            .chain(by_group)
            .flat_map(move |places| places.of(namespace))
    }

    fn rule(&self, index: usize, request: &Request) -> Option<usize> {
        let rules = self.bindings.get(index)?.rules?;
        rules.iter().position(|rule| rule_allows(rule, request))
    }

    fn grant(&self, user: &User, index: usize, rule: usize) -> Option<Grant> {
        let binding = self.bindings.get(index)?;
        let subject = first_match(binding.subjects, user, binding.namespace)?;
        Some(binding.grant(subject, rule))
    }
}

impl Indexed<'_> {
    fn grant(&self, subject: &Subject, rule: usize) -> Grant {
        Grant {
            binding_namespace: self.namespace.to_owned(),
            binding: self.name.to_owned(),
            role_ref: self.role_ref.clone(),
            subject: subject.clone(),
            rule,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::arbitrary::{facts, requests};
    use crate::subject::implied_groups;
    use crate::{authorize, every_grant, who_can};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn it_answers_as_walking_every_binding_does(facts in facts()) {
            let evaluator = Evaluator::new(&facts);
            for name in ["ana", "system:serviceaccount:a:x"] {
                let mut groups = implied_groups(name);
                groups.push("dev".to_owned());
                let user = User { name: name.to_owned(), groups };
                for request in requests() {
                    let expected = authorize(&facts, &user, &request);
                    prop_assert_eq!(evaluator.allows(&user, &request), expected.is_allowed());
                    prop_assert_eq!(evaluator.decide(&user, &request), expected);
                    let every = evaluator.every_grant(&user, &request);
                    prop_assert_eq!(&every, &every_grant(&facts, &user, &request));
                    let who = who_can(&facts, &request);
                    prop_assert!(every.iter().all(|grant| who.contains(grant)));
                }
            }
        }
    }
}
