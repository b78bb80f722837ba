//! Warnings about declared roles and bindings that do not do what they seem to.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_access::delta::Through;
use rbacform_access::findings::{DeadRule, dead_rules, redundant_grants};
use rbacform_access::{Facts, InvalidObject, PolicyRule};
use rbacform_core::{DesiredResource, Diagnostic, ObjectId, SourceMap, Span};

use super::change::ids;
use super::{RBAC_KINDS, google_findings, written};
use crate::planning::KUBERNETES;
use crate::written::Written;

/// Rules that never match, and grants that another one of the stack gives already, each at its
/// place in the files. They follow from the files alone, so every run on them says the same.
///
/// A grant that ends (`until`) is no reason to give up one that stays.
pub(crate) fn findings(
    declared: &[DesiredResource],
    temporary: &BTreeMap<ObjectId, i64>,
    sources: &SourceMap,
) -> Result<Vec<Diagnostic>, InvalidObject> {
    let is_rbac = |it: &DesiredResource| RBAC_KINDS.contains(&it.object.kind.as_str());
    let mut found = google_findings::redundant(declared, sources);
    if !declared.iter().any(is_rbac) {
        return Ok(found);
    }
    let mut facts = written(declared)?;
    let mut places = Written::default();
    found.extend(dead(declared, &facts, |resource, rule, dead| {
        places.item(sources, resource.span, rule, (dead.list, &dead.item))
    }));
    for object in temporary.keys() {
        facts.remove(object);
    }
    found.extend(redundant(
        declared,
        &facts,
        |binding, subjects, account| match subjects {
            [only] => places.subject(sources, binding.span, only, account),
            _ => places.subjects(sources, binding.span),
        },
    ));
    Ok(found)
}

fn dead(
    declared: &[DesiredResource],
    facts: &Facts,
    mut place: impl FnMut(&DesiredResource, &PolicyRule, &DeadRule) -> Span,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for resource in declared {
        let Some((rules, namespaced)) = rules_of(resource, facts) else {
            continue;
        };
        let mut told = BTreeSet::new();
        for dead in dead_rules(rules, namespaced) {
            let Some(rule) = rules.get(dead.rule) else {
                continue;
            };
            let place = place(resource, rule, &dead);
            if told.insert((place, dead.what.clone())) {
                let warning = Diagnostic::warning("dead-rule", dead.what)
                    .at(place)
                    .address(&resource.address)
                    .help(dead.help);
                found.push(warning);
            }
        }
    }
    found
}

/// The rules of a declared role, and whether they are asked in a namespace only.
fn rules_of<'f>(resource: &DesiredResource, facts: &'f Facts) -> Option<(&'f [PolicyRule], bool)> {
    let object = &resource.object;
    match object.kind.as_str() {
        "Role" => {
            let role = facts.role(object.namespace().unwrap_or_default(), object.name());
            role.map(|role| (role.rules.as_slice(), true))
        }
        "ClusterRole" => {
            let role = facts.cluster_role(&object.ident);
            // What an aggregated role holds is written elsewhere.
            let role = role.filter(|role| role.aggregation.is_none());
            role.map(|role| (role.rules.as_slice(), false))
        }
        _ => None,
    }
}

fn redundant(
    declared: &[DesiredResource],
    facts: &Facts,
    mut place: impl FnMut(&DesiredResource, &[String], Option<&str>) -> Span,
) -> Vec<Diagnostic> {
    let by_object: BTreeMap<&ObjectId, &DesiredResource> = declared
        .iter()
        .map(|resource| (&resource.object, resource))
        .collect();
    let mut subjects: BTreeMap<_, Vec<String>> = BTreeMap::new();
    let asked = |through: &Through| by_object.contains_key(&ids(through).0);
    for grant in redundant_grants(facts, asked) {
        let pair = (grant.through, grant.by);
        subjects.entry(pair).or_default().push(grant.subject);
    }
    let account = |subject: &String| {
        let (namespace, name) = subject.strip_prefix("serviceaccount:")?.split_once('/')?;
        let object = ObjectId::namespaced(KUBERNETES, "ServiceAccount", namespace, name);
        let address = &by_object.get(&object)?.address;
        Some(format!("{}.{}", address.type_name, address.name))
    };
    let warnings = subjects.into_iter().filter_map(|((through, by), subjects)| {
        let resource = by_object.get(&ids(&through).0)?;
        let (by, role) = ids(&by);
        let is_itself = by == resource.object;
        let way = match is_itself {
            true => "a group that this binding names as well".to_owned(),
            false => format!("{} `{}` of {} `{}`", by.kind, by.ident, role.kind, role.name()),
        };
        let message = format!(
            "`{}` {} all of this already, through {way}",
            subjects.join("`, `"),
            if subjects.len() == 1 { "has" } else { "have" },
        );
        let account = subjects.first().and_then(account);
        let warning = Diagnostic::warning("redundant-grant", message)
            .at(place(resource, &subjects, account.as_deref()))
            .address(&resource.address)
            .help("taking this grant away takes nothing from them: remove it, or narrow the other one");
        Some(match by_object.get(&by) {
            Some(other) if !is_itself => warning.related(other.span, "it is given here too"),
            _ => warning,
        })
    });
    warnings.collect()
}
