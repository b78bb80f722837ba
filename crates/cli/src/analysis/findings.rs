//! Warnings about declared roles and bindings that do not do what they seem to.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_access::delta::Through;
use rbacform_access::findings::{dead_rules, redundant_grants};
use rbacform_access::{Facts, InvalidObject};
use rbacform_core::{DesiredResource, Diagnostic, ObjectId};

use super::change::ids;
use super::written;

/// Rules that never match, and grants that another one of the stack gives already. They follow from
/// the files alone, so every run on them says the same.
pub(crate) fn findings(declared: &[DesiredResource]) -> Result<Vec<Diagnostic>, InvalidObject> {
    let facts = written(declared)?;
    let mut found = dead(declared, &facts);
    found.extend(redundant(declared, &facts));
    Ok(found)
}

fn dead(declared: &[DesiredResource], facts: &Facts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    // The instances of one declaration are wrong in one place.
    let mut told = BTreeSet::new();
    for resource in declared {
        let rules = match resource.object.kind.as_str() {
            "Role" => {
                let namespace = resource.object.namespace().unwrap_or_default();
                let role = facts.role(namespace, resource.object.name());
                role.map(|role| (&role.rules, true))
            }
            "ClusterRole" => {
                let role = facts.cluster_role(&resource.object.ident);
                // What an aggregated role holds is written elsewhere.
                let role = role.filter(|role| role.aggregation.is_none());
                role.map(|role| (&role.rules, false))
            }
            _ => None,
        };
        let Some((rules, namespaced)) = rules else {
            continue;
        };
        for dead in dead_rules(rules, namespaced) {
            if told.insert((resource.span, dead.clone())) {
                let warning = Diagnostic::warning("dead-rule", dead.what)
                    .at(resource.span)
                    .address(&resource.address)
                    .help(dead.help);
                found.push(warning);
            }
        }
    }
    found
}

fn redundant(declared: &[DesiredResource], facts: &Facts) -> Vec<Diagnostic> {
    let by_object: BTreeMap<&ObjectId, &DesiredResource> = declared
        .iter()
        .map(|resource| (&resource.object, resource))
        .collect();
    let mut subjects: BTreeMap<_, Vec<String>> = BTreeMap::new();
    let asked = |through: &Through| by_object.contains_key(&ids(through).0);
    for grant in redundant_grants(facts, asked) {
        let subject = format!("`{}`", grant.subject);
        let pair = (grant.through, grant.by);
        subjects.entry(pair).or_default().push(subject);
    }
    let warnings = subjects.into_iter().filter_map(|((through, by), subjects)| {
        let resource = by_object.get(&ids(&through).0)?;
        let (by, role) = ids(&by);
        let message = format!(
            "{} {} all of this already, through {} `{}` of {} `{}`",
            subjects.join(", "),
            if subjects.len() == 1 { "has" } else { "have" },
            by.kind,
            by.ident,
            role.kind,
            role.name(),
        );
        let warning = Diagnostic::warning("redundant-grant", message)
            .at(resource.span)
            .address(&resource.address)
            .help("taking this grant away takes nothing from them: remove it, or narrow the other one");
        Some(match by_object.get(&by) {
            Some(other) => warning.related(other.span, "it is given here too"),
            None => warning,
        })
    });
    warnings.collect()
}
