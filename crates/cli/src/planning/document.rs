//! The plan as a document: who was asked and as whom, what the gates say, what it cost.

use std::collections::BTreeMap;

use rbacform_core::diagnostic::Place;
use rbacform_core::plan::{AccessChange, Finding, GcpWorld, Mode, Preflight, World};
use rbacform_core::{Diagnostic, Plan, Text};
use rbacform_planner::{GateInput, Gates, Planned};

use super::read::Reader;
use super::{GOOGLE, KUBERNETES, Request};
use crate::load::{LoadedStack, SEMANTICS};
use crate::render::worlds::NO_PROJECT;
use crate::session::Session;

/// Asks every gate, and sorts out the findings.
pub(super) fn gates(
    request: &Request<'_>,
    planned: &Planned,
    identities: &BTreeMap<Text, String>,
    risks: &[Diagnostic],
    session: &Session,
) -> Gates {
    let warnings = &request.loaded.warnings;
    let mut findings: Vec<Diagnostic> = warnings
        .iter()
        .chain(&planned.diagnostics)
        .cloned()
        .collect();
    rbacform_core::diagnostic::sort(&mut findings);
    let mut gates = rbacform_planner::gates(&GateInput {
        changes: &planned.changes,
        revoked: &planned.revoked,
        risks,
        findings: &findings,
        identities,
        semantics: &SEMANTICS,
        policy: &request.loaded.stack.policy,
        now: session.environment.now.as_second(),
        whole: request.mode == Mode::Apply && request.targets.is_empty(),
    });
    for refused in &mut gates.refused {
        if refused.place.is_none() {
            let place = refused
                .address
                .as_deref()
                .and_then(|address| request.loaded.place_of(address));
            refused.place = place.map(Place::Span);
        }
    }
    gates
}

/// The document.
pub(super) fn document(
    request: &Request<'_>,
    planned: &Planned,
    reader: &Reader<'_>,
    identities: &BTreeMap<Text, String>,
    gates: &Gates,
    preflight: Vec<Preflight>,
    session: &Session,
) -> Plan {
    let stack = &request.loaded.stack;
    let outputs = match request.mode {
        Mode::Destroy => BTreeMap::new(),
        Mode::Apply | Mode::RefreshOnly => stack.outputs.clone(),
    };
    let findings = gates.refused.iter().chain(&gates.findings);
    Plan {
        format: rbacform_core::plan::FORMAT.to_owned(),
        rbacform_version: env!("CARGO_PKG_VERSION").to_owned(),
        stack: stack.name.clone(),
        env: stack.env.clone(),
        mode: request.mode,
        summary: planned.summary.clone(),
        changes: planned.changes.clone(),
        drift: planned.drift.clone(),
        unmanaged: planned.unmanaged.clone(),
        service_agents: planned.service_agents,
        unmanaged_bootstrap: planned.unmanaged_bootstrap,
        access: AccessChange::default(),
        findings: findings
            .map(|diagnostic| finding(diagnostic, request.loaded))
            .collect(),
        assertions: Vec::new(),
        preflight,
        outputs,
        world: world(reader, identities),
        now: session.environment.now.to_string(),
        requests: reader.connection.requests(),
    }
}

fn world(reader: &Reader<'_>, identities: &BTreeMap<Text, String>) -> World {
    let identity = |instance: &str| identities.get(instance).cloned();
    let connection = &reader.connection;
    let kubernetes = connection.cluster(identity(KUBERNETES));
    let mut projects: Vec<String> = reader.projects.iter().cloned().collect();
    match connection.providers.contains_key(GOOGLE) {
        true if projects.is_empty() => projects.push(NO_PROJECT.to_owned()),
        true => {}
        false => projects.clear(),
    }
    let google = projects.into_iter().map(|project| GcpWorld {
        project,
        identity: identity(GOOGLE),
    });
    World {
        kubernetes: kubernetes.into_iter().collect(),
        gcp: google.collect(),
    }
}

fn finding(diagnostic: &Diagnostic, loaded: &LoadedStack) -> Finding {
    let location = diagnostic.location(&loaded.sources);
    Finding {
        code: diagnostic.code.to_owned(),
        severity: if diagnostic.is_error() {
            "error"
        } else {
            "warning"
        }
        .to_owned(),
        message: diagnostic.message.clone(),
        address: diagnostic.address.clone(),
        file: location.as_ref().map(|place| place.file.clone()),
        line: location.as_ref().map(|place| place.line),
        column: location.as_ref().map(|place| place.column),
        help: diagnostic.help.clone(),
        doc: format!("docs/reference/diagnostics.md#{}", diagnostic.code),
    }
}
