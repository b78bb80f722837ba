//! `metadata.managedFields`: who owns what.

use serde_json::{Map, Value, json};

use super::compare::Comparison;
use super::path::Element;
use super::set::FieldSet;

/// How a manager wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    Apply,
    Update,
}

/// One manager's fields. A manager is known by name, operation and subresource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) manager: String,
    pub(crate) operation: Operation,
    pub(crate) api_version: String,
    pub(crate) subresource: String,
    pub(crate) time: Option<String>,
    pub(crate) fields: FieldSet,
}

impl Entry {
    fn is(&self, manager: &str, operation: Operation) -> bool {
        self.manager == manager && self.operation == operation && self.subresource.is_empty()
    }
}

/// All managers of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Managed(pub(crate) Vec<Entry>);

/// Reported to clients but owned by nobody.
const UNOWNED: [&str; 9] = [
    "name",
    "namespace",
    "creationTimestamp",
    "selfLink",
    "uid",
    "generation",
    "managedFields",
    "resourceVersion",
    "clusterName",
];

impl Managed {
    /// Takes the managers off an object.
    pub(crate) fn take_from(object: &mut Value) -> Self {
        let list = object
            .get_mut("metadata")
            .and_then(Value::as_object_mut)
            .and_then(|metadata| metadata.remove("managedFields"));
        let entries = list
            .as_ref()
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        Self(entries.map(decode_entry).collect())
    }

    /// Puts the managers on an object, in the server's order.
    pub(crate) fn put_on(&self, object: &mut Value) {
        let mut entries: Vec<&Entry> = self.0.iter().filter(|e| !e.fields.is_empty()).collect();
        entries.sort_by(|a, b| {
            let key = |e: &Entry| (e.operation, e.time.clone().unwrap_or_default());
            key(a).cmp(&key(b)).then_with(|| a.manager.cmp(&b.manager))
        });
        let encoded: Vec<Value> = entries.into_iter().map(encode_entry).collect();
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove("managedFields");
            if !encoded.is_empty() {
                metadata.insert("managedFields".to_owned(), Value::Array(encoded));
            }
        }
    }

    pub(crate) fn applied_by(&self, manager: &str) -> Option<&FieldSet> {
        self.0
            .iter()
            .find(|e| e.is(manager, Operation::Apply))
            .map(|e| &e.fields)
    }

    /// Every field that anybody owns.
    pub(crate) fn all_fields(&self) -> FieldSet {
        self.0
            .iter()
            .fold(FieldSet::default(), |all, entry| all.union(&entry.fields))
    }

    /// Replaces what a manager applied. Its time stays until the caller knows of a change.
    pub(crate) fn set_applied(&mut self, manager: &str, api_version: &str, fields: FieldSet) {
        match self.0.iter_mut().find(|e| e.is(manager, Operation::Apply)) {
            Some(entry) => {
                entry.fields = fields;
                entry.api_version = api_version.to_owned();
            }
            None => self.0.push(Entry {
                manager: manager.to_owned(),
                operation: Operation::Apply,
                api_version: api_version.to_owned(),
                subresource: String::new(),
                time: None,
                fields,
            }),
        }
    }

    pub(crate) fn touch_applied(&mut self, manager: &str, now: &str) {
        if let Some(entry) = self.0.iter_mut().find(|e| e.is(manager, Operation::Apply)) {
            entry.time = Some(now.to_owned());
        }
    }

    /// Records a POST, PUT or patch: its manager owns what changed, and whoever owned that before
    /// loses it.
    pub(crate) fn record_update(
        &mut self,
        comparison: &Comparison,
        manager: &str,
        api_version: &str,
        now: &str,
    ) {
        let written = comparison.written();
        for entry in &mut self.0 {
            entry.fields = entry
                .fields
                .difference(&written)
                .difference(&comparison.removed);
        }
        let own = without_unowned(&written);
        if !own.is_empty() {
            match self.0.iter_mut().find(|e| e.is(manager, Operation::Update)) {
                Some(entry) => {
                    entry.fields = entry.fields.union(&own);
                    entry.time = Some(now.to_owned());
                }
                None => self.0.push(Entry {
                    manager: manager.to_owned(),
                    operation: Operation::Update,
                    api_version: api_version.to_owned(),
                    subresource: String::new(),
                    time: Some(now.to_owned()),
                    fields: own,
                }),
            }
        }
        self.tidy();
    }

    /// Forgets what nobody can own, and managers that own nothing.
    pub(crate) fn tidy(&mut self) {
        for entry in &mut self.0 {
            entry.fields = without_unowned(&entry.fields);
        }
        self.0.retain(|entry| !entry.fields.is_empty());
    }
}

/// The set of a configuration without names, versions and the like.
fn without_unowned(fields: &FieldSet) -> FieldSet {
    let element = |name: &str| Element::Field(name.to_owned());
    let mut unowned = FieldSet::default();
    unowned
        .members
        .extend(["apiVersion", "kind", "metadata"].map(element));
    let metadata = FieldSet {
        members: UNOWNED.map(element).into_iter().collect(),
        ..FieldSet::default()
    };
    unowned.children.insert(element("metadata"), metadata);
    let mut owned = fields.difference(&unowned);
    // A write to the object itself leaves its status as it was.
    owned.members.remove(&element("status"));
    owned.children.remove(&element("status"));
    owned
}

fn encode_entry(entry: &Entry) -> Value {
    let mut out = Map::new();
    out.insert("manager".to_owned(), json!(entry.manager));
    let operation = match entry.operation {
        Operation::Apply => "Apply",
        Operation::Update => "Update",
    };
    out.insert("operation".to_owned(), json!(operation));
    out.insert("apiVersion".to_owned(), json!(entry.api_version));
    if let Some(time) = &entry.time {
        out.insert("time".to_owned(), json!(time));
    }
    out.insert("fieldsType".to_owned(), json!("FieldsV1"));
    out.insert("fieldsV1".to_owned(), entry.fields.encode());
    if !entry.subresource.is_empty() {
        out.insert("subresource".to_owned(), json!(entry.subresource));
    }
    Value::Object(out)
}

fn decode_entry(value: &Value) -> Entry {
    let text = |key: &str| {
        value
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    Entry {
        manager: text("manager"),
        operation: match text("operation").as_str() {
            "Apply" => Operation::Apply,
            _ => Operation::Update,
        },
        api_version: text("apiVersion"),
        subresource: text("subresource"),
        time: value.get("time").and_then(Value::as_str).map(str::to_owned),
        fields: value
            .get("fieldsV1")
            .map(FieldSet::decode)
            .unwrap_or_default(),
    }
}
