//! Limits: told with the count and the addresses, before anything is sent.

use rbacform_core::{Address, Edit, Value};
use rbacform_gcp::condition::Condition;
use rbacform_gcp::policy::{Grant, check_limits, fold};
use serde_json::json;

use crate::fold::{add, grant, remove, value};

fn named(name: &str, grant: &Grant) -> Edit {
    Edit {
        address: Address::new("gcp.iam_member", name.to_owned(), None),
        ..add(grant)
    }
}

fn told(policy: &Value, edits: &[Edit]) -> Vec<(String, Vec<String>)> {
    let folded = fold(policy, edits);
    let exceeded = check_limits(&folded, edits).into_iter();
    exceeded
        .map(|limit| {
            let addresses = limit.addresses.iter().map(ToString::to_string).collect();
            (limit.message, addresses)
        })
        .collect()
}

fn members(kind: &str, count: usize) -> Vec<String> {
    (0..count)
        .map(|index| format!("{kind}:m{index}@example.com"))
        .collect()
}

#[test]
fn every_occurrence_of_a_member_counts_exemptions_included() {
    let policy = |bound: usize, exempted: usize| {
        let (first, second) = (members("user", bound - 700), members("user", 700));
        value(json!({
            "bindings": [
                {"role": "roles/a", "members": first},
                {"role": "roles/b", "members": second},
            ],
            "auditConfigs": [{"service": "allServices", "auditLogConfigs": [
                {"logType": "DATA_READ", "exemptedMembers": members("user", exempted)},
            ]}],
        }))
    };
    let edits = [
        named("one", &grant("roles/c", "user:m1@example.com")),
        remove(&grant("roles/z", "user:m1@example.com")),
    ];
    assert_eq!(told(&policy(1400, 99), &edits), []);
    assert_eq!(
        told(&policy(1400, 100), &edits),
        [(
            "the policy of `projects/acme-ml` would have 1501 members, Google allows 1500; every \
             occurrence counts"
                .to_owned(),
            vec!["gcp.iam_member.one".to_owned()]
        )]
    );
    let taking = [remove(&grant("roles/a", "user:m1@example.com"))];
    assert_eq!(
        told(&policy(1600, 100), &taking),
        [],
        "taking away is never too much"
    );
}

#[test]
fn groups_count_once_and_domains_every_time() {
    let groups = members("group", 249);
    let policy = value(json!({"bindings": [
        {"role": "roles/a", "members": groups},
        {"role": "roles/b", "members": groups},
        {"role": "roles/c", "members": ["domain:example.com"]},
    ]}));
    let again = named("again", &grant("roles/c", "group:m1@example.com"));
    let person = named("person", &grant("roles/c", "user:m1@example.com"));
    let domain = named("domain", &grant("roles/a", "domain:example.com"));
    assert_eq!(told(&policy, &[again.clone(), person.clone()]), []);
    assert_eq!(
        told(&policy, &[again, person, domain]),
        [(
            "the policy of `projects/acme-ml` would name 251 groups and domains, Google allows 250"
                .to_owned(),
            vec![
                "gcp.iam_member.again".to_owned(),
                "gcp.iam_member.domain".to_owned()
            ]
        )]
    );
}

#[test]
fn twenty_conditions_of_one_role_and_member_are_the_most() {
    let under = |index: usize| Grant {
        condition: Some(Condition {
            title: format!("t{index}"),
            description: None,
            expression: "true".to_owned(),
        }),
        ..grant("roles/a", "user:ana@example.com")
    };
    let edits: Vec<Edit> = (0..20)
        .map(|index| named(&format!("n{index}"), &under(index)))
        .collect();
    let plain = named("plain", &grant("roles/a", "user:ana@example.com"));
    let bo = named("bo", &grant("roles/a", "user:bo@example.com"));
    let mut all = edits;
    all.extend([plain, bo]);
    assert_eq!(told(&Value::Null, &all), []);
    all.push(named("last", &under(20)));
    let exceeded = told(&Value::Null, &all);
    assert_eq!(exceeded.len(), 1);
    assert!(
        exceeded[0]
            .0
            .contains("under 21 conditions, Google allows 20"),
        "{}",
        exceeded[0].0
    );
    assert!(exceeded[0].1.contains(&"gcp.iam_member.last".to_owned()));
    assert!(!exceeded[0].1.contains(&"gcp.iam_member.bo".to_owned()));
}
