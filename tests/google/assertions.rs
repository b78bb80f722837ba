//! `apply --verify`: what a stack says of whoever applies it is asked of Google itself.

use std::io::{BufRead, BufReader, Read};
use std::time::Duration;

use rbacform_sandbox::{Sandbox, SandboxBuilder};
use serde_json::json;

use crate::stage::{PROJECT, Stage};

const CI: &str = "deployer@acme-ml.iam.gserviceaccount.com";
const SECRET: &str = "projects/acme-ml/secrets/key";
const VERIFY: [&str; 4] = ["apply", "stacks/main", "--yes", "--verify"];

/// A stage on which everything is done by an account that may read and set policies, and no more.
fn stage(builder: SandboxBuilder, groups: &[&str]) -> Stage {
    let member = format!("serviceAccount:{CI}");
    let mut stage = Stage::of(builder.google_caller(&member, groups));
    let account = json!({"accountId": "deployer"});
    stage.google.done(
        "POST",
        "iam/v1/projects/acme-ml/serviceAccounts",
        Some(&account),
    );
    for role in ["roles/iam.securityAdmin", "roles/browser"] {
        stage.google.grant(PROJECT, role, &member);
    }
    stage.sandbox.advance_google_clock(WINDOW * 2);
    stage.identify(CI);
    stage
}

/// How long a written policy is not in effect, where a scenario has that.
const WINDOW: Duration = Duration::from_secs(3600);

const ANA: &str = r#"
[gcp.iam_member.ana]
resource = "projects/acme-ml/secrets/key"
role = "roles/secretmanager.secretAccessor"
member = "user:ana@example.com"
"#;

/// An assertion about the secret.
fn asserts(name: &str, subject: &str, says: &str) -> String {
    format!(
        "[[assert]]\nname = \"{name}\"\nsubject = \"{subject}\"\n{says}\nresource = \"{SECRET}\"\n"
    )
}

fn of_caller(name: &str, says: &str) -> String {
    asserts(name, &format!("serviceAccount:{CI}"), says)
}

#[test]
fn google_is_asked_about_its_caller_and_the_policies_about_others() {
    let stage = stage(Sandbox::builder(), &[]);
    let ana = asserts(
        "ana reads",
        "user:ana@example.com",
        "can = [\"secretmanager.versions.access\"]",
    );
    let bo = asserts(
        "bo does not",
        "user:bo@example.com",
        "cannot = [\"secretmanager.versions.access\"]\nknown = true",
    );
    let ci = of_caller(
        "ci manages",
        "can = [\"secretmanager.secrets.setIamPolicy\"]",
    );
    let reads = of_caller(
        "ci reads nothing",
        "cannot = [\"secretmanager.versions.access\"]",
    );
    stage.stack(&format!("{ANA}{ana}{bo}{ci}{reads}"));
    let mut told = String::new();
    let requests = stage.requests(|| told = stage.run(&VERIFY).exits(0).stderr);
    assert!(
        told.ends_with(
            "The assertions hold: Google agrees in 2 questions.\n\
             note: 2 assertions were judged by the policies that were read: Google answers about \
             its caller alone, here serviceAccount:deployer@acme-ml.iam.gserviceaccount.com\n\
             Verified: the world is what the stack says.\n"
        ),
        "{told}"
    );
    assert_eq!(
        requests,
        json!({
            // Its number, and what it is in, for the plan and for the verifying read.
            "cloudresourcemanager.projects.get": 3,
            "cloudresourcemanager.projects.getIamPolicy": 2,
            "secretmanager.projects.secrets.getIamPolicy": 3,
            "secretmanager.projects.secrets.setIamPolicy": 1,
            // May we set it? And all that the assertions ask.
            "secretmanager.projects.secrets.testIamPermissions": 2,
        })
    );
}

