//! The decision (`plugin/pkg/auth/authorizer/rbac/rbac.go` and
//! `pkg/registry/rbac/validation/rule.go`).

use std::fmt;

use crate::matching::{contains, rule_allows};
use crate::quote::go_quote;
use crate::subject::{MASTERS, describe, first_match};
use crate::{Facts, PolicyRule, RBAC_GROUP, Request, RoleRef, Subject, User};

/// The answer to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Something grants it.
    Allowed {
        /// What grants it: the first in the server's order of evaluation.
        via: Via,
    },
    /// RBAC has no opinion; another authorizer might still allow it.
    NoGrant {
        /// Roles that bindings of this user name, and that do not exist.
        missing: Vec<Missing>,
    },
}

impl Decision {
    /// Whether the request is allowed.
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed { .. })
    }

    /// The reason as the server words it; empty where it gives none.
    pub fn reason(&self) -> String {
        match self {
            Self::Allowed {
                via: Via::SystemMasters,
            } => String::new(),
            Self::Allowed {
                via: Via::Binding(grant),
            } => grant.to_string(),
            Self::NoGrant { missing } if missing.is_empty() => String::new(),
            Self::NoGrant { missing } => format!("RBAC: {}", join_missing(missing)),
        }
    }
}

/// Why a request is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Via {
    /// Membership of `system:masters`, which no rule can give or take.
    SystemMasters,
    /// A binding.
    Binding(Box<Grant>),
}

/// A rule held through a binding. Prints as the server's reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The binding's namespace; empty for a cluster role binding.
    pub binding_namespace: String,
    /// The binding's name.
    pub binding: String,
    /// The role it grants.
    pub role_ref: RoleRef,
    /// The subject of the binding that names the user.
    pub subject: Subject,
    /// The position of the matching rule in the role.
    pub rule: usize,
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let binding = if self.binding_namespace.is_empty() {
            format!("ClusterRoleBinding {}", go_quote(&self.binding))
        } else {
            let name = format!("{}/{}", self.binding, self.binding_namespace);
            format!("RoleBinding {}", go_quote(&name))
        };
        write!(
            f,
            "RBAC: allowed by {binding} of {} {} to {}",
            self.role_ref.kind,
            go_quote(&self.role_ref.name),
            describe(&self.subject, &self.binding_namespace)
        )
    }
}

/// A role that a binding names and that does not exist. Prints as the server's error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// What the binding names.
    pub role_ref: RoleRef,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = go_quote(&self.role_ref.name);
        match self.role_ref.kind.as_str() {
            "Role" => write!(f, "role.{RBAC_GROUP} {name} not found"),
            "ClusterRole" => write!(f, "clusterrole.{RBAC_GROUP} {name} not found"),
            kind => write!(f, "unsupported role reference kind: {}", go_quote(kind)),
        }
    }
}

impl Missing {
    /// As the server's storage says it, which names the resource that the request is for, whatever
    /// was looked up.
    pub fn from_storage(&self, resource: &str) -> String {
        let name = go_quote(&self.role_ref.name);
        match self.role_ref.kind.as_str() {
            "Role" | "ClusterRole" => format!("{resource}.{RBAC_GROUP} {name} not found"),
            _ => self.to_string(),
        }
    }
}

/// Missing roles as the server joins them.
pub fn join_missing(missing: &[Missing]) -> String {
    join_errors(missing.iter().map(ToString::to_string).collect())
}

