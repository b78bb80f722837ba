//! Projects have two names. The id is canonical; a number, where a stack writes one, is replaced
//! once its project was looked up.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::{DesiredResource, Diagnostic, Map, ObjectId, Value};

use crate::ident::{CUSTOM_ROLE, Ident, SERVICE_ACCOUNT};
use crate::target::is_project_number;

/// The numbers of projects that a stack names where an id would be canonical.
pub fn project_numbers(desired: &[DesiredResource]) -> BTreeSet<String> {
    let mut numbers = BTreeSet::new();
    for resource in desired.iter().filter(|resource| is_ours(&resource.object)) {
        if let Some(about) = Ident::of(&resource.object) {
            numbers.extend(number(about.resource));
            numbers.extend(number(about.role));
        }
        numbers.extend(roles(&resource.attributes).into_iter().filter_map(number));
    }
    numbers.into_iter().map(str::to_owned).collect()
}

/// Replaces the numbers of projects by their ids, by number, in every name and identity.
///
/// Returns an error for each two resources that turn out to be one object.
pub fn rename_projects(
    desired: &mut [DesiredResource],
    ids: &BTreeMap<String, String>,
) -> Vec<Diagnostic> {
    for resource in desired
        .iter_mut()
        .filter(|resource| is_ours(&resource.object))
    {
        rename_object(&mut resource.object, ids);
        resource
            .requires
            .iter_mut()
            .for_each(|object| rename_object(object, ids));
        rename_attributes(&mut resource.attributes, ids);
    }
    let mut seen: BTreeMap<&ObjectId, &DesiredResource> = BTreeMap::new();
    let mut twice = Vec::new();
    for resource in desired.iter() {
        if let Some(first) = seen.insert(&resource.object, resource) {
            let message = format!(
                "`{}` and `{}` are the same object: a project's number and its id are one",
                first.address, resource.address
            );
            twice.push(
                Diagnostic::error("duplicate-object", message)
                    .at(resource.span)
                    .address(&resource.address)
                    .help("keep one of the two")
                    .related(first.span, "first declared here"),
            );
        }
    }
    twice
}

fn is_ours(object: &ObjectId) -> bool {
    object.instance == crate::PROVIDER
}

/// The number in `projects/NUMBER...`.
fn number(name: &str) -> Option<&str> {
    let rest = name.strip_prefix("projects/")?;
    let project = rest.split_once('/').map_or(rest, |(project, _)| project);
    is_project_number(project).then_some(project)
}

fn renamed(name: &str, ids: &BTreeMap<String, String>) -> Option<String> {
    let number = number(name)?;
    let id = ids.get(number)?;
    Some(name.replacen(number, id, 1))
}

fn rename_object(object: &mut ObjectId, ids: &BTreeMap<String, String>) {
    let named = [SERVICE_ACCOUNT, CUSTOM_ROLE].contains(&object.kind.as_str());
    if named && let Some(ident) = renamed(&object.ident, ids) {
        object.ident = ident.into();
        return;
    }
    let Some(about) = Ident::of(object) else {
        return;
    };
    let (resource, role) = (renamed(about.resource, ids), renamed(about.role, ids));
    if resource.is_none() && role.is_none() {
        return;
    }
    let text = Ident {
        resource: resource.as_deref().unwrap_or(about.resource),
        role: role.as_deref().unwrap_or(about.role),
        ..about
    }
    .text();
    object.ident = text.into();
}

fn rename_attributes(attributes: &mut Value, ids: &BTreeMap<String, String>) {
    let Value::Map(map) = attributes else { return };
    rename_key(map, "resource", ids);
    rename_key(map, "role", ids);
    if let Some(Value::List(bindings)) = map.get_mut("bindings") {
        for binding in bindings.iter_mut() {
            if let Value::Map(binding) = binding {
                rename_key(binding, "role", ids);
            }
        }
        bindings.sort();
    }
}

fn rename_key(map: &mut Map, key: &str, ids: &BTreeMap<String, String>) {
    let new = map
        .get(key)
        .and_then(Value::as_str)
        .and_then(|name| renamed(name, ids));
    if let Some(new) = new {
        map.insert(key, new);
    }
}

/// The roles that attributes name.
fn roles(attributes: &Value) -> Vec<&str> {
    let bindings = attributes.get("bindings").and_then(Value::as_list);
    let bindings = bindings.unwrap_or_default().iter();
    bindings
        .filter_map(|binding| binding.get("role")?.as_str())
        .collect()
}
