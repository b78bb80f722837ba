//! Files of Kubernetes objects, in YAML or JSON, as people write them and as kubectl prints them.

mod json;
mod yaml;

use std::io::Read;
use std::path::Path;

use rbacform_access::{Facts, InvalidObject};
use rbacform_core::{Diagnostic, FileId, ObjectId, SourceMap, Span};

use super::google;
use super::places::{Places, Written};
use crate::failure::Failure;

/// What one file holds, so far as it says something about access.
struct Reading {
    file: FileId,
    facts: Facts,
    google: google::Layers,
    places: Vec<(ObjectId, Written)>,
    problems: Vec<Diagnostic>,
}

/// Adds every object of a file; `-` is stdin.
pub(super) fn add(
    file: &Path,
    facts: &mut Facts,
    places: &mut Places,
    google: &mut google::Layers,
) -> Result<(), Failure> {
    let name = match file.to_str() {
        Some("-") => "stdin".to_owned(),
        _ => file.display().to_string(),
    };
    let text = read(file).map_err(|error| {
        Failure::error("unreadable-file", format!("cannot read `{name}`: {error}"))
            .help("give a stack's directory, `live`, `state`, or a file of Kubernetes objects")
    })?;
    let mut sources = SourceMap::default();
    let id = sources.add(name, text.as_str());
    let mut reading = Reading {
        file: id,
        facts: std::mem::take(facts),
        google: std::mem::take(google),
        places: Vec::new(),
        problems: Vec::new(),
    };
    // JSON is YAML too, but large lists of it are read many times faster as what they are.
    if !json::documents(&text, &mut reading) {
        yaml::documents(&text, &mut reading);
    }
    if !reading.problems.is_empty() {
        return Err(Failure::of_stack(reading.problems, sources));
    }
    *facts = reading.facts;
    *google = reading.google;
    places.add(sources, reading.places);
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

impl Reading {
    fn span(&self, range: std::ops::Range<usize>) -> Span {
        Span::new(self.file, range)
    }

    /// Notes where an object of the RBAC kinds is written; a namespaced one that names no namespace
    /// is in `default`, as kubectl has it.
    fn place(&mut self, kind: &str, namespace: &str, name: &str, written: Written) {
        let object = match (kind, namespace) {
            ("Role" | "RoleBinding", "") => super::world::object(kind, "default", name),
            ("Role" | "RoleBinding", namespace) => super::world::object(kind, namespace, name),
            _ => super::world::object(kind, "", name),
        };
        self.places.push((object, written));
    }

    /// Takes a document that is one of Google's; false where it is none.
    fn take_google(&mut self, document: &serde_json::Value, span: Span) -> bool {
        match self.google.add_document(document) {
            Ok(known) => known,
            Err(error) => {
                let error = Diagnostic::error("invalid-object", format!("this file holds {error}"));
                self.problems.push(error.at(span).help(
                    "give policies as `gcloud asset search-all-iam-policies --format=json` prints \
                     them",
                ));
                true
            }
        }
    }

    fn invalid(&mut self, span: Span, error: &InvalidObject) {
        // The place is that of the object; serde counts lines within its text.
        let text = error.to_string();
        let text = text.split(" at line ").next().unwrap_or_default();
        let error = Diagnostic::error("invalid-object", format!("this file holds {text}"));
        self.problems.push(
            error
                .at(span)
                .help("give Kubernetes objects, as `kubectl get -o yaml` prints them"),
        );
    }
}
