//! Gates, and the exceptions that let single ones pass.

use std::collections::BTreeMap;

use crate::cloud::*;
use crate::support::*;
use rbacform_core::policy::{Gate, Policy, PolicyException};
use rbacform_core::{Diagnostic, FileId, Span};
use rbacform_planner::{GateInput, Gates, Planned, gates};

const NOW: i64 = 1_000;

/// A binding that takes a service agent and whoever runs this out.
fn removal() -> Planned {
    World::default()
        .standing(&whole("p", "viewer", &["agent:x", "user:ana", "user:bo"]))
        .declared(whole("p", "viewer", &["user:bo"]))
        .plan()
}

fn exception(code: &str, address: &str, until: Option<i64>) -> PolicyException {
    PolicyException {
        code: code.into(),
        address: address.parse().unwrap(),
        reason: "agreed".to_owned(),
        until,
        span: Span::default(),
    }
}

fn ask(planned: &Planned, policy: &Policy, identity: Option<&str>, whole: bool) -> Gates {
    let identities: BTreeMap<_, _> = identity
        .map(|identity| ("cloud".into(), identity.to_owned()))
        .into_iter()
        .collect();
    gates(&GateInput {
        risks: &[],
        changes: &planned.changes,
        revoked: &planned.revoked,
        findings: &planned.diagnostics,
        identities: &identities,
        semantics: &[&Toy, &Cloud],
        policy,
        now: NOW,
        whole,
    })
}

fn codes(diagnostics: &[Diagnostic]) -> Vec<&str> {
    diagnostics.iter().map(|found| found.code).collect()
}

#[test]
fn service_agents_and_whoever_runs_this_are_not_removed_by_accident() {
    let planned = removal();
    let found = ask(&planned, &Policy::default(), Some("ana"), true);
    assert_eq!(
        codes(&found.refused),
        ["own-access-removed", "service-agent-removed"]
    );
    let agent = &found.refused[1];
    assert!(agent.is_error());
    assert_eq!(agent.address.as_deref(), Some("cloud.binding.p_viewer"));
    let help = agent.help.as_deref().unwrap();
    assert!(help.contains("code = \"service-agent-removed\""), "{help}");
    assert!(
        help.contains("address = 'cloud.binding.p_viewer'"),
        "{help}"
    );
    assert_eq!(codes(&found.findings), ["access-removed"]);
    // Where nobody asked who runs this, nobody knows.
    let found = ask(&planned, &Policy::default(), None, true);
    assert_eq!(codes(&found.refused), ["service-agent-removed"]);
}

#[test]
fn a_single_grant_of_ones_own_may_go() {
    let planned = World::default()
        .once_granted(&member("p", "viewer", "agent:x"))
        .plan();
    assert_eq!(planned.revoked.len(), 1);
    let found = ask(&planned, &Policy::default(), None, true);
    assert!(found.refused.is_empty());
}

#[test]
fn an_exception_lets_one_code_at_one_address_pass() {
    let planned = removal();
    let mut policy = Policy {
        exceptions: vec![exception(
            "service-agent-removed",
            "cloud.binding.p_viewer",
            Some(NOW + 1),
        )],
        ..Policy::default()
    };
    let found = ask(&planned, &policy, Some("ana"), true);
    assert_eq!(codes(&found.refused), ["own-access-removed"]);
    assert!(found.exceptions.is_empty());
    policy.exceptions[0].address = "cloud.binding.another".parse().unwrap();
    let found = ask(&planned, &policy, None, true);
    assert_eq!(codes(&found.refused), ["service-agent-removed"]);
    assert_eq!(codes(&found.exceptions), ["unused-exception"]);
    let found = ask(&planned, &policy, None, false);
    assert!(found.exceptions.is_empty(), "part of a plan cannot tell");
}

#[test]
fn an_exception_that_is_past_lets_nothing_pass_and_is_an_error_with_its_place() {
    let mut past = exception("service-agent-removed", "cloud.binding.p_viewer", Some(NOW));
    past.span = Span {
        file: FileId(0),
        start: 7,
        end: 9,
    };
    let policy = Policy {
        exceptions: vec![past.clone()],
        ..Policy::default()
    };
    let found = ask(&removal(), &policy, None, true);
    assert_eq!(codes(&found.refused), ["service-agent-removed"]);
    assert_eq!(codes(&found.exceptions), ["expired-exception"]);
    assert_eq!(found.exceptions[0].span(), Some(past.span));
}

#[test]
fn a_stack_makes_findings_into_gates_and_lets_single_ones_pass() {
    let planned = World::default()
        .standing(&whole("p", "viewer", &["user:ana", "user:bo"]))
        .declared(whole("p", "viewer", &["user:bo"]))
        .plan();
    let mut policy = Policy {
        refuse: vec![Gate {
            code: "access-removed".into(),
            span: Span::default(),
        }],
        ..Policy::default()
    };
    let found = ask(&planned, &policy, None, true);
    assert_eq!(codes(&found.refused), ["access-removed"]);
    assert!(found.refused[0].is_error() && found.findings.is_empty());
    policy
        .exceptions
        .push(exception("access-removed", "cloud.binding.p_viewer", None));
    let found = ask(&planned, &policy, None, true);
    assert!(found.refused.is_empty() && found.exceptions.is_empty());
    assert!(found.findings.is_empty(), "one that passes is not told of");
}