#[test]
fn what_the_policies_do_not_tell_google_refutes() {
    let group = "group:robots@example.com";
    let stage = stage(Sandbox::builder(), &[group]);
    stage
        .google
        .grant(SECRET, "roles/secretmanager.secretAccessor", group);
    let ci = of_caller(
        "ci reads nothing",
        "cannot = [\"secretmanager.versions.access\"]",
    );
    stage.stack(&format!("{ANA}{ci}"));
    // Who is in the group only Google knows.
    let planned = stage.run(&["plan", "stacks/main"]).exits(0);
    assert!(
        planned
            .stderr
            .contains("warning[assertion-untold]: cannot tell whether `ci reads nothing` holds: not known: who is in `group:robots@example.com`"),
        "{}",
        planned.told()
    );
    stage.repo.apply();
    let refuted = stage.run(&VERIFY).exits(5);
    assert!(
        refuted.stderr.contains(
            "error[assertion-refuted]: `ci reads nothing` does not hold: Google lets \
             `serviceAccount:deployer@acme-ml.iam.gserviceaccount.com` use secretmanager.versions.access \
             on projects/acme-ml/secrets/key\n"
        ),
        "{}",
        refuted.told()
    );
}

#[test]
fn what_was_written_is_waited_for() {
    let stage = stage(Sandbox::builder().google_propagation(WINDOW), &[]);
    let ci = of_caller("ci reads", "can = [\"secretmanager.versions.access\"]");
    let grant = ANA.replace("user:ana@example.com", &format!("serviceAccount:{CI}"));
    stage.stack(&format!("{grant}{ci}"));
    let mut run = stage.repo.command(&VERIFY).spawn().unwrap();
    let mut stderr = BufReader::new(run.stderr.take().unwrap());
    let mut told = String::new();
    // It says so once Google has answered that it does not hold yet.
    while !told.ends_with("in effect what was written...\n") {
        assert!(stderr.read_line(&mut told).unwrap() > 0, "{told}");
    }
    stage.sandbox.advance_google_clock(WINDOW * 2);
    stderr.read_to_string(&mut told).unwrap();
    assert_eq!(run.wait().unwrap().code(), Some(0), "{told}");
    assert!(
        told.ends_with(
            "Waiting until Google has in effect what was written...\n\
             The assertions hold: Google agrees in 1 question.\n\
             Verified: the world is what the stack says.\n"
        ),
        "{told}"
    );
    // The preflight's, and two of the verification.
    assert_eq!(stage.sandbox.requests().of_verb("testIamPermissions"), 3);
}

#[test]
fn what_others_changed_a_moment_ago_may_not_hold_yet() {
    let stage = stage(Sandbox::builder().google_propagation(WINDOW), &[]);
    let ci = of_caller("ci reads", "can = [\"secretmanager.versions.access\"]");
    stage.applied_once(ANA);
    stage.google.grant(
        SECRET,
        "roles/secretmanager.secretAccessor",
        &format!("serviceAccount:{CI}"),
    );
    stage.stack(&format!("{ANA}{ci}"));
    let refuted = stage.run(&VERIFY).exits(5);
    assert!(
        refuted
            .stderr
            .contains("does not hold: Google does not let")
            && refuted
                .stderr
                .contains("what was changed in the last minutes may not hold everywhere yet"),
        "{}",
        refuted.told()
    );
    stage.sandbox.advance_google_clock(WINDOW * 2);
    stage.run(&VERIFY).exits(0);
}

#[test]
fn what_google_does_not_answer_is_said() {
    let stage = stage(Sandbox::builder(), &[]);
    let ci = of_caller(
        "ci is nobody else",
        "cannot = [\"iam.serviceAccounts.actAs\", \"secretmanager.versions.access\"]",
    );
    stage.applied_once(ANA);
    stage.stack(&format!("{ANA}{ci}"));
    let mut told = String::new();
    let requests = stage.requests(|| told = stage.run(&VERIFY).exits(0).stderr);
    let silent = "The assertions hold: Google agrees in 1 question.\n\
        note: Google does not answer iam.serviceAccounts.actAs on projects/acme-ml/secrets/key: ";
    assert!(
        told.contains(silent)
            && told.contains("note: 1 assertion was judged by the policies that were read"),
        "{told}"
    );
    // All at once, and each alone.
    assert_eq!(
        requests["secretmanager.projects.secrets.testIamPermissions"],
        3
    );
}

