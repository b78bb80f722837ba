//! From a reply to the bytes of an HTTP response.

use std::io::Write;

use axum::http::{HeaderValue, Response, StatusCode, header};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Map, Value, json};

use crate::call::{Body, List, Reply};
use crate::status::Status;

/// Bodies from this size are compressed for clients that want it, as the server does.
const GZIP_FROM: usize = 131_072;

/// A response; `gzip` says that the client takes it.
pub(crate) fn response(answer: Result<Reply, Status>, gzip: bool) -> Response<axum::body::Body> {
    let reply = answer.unwrap_or_else(|status| Reply::json(status.code, status.to_json()));
    let is_text = matches!(reply.body, Body::Text(_));
    let mut bytes = body_bytes(reply.body);
    let compressed = if gzip && bytes.len() >= GZIP_FROM {
        compress(&bytes)
    } else {
        None
    };
    let is_compressed = compressed.is_some();
    if let Some(compressed) = compressed {
        bytes = compressed;
    }
    let mut response = Response::new(axum::body::Body::from(bytes));
    *response.status_mut() =
        StatusCode::from_u16(reply.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    let content_type = if is_text {
        "text/plain; charset=utf-8"
    } else {
        "application/json"
    };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-cache, private"),
    );
    if is_compressed {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    for warning in reply.warnings {
        let quoted = warning.replace('\\', "\\\\").replace('"', "\\\"");
        if let Ok(value) = HeaderValue::from_str(&format!("299 - \"{quoted}\"")) {
            headers.append(header::WARNING, value);
        }
    }
    response
}

fn body_bytes(body: Body) -> Vec<u8> {
    match body {
        Body::Json(value) => value.to_string().into_bytes(),
        Body::Text(text) => text.as_bytes().to_vec(),
        Body::Object(kind, object) => object.whole_text(kind).into_bytes(),
        Body::List(list) if list.metadata_only => metadata_list(&list).into_bytes(),
        Body::List(list) => whole_list(&list).into_bytes(),
    }
}

/// A concatenation of what is stored: no object is serialised again.
fn whole_list(list: &List) -> String {
    let info = list.kind.info();
    let size: usize = list.items.iter().map(|item| item.text.len() + 1).sum();
    let mut out = String::with_capacity(size + 256);
    out.push_str(&format!(
        "{{\"kind\":\"{}List\",\"apiVersion\":\"{}\",\"metadata\":{},\"items\":[",
        info.kind,
        info.api_version(),
        list_metadata(list)
    ));
    for (index, item) in list.items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        out.push_str(&item.text);
    }
    out.push_str("]}");
    out
}

fn metadata_list(list: &List) -> String {
    let items: Vec<Value> = list
        .items
        .iter()
        .map(|item| {
            json!({
                "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
                "metadata": item.value.get("metadata").unwrap_or(&Value::Null),
            })
        })
        .collect();
    let items = if items.is_empty() {
        Value::Null
    } else {
        Value::Array(items)
    };
    json!({
        "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1",
        "metadata": list_metadata(list), "items": items,
    })
    .to_string()
}

fn list_metadata(list: &List) -> Value {
    let mut metadata = Map::new();
    metadata.insert(
        "resourceVersion".to_owned(),
        json!(list.revision.to_string()),
    );
    if let Some(next) = &list.next {
        metadata.insert("continue".to_owned(), json!(next));
    }
    if let Some(remaining) = list.remaining {
        metadata.insert("remainingItemCount".to_owned(), json!(remaining));
    }
    Value::Object(metadata)
}

fn compress(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}
