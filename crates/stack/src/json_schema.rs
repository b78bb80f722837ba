//! The JSON Schema of stack files, for editors; from the same schemas that check them.

use rbacform_core::assertion::ARGUMENTS;
use rbacform_core::{Argument, Semantics, Type, TypeSchema};
use serde_json::{Map, Value, json};

/// A JSON Schema (draft 7) of stack files. Any string may be an expression, so wherever something
/// else than a string is expected, a string with `${` is allowed too.
pub fn json_schema(semantics: &[&dyn Semantics]) -> Value {
    let mut properties = Map::new();
    properties.insert("stack".into(), stack());
    properties.insert("variables".into(), tables(variable()));
    properties.insert(
        "locals".into(),
        json!({ "type": "object", "description": "Values by name, read as `local.NAME`." }),
    );
    properties.insert("outputs".into(), tables(output()));
    properties.insert(
        "manifests".into(),
        json!({ "type": "array", "items": manifests() }),
    );
    properties.insert(
        "assert".into(),
        json!({ "type": "array", "items": assertion() }),
    );
    properties.insert("policy".into(), policy());
    let providers: Map<String, Value> = semantics
        .iter()
        .map(|semantics| {
            (
                semantics.provider().to_owned(),
                object(semantics.settings(), Map::new()),
            )
        })
        .collect();
    properties.insert("providers".into(), closed(providers, &[]));
    for semantics in semantics {
        properties.insert(semantics.provider().to_owned(), types(*semantics));
    }
    let mut schema = closed(properties, &[]);
    if let Some(object) = schema.as_object_mut() {
        object.insert(
            "$schema".into(),
            "http://json-schema.org/draft-07/schema#".into(),
        );
        object.insert("title".into(), "rbacform stack file".into());
        object.insert(
            "definitions".into(),
            json!({ "expression": { "type": "string", "pattern": "\\$\\{", "description": "A `${...}` expression." } }),
        );
    }
    schema
}

fn types(semantics: &dyn Semantics) -> Value {
    let mut found = Map::new();
    for schema in semantics.types() {
        let name = schema.name.rsplit('.').next().unwrap_or_default();
        found.insert(name.to_owned(), tables(resource(schema)));
    }
    closed(found, &[])
}

fn resource(schema: &'static TypeSchema) -> Value {
    let arguments = schema.arguments.iter().map(|argument| argument.name);
    let [for_each, when] = repeated();
    let common = [
        for_each,
        when,
        (
            "depends_on",
            json!({ "type": "array", "items": { "type": "string" }, "description": "Addresses of resources that come first." }),
        ),
        (
            "provider",
            json!({ "type": "string", "description": "The provider instance." }),
        ),
        ("lifecycle", lifecycle(arguments.collect())),
    ];
    let common = common
        .into_iter()
        .map(|(name, schema)| (name.to_owned(), schema));
    let mut resource = object(schema.arguments, common.collect());
    if let Some(object) = resource.as_object_mut() {
        object.insert("description".into(), schema.doc.into());
    }
    resource
}

