//! Plans after which whoever applies them could no longer manage the stack.

use rbacform_sandbox::Sandbox;
use serde_json::Value;

use crate::stage::{PROJECT, Stage};

const EMAIL: &str = "deployer@acme-ml.iam.gserviceaccount.com";
const CI: &str = "serviceAccount:deployer@acme-ml.iam.gserviceaccount.com";
const ADMIN: &str = "roles/resourcemanager.projectIamAdmin";

/// A grant that the stack goes on managing.
const VIEWER: &str = r#"
[gcp.iam_member.ana]
resource = "projects/acme-ml"
role = "roles/viewer"
member = "user:ana@example.com"
"#;

const ACCOUNT: &str = "\n[gcp.service_account.ci]\naccount_id = \"deployer\"\n";

/// A stage on which the deployer is let in by somebody else's grant of what accounts and roles
/// take.
fn stage() -> Stage {
    let mut stage = Stage::of(Sandbox::builder().google_caller(CI, &[]));
    stage.google.make_account("acme-ml", "deployer");
    for role in ["roles/iam.serviceAccountAdmin", ADMIN] {
        stage.google.grant(PROJECT, role, CI);
    }
    stage.identify(EMAIL);
    stage
}

fn own(role: &str, more: &str) -> String {
    format!(
        "\n[gcp.iam_member.ci]\nresource = \"{PROJECT}\"\nrole = \"{role}\"\n\
         member = \"{CI}\"\n{more}\n"
    )
}

/// The refusals of a plan: code, address and message.
fn refused(stage: &Stage, stack: &str) -> Vec<(String, String)> {
    stage.stack(stack);
    let plan = stage
        .run(&["plan", "stacks/main", "--json"])
        .exits(5)
        .json();
    let findings = plan["findings"].as_array().unwrap().iter();
    let errors = findings.filter(|it| it["severity"] == "error");
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    errors
        .map(|it| {
            assert_eq!(it["code"], "own-access-removed", "{it:#}");
            (text(&it["address"]), text(&it["message"]))
        })
        .collect()
}

fn passes(stage: &Stage, stack: &str) {
    stage.stack(stack);
    stage.run(&["plan", "stacks/main"]).exits(0);
}

/// What is told of losing both permissions on the project's policy.
fn loses(address: &str, would: &str, end: &str) -> Vec<(String, String)> {
    let told = format!(
        "after `{address}` `{CI}`, who applies it, would {would} 2 permissions by which this stack is \
         managed, `resourcemanager.projects.getIamPolicy` on `{PROJECT}` among them{end}"
    );
    vec![(address.to_owned(), told)]
}

const AS_FAR: &str = ", as far as policies could be read";

#[test]
fn a_grant_of_ones_own_does_not_go_by_accident() {
    let stage = stage();
    stage.applied(&(VIEWER.to_owned() + &own(ADMIN, "")));
    let lost = loses("gcp.iam_member.ci", "no longer hold", AS_FAR);
    assert_eq!(refused(&stage, VIEWER), lost);
    stage.run(&["apply", "stacks/main", "--yes"]).exits(5);
    assert_eq!(stage.google.members(PROJECT, ADMIN), [CI]);
    // What another grant still gives may go; so may what the stack is not managed by.
    stage.google.grant(PROJECT, "roles/iam.securityAdmin", CI);
    passes(&stage, VIEWER);
    stage.google.revoke(PROJECT, "roles/iam.securityAdmin", CI);
    stage.stack(&(VIEWER.to_owned()
        + "[[policy.exception]]\ncode = \"own-access-removed\"\naddress = \"gcp.iam_member.ci\"\n\
           reason = \"handed over\"\n"));
    stage.run(&["plan", "stacks/main"]).exits(0);
    // A stack that goes as a whole has nothing to be managed.
    stage.run(&["destroy", "stacks/main", "--yes"]).exits(0);
}