#[test]
fn claims_about_what_is_nowhere_refuse_the_plan() {
    let stage = Stage::new();
    let assertion = |subject: &str, resource: &str| {
        let claim = asserts(
            "nobody mints tokens",
            subject,
            "cannot = [\"iam.serviceAccounts.getAccessToken\"]",
        );
        let nobody = format!("{ANA}{}", claim.replace(SECRET, resource));
        stage.stack(&nobody);
        let refused = stage.run(&["plan", "stacks/main"]).exits(5);
        let told = refused.stderr.clone();
        assert!(
            told.contains("error[assertion-about-nothing]"),
            "{}",
            refused.told()
        );
        told
    };
    let account = format!("{PROJECT}/serviceAccounts/{CI}");
    let told = assertion("user:ana@example.com", &account);
    assert!(told.contains(&format!("there is no `{account}`")), "{told}");
    let told = assertion(&format!("serviceAccount:{CI}"), PROJECT);
    let nobody = format!("there is no service account `{CI}`, and no policy names it");
    assert!(told.contains(&nobody), "{told}");
    let told = assertion("user:anna@example.com", PROJECT);
    assert!(
        told.contains("no policy that was read names `user:anna@example.com`")
            && told.contains("did you mean `user:ana@example.com`?"),
        "{told}"
    );
    // The stack makes it: it has nothing, and exists.
    stage.stack(&format!(
        "[gcp.service_account.deployer]\naccount_id = \"deployer\"\n{ANA}{}",
        of_caller(
            "ci reads nothing",
            "cannot = [\"secretmanager.versions.access\"]"
        )
    ));
    stage.run(&["plan", "stacks/main"]).exits(0);
}

#[test]
fn what_is_granted_above_a_project_counts_as_far_as_it_can_be_read() {
    let builder = || {
        Sandbox::builder()
            .google_parent(PROJECT, "folders/17")
            .google_parent("folders/17", "organizations/4")
    };
    let eve = "user:eve@example.com";
    let claim = asserts(
        "eve reads nothing",
        eve,
        "cannot = [\"secretmanager.versions.access\"]\nknown = true",
    );
    let reading = |stage: &Stage, code: i32| {
        stage.stack(&format!("{ANA}{claim}"));
        stage.run(&["plan", "stacks/main"]).exits(code)
    };
    // Whoever reads everything can tell; each of it is read once.
    let whole = Stage::of(builder());
    let mut requests = json!(null);
    let mut planned = || requests = whole.requests(|| drop(reading(&whole, 0)));
    planned();
    assert_eq!(
        requests,
        json!({
            "cloudresourcemanager.projects.get": 2,
            "cloudresourcemanager.projects.getIamPolicy": 1,
            "cloudresourcemanager.folders.get": 1,
            "cloudresourcemanager.folders.getIamPolicy": 1,
            "cloudresourcemanager.organizations.getIamPolicy": 1,
            "secretmanager.projects.secrets.getIamPolicy": 1,
            "secretmanager.projects.secrets.testIamPermissions": 1,
        })
    );
    let role = "roles/secretmanager.secretAccessor";
    whole.google.grant("organizations/4", role, eve);
    let refused = reading(&whole, 5).stderr;
    let chain = format!("granted by {role} for {eve} in the policy of organizations/4");
    assert!(refused.contains(&chain), "{refused}");
    // To whoever may read no more than the project, it is open; Google itself knows.
    let part = stage(builder(), &[]);
    let untold = reading(&part, 0).stderr;
    for told in [
        "note: the whole policy of `folders/17`: this identity may not read it, and assertions depend on it",
        "cannot tell whether `eve reads nothing` holds: not known: the whole policy of `folders/17` \
         and the folder or organization that `folders/17` is in",
    ] {
        assert!(untold.contains(told), "{untold}");
    }
    let ci = of_caller(
        "ci reads nothing",
        "cannot = [\"secretmanager.versions.access\"]",
    );
    part.stack(&format!("{ANA}{ci}"));
    part.run(&VERIFY).exits(0);
    part.google
        .grant("organizations/4", role, &format!("serviceAccount:{CI}"));
    let refuted = part.run(&VERIFY).exits(5).stderr;
    assert!(refuted.contains("error[assertion-refuted]"), "{refuted}");
}
