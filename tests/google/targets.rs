//! Every row of the table of targets, held against Google's descriptions.

use rbacform_gcp::target::{
    Call, PolicyVersion, ResourceName, SetBody, Target, TestPermissions, targets,
};
use serde_json::{Value, json};

use crate::discovery::{DESCRIPTIONS, Method};

#[test]
fn every_call_of_every_target_is_described() {
    assert!(targets().len() >= 14, "{} targets", targets().len());
    for target in targets() {
        for (call, name) in calls(target) {
            let method = described(target, name);
            assert_eq!(method.verb, call.verb.as_str(), "{}", method.id);
            let path = path(target, call);
            assert!(method.is_at(&path), "{}: {path}", method.id);
        }
    }
}

#[test]
fn the_policy_version_goes_where_it_is_described() {
    for target in targets() {
        let method = described(target, "getIamPolicy");
        match target.policy_version {
            PolicyVersion::Query(name) => {
                assert!(method.has_parameter(name), "{}: `{name}`", method.id);
                assert!(!method.has_body(), "{} takes a body", method.id);
            }
            PolicyVersion::Body => {
                accepted(method, &json!({"options": {"requestedPolicyVersion": 3}}));
            }
        }
    }
}

#[test]
fn the_body_that_sets_a_policy_is_as_described() {
    for target in targets() {
        let method = described(target, "setIamPolicy");
        let mut policy = json!({
            "version": 3,
            "etag": "BwYAAAAAAAE=",
            "bindings": [{
                "role": "roles/viewer",
                "members": ["user:ana@example.com"],
                "condition": {"title": "t", "description": "d", "expression": "true"},
            }],
        });
        if target.audit_configs {
            policy["auditConfigs"] = json!([{
                "service": "allServices",
                "auditLogConfigs": [{"logType": "DATA_READ", "exemptedMembers": ["user:a@b.example"]}],
            }]);
        }
        let masked = json!({"policy": policy, "updateMask": "bindings,etag"});
        match target.set_body {
            SetBody::Bare => accepted(method, &policy),
            SetBody::Policy => {
                accepted(method, &json!({"policy": policy}));
                // Where there is a mask, it is used.
                assert!(
                    DESCRIPTIONS.may_be_sent(method, &masked).is_err(),
                    "{} has a mask",
                    method.id
                );
            }
            SetBody::PolicyAndMask => accepted(method, &masked),
        }
    }
}

#[test]
fn audit_configs_are_where_they_are_described() {
    for target in targets().iter().filter(|target| !target.audit_configs) {
        let method = described(target, "setIamPolicy");
        let policy = json!({"auditConfigs": []});
        let body = match target.set_body {
            SetBody::Bare => policy,
            SetBody::Policy | SetBody::PolicyAndMask => json!({"policy": policy}),
        };
        assert!(
            DESCRIPTIONS.may_be_sent(method, &body).is_err(),
            "{} has audit configs",
            method.id
        );
    }
}

#[test]
fn permissions_to_test_go_where_they_are_described() {
    for target in targets() {
        let method = described(target, "testIamPermissions");
        match target.test_permissions {
            TestPermissions::Body => {
                accepted(method, &json!({"permissions": ["iam.roles.get"]}));
            }
            TestPermissions::Query => {
                assert!(method.has_parameter("permissions"), "{}", method.id);
                assert!(!method.has_body(), "{} takes a body", method.id);
            }
        }
    }
}

#[test]
fn names_come_back_as_they_are_written() {
    for target in targets() {
        let name = sample(target.pattern);
        let read = ResourceName::parse(&name).unwrap();
        assert_eq!(read.as_str(), name);
    }
}

fn calls(target: &Target) -> [(Call, &'static str); 3] {
    [
        (target.get, "getIamPolicy"),
        (target.set, "setIamPolicy"),
        (target.test, "testIamPermissions"),
    ]
}

fn described(target: &Target, name: &str) -> &'static Method {
    let api = format!("{}.{}", target.api.name(), target.version);
    let id = format!("{}.{name}", target.discovery);
    DESCRIPTIONS
        .method(&api, &id)
        .unwrap_or_else(|| panic!("{api} has no `{id}`"))
}

#[track_caller]
fn accepted(method: &Method, body: &Value) {
    if let Err(error) = DESCRIPTIONS.may_be_sent(method, body) {
        panic!("{}: {error}", method.id);
    }
}

/// A call's path for the target's sample.
fn path(target: &Target, call: Call) -> String {
    let filled = call.path.replace("{name}", &sample(target.pattern));
    format!("/{}", sample(&filled))
}

/// A pattern with its placeholders filled.
fn sample(pattern: &str) -> String {
    let mut filled = String::new();
    for part in pattern.split_inclusive('}') {
        let (plain, placeholder) = part.split_once('{').unwrap_or((part, ""));
        filled += plain;
        filled += match placeholder.trim_end_matches('}') {
            "" => "",
            "service_account" => "trainer@acme-ml.iam.gserviceaccount.com",
            "project" => "acme-ml",
            "location" => "us-central1",
            "bucket" => "acme-models",
            "folder" | "organization" => "123456789012",
            _ => "sample1",
        };
    }
    filled
}
