//! The end of a namespace: its content goes, then it goes itself
//! (`pkg/controller/namespace/deletion`).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::delete::mark;
use crate::kinds::{Kind, namespace};
use crate::object::{meta, meta_list};
use crate::persist::PersistError;
use crate::world::World;

/// Deletes the content of a terminating namespace; then the namespace, unless finalizers hold
/// something, in which case its conditions say so.
pub(crate) fn finish(world: &mut World, name: &str, now: &str) -> Result<(), PersistError> {
    let Some(live) = world.get(Kind::Namespace, "", name) else {
        return Ok(());
    };
    if !namespace::is_terminating(&live.value) {
        return Ok(());
    }
    let held = delete_content(world, name, now)?;
    let mut object = live.value.clone();
    if held.is_empty() {
        if meta_list(&object, "finalizers").is_empty() {
            return world.remove(Kind::Namespace, "", name);
        }
        if let Some(spec) = object.get_mut("spec") {
            *spec = json!({});
        }
    }
    set_conditions(&mut object, &held, now);
    if object == live.value {
        Ok(())
    } else {
        world.put(Kind::Namespace, object).map(|_| ())
    }
}

/// What finalizers hold: per kind, how many objects, and per finalizer.
#[derive(Debug, Default)]
struct Held {
    resources: BTreeMap<String, usize>,
    finalizers: BTreeMap<String, usize>,
}

impl Held {
    fn is_empty(&self) -> bool {
        self.resources.is_empty()
    }
}

fn delete_content(world: &mut World, name: &str, now: &str) -> Result<Held, PersistError> {
    let mut held = Held::default();
    for kind in Kind::ALL.into_iter().filter(|kind| kind.info().namespaced) {
        for object in world.list(kind, name) {
            let finalizers = meta_list(&object.value, "finalizers");
            if finalizers.is_empty() {
                world.remove(kind, name, meta(&object.value, "name"))?;
                continue;
            }
            let info = kind.info();
            *held
                .resources
                .entry(format!("{}.{}", info.resource, info.group))
                .or_default() += 1;
            for finalizer in finalizers {
                *held.finalizers.entry(finalizer.to_owned()).or_default() += 1;
            }
            let mut marked = object.value.clone();
            mark(kind, &mut marked, now);
            if marked != object.value {
                world.put(kind, marked)?;
            }
        }
    }
    Ok(held)
}

fn set_conditions(object: &mut Value, held: &Held, now: &str) {
    let listed = |counts: &BTreeMap<String, usize>, word: &str| {
        let parts: Vec<String> = counts
            .iter()
            .map(|(what, count)| format!("{what} {word} {count} resource instances"))
            .collect();
        parts.join(", ")
    };
    let remaining = match held.is_empty() {
        true => (
            "False",
            "ContentRemoved",
            "All content successfully removed".to_owned(),
        ),
        false => (
            "True",
            "SomeResourcesRemain",
            format!(
                "Some resources are remaining: {}",
                listed(&held.resources, "has")
            ),
        ),
    };
    let finalizers = match held.finalizers.is_empty() {
        true => (
            "False",
            "ContentHasNoFinalizers",
            "All content-preserving finalizers finished".to_owned(),
        ),
        false => (
            "True",
            "SomeFinalizersRemain",
            format!(
                "Some content in the namespace has finalizers remaining: {}",
                listed(&held.finalizers, "in")
            ),
        ),
    };
    let fixed = |reason, message: &str| ("False", reason, message.to_owned());
    let conditions = [
        (
            "NamespaceDeletionDiscoveryFailure",
            fixed(
                "ResourcesDiscovered",
                "All resources successfully discovered",
            ),
        ),
        (
            "NamespaceDeletionGroupVersionParsingFailure",
            fixed(
                "ParsedGroupVersions",
                "All legacy kube types successfully parsed",
            ),
        ),
        (
            "NamespaceDeletionContentFailure",
            fixed(
                "ContentDeleted",
                "All content successfully deleted, may be waiting on finalization",
            ),
        ),
        ("NamespaceContentRemaining", remaining),
        ("NamespaceFinalizersRemaining", finalizers),
    ];
    let since = first_transition(object).unwrap_or_else(|| now.to_owned());
    let conditions: Vec<Value> = conditions
        .into_iter()
        .map(|(kind, (status, reason, message))| {
            json!({
                "type": kind, "status": status, "lastTransitionTime": since,
                "reason": reason, "message": message,
            })
        })
        .collect();
    if let Some(object) = object.as_object_mut() {
        object.insert(
            "status".to_owned(),
            json!({"phase": "Terminating", "conditions": conditions}),
        );
    }
}

fn first_transition(object: &Value) -> Option<String> {
    object
        .pointer("/status/conditions/0/lastTransitionTime")
        .and_then(Value::as_str)
        .map(str::to_owned)
}
