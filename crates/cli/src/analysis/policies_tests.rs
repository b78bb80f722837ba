//! Policies as a plan leaves them.

use rbacform_core::plan::Reason;
use rbacform_core::{ObservedObject, Value};
use rbacform_gcp::ident;
use serde_json::json;

use super::*;

const BUCKET: &str = "buckets/data";
const READER: &str = "roles/storage.objectViewer";

fn member(member: &str) -> (ObjectId, Value) {
    let attributes = json!({"resource": BUCKET, "role": READER, "member": member});
    let object = ident::iam_member(GOOGLE, BUCKET, READER, member, None);
    (object, Value::from_json(&attributes))
}

fn binding(members: &[&str]) -> (ObjectId, Value) {
    let attributes = json!({"resource": BUCKET, "role": READER, "members": members});
    let object = ident::iam_binding(GOOGLE, BUCKET, READER, None);
    (object, Value::from_json(&attributes))
}

fn observed(objects: &[(ObjectId, Value)]) -> ObservedSet {
    let mut observed = ObservedSet::default();
    for (object, attributes) in objects {
        observed.insert(ObservedObject {
            object: object.clone(),
            uid: "-".into(),
            version: "1".into(),
            attributes: attributes.clone(),
            mark: None,
            managed_by: None,
            last_writer: None,
            terminating: false,
            bootstrap: false,
        });
    }
    observed
}

fn change(action: Action, (object, attributes): (ObjectId, Value)) -> Change {
    let (before, after) = match action {
        Action::Create => (Value::Null, attributes),
        _ => (attributes, Value::Null),
    };
    Change {
        address: "gcp.iam_member.x".parse().unwrap(),
        previous_address: None,
        type_name: "gcp.iam_member".into(),
        object,
        action,
        reason: Reason::Declared,
        before,
        after,
        differences: Vec::new(),
        depends_on: Vec::new(),
    }
}

/// Who holds the role then.
fn holders(observed: &ObservedSet, changes: &[Change]) -> Vec<String> {
    let worlds = GoogleWorlds::of_plan(observed, changes, &[], None, |_| false);
    let policies = worlds.after.facts.policies();
    let bindings = policies.flat_map(|(_, bindings)| bindings);
    let mut members: Vec<String> = bindings.flat_map(|it| it.members.clone()).collect();
    members.sort();
    members
}

#[test]
fn what_a_stack_lets_go_stays() {
    let world = observed(&[member("user:ana@x.org"), member("user:bo@x.org")]);
    let forgets = [change(Action::Forget, member("user:ana@x.org"))];
    assert_eq!(
        holders(&world, &forgets),
        ["user:ana@x.org", "user:bo@x.org"]
    );
    let deletes = [change(Action::Delete, member("user:ana@x.org"))];
    assert_eq!(holders(&world, &deletes), ["user:bo@x.org"]);
}

#[test]
fn a_grant_that_takes_the_place_of_a_binding_stays() {
    let held = ["user:ana@x.org", "user:bo@x.org"];
    let world = observed(&[binding(&held), member(held[0]), member(held[1])]);
    let changes = [
        change(Action::Create, member("user:ana@x.org")),
        change(Action::Delete, binding(&held)),
    ];
    assert_eq!(holders(&world, &changes), ["user:ana@x.org"]);
}

#[test]
fn a_binding_decides_over_all_that_hold_its_role() {
    let world = observed(&[member("user:ana@x.org"), member("user:bo@x.org")]);
    let changes = [change(
        Action::Create,
        binding(&["user:bo@x.org", "user:zoe@x.org"]),
    )];
    assert_eq!(
        holders(&world, &changes),
        ["user:bo@x.org", "user:zoe@x.org"]
    );
}
