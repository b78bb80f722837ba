//! `access diff`: what anybody may do in one world and not in another.

use std::path::PathBuf;

use rbacform_access::delta::{self, Entry};
use serde::Serialize;

use super::answer::FORMAT;
use super::args::DiffArgs;
use super::world;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::text::safe;
use crate::session::Session;

#[derive(Serialize)]
struct Document {
    format: &'static str,
    gained: Vec<Told>,
    lost: Vec<Told>,
    cannot_tell: Vec<Told>,
}

/// One entry in the shape that plans have.
#[derive(Serialize)]
struct Told {
    platform: &'static str,
    subject: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    verbs: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    resource: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_group: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    names: Vec<String>,
    scope: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    except: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    but_in: Vec<String>,
    via: Vec<Binding>,
}

#[derive(Serialize)]
struct Binding {
    binding: String,
    role: String,
}

pub(super) fn run(args: &DiffArgs, session: &Session) -> Result<Exit, Failure> {
    let one = |from: &PathBuf| world::of(std::slice::from_ref(from), &args.settings, None, session);
    let (before, after) = (one(&args.before)?, one(&args.after)?);
    let known = delta::Known {
        roles: !before.unseen.roles && !after.unseen.roles,
        cluster_roles: !before.unseen.cluster_roles && !after.unseen.cluster_roles,
        ..delta::Known::all(true)
    };
    let found = rbacform_access::delta(&before.facts, &after.facts, &known);
    let document = Document {
        format: FORMAT,
        gained: found.gained.into_iter().map(told).collect(),
        lost: found.lost.into_iter().map(told).collect(),
        cannot_tell: found
            .cannot_tell
            .into_iter()
            .map(|(who, via)| untold(who, &via))
            .collect(),
    };
    match args.json {
        true => session.ui.json(&document),
        false => session.ui.data(&words(&document)),
    }
    Ok(Exit::Done)
}

fn told(entry: Entry) -> Told {
    Told {
        platform: "kubernetes",
        subject: entry.subject,
        verbs: entry.verbs,
        role: None,
        resource: entry.resource,
        api_group: entry.api_group,
        names: entry.names,
        scope: scope(&entry.scope),
        except: entry.except,
        but_in: entry.but_in,
        via: entry.via.iter().map(binding).collect(),
    }
}

fn untold(subject: String, via: &delta::Through) -> Told {
    Told {
        platform: "kubernetes",
        subject,
        verbs: Vec::new(),
        role: Some(format!("{} {}", via.role_kind, via.role)),
        resource: "*".to_owned(),
        api_group: None,
        names: Vec::new(),
        scope: scope(&via.namespace),
        except: Vec::new(),
        but_in: Vec::new(),
        via: vec![binding(via)],
    }
}

fn scope(namespace: &str) -> String {
    match namespace {
        "" => "cluster",
        namespace => namespace,
    }
    .to_owned()
}

fn binding(via: &delta::Through) -> Binding {
    let kind = match via.namespace.as_str() {
        "" => "ClusterRoleBinding",
        _ => "RoleBinding",
    };
    let role_namespace = match via.role_kind.as_str() {
        "Role" => via.namespace.as_str(),
        _ => "",
    };
    Binding {
        binding: world::object(kind, &via.namespace, &via.binding).to_string(),
        role: world::object(&via.role_kind, role_namespace, &via.role).to_string(),
    }
}

fn words(document: &Document) -> String {
    let mut text = String::new();
    let parts = [
        ("gains", &document.gained),
        ("loses", &document.lost),
        (
            "may have another access, nobody here can say which, through",
            &document.cannot_tell,
        ),
    ];
    for (verb, entries) in parts {
        for entry in entries {
            text.push_str(&line(entry, verb));
        }
    }
    if text.is_empty() {
        text.push_str("Nobody gains or loses anything.\n");
    }
    text
}

fn line(entry: &Told, verb: &str) -> String {
    let mut line = format!("{} {verb}", safe(&entry.subject));
    match &entry.role {
        Some(role) => line.push_str(&format!(" {}", safe(role))),
        None => line.push_str(&format!(
            " {} {}",
            safe(&entry.verbs.join(", ")),
            safe(&entry.resource)
        )),
    }
    if let Some(group) = entry.api_group.as_deref().filter(|group| !group.is_empty()) {
        line.push_str(&format!(" of {}", safe(group)));
    }
    if !entry.names.is_empty() {
        line.push_str(&format!(" named {}", safe(&entry.names.join(", "))));
    }
    if !entry.except.is_empty() {
        line.push_str(&format!(" (but {})", safe(&entry.except.join("; "))));
    }
    match entry.scope.as_str() {
        "cluster" => line.push_str(" in the whole cluster"),
        namespace => line.push_str(&format!(" in {}", safe(namespace))),
    }
    if !entry.but_in.is_empty() {
        line.push_str(&format!(", not in {}", safe(&entry.but_in.join(", "))));
    }
    line.push('\n');
    line
}
