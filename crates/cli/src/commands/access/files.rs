//! Files of Kubernetes objects, in YAML or JSON, as people write them and as kubectl prints them.

use std::io::Read;
use std::path::Path;

use rbacform_access::Facts;
use serde_json::Value;

use crate::failure::Failure;

/// Adds every object of a file; `-` is stdin.
pub(super) fn add(file: &Path, facts: &mut Facts) -> Result<(), Failure> {
    let shown = match file.to_str() {
        Some("-") => "stdin".to_owned(),
        _ => format!("`{}`", file.display()),
    };
    let text = read(file).map_err(|error| {
        Failure::error("unreadable-file", format!("cannot read {shown}: {error}"))
    })?;
    let documents = documents(&text).map_err(|error| {
        Failure::error(
            "invalid-yaml",
            format!("{shown} is no YAML or JSON: {error}"),
        )
        .help("give Kubernetes objects, as `kubectl get -o yaml` prints them")
    })?;
    for document in documents.iter().filter(|document| !document.is_null()) {
        facts.put_manifest(document).map_err(|error| {
            Failure::error("invalid-object", format!("{shown} holds {error}"))
                .help("give Kubernetes objects, as `kubectl get -o yaml` prints them")
        })?;
    }
    Ok(())
}

fn read(file: &Path) -> std::io::Result<String> {
    if file != Path::new("-") {
        return std::fs::read_to_string(file);
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    Ok(text)
}

fn documents(text: &str) -> Result<Vec<Value>, String> {
    // JSON is YAML too, but large lists of it are read many times faster as what they are.
    if text.trim_start().starts_with(['{', '[']) {
        let documents = serde_json::Deserializer::from_str(text).into_iter();
        if let Ok(documents) = documents.collect() {
            return Ok(documents);
        }
    }
    serde_saphyr::from_multiple_with_options(text, options(text.len()))
        .map_err(|error| error.without_snippet().to_string())
}

/// A listing of a cluster may be of any size; only what aliases make of it is bounded.
fn options(bytes: usize) -> serde_saphyr::Options {
    const REPLAYED: usize = 250_000;
    let most = bytes.saturating_add(REPLAYED).saturating_mul(2);
    serde_saphyr::options! {
        with_snippet: false,
        budget: serde_saphyr::budget! {
            max_events: most,
            max_nodes: most,
            max_documents: most,
            max_total_scalar_bytes: most.saturating_add(64 << 20),
            max_recorded_anchor_events: REPLAYED,
            enforce_alias_anchor_ratio: false,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: REPLAYED,
        },
    }
}
