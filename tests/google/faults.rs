//! Faults at every phase of an apply: each ends converged, or with an error that can be gone on
//! from; nothing is lost, and nothing is asked for ever.

use rbacform_sandbox::{Effect, Fault, RequestMatch, Sandbox, When};

use crate::stage::{PROJECT, Stage};

/// One account, one role and grants of both on two policies.
const STACK: &str = r#"
[gcp.service_account.trainer]
account_id = "trainer"

[gcp.custom_role.reader]
role_id = "modelReader"
title = "Reader"
permissions = ["aiplatform.models.get"]

[gcp.iam_member.reads]
resource = "projects/acme-ml"
role = "${gcp.custom_role.reader.name}"
member = "${gcp.service_account.trainer.member}"

[gcp.iam_binding.acts]
resource = "${gcp.service_account.trainer.name}"
role = "roles/iam.serviceAccountUser"
members = ["user:ana@example.com"]
"#;

const EMAIL: &str = "trainer@acme-ml.iam.gserviceaccount.com";
const APPLY: [&str; 4] = ["apply", "stacks/main", "--yes", "--json"];

/// Every phase: the call that is hit.
const PHASES: [(&str, &str); 10] = [
    ("get", "cloudresourcemanager.projects"),
    ("list", "iam.serviceAccounts"),
    ("list", "iam.roles"),
    ("getIamPolicy", "cloudresourcemanager.projects"),
    ("testIamPermissions", "cloudresourcemanager.projects"),
    ("create", "iam.serviceAccounts"),
    ("create", "iam.roles"),
    ("get", "iam.serviceAccounts"),
    ("setIamPolicy", "cloudresourcemanager.projects"),
    ("setIamPolicy", "iam.serviceAccounts"),
];

fn status(code: u16) -> Effect {
    Effect::Status {
        code,
        retry_after: None,
    }
}

/// A stage where a phase goes wrong once, or always.
fn stage(phase: (&str, &str), when: When, effect: &Effect) -> Stage {
    let stage = Stage::unwatched(Sandbox::builder());
    stage.stack(STACK);
    let on = RequestMatch {
        user_agent: Some("rbacform/".to_owned()),
        ..RequestMatch::of(phase.0, phase.1)
    };
    stage.sandbox.faults().add(Fault {
        on,
        when,
        effect: effect.clone(),
    });
    stage
}

/// That the world is what the stack says, and one more plan finds nothing to do.
fn converged(stage: &Stage, told: &str) {
    assert!(stage.google.account("acme-ml", EMAIL).is_some(), "{told}");
    let role = stage.google.role("projects/acme-ml/roles/modelReader");
    assert_ne!(role.expect(told)["deleted"], true, "{told}");
    let member = format!("serviceAccount:{EMAIL}");
    let reads = stage
        .google
        .members(PROJECT, "projects/acme-ml/roles/modelReader");
    assert_eq!(reads, [member], "{told}");
    let account = format!("projects/acme-ml/serviceAccounts/{EMAIL}");
    let acts = stage
        .google
        .members(&account, "roles/iam.serviceAccountUser");
    assert_eq!(acts, ["user:ana@example.com"], "{told}");
    stage.repo.is_settled();
}

/// Hits every phase once; one apply gets through all the same.
fn once_is_no_matter(effect: &Effect, phases: &[(&str, &str)]) {
    for phase in phases {
        let stage = stage(*phase, When::Nth(1), effect);
        let ran = stage.run(&APPLY);
        let told = format!("{effect:?} at {phase:?}: {}", ran.told());
        assert_eq!(ran.code, Some(0), "{told}");
        converged(&stage, &told);
    }
}

/// Phases that an apply can do without: who may not read a project's number knows the project by
/// its id, who may not list reads what the stack names one by one, and whether a new account is
/// seen yet, or a policy may be set, only saves a refusal later.
const DISPENSABLE: [(&str, &str); 5] = [
    ("get", "cloudresourcemanager.projects"),
    ("list", "iam.serviceAccounts"),
    ("list", "iam.roles"),
    ("get", "iam.serviceAccounts"),
    ("testIamPermissions", "cloudresourcemanager.projects"),
];

