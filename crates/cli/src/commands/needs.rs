//! `plan --needs`: what somebody who holds nothing else must be granted. Asks nobody.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_access::PolicyRule;
use rbacform_access::google::Resource;
use rbacform_access::preflight::{NeedsInput, Place, needs, rules::rule_lines};
use rbacform_core::{Assertion, Claim, ObjectId, OnDestroy};
use rbacform_gcp::ident;
use rbacform_gcp::needs::{TO_SEE_AN_ACCOUNT, needs as needs_at_google, to_tell};
use rbacform_planner::{BRIDGE, on_destroy};
use rbacform_stack::Stack;
use rbacform_state::LocalStore;
use serde::Serialize;
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::load::{LoadedStack, SEMANTICS};
use crate::planning::{GOOGLE, KUBERNETES, asserted_resources};
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
    let declared = stack.resources.iter();
    let roles = needs(&NeedsInput {
        declared: declared
            .filter(|resource| resource.object.instance == KUBERNETES)
            .map(|resource| (&resource.object, &resource.attributes))
            .collect(),
        deleted: ending(false).collect(),
        abandoned: ending(true).collect(),
        bridge: BRIDGE,
    });
    let mut permissions = needs_at_google(with(GOOGLE).map(|(object, _)| object));
    for (resource, more) in of_assertions(stack) {
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

/// What testing a stack's assertions reads at Google, where it asks Google at all. What a project is in
/// no file tells, so that what is needed there is not among it.
fn of_assertions(stack: &Stack) -> BTreeMap<String, BTreeSet<String>> {
    if !stack.providers.contains_key(GOOGLE) {
        return BTreeMap::new();
    }
    let resources = asserted_resources(&stack.assertions);
    let holders: BTreeSet<String> = resources.iter().flat_map(Resource::holders).collect();
    // What the stack makes is not there before it.
    let is_declared = |name: &String| {
        let mut declared = stack.resources.iter();
        declared.any(|it| it.object.instance == GOOGLE && *it.object.ident == **name)
    };
    let read = holders.iter().filter(|name| !is_declared(name));
    let mut permissions = to_tell(read.map(String::as_str));
    let subjects = stack.assertions.iter().filter(|it| !it.known);
    for email in subjects.filter_map(absentee) {
        let Some(account) = ident::service_account(GOOGLE, email) else {
            continue;
        };
        let name = account.ident.to_string();
        if !is_declared(&name) && !is_named(stack, email) {
            let permission = TO_SEE_AN_ACCOUNT.to_owned();
            permissions.entry(name).or_default().insert(permission);
        }
    }
    permissions
}

/// The service account at Google that a claim says holds nothing: it must exist.
fn absentee(assertion: &Assertion) -> Option<&str> {
    match &assertion.claim {
        Claim::Cannot(asker, deed) if deed.on_policies => {
            let email = asker.subject.strip_prefix("serviceAccount:")?;
            (!email.contains('[')).then_some(email)
        }
        _ => None,
    }
}

/// Whether a stack's own grants name an account: then nobody is asked for it.
fn is_named(stack: &Stack, email: &str) -> bool {
    let member = format!("serviceAccount:{email}");
    let mut bindings = stack.resources.iter().flat_map(|resource| {
        let known = SEMANTICS.iter();
        let mut known = known.filter(|it| it.provider() == resource.object.instance.as_str());
        let semantics = known.next();
        semantics.map_or_else(Vec::new, |it| {
            it.bindings(&resource.object, &resource.attributes)
        })
    });
    bindings.any(|binding| binding.subjects.contains(&member))
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
