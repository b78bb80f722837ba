//! From a request's JSON to an object as the server would hold it: types checked, unknown fields
//! dropped, empty fields left out or written as Go writes them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::schema::{Presence, Shape, Struct};

/// Why a body cannot be read as its kind, in the words of Go's decoder.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DecodeError(pub(crate) String);

/// Reads a value as a struct. Returns it normalised, and the paths of unknown fields.
pub(crate) fn decode(
    shape: &'static Struct,
    value: &Value,
) -> Result<(Value, Vec<String>), DecodeError> {
    let mut decoder = Decoder {
        unknown: Vec::new(),
    };
    let decoded = match value {
        Value::Object(fields) => decoder.fields(shape, fields, "", "")?,
        other => {
            return Err(DecodeError(format!(
                "json: cannot unmarshal {} into Go value of type v1.{}",
                json_type(other),
                shape.go_name
            )));
        }
    };
    Ok((decoded, decoder.unknown))
}

/// The object that Go's zero value of the kind prints as.
pub(crate) fn zero(shape: &'static Struct) -> Value {
    let mut decoder = Decoder {
        unknown: Vec::new(),
    };
    decoder
        .fields(shape, &Map::new(), "", "")
        .unwrap_or(Value::Null)
}

struct Decoder {
    unknown: Vec<String>,
}

impl Decoder {
    /// `path` names list items (`rules[0].verbs`), `go_path` does not (`rules.verbs`).
    fn fields(
        &mut self,
        shape: &'static Struct,
        fields: &Map<String, Value>,
        path: &str,
        go_path: &str,
    ) -> Result<Value, DecodeError> {
        let mut out = Map::new();
        for field in shape.fields {
            let given = fields.get(field.name).unwrap_or(&Value::Null);
            let place = Place {
                path: join(path, field.name),
                go_path: join(go_path, field.name),
                owner: shape.go_name,
            };
            let value = self.value(&field.shape, given, &place)?;
            if let Some(value) = present(&field.shape, field.presence, value) {
                out.insert(field.name.to_owned(), value);
            }
        }
        let unknown = fields.keys().filter(|name| shape.field(name).is_none());
        self.unknown.extend(unknown.map(|name| join(path, name)));
        Ok(Value::Object(out))
    }

    fn value(&mut self, shape: &Shape, value: &Value, place: &Place) -> Result<Value, DecodeError> {
        match (shape, value) {
            (_, Value::Null) => Ok(Value::Null),
            (Shape::Opaque, _)
            | (Shape::Text, Value::String(_))
            | (Shape::Flag, Value::Bool(_))
            | (Shape::Whole, Value::Number(_)) => Ok(value.clone()),
            (Shape::Bytes, Value::String(text)) => base64_text(text),
            (Shape::Struct(shape), Value::Object(fields)) => {
                self.fields(shape, fields, &place.path, &place.go_path)
            }
            (Shape::Map(item), Value::Object(entries)) => {
                let mut out = Map::new();
                for (key, value) in entries {
                    let value = self.value(item, value, &place.below(key))?;
                    let value = if value.is_null() {
                        zero_of(item)
                    } else {
                        value
                    };
                    out.insert(key.clone(), value);
                }
                Ok(Value::Object(out))
            }
            (Shape::List(item, _), Value::Array(items)) => {
                let mut out = Vec::new();
                for (index, value) in items.iter().enumerate() {
                    let value = self.value(item, value, &place.item(index))?;
                    out.push(if value.is_null() {
                        zero_of(item)
                    } else {
                        value
                    });
                }
                Ok(Value::Array(out))
            }
            (shape, value) => Err(place.mismatch(shape, value)),
        }
    }
}

fn base64_text(text: &str) -> Result<Value, DecodeError> {
    let at = match STANDARD.decode(text) {
        Ok(_) => return Ok(Value::String(text.to_owned())),
        Err(base64::DecodeError::InvalidByte(at, _)) => at,
        Err(_) => text.len(),
    };
    Err(DecodeError(format!(
        "illegal base64 data at input byte {at}"
    )))
}

/// Where a value stands.
struct Place {
    path: String,
    go_path: String,
    owner: &'static str,
}

impl Place {
    fn item(&self, index: usize) -> Self {
        Self {
            path: format!("{}[{index}]", self.path),
            go_path: self.go_path.clone(),
            owner: self.owner,
        }
    }

    fn below(&self, key: &str) -> Self {
        Self {
            path: join(&self.path, key),
            go_path: self.go_path.clone(),
            owner: self.owner,
        }
    }

    fn mismatch(&self, shape: &Shape, value: &Value) -> DecodeError {
        DecodeError(format!(
            "json: cannot unmarshal {} into Go struct field {}.{} of type {}",
            json_type(value),
            self.owner,
            self.go_path,
            shape.go_type()
        ))
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// A JSON type as Go's decoder calls it.
pub(crate) fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn present(shape: &Shape, presence: Presence, value: Value) -> Option<Value> {
    let empty = match &value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        _ => false,
    };
    match presence {
        Presence::OmitEmpty => (!empty).then_some(value),
        Presence::Pointer => (!value.is_null()).then_some(value),
        Presence::Always if empty && !value.is_array() => Some(zero_of(shape)),
        Presence::Always => Some(value),
    }
}

fn zero_of(shape: &Shape) -> Value {
    match shape {
        Shape::Text | Shape::Bytes => Value::String(String::new()),
        Shape::Flag => Value::Bool(false),
        Shape::Whole => Value::from(0),
        Shape::Struct(shape) => zero(shape),
        Shape::List(..) | Shape::Map(_) | Shape::Opaque => Value::Null,
    }
}
