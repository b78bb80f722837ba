//! Everybody who may do something.

use std::collections::HashMap;

use crate::authorize::{Held, referenced_rules};
use crate::matching::rule_allows;
use crate::{Facts, Grant, PolicyRule, Request, RoleRef, Subject};

/// Everybody whom a binding allows a request, and through which: subjects as the bindings name them,
/// in order of evaluation.
pub fn who_can(facts: &Facts, request: &Request) -> Vec<Grant> {
    let wide = facts
        .cluster_role_bindings()
        .map(|binding| ("", &*binding.name, &binding.role_ref, &*binding.subjects));
    let local = facts.role_bindings(request.namespace()).map(|binding| {
        let namespace = &*binding.namespace;
        (
            namespace,
            &*binding.name,
            &binding.role_ref,
            &*binding.subjects,
        )
    });
    let mut asked = Asked::default();
    let mut found = Vec::new();
    for (namespace, name, role_ref, subjects) in wide.chain(local) {
        let Some((rules, rule)) = asked.ask(facts, request, role_ref, namespace) else {
            continue;
        };
        let grant = |subject: &Subject| {
            let held = Held {
                namespace,
                name,
                role_ref,
                subject,
                rules: Some(rules),
            };
            held.grant(rule)
        };
        found.extend(subjects.iter().map(grant));
    }
    found
}

/// Many bindings share a role: each role is asked once.
#[derive(Default)]
struct Asked<'f>(HashMap<&'f RoleRef, Option<(&'f [PolicyRule], usize)>>);

impl<'f> Asked<'f> {
    /// The role's rules, and which of them allows the request. A namespace is that of the request or
    /// empty, and only there may a role of its own be named: the reference alone tells which is meant.
    fn ask(
        &mut self,
        facts: &'f Facts,
        request: &Request,
        role_ref: &'f RoleRef,
        namespace: &str,
    ) -> Option<(&'f [PolicyRule], usize)> {
        if namespace.is_empty() && role_ref.kind == "Role" {
            return None;
        }
        *self.0.entry(role_ref).or_insert_with(|| {
            let rules = referenced_rules(facts, role_ref, namespace)?;
            let rule = rules.iter().position(|rule| rule_allows(rule, request))?;
            Some((rules, rule))
        })
    }
}
