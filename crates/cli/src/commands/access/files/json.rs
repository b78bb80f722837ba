//! JSON, as `kubectl get -o json` prints it: a list of any size is read object by object, and what
//! says nothing about access is skipped.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::super::places::Written;
use super::{Reading, judge, plain};

/// What must be known of an object before it is read.
#[derive(Deserialize)]
struct Shape<'t> {
    kind: Option<String>,
    #[serde(rename = "apiVersion")]
    version: Option<String>,
    metadata: Option<Name>,
    #[serde(borrow)]
    items: Option<Vec<&'t RawValue>>,
    #[serde(borrow)]
    rules: Option<&'t RawValue>,
}

#[derive(Default, Deserialize)]
struct Name {
    name: Option<String>,
    namespace: Option<String>,
}

/// Reads a stream of documents; false where it is no JSON.
pub(super) fn documents(text: &str, reading: &mut Reading) -> bool {
    if !text.trim_start().starts_with(['{', '[']) {
        return false;
    }
    let documents = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    let Ok(documents) = documents.collect::<Result<Vec<_>, _>>() else {
        return false;
    };
    for document in documents {
        object(text, document, None, reading);
    }
    true
}

/// Reads one object, or each of a list; `list` is the kind and version of items that need not say
/// what they are.
fn object(whole: &str, raw: &RawValue, list: Option<(&str, &str)>, reading: &mut Reading) {
    if let Ok(objects) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) {
        for item in objects {
            object(whole, item, None, reading);
        }
        return;
    }
    let span = reading.span(range(whole, raw));
    // An object of another shape is told of by who reads it, in words of its own.
    let Ok(shape) = serde_json::from_str::<Shape<'_>>(raw.get()) else {
        return take(raw, list, reading, span);
    };
    // Google's documents say no version; of Kubernetes' the service accounts matter to Google.
    if list.is_none()
        && (shape.version.is_none() || shape.kind.as_deref() == Some("ServiceAccount"))
        && let Ok(document) = serde_json::from_str(raw.get())
        && reading.take_google(&document, span)
    {
        return;
    }
    let kind = shape.kind.as_deref().or(list.map(|(kind, _)| kind));
    let version = shape
        .version
        .as_deref()
        .or(list.map(|(_, version)| version));
    if let (Some(kind), Some(version), Some(items)) = (kind, version, &shape.items)
        && let Some(item) = kind.strip_suffix("List")
    {
        for one in items {
            let known = (!item.is_empty()).then_some((item, version));
            object(whole, one, known, reading);
        }
        return;
    }
    take(raw, list, reading, span);
    if let (Some(kind), Some(Name { name, namespace })) = (kind, &shape.metadata) {
        let rules = shape.rules.map(|rules| {
            let rules = serde_json::from_str::<Vec<&RawValue>>(rules.get()).unwrap_or_default();
            let spans = rules
                .into_iter()
                .map(|rule| reading.span(range(whole, rule)));
            spans.collect()
        });
        let written = Written {
            object: span,
            rules: Some(rules.unwrap_or_default()),
        };
        let (name, namespace) = (name.as_deref(), namespace.as_deref());
        reading.place(
            kind,
            namespace.unwrap_or_default(),
            name.unwrap_or_default(),
            written,
        );
    }
}

fn take(
    raw: &RawValue,
    list: Option<(&str, &str)>,
    reading: &mut Reading,
    span: rbacform_core::Span,
) {
    if let Err(error) = reading.facts.put_json(raw.get(), list) {
        reading.invalid(span, &error);
    } else if !plain::is_right(raw.get())
        && let Ok(mut value) = serde_json::from_str(raw.get())
    {
        said_by_list(&mut value, list);
        reading
            .problems
            .extend(judge::json(raw.get(), &value, span));
    }
}

/// Adds what the items of a typed list need not say, since the list does: kind and version.
fn said_by_list(object: &mut Value, list: Option<(&str, &str)>) {
    if let (Value::Object(fields), Some((kind, version))) = (object, list) {
        for (key, known) in [("kind", kind), ("apiVersion", version)] {
            fields.entry(key).or_insert_with(|| known.into());
        }
    }
}

/// Where a part of a text is in it.
fn range(whole: &str, part: &RawValue) -> std::ops::Range<usize> {
    let part = part.get();
    let start = (part.as_ptr().addr()).saturating_sub(whole.as_ptr().addr());
    start..start + part.len()
}
