//! A project's number and its id are one.

use std::collections::BTreeMap;

use rbacform_gcp::{project_numbers, rename_projects};

use crate::source::desired;

fn member(name: &str, resource: &str, role: &str) -> rbacform_core::DesiredResource {
    let text = format!(
        "resource = \"{resource}\"\nrole = \"{role}\"\nmember = \"user:ana@example.com\"\n\
         until = 2027-07-01T00:00:00Z"
    );
    desired("iam_member", name, &text)
}

#[test]
fn numbers_become_ids_wherever_they_stand() {
    let mut stack = vec![
        member(
            "a",
            "projects/123456789012",
            "projects/123456789012/roles/reader",
        ),
        member(
            "b",
            "projects/123456789012/topics/news",
            "roles/pubsub.publisher",
        ),
        desired(
            "iam_policy",
            "c",
            "resource = \"buckets/data\"\nbindings = [{ role = \"projects/123456789012/roles/reader\", members = [\"user:bo@example.com\"] }]",
        ),
        member("d", "projects/777", "roles/aiplatform.user"),
    ];
    let numbers: Vec<String> = project_numbers(&stack).into_iter().collect();
    assert_eq!(numbers, ["123456789012", "777"]);
    let ids = BTreeMap::from([("123456789012".to_owned(), "acme-ml".to_owned())]);
    assert_eq!(rename_projects(&mut stack, &ids), []);
    let expected = [
        member("a", "projects/acme-ml", "projects/acme-ml/roles/reader"),
        member(
            "b",
            "projects/acme-ml/topics/news",
            "roles/pubsub.publisher",
        ),
        desired(
            "iam_policy",
            "c",
            "resource = \"buckets/data\"\nbindings = [{ role = \"projects/acme-ml/roles/reader\", members = [\"user:bo@example.com\"] }]",
        ),
        member("d", "projects/777", "roles/aiplatform.user"),
    ];
    for (found, expected) in stack.iter().zip(&expected) {
        assert_eq!(found.object, expected.object);
        assert_eq!(found.attributes, expected.attributes);
        assert_eq!(found.requires, expected.requires);
    }
}

#[test]
fn two_names_of_one_grant_are_told_with_both_places() {
    let mut stack = vec![
        member("by_id", "projects/acme-ml", "roles/aiplatform.user"),
        member(
            "by_number",
            "projects/123456789012",
            "roles/aiplatform.user",
        ),
    ];
    let ids = BTreeMap::from([("123456789012".to_owned(), "acme-ml".to_owned())]);
    let errors = rename_projects(&mut stack, &ids);
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].code, "duplicate-object");
    assert!(
        errors[0].message.contains("`gcp.iam_member.by_id`"),
        "{}",
        errors[0].message
    );
    assert_eq!(errors[0].related.len(), 1);
}
