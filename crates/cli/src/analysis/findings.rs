//! Warnings about declared roles and bindings that do not do what they seem to.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_access::delta::Through;
use rbacform_access::findings::{DeadRule, dead_rules, idle_in_namespaces, redundant_grants};
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
    found.extend(idle(declared, &facts, |binding| {
        places.role(sources, binding.span)
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

/// RoleBindings that give nothing in their namespace, whatever their role gives in the whole cluster.
fn idle(
    declared: &[DesiredResource],
    facts: &Facts,
    mut place: impl FnMut(&DesiredResource) -> Span,
) -> Vec<Diagnostic> {
    let by_object = by_object(declared);
    let of_namespaces = declared.iter().filter_map(|resource| {
        let (namespace, name) = (resource.object.namespace()?, resource.object.name());
        let binding = facts.role_binding(namespace, name)?;
        let role = &binding.role_ref;
        // Of a Role the rules themselves are told of.
        let rules = facts.cluster_role(&role.name)?;
        let object = ObjectId::cluster(KUBERNETES, "ClusterRole", &role.name);
        let declaration = by_object.get(&object);
        // What another one of these has is not all in the files.
        let is_known = rules.aggregation.is_none()
            && declaration.is_none_or(|it| it.lifecycle.ignore_changes.is_empty());
        let here = resource.object.kind == "RoleBinding" && role.kind == "ClusterRole";
        let granted = idle_in_namespaces(&rules.rules).filter(|_| here && is_known)?;
        if granted.is_empty() {
            return None;
        }
        Some((resource, role.name.clone(), granted, declaration))
    });
    let mut found = Vec::new();
    for (resource, role, granted, declaration) in of_namespaces {
        let message = format!(
            "this binding gives nothing: what ClusterRole `{role}` grants is in no namespace \
             ({})",
            first(&granted),
        );
        let warning = Diagnostic::warning("idle-binding", message)
            .at(place(resource))
            .address(&resource.address)
            .help("bind it by a ClusterRoleBinding, or grant something that is in the namespace");
        found.push(match declaration {
            Some(role) => warning.related(role.span, "the role is declared here"),
            None => warning,
        });
    }
    found
}

/// The first few of some things.
fn first(things: &[String]) -> String {
    const MOST: usize = 4;
    match things.get(..MOST) {
        Some(few) if things.len() > MOST => {
            format!("`{}` and {} more", few.join("`, `"), things.len() - MOST)
        }
        _ => format!("`{}`", things.join("`, `")),
    }
}

fn by_object(declared: &[DesiredResource]) -> BTreeMap<&ObjectId, &DesiredResource> {
    declared
        .iter()
        .map(|resource| (&resource.object, resource))
        .collect()
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
    let by_object = by_object(declared);
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
