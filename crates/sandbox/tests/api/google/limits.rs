//! The limits of a policy, counted as Google counts.

use serde_json::{Value, json};

use super::client::{PROJECT, conditional, owner, sandbox, set};

fn members(kind: &str, count: usize) -> Vec<String> {
    (0..count)
        .map(|number| format!("{kind}:m{number}@example.com"))
        .collect()
}

fn grant(role: &str, members: &[String]) -> Value {
    json!({"role": role, "members": members})
}

#[test]
fn every_occurrence_of_a_member_counts() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    let people = members("user", 750);
    let both = [
        grant("roles/viewer", &people),
        grant("roles/aiplatform.user", &people),
    ];
    set(&client, PROJECT, &both).reply();
    let one_more = [
        grant("roles/viewer", &people),
        grant("roles/aiplatform.user", &members("user", 751)),
    ];
    let refused = set(&client, PROJECT, &one_more);
    refused.refused(
        400,
        "INVALID_ARGUMENT",
        "The number of members in the policy (1,501) is larger than the maximum allowed size 1,500.",
    );
    let exempted = json!([{"service": "allServices", "auditLogConfigs": [
        {"logType": "DATA_READ", "exemptedMembers": ["user:ana@example.com"]},
    ]}]);
    let body = json!({
        "policy": {"bindings": both, "auditConfigs": exempted},
        "updateMask": "bindings,auditConfigs",
    });
    let refused = client.post(&format!("{PROJECT}:setIamPolicy"), &body);
    refused.refused(400, "INVALID_ARGUMENT", "(1,501)");
}

#[test]
fn a_group_counts_once_and_a_domain_each_time() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    let groups = members("group", 249);
    let domain = ["domain:example.com".to_owned()];
    let fits = [
        grant("roles/viewer", &groups),
        grant("roles/aiplatform.user", &groups),
        grant("roles/owner", &domain),
    ];
    set(&client, PROJECT, &fits).reply();
    let mut over = fits.to_vec();
    over.push(grant("roles/container.clusterViewer", &domain));
    set(&client, PROJECT, &over).refused(400, "INVALID_ARGUMENT", "(251)");
}

#[test]
fn one_role_and_member_stand_under_twenty_conditions() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    let under = |count: usize| -> Vec<Value> {
        let expression = |number| format!("resource.name == 'r{number}'");
        let member = ["user:ana@example.com"];
        (0..count)
            .map(|n| conditional("roles/aiplatform.user", &member, &expression(n)))
            .collect()
    };
    set(&client, PROJECT, &under(20)).reply();
    set(&client, PROJECT, &under(21)).refused(400, "INVALID_ARGUMENT", "21 different conditions");
}

#[test]
fn a_condition_has_twelve_operators() {
    let sandbox = sandbox();
    let client = owner(&sandbox);
    let chain = |operators: usize| vec!["resource.name == 'a'"; operators + 1].join(" || ");
    let member = ["user:ana@example.com"];
    let fits = conditional("roles/aiplatform.user", &member, &chain(12));
    set(&client, PROJECT, &[fits]).reply();
    let over = conditional("roles/aiplatform.user", &member, &chain(13));
    set(&client, PROJECT, &[over]).refused(400, "INVALID_ARGUMENT", "13 logic operators");
}