#[test]
fn a_grant_of_ones_own_that_comes_to_an_end_is_told() {
    let stage = stage();
    stage.applied(&(VIEWER.to_owned() + &own(ADMIN, "")));
    let ends = own(ADMIN, "until = 2099-01-01T00:00:00Z");
    assert_eq!(
        refused(&stage, &(VIEWER.to_owned() + &ends)),
        loses(
            "gcp.iam_member.ci",
            "hold",
            ", only until a condition ends it"
        )
    );
}

#[test]
fn a_custom_role_that_one_applies_by_is_not_narrowed_by_accident() {
    let stage = stage();
    let role = |permissions: &[&str], more: &str| {
        format!(
            "{VIEWER}\n[gcp.custom_role.deploy]\nrole_id = \"deploy\"\npermissions = {permissions:?}\n\
             {more}{}",
            own("${gcp.custom_role.deploy.name}", "")
        )
    };
    let both = [
        "resourcemanager.projects.getIamPolicy",
        "resourcemanager.projects.setIamPolicy",
    ];
    stage.google.grant(PROJECT, "roles/iam.roleAdmin", CI);
    stage.applied(&role(&both, ""));
    stage.google.revoke(PROJECT, ADMIN, CI);
    let told = format!(
        "after `gcp.custom_role.deploy` `{CI}`, who applies it, would no longer hold \
         `resourcemanager.projects.setIamPolicy` on `{PROJECT}`, by which this stack is managed{AS_FAR}"
    );
    let lost = vec![("gcp.custom_role.deploy".to_owned(), told)];
    assert_eq!(refused(&stage, &role(&both[..1], "")), lost);
    assert_eq!(
        refused(&stage, &role(&both, "stage = \"DISABLED\"\n")),
        lost
    );
}

#[test]
fn the_account_that_one_applies_as_is_not_disabled_by_accident() {
    let stage = stage();
    stage.stack(&format!("{VIEWER}{ACCOUNT}"));
    stage
        .run(&["apply", "stacks/main", "--yes", "--adopt"])
        .exits(0);
    let told = format!(
        "after `gcp.service_account.ci` `{CI}`, who applies it, would be disabled or gone, and could \
         no longer manage this stack"
    );
    let lost = vec![("gcp.service_account.ci".to_owned(), told)];
    assert_eq!(refused(&stage, VIEWER), lost);
    let disabled = format!("{VIEWER}{ACCOUNT}disabled = true\n");
    assert_eq!(refused(&stage, &disabled), lost);
}

#[test]
fn a_whole_binding_never_takes_out_whoever_applies_by_accident() {
    let stage = stage();
    stage.google.grant(PROJECT, "roles/browser", CI);
    let whole = |role: &str| {
        format!(
            "{VIEWER}[gcp.iam_binding.whole]\nresource = \"{PROJECT}\"\nrole = \"{role}\"\n\
             members = [\"user:bo@example.com\"]\n"
        )
    };
    // Whatever the role is: a whole binding names those who are to hold it.
    let told = format!("`{CI}`, who applies this, would lose `roles/browser` on `{PROJECT}`");
    let lost = vec![("gcp.iam_binding.whole".to_owned(), told)];
    assert_eq!(refused(&stage, &whole("roles/browser")), lost);
    // The browser may read the policy all the same.
    let told = format!(
        "after `gcp.iam_binding.whole` `{CI}`, who applies it, would no longer hold \
         `resourcemanager.projects.setIamPolicy` on `{PROJECT}`, by which this stack is managed{AS_FAR}"
    );
    let lost = vec![("gcp.iam_binding.whole".to_owned(), told)];
    assert_eq!(refused(&stage, &whole(ADMIN)), lost);
    // A group may still let the deployer in: nobody here knows.
    stage
        .google
        .grant(PROJECT, "roles/iam.securityAdmin", "group:ops@example.com");
    assert_eq!(refused(&stage, &whole(ADMIN)), lost);
}

#[test]
fn whoever_is_not_known_is_not_judged() {
    let stage = Stage::new();
    stage.google.make_account("acme-ml", "deployer");
    stage.applied(&(VIEWER.to_owned() + &own(ADMIN, "")));
    passes(&stage, VIEWER);
}
