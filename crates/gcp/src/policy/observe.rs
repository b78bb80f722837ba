//! What a policy is in the world: one object for each grant, and whole bindings and policies where
//! somebody asks for them.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::{Map, ObjectId, ObservedObject, Value};

use super::{AUDIT, Grant, audit, grants};
use crate::condition::Condition;
use crate::ident::{IAM_BINDING, IAM_POLICY, Ident};
use crate::member;

/// The uid of objects that the server gives none.
pub(crate) const NO_UID: &str = "-";

/// The objects of a policy that was read: every grant, so that unmanaged ones are seen, and the
/// bindings and policies among `named` that are about this resource. `resource` is the canonical
/// name; the objects' version is the policy's etag.
///
/// A whole binding or policy is told without `deleted:` members: they are nobody's, and stay.
pub fn observe<'a>(
    instance: &str,
    resource: &str,
    policy: &Value,
    named: impl IntoIterator<Item = &'a ObjectId>,
) -> Vec<ObservedObject> {
    let all = grants(policy);
    let mut found: Vec<ObservedObject> = Vec::with_capacity(all.len());
    let version = policy
        .get("etag")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let mut push = |object: ObjectId, attributes: Map| {
        found.push(ObservedObject {
            object,
            uid: NO_UID.into(),
            version: version.into(),
            attributes: Value::Map(attributes),
            mark: None,
            managed_by: None,
            last_writer: None,
            terminating: false,
            bootstrap: false,
        });
    };
    for grant in &all {
        push(
            grant.object(instance, resource),
            grant_attributes(resource, grant),
        );
    }
    let bindings = bindings(&all);
    let named: BTreeSet<&ObjectId> = named.into_iter().collect();
    for object in named {
        let Some(about) = Ident::of(object).filter(|about| about.resource == resource) else {
            continue;
        };
        match object.kind.as_str() {
            IAM_POLICY => push(
                object.clone(),
                policy_attributes(resource, policy, &bindings),
            ),
            IAM_BINDING => {
                let mine = bindings.iter().find(|((role, condition), _)| {
                    let digest = condition.as_ref().map(|condition| condition.digest());
                    *role == about.role && digest.as_deref() == about.condition
                });
                if let Some(((role, condition), members)) = mine {
                    let mut attributes = binding_attributes(role, *condition, members);
                    attributes.insert("resource", resource);
                    push(object.clone(), attributes);
                }
            }
            _ => {}
        }
    }
    found
}

/// The grant that canonical attributes of a member describe.
pub fn grant_of(attributes: &Value) -> Option<Grant> {
    let text = |key: &str| {
        attributes
            .get(key)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    Some(Grant {
        role: text("role")?,
        member: member::canonical(&text("member")?),
        condition: attributes.get("condition").and_then(Condition::from_value),
    })
}

/// Canonical attributes of one grant.
pub(crate) fn grant_attributes(resource: &str, grant: &Grant) -> Map {
    let mut attributes = Map::new();
    attributes.insert("resource", resource);
    attributes.insert("role", grant.role.as_str());
    attributes.insert("member", grant.member.as_str());
    if let Some(condition) = &grant.condition {
        attributes.insert("condition", condition.to_value());
    }
    attributes
}

/// Canonical attributes of one binding, without its resource.
pub(crate) fn binding_attributes(
    role: &str,
    condition: Option<&Condition>,
    members: &BTreeSet<&str>,
) -> Map {
    let mut attributes = Map::new();
    attributes.insert("role", role);
    let members: Vec<&str> = members.iter().copied().collect();
    attributes.insert("members", members);
    if let Some(condition) = condition {
        attributes.insert("condition", condition.to_value());
    }
    attributes
}

type Bindings<'g> = BTreeMap<(&'g str, Option<&'g Condition>), BTreeSet<&'g str>>;

/// Live members by role and condition.
fn bindings(grants: &BTreeSet<Grant>) -> Bindings<'_> {
    let mut found = Bindings::new();
    for grant in grants
        .iter()
        .filter(|grant| !member::is_deleted(&grant.member))
    {
        let key = (grant.role.as_str(), grant.condition.as_ref());
        found.entry(key).or_default().insert(&grant.member);
    }
    found
}

fn policy_attributes(resource: &str, policy: &Value, bindings: &Bindings<'_>) -> Map {
    let mut attributes = Map::new();
    attributes.insert("resource", resource);
    let mut list: Vec<Value> = bindings
        .iter()
        .map(|((role, condition), members)| {
            Value::Map(binding_attributes(role, *condition, members))
        })
        .collect();
    list.sort();
    attributes.insert("bindings", list);
    let configs = audit::canonical(policy.get(AUDIT));
    if configs.as_list().is_some_and(|configs| !configs.is_empty()) {
        attributes.insert("audit_configs", configs);
    }
    attributes
}
