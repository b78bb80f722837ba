//! Holdings: what each subject holds in one world, binding by binding.

use std::collections::{BTreeMap, BTreeSet};

use super::cell::Cell;
use super::url::Paths;
use crate::authorize::referenced_rules;
use crate::subject::{service_account_username, split_service_account};
use crate::{ClusterRoleBinding, Facts, PolicyRule, RoleBinding, RoleRef, Subject};

/// Somebody a binding names, as the authorizer compares: a service account is its username.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    User(String),
    Group(String),
}

impl Who {
    pub(crate) fn of(subject: &Subject, binding_namespace: &str) -> Option<Self> {
        match subject.kind.as_str() {
            "User" => Some(Self::User(subject.name.clone())),
            "Group" => Some(Self::Group(subject.name.clone())),
            "ServiceAccount" => {
                let namespace = match subject.namespace.as_str() {
                    "" => binding_namespace,
                    namespace => namespace,
                };
                let username = service_account_username(namespace, &subject.name);
                (!namespace.is_empty()).then_some(Self::User(username))
            }
            _ => None,
        }
    }

    /// As stack files spell it.
    pub(crate) fn spelled(&self) -> String {
        match self {
            Self::User(name) => match split_service_account(name) {
                Some((namespace, name)) => format!("serviceaccount:{namespace}/{name}"),
                None => format!("user:{name}"),
            },
            Self::Group(name) => format!("group:{name}"),
        }
    }
}

/// A binding and the role it names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Through {
    /// The binding's namespace; empty for a cluster role binding.
    pub namespace: String,
    /// The binding's name.
    pub binding: String,
    /// `Role` or `ClusterRole`.
    pub role_kind: String,
    /// The role's name.
    pub role: String,
}

/// What one binding gives.
#[derive(Debug, Clone)]
pub(super) struct Holding {
    pub(super) through: Through,
    pub(super) cells: Vec<Cell>,
    pub(super) paths: Vec<Paths>,
}

/// What was read of one binding, whichever kind it is.
#[derive(Clone, Copy)]
pub(crate) struct Bound<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) name: &'a str,
    pub(crate) subjects: &'a [Subject],
    pub(crate) role_ref: &'a RoleRef,
}

/// Every binding, cluster-wide ones first.
pub(crate) fn bindings(facts: &Facts) -> impl Iterator<Item = Bound<'_>> {
    facts
        .cluster_role_bindings()
        .map(of_cluster)
        .chain(facts.all_role_bindings().map(of_namespace))
}

fn of_cluster(binding: &ClusterRoleBinding) -> Bound<'_> {
    Bound {
        namespace: "",
        name: &binding.name,
        subjects: &binding.subjects,
        role_ref: &binding.role_ref,
    }
}

fn of_namespace(binding: &RoleBinding) -> Bound<'_> {
    Bound {
        namespace: &binding.namespace,
        name: &binding.name,
        subjects: &binding.subjects,
        role_ref: &binding.role_ref,
    }
}

impl Bound<'_> {
    pub(crate) fn whom(&self) -> BTreeSet<Who> {
        let subjects = self.subjects.iter();
        subjects
            .filter_map(|subject| Who::of(subject, self.namespace))
            .collect()
    }

    pub(crate) fn through(&self) -> Through {
        Through {
            namespace: self.namespace.to_owned(),
            binding: self.name.to_owned(),
            role_kind: self.role_ref.kind.clone(),
            role: self.role_ref.name.clone(),
        }
    }

    /// Its role's rules; none where the role does not exist.
    pub(crate) fn rules<'f>(&self, facts: &'f Facts) -> Option<&'f [PolicyRule]> {
        referenced_rules(facts, self.role_ref, self.namespace)
    }

    fn holding(&self, facts: &Facts) -> Holding {
        let rules = self.rules(facts).unwrap_or_default();
        let paths = match self.namespace {
            // A request for a URL has no namespace: no role binding is ever asked.
            "" => rules.iter().flat_map(Paths::of).collect(),
            _ => Vec::new(),
        };
        Holding {
            through: self.through(),
            cells: rules.iter().flat_map(Cell::of).collect(),
            paths,
        }
    }
}

/// What some subjects hold by themselves, by scope: a namespace, or `""` for the whole cluster.
#[derive(Default)]
pub(super) struct Holdings(BTreeMap<Who, BTreeMap<String, Vec<Holding>>>);

impl Holdings {
    pub(super) fn of(facts: &Facts, wanted: &BTreeSet<Who>) -> Self {
        let mut held: BTreeMap<Who, BTreeMap<String, Vec<Holding>>> = BTreeMap::new();
        for bound in bindings(facts) {
            let mut whom = bound.whom();
            whom.retain(|who| wanted.contains(who));
            if whom.is_empty() {
                continue;
            }
            let holding = bound.holding(facts);
            for who in whom {
                let scopes = held.entry(who).or_default();
                let scope = scopes.entry(bound.namespace.to_owned()).or_default();
                scope.push(holding.clone());
            }
        }
        Self(held)
    }

    /// What a subject holds by itself in one scope, and only there.
    pub(super) fn at(&self, who: &Who, scope: &str) -> &[Holding] {
        self.0
            .get(who)
            .and_then(|scopes| scopes.get(scope))
            .map_or(&[], Vec::as_slice)
    }

    /// The scopes in which a subject holds anything by itself.
    pub(super) fn scopes(&self, who: &Who) -> impl Iterator<Item = &str> {
        self.0
            .get(who)
            .into_iter()
            .flat_map(|scopes| scopes.keys().map(String::as_str))
    }
}
