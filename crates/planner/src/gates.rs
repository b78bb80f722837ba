//! Gates: risks that refuse a plan unless the stack lets them pass, one by one and by name.

use std::collections::BTreeMap;

use rbacform_core::plan::AccessEntry;
use rbacform_core::{
    Address, Change, Diagnostic, Guarded, Policy, PolicyException, Removal, Semantics, Severity,
    Text,
};

use crate::semantics_of;

/// What the gates look at.
pub struct GateInput<'a> {
    /// The plan's changes.
    pub changes: &'a [Change],
    /// The grants that it takes away.
    pub revoked: &'a [AccessEntry],
    /// What else refuses the plan unless an exception of its code and address lets it pass.
    pub risks: &'a [Diagnostic],
    /// Every warning of stack and plan.
    pub findings: &'a [Diagnostic],
    /// Who carries it out, by provider instance, as the providers name it; where it was asked.
    pub identities: &'a BTreeMap<Text, String>,
    /// The pure halves of the providers.
    pub semantics: &'a [&'a dyn Semantics],
    /// The stack's `[policy]`.
    pub policy: &'a Policy,
    /// Now, in seconds since 1970.
    pub now: i64,
    /// Whether an exception that nothing needs is an error: for a plan of the whole stack. Part
    /// of one, or a check without a world, cannot tell.
    pub whole: bool,
}

/// What the gates say.
#[derive(Debug, Default)]
pub struct Gates {
    /// Errors: the plan is refused (exit 5).
    pub refused: Vec<Diagnostic>,
    /// Errors: exceptions that are past or that nothing needs (exit 1).
    pub exceptions: Vec<Diagnostic>,
    /// The findings that no exception lets pass and no gate made an error.
    pub findings: Vec<Diagnostic>,
}

/// Asks every gate.
pub fn gates(input: &GateInput<'_>) -> Gates {
    let mut used = vec![false; input.policy.exceptions.len()];
    let mut gates = Gates::default();
    let mut refusals: Vec<Diagnostic> = risks(input).collect();
    let told = refusals.len();
    for removal in guarded(input) {
        // A risk says more of what the change takes than the grant that goes.
        let is_told =
            |risk: &Diagnostic| (risk.code, &risk.address) == (removal.code, &removal.address);
        if !refusals.iter().take(told).any(is_told) {
            refusals.push(removal);
        }
    }
    for refusal in refusals {
        if !passes(&refusal, input, &mut used) {
            gates.refused.push(refusal);
        }
    }
    for finding in input.findings {
        if passes(finding, input, &mut used) {
            continue;
        }
        let gate = input
            .policy
            .refuse
            .iter()
            .find(|gate| gate.code == finding.code);
        match gate {
            Some(gate) => gates.refused.push(
                Diagnostic {
                    severity: Severity::Error,
                    ..finding.clone()
                }
                .related(gate.span, "the stack refuses this"),
            ),
            None => gates.findings.push(finding.clone()),
        }
    }
    let all = input.policy.exceptions.iter().zip(used);
    gates.exceptions = all
        .filter_map(|(exception, used)| amiss(exception, used, input))
        .collect();
    rbacform_core::diagnostic::sort(&mut gates.refused);
    gates
}

/// The removals that must not happen by accident.
fn guarded(input: &GateInput<'_>) -> Vec<Diagnostic> {
    let addresses: BTreeMap<_, &Address> = input
        .changes
        .iter()
        .map(|change| (&change.object, &change.address))
        .collect();
    let mut found = Vec::new();
    for entry in input.revoked {
        for via in &entry.via {
            let guarded = semantics_of(input.semantics, &via.binding).and_then(|semantics| {
                semantics.guard(&Removal {
                    object: &via.binding,
                    role: &via.role,
                    scope: &entry.scope,
                    subject: &entry.subject,
                    condition: entry.condition.as_deref(),
                    identity: input
                        .identities
                        .get(&via.binding.instance)
                        .map(String::as_str),
                })
            });
            if let Some(guarded) = guarded {
                found.push(refusal(guarded, addresses.get(&via.binding).copied()));
            }
        }
    }
    found
}

/// The risks that were found elsewhere, with how to let them pass.
fn risks(input: &GateInput<'_>) -> impl Iterator<Item = Diagnostic> {
    input.risks.iter().map(|risk| {
        let address = risk.address.as_deref().unwrap_or_default();
        let help = risk.help.as_deref().unwrap_or_default();
        Diagnostic {
            help: Some(passable(help, risk.code, address)),
            ..risk.clone()
        }
    })
}

/// Help with how to let it pass.
fn passable(help: &str, code: &str, address: &str) -> String {
    format!(
        "{help}; if it is meant, let it pass: `[[policy.exception]]` with `code = \"{code}\"`, \
         `address = '{address}'` and a `reason`"
    )
}

fn refusal(guarded: Guarded, address: Option<&Address>) -> Diagnostic {
    let Guarded {
        code,
        message,
        help,
    } = guarded;
    let named = address.map(ToString::to_string).unwrap_or_default();
    let help = passable(&help, code, &named);
    let error = Diagnostic::error(code, message).help(help);
    match address {
        Some(address) => error.address(address),
        None => error,
    }
}

/// Whether an exception lets it pass; every one that would is used.
fn passes(found: &Diagnostic, input: &GateInput<'_>, used: &mut [bool]) -> bool {
    let address: Option<Address> = found.address.as_deref().and_then(|text| text.parse().ok());
    let Some(address) = address else {
        return false;
    };
    let mut passes = false;
    for (exception, used) in input.policy.exceptions.iter().zip(used) {
        if exception.code == found.code && exception.address.covers(&address) {
            // One that is past is told of as such, not as useless.
            *used = true;
            passes |= !is_past(exception, input.now);
        }
    }
    passes
}

fn is_past(exception: &PolicyException, now: i64) -> bool {
    exception.until.is_some_and(|until| until <= now)
}

fn amiss(exception: &PolicyException, used: bool, input: &GateInput<'_>) -> Option<Diagnostic> {
    let PolicyException { code, address, .. } = exception;
    let error = |name, message: String, help| {
        let error = Diagnostic::error(name, message).at(exception.span);
        Some(error.address(address).help(help))
    };
    if is_past(exception, input.now) {
        let message = format!("the exception for `{code}` at `{address}` is past");
        let help = "remove it, or decide anew and give it another `until`";
        return error("expired-exception", message, help);
    }
    if input.whole && !used {
        let message = format!("nothing needs the exception for `{code}` at `{address}`");
        let help = "remove it, or correct its code or address: one that waits for a risk hides it \
                    when it comes";
        return error("unused-exception", message, help);
    }
    None
}
