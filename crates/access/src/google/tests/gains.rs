//! What is gained between two worlds, and what is not, case by case.

use serde_json::{Value, json};

use super::world::{NOW, facts, roles};
use crate::google::{Evaluator, Facts};

const READER: &str = "roles/storage.objectViewer";
const OWN: &str = "projects/acme-ml/roles/own";

fn policy(resource: &str, bindings: Value) -> Value {
    json!({"name": resource, "ancestors": ["projects/42", "organizations/1"],
        "iamPolicy": {"bindings": bindings}})
}

fn role(permissions: &[&str]) -> Value {
    json!({"name": OWN, "includedPermissions": permissions})
}

/// `MEMBER ROLE RESOURCE[ PERMISSIONS]`, and with a `?` what cannot be told.
fn gained(before: &Facts, after: &Facts) -> Vec<String> {
    let table = roles();
    let [before, after] = [before, after].map(|facts| Evaluator {
        facts,
        roles: &table,
        now: NOW,
    });
    let gained = after.gained_since(&before);
    let gains = gained.gains.iter().map(|gain| {
        let some: Vec<&str> = gain.permissions.iter().map(String::as_str).collect();
        let grant = &gain.grant;
        let text = format!(
            "{} {} {} {}",
            grant.member,
            grant.role,
            grant.resource,
            some.join(",")
        );
        let year = |word: &str, seconds: Option<i64>| {
            let time = jiff::Timestamp::from_second(seconds?).unwrap();
            Some(format!(" {word} {}", &time.to_string()[..4]))
        };
        let bounds = gain
            .during
            .map(|it| [year("from", it.start()), year("until", it.end())]);
        let bounds: String = bounds.into_iter().flatten().flatten().collect();
        format!("{}{bounds}", text.trim_end())
    });
    let untold = gained.untold.iter();
    gains
        .chain(untold.map(|grant| format!("? {} {}", grant.member, grant.role)))
        .collect()
}

#[track_caller]
fn assert_change(before: Value, after: Value, expect_gained: &[&str], expect_lost: &[&str]) {
    let (before, after) = (facts(before), facts(after));
    assert_eq!(gained(&before, &after), expect_gained, "gained");
    assert_eq!(gained(&after, &before), expect_lost, "lost");
}

#[test]
fn a_role_given_above_is_nothing_new_below() {
    let above = policy(
        "projects/acme-ml",
        json!([{"role": READER, "members": ["user:ana@x.org"]}]),
    );
    let below = policy(
        "buckets/b",
        json!([{"role": READER, "members": ["user:ana@x.org"]}]),
    );
    let both = json!([above, below]);
    assert_change(json!([above]), both.clone(), &[], &[]);
    // Taken above, it is lost there, whatever stays below.
    assert_change(
        both,
        json!([below]),
        &[],
        &["user:ana@x.org roles/storage.objectViewer projects/acme-ml"],
    );
}

#[test]
fn several_roles_together_may_give_what_another_gives() {
    let held = json!([{"role": "roles/owner", "members": ["user:ana@x.org"]},
        {"role": "roles/storage.objectCreator", "members": ["user:ana@x.org"]}]);
    let mut more = held.clone();
    let own = json!({"role": OWN, "members": ["user:ana@x.org", "user:bo@x.org"]});
    more.as_array_mut().unwrap().push(own);
    let own = role(&["storage.objects.create", "storage.objects.get"]);
    assert_change(
        json!([policy("projects/acme-ml", held), own]),
        json!([policy("projects/acme-ml", more), own]),
        &["user:bo@x.org projects/acme-ml/roles/own projects/acme-ml"],
        &[],
    );
}

#[test]
fn of_a_role_that_changes_its_holders_gain_what_is_new_to_them() {
    let bound = policy(
        "projects/acme-ml",
        json!([
            {"role": OWN, "members": ["user:ana@x.org", "user:bo@x.org", "deleted:user:zoe@x.org?uid=1"]},
            {"role": READER, "members": ["user:bo@x.org"]},
        ]),
    );
    assert_change(
        json!([bound, role(&["iam.roles.create", "iam.roles.delete"])]),
        json!([bound, role(&["iam.roles.create", "storage.objects.get"])]),
        &["user:ana@x.org projects/acme-ml/roles/own projects/acme-ml storage.objects.get"],
        &[
            "user:ana@x.org projects/acme-ml/roles/own projects/acme-ml iam.roles.delete",
            "user:bo@x.org projects/acme-ml/roles/own projects/acme-ml iam.roles.delete",
        ],
    );
}

#[test]
fn a_role_that_goes_takes_all_of_it() {
    let bound = policy(
        "projects/acme-ml",
        json!([{"role": OWN, "members": ["user:ana@x.org"]}]),
    );
    let gone = json!({"name": OWN, "includedPermissions": ["iam.roles.create"], "deleted": true});
    assert_change(
        json!([bound, role(&["iam.roles.create"])]),
        json!([bound, gone]),
        &[],
        &["user:ana@x.org projects/acme-ml/roles/own projects/acme-ml"],
    );
}

#[test]
fn of_a_role_that_one_world_does_not_know_nobody_can_tell() {
    let bound = policy(
        "projects/acme-ml",
        json!([{"role": OWN, "members": ["user:ana@x.org"]}]),
    );
    assert_change(
        json!([bound]),
        json!([bound, role(&["iam.roles.create"])]),
        &["? user:ana@x.org projects/acme-ml/roles/own"],
        &["? user:ana@x.org projects/acme-ml/roles/own"],
    );
    assert_change(json!([bound]), json!([bound]), &[], &[]);
}