/// Several errors as the server joins them: one as it is, more as `[a, b]`, each text once.
pub(crate) fn join_errors(errors: Vec<String>) -> String {
    let mut texts: Vec<String> = Vec::new();
    for text in errors {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    match texts.as_slice() {
        [one] => one.clone(),
        _ => format!("[{}]", texts.join(", ")),
    }
}

/// Decides a request: cluster role bindings first, then the bindings of the request's namespace.
pub fn authorize(facts: &Facts, user: &User, request: &Request) -> Decision {
    if contains(&user.groups, MASTERS) {
        return Decision::Allowed {
            via: Via::SystemMasters,
        };
    }
    let mut missing = Vec::new();
    for held in bindings_of(facts, user, request.namespace()) {
        match held.rules {
            Some(rules) => {
                if let Some(rule) = rules.iter().position(|rule| rule_allows(rule, request)) {
                    return Decision::Allowed {
                        via: Via::Binding(Box::new(held.grant(rule))),
                    };
                }
            }
            None => missing.push(Missing {
                role_ref: held.role_ref.clone(),
            }),
        }
    }
    Decision::NoGrant { missing }
}

/// Every binding that allows a request, in the order of evaluation. Any of those of the first kind
/// found (cluster role bindings before role bindings) is a reason the server may give.
pub fn every_grant(facts: &Facts, user: &User, request: &Request) -> Vec<Grant> {
    bindings_of(facts, user, request.namespace())
        .filter_map(|held| {
            let rule = held
                .rules?
                .iter()
                .position(|rule| rule_allows(rule, request))?;
            Some(held.grant(rule))
        })
        .collect()
}

/// All rules that a user holds in a namespace (empty: cluster-wide), in the order of evaluation,
/// and the roles that could not be found.
pub fn rules_for<'a>(
    facts: &'a Facts,
    user: &User,
    namespace: &str,
) -> (Vec<&'a PolicyRule>, Vec<Missing>) {
    let mut rules = Vec::new();
    let mut missing = Vec::new();
    for held in bindings_of(facts, user, namespace) {
        match held.rules {
            Some(held) => rules.extend(held),
            None => missing.push(Missing {
                role_ref: held.role_ref.clone(),
            }),
        }
    }
    (rules, missing)
}

/// The rules of the role that a binding in `namespace` (empty: a cluster role binding) names.
pub fn referenced_rules<'a>(
    facts: &'a Facts,
    role_ref: &RoleRef,
    namespace: &str,
) -> Option<&'a [PolicyRule]> {
    match role_ref.kind.as_str() {
        "Role" => facts
            .role(namespace, &role_ref.name)
            .map(|role| role.rules.as_slice()),
        "ClusterRole" => facts
            .cluster_role(&role_ref.name)
            .map(|role| role.rules.as_slice()),
        _ => None,
    }
}

/// A binding that names the user, with its role's rules where the role exists.
#[derive(Debug, Clone, Copy)]
pub struct Held<'a> {
    /// The binding's namespace; empty for a cluster role binding.
    pub namespace: &'a str,
    /// The binding's name.
    pub name: &'a str,
    /// The role it names.
    pub role_ref: &'a RoleRef,
    /// The subject of the binding that names the user.
    pub subject: &'a Subject,
    /// The role's rules.
    pub rules: Option<&'a [PolicyRule]>,
}

impl Held<'_> {
    /// One of its rules as a grant.
    pub fn grant(&self, rule: usize) -> Grant {
        Grant {
            binding_namespace: self.namespace.to_owned(),
            binding: self.name.to_owned(),
            role_ref: self.role_ref.clone(),
            subject: self.subject.clone(),
            rule,
        }
    }
}

fn bindings_of<'a>(
    facts: &'a Facts,
    user: &User,
    namespace: &str,
) -> impl Iterator<Item = Held<'a>> {
    let cluster_wide = facts.cluster_role_bindings().filter_map(move |binding| {
        Some(Held {
            namespace: "",
            name: &binding.name,
            role_ref: &binding.role_ref,
            subject: first_match(&binding.subjects, user, "")?,
            rules: referenced_rules(facts, &binding.role_ref, ""),
        })
    });
    let namespaced = facts.role_bindings(namespace).filter_map(move |binding| {
        Some(Held {
            namespace: &binding.namespace,
            name: &binding.name,
            role_ref: &binding.role_ref,
            subject: first_match(&binding.subjects, user, &binding.namespace)?,
            rules: referenced_rules(facts, &binding.role_ref, &binding.namespace),
        })
    });
    cluster_wide.chain(namespaced)
}

#[cfg(test)]
#[path = "authorize_tests.rs"]
mod tests;