/// Hits every phase for ever; the apply ends with an error, and the next one, without the fault,
/// gets through.
fn always_ends_with_an_error(effect: &Effect, word: &str) {
    for phase in PHASES {
        let stage = stage(phase, When::Always, effect);
        let ran = stage.run(&APPLY);
        let told = format!("{effect:?} at {phase:?}: {}", ran.told());
        stage.sandbox.faults().clear();
        if ran.code == Some(0) && DISPENSABLE.contains(&phase) {
            converged(&stage, &told);
            continue;
        }
        assert!(matches!(ran.code, Some(1 | 3)), "{told}");
        assert!(ran.stdout.contains(word), "`{word}`: {told}");
        let ran = stage.run(&APPLY);
        assert_eq!(ran.code, Some(0), "afterwards, {told}\n{}", ran.told());
        converged(&stage, &told);
    }
}

#[test]
fn busy_servers_are_waited_for() {
    once_is_no_matter(&status(503), &PHASES);
}

#[test]
fn quotas_are_waited_for_as_long_as_they_say() {
    let effect = Effect::Status {
        code: 429,
        retry_after: Some(0),
    };
    once_is_no_matter(&effect, &PHASES);
}

#[test]
fn lost_requests_are_sent_again() {
    once_is_no_matter(&Effect::DropBeforeCommit, &PHASES);
}

#[test]
fn lost_answers_are_found_out() {
    once_is_no_matter(&Effect::DropAfterCommit, &PHASES);
}

#[test]
fn server_errors_are_found_out() {
    once_is_no_matter(&status(500), &PHASES);
}

#[test]
fn conflicts_are_merged_again() {
    let sets: Vec<_> = PHASES
        .into_iter()
        .filter(|(method, _)| *method == "setIamPolicy")
        .collect();
    assert_eq!(sets.len(), 2);
    once_is_no_matter(&status(409), &sets);
}

#[test]
fn forbidden_calls_end_with_an_error_that_can_be_gone_on_from() {
    always_ends_with_an_error(&status(403), "forbidden");
}

#[test]
fn refused_credentials_end_with_an_error_that_can_be_gone_on_from() {
    always_ends_with_an_error(&status(401), "unauthenticated");
}

#[test]
fn bad_requests_end_with_an_error_that_can_be_gone_on_from() {
    always_ends_with_an_error(&status(400), "");
}

#[test]
fn a_third_of_everything_fails_and_it_converges() {
    let needed = {
        let stage = Stage::unwatched(Sandbox::builder());
        stage.stack(STACK);
        stage.sandbox.reset_requests();
        stage.repo.apply();
        asked(&stage)
    };
    let (mut all, mut runs) = (0, 0);
    for seed in 0..4 {
        let stage = Stage::unwatched(Sandbox::builder());
        stage.stack(STACK);
        for (code, method) in [(503, None), (429, None), (409, Some("setIamPolicy"))] {
            stage.sandbox.faults().add(Fault {
                on: RequestMatch {
                    verb: method.map(str::to_owned),
                    user_agent: Some("rbacform/".to_owned()),
                    ..RequestMatch::any()
                },
                when: When::Chance {
                    probability: if method.is_some() { 0.1 } else { 0.105 },
                    seed: seed * 1_000 + u64::from(code),
                },
                effect: status(code),
            });
        }
        stage.sandbox.reset_requests();
        let ran = stage.run(&APPLY).exits(0);
        all += asked(&stage);
        runs += 1;
        stage.sandbox.faults().clear();
        converged(&stage, &ran.told());
    }
    assert!(
        all <= 3 * needed * runs,
        "{all} requests in {runs} runs that need {needed}"
    );
}

/// How many requests rbacform has sent.
fn asked(stage: &Stage) -> u64 {
    stage.sandbox.requests().by_agent("rbacform/").total()
}
