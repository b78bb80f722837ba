//! Folding: nothing is lost, nothing is invented.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rbacform_core::{Address, Edit, EditKind, Mark, ObjectId, Precondition, Value};
use rbacform_gcp::condition::Condition;
use rbacform_gcp::ident;
use rbacform_gcp::policy::{Grant, fold, grants, same};
use serde_json::json;

pub(crate) const RESOURCE: &str = "projects/acme-ml";

pub(crate) fn create(object: &ObjectId, attributes: &Value) -> Edit {
    edit(
        object,
        EditKind::Create {
            attributes: attributes.clone(),
            mark: Mark::new("s", None, "l"),
            built_in: false,
        },
    )
}

pub(crate) fn delete(object: &ObjectId) -> Edit {
    edit(object, EditKind::Delete)
}

fn edit(object: &ObjectId, kind: EditKind) -> Edit {
    Edit {
        address: Address::new("gcp.iam_member", "x", None),
        object: object.clone(),
        kind,
        precondition: Precondition::default(),
        records: None,
        transient: false,
    }
}

pub(crate) fn value(json: serde_json::Value) -> Value {
    Value::from_json(&json)
}

pub(crate) fn add(grant: &Grant) -> Edit {
    create(&grant.object("gcp", RESOURCE), &attributes(grant))
}

pub(crate) fn remove(grant: &Grant) -> Edit {
    delete(&grant.object("gcp", RESOURCE))
}

fn attributes(grant: &Grant) -> Value {
    let mut json = json!({"resource": RESOURCE, "role": grant.role, "member": grant.member});
    if let Some(condition) = &grant.condition {
        json["condition"] = condition.to_value().to_json();
    }
    value(json)
}

fn binding(role: &str, members: &[&str]) -> Edit {
    let object = ident::iam_binding("gcp", RESOURCE, role, None);
    let json = json!({"resource": RESOURCE, "role": role, "members": members});
    create(&object, &value(json))
}

fn whole(bindings: serde_json::Value) -> Edit {
    let object = ident::iam_policy("gcp", RESOURCE);
    create(
        &object,
        &value(json!({"resource": RESOURCE, "bindings": bindings})),
    )
}

pub(crate) fn grant(role: &str, member: &str) -> Grant {
    Grant {
        role: role.to_owned(),
        member: member.to_owned(),
        condition: None,
    }
}

fn busy() -> Value {
    value(json!({
        "version": 1,
        "etag": "BwX=",
        "kind": "storage#policy",
        "auditConfigs": [{"service": "allServices", "auditLogConfigs": [{"logType": "DATA_READ"}]}],
        "bindings": [
            {"role": "roles/viewer", "members": ["user:Ana@example.com", "group:x@example.com"], "bindingId": "7"},
            {"role": "roles/editor", "members": ["deleted:serviceAccount:gone@p.iam.gserviceaccount.com?uid=1", "user:bo@example.com"]},
            {"role": "roles/viewer", "members": ["user:cy@example.com", "user:ana@example.com"]},
            {"role": "roles/viewer", "members": ["user:ana@example.com"],
             "condition": {"title": "t", "expression": "true", "location": "here"}},
        ],
    }))
}

#[test]
fn one_more_grant_changes_nothing_else() {
    let folded = fold(
        &busy(),
        &[add(&grant("roles/viewer", "user:dee@example.com"))],
    );
    let mut expected = busy().to_json();
    expected["version"] = json!(3);
    expected["bindings"][0]["members"]
        .as_array_mut()
        .unwrap()
        .push(json!("user:dee@example.com"));
    assert_eq!(
        folded.to_json(),
        expected,
        "unknown fields, order and spelling stay"
    );
}

#[test]
fn what_stands_under_another_spelling_is_not_added_again() {
    let folded = fold(
        &busy(),
        &[add(&grant("roles/viewer", "user:ana@example.com"))],
    );
    assert!(same(&folded, &busy()));
    assert_eq!(folded.get("bindings"), busy().get("bindings"));
}

