//! `plan --needs`: what somebody who holds nothing else must be granted. Asks nobody.

mod asserted;

use std::collections::{BTreeMap, BTreeSet};

use rbacform_access::PolicyRule;
use rbacform_access::preflight::{NeedsInput, Place, needs, rules::rule_lines};
use rbacform_core::{ObjectId, OnDestroy};
use rbacform_planner::{BRIDGE, on_destroy};
use rbacform_state::LocalStore;
use serde::Serialize;
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::load::{LoadedStack, SEMANTICS};
use crate::planning::{GOOGLE, KUBERNETES};
use crate::session::Session;

/// `rbacform.needs/1`.
#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    stack: &'a str,
    env: Option<&'a str>,
    /// Roles, as the API server takes them.
    kubernetes: Vec<Value>,
    /// Permissions by resource.
    gcp: &'a BTreeMap<String, BTreeSet<String>>,
}

/// Prints the roles and permissions.
pub(crate) fn run(
    loaded: &LoadedStack,
    store: &LocalStore,
    json: bool,
    session: &Session,
) -> Result<Exit, Failure> {
    let stack = &loaded.stack;
    let prior = store.load()?.snapshot.resources;
    let ends = stack
        .resources
        .iter()
        .map(|resource| (&resource.object, on_destroy(resource, &SEMANTICS)))
        .chain(
            prior
                .iter()
                .map(|(object, known)| (object, known.on_destroy)),
        );
    let ends: BTreeSet<(&ObjectId, bool)> = ends
        .map(|(object, end)| (object, end == OnDestroy::Abandon))
        .collect();
    let with = |instance: &'static str| {
        let its = ends
            .iter()
            .filter(move |(object, _)| object.instance == instance);
        its.copied()
    };
    let ending = |abandoned: bool| {
        let its = with(KUBERNETES).filter(move |(_, abandons)| *abandons == abandoned);
        its.map(|(object, _)| object)
    };
    let read_whole = asserted::kinds(loaded)?;
    let declared = stack.resources.iter();
    let roles = needs(&NeedsInput {
        declared: declared
            .filter(|resource| resource.object.instance == KUBERNETES)
            .map(|resource| (&resource.object, &resource.attributes))
            .collect(),
        deleted: ending(false).collect(),
        abandoned: ending(true).collect(),
        asserted: read_whole.iter().map(String::as_str).collect(),
        bridge: BRIDGE,
    });
    let mut permissions = rbacform_gcp::needs::needs(with(GOOGLE).map(|(object, _)| object));
    for (resource, more) in asserted::permissions(stack) {
        permissions.entry(resource).or_default().extend(more);
    }
    let name = match &stack.env {
        Some(env) => format!("rbacform-{}-{env}", stack.name),
        None => format!("rbacform-{}", stack.name),
    };
    if json {
        session.ui.json(&Document {
            format: "rbacform.needs/1",
            stack: &stack.name,
            env: stack.env.as_deref(),
            kubernetes: roles
                .iter()
                .map(|(place, rules)| object(&name, place, rules))
                .collect(),
            gcp: &permissions,
        });
    } else {
        session
            .ui
            .data(&told(&stack.name, &name, &roles, &permissions));
    }
    Ok(Exit::Done)
}

fn object(name: &str, place: &Place, rules: &[PolicyRule]) -> Value {
    let (kind, metadata) = match place {
        Place::Cluster => ("ClusterRole", json!({"name": name})),
        Place::Namespace(namespace) => ("Role", json!({"name": name, "namespace": namespace})),
    };
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": kind,
        "metadata": metadata,
        "rules": rules,
    })
}

/// YAML for `kubectl apply -f -`; what Google needs stands in comments.
fn told(
    stack: &str,
    name: &str,
    roles: &BTreeMap<Place, Vec<PolicyRule>>,
    permissions: &BTreeMap<String, BTreeSet<String>>,
) -> String {
    let mut text = format!(
        "# What somebody must be granted to plan stack `{stack}`, to apply it and to see its drift.\n\
         # The rules name the stack's own objects: ask again when it has others.\n"
    );
    let documents: Vec<String> = roles
        .iter()
        .map(|(place, rules)| document(name, place, rules))
        .collect();
    text.push_str(&documents.join("---\n"));
    if !permissions.is_empty() {
        text.push_str("# At Google, on each resource:\n");
    }
    for (resource, permissions) in permissions {
        text.push_str(&format!("# {resource}\n"));
        let lines = permissions.iter().map(|one| format!("#   {one}\n"));
        text.extend(lines);
    }
    text
}

fn document(name: &str, place: &Place, rules: &[PolicyRule]) -> String {
    let (kind, namespace) = match place {
        Place::Cluster => ("ClusterRole", String::new()),
        Place::Namespace(namespace) => ("Role", format!("  namespace: {namespace}\n")),
    };
    let rules: String = rules
        .iter()
        .flat_map(rule_lines)
        .map(|line| format!("{line}\n"))
        .collect();
    format!(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata:\n  name: {name}\n\
         {namespace}rules:\n{rules}"
    )
}
