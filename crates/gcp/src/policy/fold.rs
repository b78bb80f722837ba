//! Folding: many wanted edits and one observed policy become one policy to set.

use std::collections::BTreeSet;

use rbacform_core::{Edit, EditKind, Value};

use super::document::{Binding, Document};
use super::{AUDIT, Grant, audit, grant_of};
use crate::condition::Condition;
use crate::ident::{IAM_BINDING, IAM_MEMBER, IAM_POLICY, Ident};
use crate::member;

/// The policy that carries out `edits` on what was observed, from the final wanted set, so that a
/// member that becomes part of a binding has no gap.
///
/// The order of `edits` means nothing: what is deleted goes first, then whole policies are set, then
/// whole bindings, then single grants are added. Edits of other policies must not be among them.
/// `deleted:` members, audit configs that no edit owns and fields unknown to us stay as they are;
/// bindings of nobody vanish; the version is 3 and the etag the observed one.
pub fn fold(observed: &Value, edits: &[Edit]) -> Value {
    let mut document = Document::read(observed);
    for edit in edits.iter().filter(|edit| edit.kind == EditKind::Delete) {
        if let Some(ident) = Ident::of(&edit.object) {
            delete(&mut document, &ident);
        }
    }
    for (_, attributes) in wanted(edits, IAM_POLICY) {
        set_policy(&mut document, attributes);
    }
    for (_, attributes) in wanted(edits, IAM_BINDING) {
        let grants = grants_of_binding(attributes);
        keep_only(&mut document, &grants, |binding| {
            binding_key(attributes)
                .is_some_and(|(role, condition)| binding.is_for(role, condition.as_ref()))
        });
        grants.iter().for_each(|grant| add(&mut document, grant));
    }
    for (_, attributes) in wanted(edits, IAM_MEMBER) {
        if let Some(grant) = grant_of(attributes) {
            add(&mut document, &grant);
        }
    }
    document.write()
}

/// The edits of a kind that make something, with what they make.
fn wanted<'e>(
    edits: &'e [Edit],
    kind: &'static str,
) -> impl Iterator<Item = (&'e Edit, &'e Value)> {
    edits
        .iter()
        .filter(move |edit| edit.object.kind == kind)
        .filter_map(|edit| match &edit.kind {
            EditKind::Create { attributes, .. } | EditKind::Update { attributes, .. } => {
                Some((edit, attributes))
            }
            EditKind::Delete | EditKind::Abandon { .. } | EditKind::Record => None,
        })
}

fn delete(document: &mut Document, ident: &Ident<'_>) {
    for binding in &mut document.bindings {
        let digest = binding.condition.as_ref().map(Condition::digest);
        let same_binding = binding.role == ident.role && digest.as_deref() == ident.condition;
        if !ident.role.is_empty() && !same_binding {
            continue;
        }
        binding.members.retain(|held| match ident.member {
            "" => member::is_deleted(held),
            gone => member::canonical(held) != gone,
        });
    }
}

fn set_policy(document: &mut Document, attributes: &Value) {
    let bindings = attributes.get("bindings").and_then(Value::as_list);
    let grants: BTreeSet<Grant> = bindings
        .unwrap_or_default()
        .iter()
        .flat_map(grants_of_binding)
        .collect();
    keep_only(document, &grants, |_| true);
    grants.iter().for_each(|grant| add(document, grant));
    if let Some(configs) = attributes.get("audit_configs").filter(|it| !it.is_null()) {
        document.rest.insert(AUDIT, audit::to_google(configs));
    }
}

/// Takes every grant away from the bindings chosen that is not wanted, but for `deleted:` members.
fn keep_only(document: &mut Document, wanted: &BTreeSet<Grant>, chosen: impl Fn(&Binding) -> bool) {
    for binding in document
        .bindings
        .iter_mut()
        .filter(|binding| chosen(binding))
    {
        let (role, condition) = (binding.role.to_string(), binding.condition.clone());
        binding.members.retain(|held| {
            member::is_deleted(held)
                || wanted.contains(&Grant {
                    role: role.clone(),
                    member: member::canonical(held),
                    condition: condition.clone(),
                })
        });
    }
}

/// Adds a grant, unless it stands already, however it is spelled.
fn add(document: &mut Document, grant: &Grant) {
    let condition = grant.condition.as_ref();
    let mut place = None;
    for (index, binding) in document.bindings.iter().enumerate() {
        if !binding.is_for(&grant.role, condition) {
            continue;
        }
        let held = |held: &rbacform_core::Text| member::canonical(held) == grant.member;
        if binding.members.iter().any(held) {
            return;
        }
        place.get_or_insert(index);
    }
    let member = grant.member.as_str().into();
    match place.and_then(|index| document.bindings.get_mut(index)) {
        Some(binding) => binding.members.push(member),
        None => {
            let mut binding = Binding::new(&grant.role, condition);
            binding.members.push(member);
            document.bindings.push(binding);
        }
    }
}

fn binding_key(attributes: &Value) -> Option<(&str, Option<Condition>)> {
    let role: &str = attributes.get("role")?.as_str()?;
    let condition = attributes.get("condition").and_then(Condition::from_value);
    Some((role, condition))
}

fn grants_of_binding(attributes: &Value) -> BTreeSet<Grant> {
    let Some((role, condition)) = binding_key(attributes) else {
        return BTreeSet::new();
    };
    let members = attributes.get("members").and_then(Value::as_list);
    let members = members.unwrap_or_default().iter().filter_map(Value::as_str);
    members
        .map(|member| Grant {
            role: role.to_owned(),
            member: member::canonical(member),
            condition: condition.clone(),
        })
        .collect()
}