#[test]
fn a_grant_taken_away_goes_from_every_place_it_stands_and_only_those() {
    let folded = fold(
        &busy(),
        &[remove(&grant("roles/viewer", "user:ana@example.com"))],
    );
    let left = grants(&folded);
    let mut expected = grants(&busy());
    assert!(expected.remove(&grant("roles/viewer", "user:ana@example.com")));
    assert_eq!(left, expected, "the one under a condition is another grant");
}

#[test]
fn bindings_of_nobody_vanish() {
    let policy = value(json!({"bindings": [{"role": "roles/viewer", "members": ["user:a@b.co"]}]}));
    let folded = fold(&policy, &[remove(&grant("roles/viewer", "user:a@b.co"))]);
    assert_eq!(folded.to_json(), json!({"bindings": [], "version": 3}));
}

#[test]
fn a_binding_takes_the_role_from_everybody_else_and_leaves_the_deleted() {
    let folded = fold(
        &busy(),
        &[binding("roles/editor", &["user:eve@example.com"])],
    );
    let editors: Vec<Grant> = grants(&folded)
        .into_iter()
        .filter(|grant| grant.role == "roles/editor")
        .collect();
    assert_eq!(
        editors,
        [
            grant(
                "roles/editor",
                "deleted:serviceAccount:gone@p.iam.gserviceaccount.com?uid=1"
            ),
            grant("roles/editor", "user:eve@example.com"),
        ]
    );
    assert_eq!(
        grants(&folded).len(),
        grants(&busy()).len(),
        "bo out, eve in"
    );
}

#[test]
fn a_policy_takes_everything_else_and_keeps_audit_configs_and_the_deleted() {
    let only = json!([{"role": "roles/owner", "members": ["user:eve@example.com"]}]);
    let folded = fold(&busy(), &[whole(only)]);
    assert_eq!(
        grants(&folded),
        BTreeSet::from([
            grant(
                "roles/editor",
                "deleted:serviceAccount:gone@p.iam.gserviceaccount.com?uid=1"
            ),
            grant("roles/owner", "user:eve@example.com"),
        ])
    );
    assert_eq!(folded.get("auditConfigs"), busy().get("auditConfigs"));
    assert_eq!(folded.get("etag"), busy().get("etag"));
}

#[test]
fn a_policy_that_says_what_is_logged_decides_it() {
    let object = ident::iam_policy("gcp", RESOURCE);
    let wanted = json!({
        "resource": RESOURCE,
        "bindings": [],
        "audit_configs": [{
            "service": "storage.googleapis.com",
            "audit_log_configs": [{"log_type": "DATA_WRITE", "exempted_members": ["user:a@b.co"]}],
        }],
    });
    let folded = fold(&busy(), &[create(&object, &value(wanted))]);
    assert_eq!(
        folded.get("auditConfigs").unwrap().to_json(),
        json!([{
            "service": "storage.googleapis.com",
            "auditLogConfigs": [{"logType": "DATA_WRITE", "exemptedMembers": ["user:a@b.co"]}],
        }])
    );
    assert!(
        !same(&folded, &fold(&busy(), &[whole(json!([]))])),
        "logs are a difference too"
    );
}

#[test]
fn a_member_that_becomes_a_binding_has_no_gap_and_the_other_way_round() {
    let ana = grant("roles/viewer", "user:ana@example.com");
    let to_binding = [
        binding(
            "roles/viewer",
            &["user:ana@example.com", "user:zoe@example.com"],
        ),
        remove(&ana),
    ];
    let folded = fold(&busy(), &to_binding);
    assert!(grants(&folded).contains(&ana));
    assert!(!grants(&folded).contains(&grant("roles/viewer", "user:cy@example.com")));
    let object = ident::iam_binding("gcp", RESOURCE, "roles/viewer", None);
    let to_member = fold(&busy(), &[add(&ana), delete(&object)]);
    let viewers: Vec<Grant> = grants(&to_member)
        .into_iter()
        .filter(|grant| grant.role == "roles/viewer" && grant.condition.is_none())
        .collect();
    assert_eq!(viewers, [ana]);
}

