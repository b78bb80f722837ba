//! The findings that `[policy] refuse` can make gates of.

use rbacform_core::hint::closest;
use rbacform_core::{Diagnostic, Policy};

/// The codes of every warning of stack and plan. `tests/docs` holds this against the sources.
const FINDINGS: [&str; 21] = [
    "access-removed",
    "assertion-untold",
    "condition-unproven",
    "dangling-binding",
    "dead-rule",
    "dead-subject",
    "duplicate-object",
    "empty-assertion",
    "idle-binding",
    "ignored-field",
    "known-role",
    "legacy-role",
    "policy-unproven",
    "redundant-grant",
    "reserved-name",
    "shared-pool",
    "unknown-marked-object",
    "unknown-permission",
    "unknown-variable",
    "unusual-member",
    "workload-identity-half",
];

/// Codes that no finding has: a gate that would never close.
pub(crate) fn check(policy: &Policy) -> Vec<Diagnostic> {
    let gates = policy.refuse.iter();
    let unknown = gates.filter(|gate| !FINDINGS.contains(&gate.code.as_str()));
    let error = |gate: &rbacform_core::policy::Gate| {
        let message = format!("no warning has the code `{}`", gate.code);
        let help = match closest(&gate.code, FINDINGS) {
            Some(close) => format!("did you mean `{close}`?"),
            None => "give the code that a warning shows in brackets; errors refuse by themselves"
                .to_owned(),
        };
        Diagnostic::error("unknown-code", message)
            .at(gate.span)
            .help(help)
    };
    unknown.map(error).collect()
}
