//! Files of Kubernetes objects, in YAML or JSON, as people write them and as kubectl prints them.

mod json;
mod judge;
mod plain;
mod yaml;

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use rbacform_access::google::InvalidDocument;
use rbacform_access::{Facts, InvalidObject};
use rbacform_core::{Diagnostic, FileId, ObjectId, SourceMap, Span};

use super::google;
use super::places::{Places, Written};
use crate::failure::Failure;
use crate::render;
use crate::session::Session;

/// What some files hold, so far as it says something about access.
struct Reading {
    /// The one being read.
    file: FileId,
    facts: Facts,
    google: google::Layers,
    places: Vec<(ObjectId, Written)>,
    problems: Vec<Diagnostic>,
}

/// Refuses to read stdin twice: the second time nothing is left of it.
pub(super) fn read_stdin_once<'p>(
    files: impl IntoIterator<Item = &'p PathBuf>,
) -> Result<(), Failure> {
    let stdin = files
        .into_iter()
        .filter(|file| file.as_path() == Path::new("-"));
    match stdin.count() {
        0 | 1 => Ok(()),
        _ => Err(Failure::usage("stdin can be read only once")
            .help("give `-` once, and a file for the other")),
    }
}

/// What a question is asked of where it is none of the other things: `-` for stdin, a file, or each
/// of a directory's.
pub(super) fn named(from: &Path) -> Vec<PathBuf> {
    match from.is_dir() {
        true => in_directory(from),
        false => vec![from.to_owned()],
    }
}

/// The files of Kubernetes objects in a directory, in order of name; none where it is a stack's, or
/// cannot be read.
pub(super) fn in_directory(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    let has = |path: &PathBuf, endings: &[&str]| {
        let ending = path.extension().and_then(|ending| ending.to_str());
        ending.is_some_and(|ending| endings.contains(&ending))
    };
    if files.iter().any(|file| has(file, &["toml"])) {
        return Vec::new();
    }
    files.retain(|file| has(file, &["yaml", "yml", "json"]));
    files.sort();
    files
}

/// Adds every object of some files, of which the last that speaks of an object says what it is; `-`
/// is stdin. What is wrong in any of them is told together.
pub(super) fn add(
    files: &[PathBuf],
    facts: &mut Facts,
    places: &mut Places,
    google: &mut google::Layers,
    session: &Session,
) -> Result<(), Failure> {
    let mut sources = SourceMap::default();
    let mut reading = Reading {
        file: FileId(0),
        facts: std::mem::take(facts),
        google: std::mem::take(google),
        places: Vec::new(),
        problems: Vec::new(),
    };
    for file in files {
        let name = match file.to_str() {
            Some("-") => "stdin".to_owned(),
            _ => file.display().to_string(),
        };
        match read(file) {
            Ok(text) => {
                reading.file = sources.add(name, text.as_str());
                // JSON is YAML too, but large lists of it are read many times faster as what they are.
                if !json::documents(&text, &mut reading) {
                    yaml::documents(&text, &mut reading);
                }
            }
            Err(error) => reading.problems.push(unreadable(&name, &error)),
        }
    }
    if !reading.problems.is_empty() {
        return Err(Failure::of_stack(reading.problems, sources));
    }
    let twice = reading.twice();
    if !twice.is_empty() {
        let colour = session.ui.colours_talk();
        let told = render::diagnostics::diagnostics(&twice, &sources, colour);
        session.ui.talk(&told);
    }
    *facts = reading.facts;
    *google = reading.google;
    places.add(sources, reading.places);
    Ok(())
}

fn unreadable(name: &str, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error("unreadable-file", format!("cannot read `{name}`: {error}"))
        .help("give a stack's directory, `live`, `state`, or a file of Kubernetes objects")
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
            ("Role" | "RoleBinding", "") => crate::analysis::object(kind, "default", name),
            ("Role" | "RoleBinding", namespace) => crate::analysis::object(kind, namespace, name),
            _ => crate::analysis::object(kind, "", name),
        };
        self.places.push((object, written));
    }

    /// Takes a document that is one of Google's; false where it is none.
    fn take_google(&mut self, document: &serde_json::Value, span: Span) -> bool {
        match self.google.add_document(document) {
            Ok(known) => known,
            Err(error) => {
                let help = match &error {
                    InvalidDocument::Placeless => {
                        "export policies with their resources: `gcloud asset \
                         search-all-iam-policies --scope=projects/PROJECT --format=json`"
                    }
                    _ => {
                        "give policies as `gcloud asset search-all-iam-policies --format=json` \
                         prints them"
                    }
                };
                let error = Diagnostic::error("invalid-object", format!("this file holds {error}"));
                self.problems.push(error.at(span).help(help));
                true
            }
        }
    }

    /// Objects that are written again: the last one stands.
    fn twice(&self) -> Vec<Diagnostic> {
        let mut first: HashMap<&ObjectId, Span> = HashMap::new();
        let mut found = Vec::new();
        for (object, written) in &self.places {
            let Some(before) = first.insert(object, written.object) else {
                continue;
            };
            let (kind, name) = (&object.kind, &object.ident);
            let message = format!("{kind} `{name}` is written twice");
            found.push(
                Diagnostic::warning("duplicate-object", message)
                    .at(written.object)
                    .related(before, "first written here")
                    .help("the last one stands: remove the other"),
            );
        }
        found
    }

    fn invalid(&mut self, span: Span, kind: &InvalidObject) {
        // The place is that of the object; serde counts lines within its text.
        let text = kind.to_string();
        let text = text.split(" at line ").next().unwrap_or_default();
        let error = Diagnostic::error("invalid-object", format!("this file holds {text}"));
        let help = match kind {
            InvalidObject::Kindless => {
                "give Kubernetes objects, as `kubectl get -o yaml` prints them, or policies of \
                 Google, as `gcloud asset search-all-iam-policies --format=json` does"
            }
            _ => "give Kubernetes objects, as `kubectl get -o yaml` prints them",
        };
        self.problems.push(error.at(span).help(help));
    }
}