pub(crate) fn any_grant() -> impl Strategy<Value = Grant> {
    let role = prop_oneof![Just("roles/a"), Just("roles/b"), Just("projects/p/roles/c")];
    let member = prop_oneof![
        Just("user:ana@example.com"),
        Just("user:bo@example.com"),
        Just("group:g@example.com"),
        Just("principal://iam.googleapis.com/x/subject/A B"),
        Just("allUsers"),
    ];
    let condition = prop_oneof![Just(None), Just(Some("t")), Just(Some("u"))];
    (role, member, condition).prop_map(|(role, member, condition)| Grant {
        role: role.to_owned(),
        member: member.to_owned(),
        condition: condition.map(|title| Condition {
            title: title.to_owned(),
            description: None,
            expression: "true".to_owned(),
        }),
    })
}

/// Policies as servers answer them: bindings in any order, some twice, cases mixed, some deleted.
pub(crate) fn any_policy() -> impl Strategy<Value = Value> {
    let member = |grant: &Grant, upper: bool| match grant.member.split_once(':') {
        Some((kind @ ("user" | "group"), value)) if upper => {
            format!("{kind}:{}", value.to_uppercase())
        }
        _ => grant.member.clone(),
    };
    let one = (any_grant(), any::<bool>(), any::<bool>()).prop_map(move |(grant, upper, gone)| {
        let mut members = vec![member(&grant, upper)];
        if gone {
            members.push("deleted:user:gone@example.com?uid=9".to_owned());
        }
        let mut binding = json!({"role": grant.role, "members": members, "x": 1});
        if let Some(condition) = &grant.condition {
            binding["condition"] = condition.to_value().to_json();
        }
        binding
    });
    proptest::collection::vec(one, 0..8)
        .prop_map(|bindings| value(json!({"etag": "BwX=", "bindings": bindings, "more": {"y": 2}})))
}

proptest! {
    #[test]
    fn adding_and_taking_is_what_sets_do(
        policy in any_policy(),
        added in proptest::collection::btree_set(any_grant(), 0..6),
        taken in proptest::collection::btree_set(any_grant(), 0..6),
        seed in any::<u64>(),
    ) {
        let mut edits: Vec<Edit> = added.iter().map(add).chain(taken.iter().map(remove)).collect();
        // Any order: it means nothing.
        edits.sort_by_key(|edit| {
            let text = format!("{seed}{}{:?}", edit.object, edit.kind);
            rbacform_core::Digest::of_bytes(text.as_bytes())
        });
        let folded = fold(&policy, &edits);
        let kept: BTreeSet<Grant> = grants(&policy).difference(&taken).cloned().collect();
        let expected: BTreeSet<Grant> = kept.union(&added).cloned().collect();
        prop_assert_eq!(grants(&folded), expected);
        prop_assert_eq!(folded.get("etag"), policy.get("etag"));
        prop_assert_eq!(folded.get("more"), policy.get("more"));
        prop_assert_eq!(folded.get("version"), Some(&Value::Int(3)));
        let bindings = folded.get("bindings").unwrap().as_list().unwrap();
        let empty = |binding: &Value| {
            binding.get("members").and_then(Value::as_list).is_none_or(<[Value]>::is_empty)
        };
        prop_assert!(!bindings.iter().any(empty));
        prop_assert!(same(&fold(&folded, &edits), &folded), "once done, nothing is left to do");
    }

    #[test]
    fn a_whole_policy_is_exactly_what_it_says(
        policy in any_policy(),
        wanted in proptest::collection::btree_set(any_grant(), 0..6),
    ) {
        let bindings: Vec<serde_json::Value> = wanted
            .iter()
            .map(|grant| {
                let mut json = attributes(grant).to_json();
                json["members"] = json!([grant.member]);
                json
            })
            .collect();
        let folded = fold(&policy, &[whole(json!(bindings))]);
        let is_deleted = |grant: &Grant| grant.member.starts_with("deleted:");
        let (deleted, live): (BTreeSet<Grant>, BTreeSet<Grant>) =
            grants(&folded).into_iter().partition(is_deleted);
        prop_assert_eq!(live, wanted);
        let were: BTreeSet<Grant> = grants(&policy).into_iter().filter(is_deleted).collect();
        prop_assert_eq!(deleted, were);
    }
}