#[test]
fn sets_give_to_those_known_to_be_in_them() {
    let group = json!({"group": "group:ml@x.org", "members": ["user:ana@x.org"]});
    let with = |member: &str| policy("buckets/b", json!([{"role": READER, "members": [member]}]));
    let ana = "user:ana@x.org roles/storage.objectViewer buckets/b";
    for (held, expected) in [
        ("group:ml@x.org", &[][..]),
        ("group:others@x.org", &[ana][..]),
        ("allAuthenticatedUsers", &[][..]),
        ("domain:x.org", &[ana][..]),
    ] {
        let before = facts(json!([group, with(held)]));
        let mut after = before.clone();
        let more = json!([policy(
            "buckets/b",
            json!([{"role": READER, "members": ["user:ana@x.org"]}])
        )]);
        after.put_document(&more).unwrap();
        assert_eq!(gained(&before, &after), expected, "{held}");
    }
}

#[test]
fn who_is_disabled_holds_nothing_until_it_is_not() {
    let account = "serviceAccount:s@acme-ml.iam.gserviceaccount.com";
    let bound = json!([policy(
        "buckets/b",
        json!([{"role": READER, "members": [account]}])
    )]);
    let enabled = facts(bound);
    let mut disabled = enabled.clone();
    disabled.put_account("s@acme-ml.iam.gserviceaccount.com", false);
    let all = format!("{account} {READER} buckets/b");
    assert_eq!(gained(&enabled, &disabled), [""; 0]);
    assert_eq!(gained(&disabled, &enabled), [all]);
}

/// Who reads a bucket, under each of some conditions.
fn readers(conditions: &[Option<&str>]) -> Value {
    let bindings: Vec<Value> = conditions
        .iter()
        .map(|condition| {
            let mut binding = json!({"role": READER, "members": ["user:ana@x.org"]});
            if let Some(expression) = condition {
                binding["condition"] = json!({"title": "t", "expression": expression});
            }
            binding
        })
        .collect();
    json!([policy("buckets/b", json!(bindings))])
}

fn until(year: u16) -> String {
    format!("request.time < timestamp('{year}-01-01T00:00:00Z')")
}

fn after(year: u16) -> String {
    format!("timestamp('{year}-01-01T00:00:00Z') <= request.time")
}

#[test]
fn of_grants_that_end_the_times_are_compared() {
    let ana = |when: &str| format!("user:ana@x.org {READER} buckets/b{when}");
    let (stays, later) = (readers(&[None]), readers(&[Some(&until(2029))]));
    let sooner = readers(&[Some(&until(2028))]);
    for (before, after, gain, loss) in [
        // An end is added.
        (&stays, &sooner, None, Some(" from 2028")),
        // It comes sooner.
        (&later, &sooner, None, Some(" from 2028 until 2029")),
        (&sooner, &sooner, None, None),
        (&readers(&[]), &sooner, Some(""), None),
    ] {
        let gain = gain.map(ana);
        let loss = loss.map(ana);
        let told = |it: &Option<String>| it.iter().cloned().collect::<Vec<_>>();
        let (gain, loss) = (told(&gain), told(&loss));
        let (gain, loss): (Vec<&str>, Vec<&str>) = (
            gain.iter().map(String::as_str).collect(),
            loss.iter().map(String::as_str).collect(),
        );
        assert_change(before.clone(), after.clone(), &gain, &loss);
        // And the other way round.
        assert_change(after.clone(), before.clone(), &loss, &gain);
    }
}

#[test]
fn times_that_follow_each_other_are_one() {
    let ana = "user:ana@x.org roles/storage.objectViewer buckets/b";
    let parts = readers(&[Some(&until(2028)), Some(&after(2028))]);
    assert_change(parts.clone(), readers(&[None]), &[], &[]);
    assert_change(readers(&[None]), parts, &[], &[]);
    let gap = readers(&[Some(&until(2028)), Some(&after(2029))]);
    let lost = format!("{ana} from 2028 until 2029");
    assert_change(readers(&[None]), gap, &[], &[&lost]);
    // What asks for more than the time is another condition.
    let named = format!("{} && resource.name == 'x'", until(2028));
    let named = readers(&[Some(&named)]);
    assert_change(readers(&[None]), named, &[], &[ana]);
}

#[test]
fn a_role_that_gives_nothing_is_no_gain() {
    let bound = policy(
        "projects/acme-ml",
        json!([{"role": OWN, "members": ["user:ana@x.org"]}]),
    );
    let free = policy("projects/acme-ml", json!([]));
    for off in [json!({"stage": "DISABLED"}), json!({"deleted": true})] {
        let mut role = role(&["iam.roles.create"]);
        role.as_object_mut()
            .unwrap()
            .extend(off.as_object().unwrap().clone());
        assert_change(json!([free, role]), json!([bound, role]), &[], &[]);
        assert_change(json!([free]), json!([bound, role]), &[], &[]);
    }
}

#[test]
fn of_a_role_that_is_another_one_altogether_the_permissions_are_told() {
    let bound = policy(
        "projects/acme-ml",
        json!([{"role": OWN, "members": ["user:ana@x.org"]}]),
    );
    assert_change(
        json!([bound, role(&["iam.roles.create"])]),
        json!([bound, role(&["storage.objects.get"])]),
        &["user:ana@x.org projects/acme-ml/roles/own projects/acme-ml storage.objects.get"],
        &["user:ana@x.org projects/acme-ml/roles/own projects/acme-ml iam.roles.create"],
    );
}