/// What makes many of one declaration, or none.
fn repeated() -> [(&'static str, Value); 2] {
    let for_each = json!({ "type": ["object", "array"], "description": "One instance for each entry of a map, or for each of a list of strings." });
    let when = json!({ "type": "boolean", "description": "Whether it is declared at all." });
    [
        ("for_each", or_expression(for_each)),
        ("when", or_expression(when)),
    ]
}

fn assertion() -> Value {
    let more = repeated().map(|(name, schema)| (name.to_owned(), schema));
    let mut schema = object(&ARGUMENTS, more.into_iter().collect());
    if let Some(object) = schema.as_object_mut() {
        object.insert(
            "description".into(),
            "What must hold of access: `can`, `cannot`, `can_only` or `who_can`.".into(),
        );
    }
    schema
}

fn lifecycle(arguments: Vec<&str>) -> Value {
    let paths = format!("`{}`", arguments.join("`, `"));
    let properties = json!({
        "prevent_destroy": or_expression(json!({ "type": "boolean", "description": "Refuse every plan that would delete or replace it." })),
        "ignore_changes": { "type": "array", "items": { "type": "string" }, "description": format!("Arguments left as they are in the world once created: {paths}.") },
        "on_destroy": or_expression(json!({ "enum": ["delete", "abandon"], "description": "What happens when it is no longer declared." })),
    });
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

/// A map of tables by name.
fn tables(of: Value) -> Value {
    json!({ "type": "object", "additionalProperties": of })
}

fn closed(properties: Map<String, Value>, required: &[&str]) -> Value {
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if let (Some(object), false) = (schema.as_object_mut(), required.is_empty()) {
        object.insert("required".into(), json!(required));
    }
    schema
}

fn object(arguments: &'static [Argument], more: Map<String, Value>) -> Value {
    let mut properties: Map<String, Value> = arguments
        .iter()
        .map(|argument| {
            let mut schema = of_type(&argument.ty);
            if let Some(object) = schema.as_object_mut() {
                object.insert("description".into(), argument.doc.into());
            }
            (argument.name.to_owned(), schema)
        })
        .collect();
    properties.extend(more);
    let required = arguments.iter().filter(|argument| argument.required);
    let required: Vec<&str> = required.map(|argument| argument.name).collect();
    closed(properties, &required)
}

fn of_type(ty: &'static Type) -> Value {
    match ty {
        Type::String => json!({ "type": "string" }),
        Type::Bool => or_expression(json!({ "type": "boolean" })),
        Type::Int => or_expression(json!({ "type": "integer" })),
        Type::Enum(names) => or_expression(json!({ "enum": names })),
        Type::List(item) => or_expression(json!({ "type": "array", "items": of_type(item) })),
        Type::Map(item) => {
            or_expression(json!({ "type": "object", "additionalProperties": of_type(item) }))
        }
        Type::Object(arguments) => or_expression(object(arguments, Map::new())),
        Type::Reference(_) => json!({ "$ref": "#/definitions/expression" }),
        Type::OneOf(types) => {
            json!({ "anyOf": types.iter().map(of_type).collect::<Vec<_>>() })
        }
        Type::Any => json!({}),
    }
}

fn or_expression(schema: Value) -> Value {
    let description = schema.get("description").cloned();
    let mut either = json!({ "anyOf": [schema, { "$ref": "#/definitions/expression" }] });
    if let (Some(object), Some(description)) = (either.as_object_mut(), description) {
        object.insert("description".into(), description);
    }
    either
}

fn stack() -> Value {
    json!({
        "type": "object",
        "description": "The stack; exactly one of its files gives the name.",
        "properties": {
            "name": { "type": "string", "pattern": "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$" },
            "required_version": { "type": "string", "description": "The versions of rbacform that may plan it, like `>=0.1`." },
            "description": { "type": "string" },
        },
        "additionalProperties": false,
    })
}

fn variable() -> Value {
    let validation = json!({
        "type": "object",
        "properties": {
            "condition": { "$ref": "#/definitions/expression" },
            "message": { "type": "string" },
        },
        "required": ["condition", "message"],
        "additionalProperties": false,
    });
    json!({
        "type": "object",
        "properties": {
            "type": { "type": "string", "description": "`string`, `bool`, `int`, `number`, `any`, `list(TYPE)` or `map(TYPE)`; that of the default where left out." },
            "default": {},
            "description": { "type": "string" },
            "sensitive": { "type": "boolean", "description": "Whether it may flow only into provider settings." },
            "validation": { "anyOf": [validation, { "type": "array", "items": validation }] },
        },
        "additionalProperties": false,
    })
}

fn output() -> Value {
    json!({
        "type": "object",
        "properties": { "value": {}, "description": { "type": "string" } },
        "required": ["value"],
        "additionalProperties": false,
    })
}

fn policy() -> Value {
    let exception = json!({
        "type": "object",
        "description": "Lets one finding of one resource pass.",
        "properties": {
            "code": { "type": "string", "description": "The code of the gate or finding." },
            "address": { "type": "string", "description": "The resource; without a key every instance." },
            "reason": { "type": "string", "description": "Why it is all right." },
            "until": { "description": "Until when, like `2027-07-01T00:00:00Z`; for good where left out." },
        },
        "required": ["code", "address", "reason"],
        "additionalProperties": false,
    });
    json!({
        "type": "object",
        "description": "Which findings refuse a plan, and which single ones are let through.",
        "properties": {
            "refuse": { "type": "array", "items": { "type": "string" }, "description": "Codes of findings that refuse a plan here, besides the gates that always do." },
            "exception": { "type": "array", "items": exception },
        },
        "additionalProperties": false,
    })
}

fn manifests() -> Value {
    json!({
        "type": "object",
        "description": "Plain Kubernetes YAML, planned as it is.",
        "properties": {
            "name": { "type": "string" },
            "files": { "type": "array", "items": { "type": "string" }, "description": "Patterns relative to the stack's directory." },
            "namespace": { "type": "string", "description": "For objects that name none; `default` where left out." },
            "other_kinds": { "enum": ["error", "ignore"], "description": "What to do about kinds that are not managed." },
        },
        "required": ["name", "files"],
        "additionalProperties": false,
    })
}
