//! Equal meaning is equal value, and identities are what state and plans call things.

use proptest::prelude::*;
use rbacform_core::{Node, Semantics, Span, Value};
use rbacform_gcp::GcpSemantics;
use serde_json::json;

use crate::source::{SETTINGS, node, resolve, resolve_with, schema};

fn object_and_attributes(type_name: &str, text: &str) -> (String, serde_json::Value) {
    let resolved = resolve(type_name, text).unwrap();
    (resolved.object.to_string(), resolved.attributes.to_json())
}

const TRAINER: &str = "projects/acme-ml/serviceAccounts/trainer@acme-ml.iam.gserviceaccount.com";

#[test]
fn arguments_become_identities_and_attributes() {
    let trainer_member = "serviceAccount:trainer@acme-ml.iam.gserviceaccount.com";
    let in_pool = "serviceAccount:acme-ml.svc.id.goog[training/trainer]";
    for (type_name, text, object, attributes) in [
        (
            "service_account",
            r#"account_id = "trainer"
display_name = "Training jobs"
description = """#,
            format!("gcp/ServiceAccount/{TRAINER}"),
            json!({"account_id": "trainer", "project": "acme-ml", "display_name": "Training jobs"}),
        ),
        (
            "service_account",
            r#"account_id = "trainer"
project = "example.com:acme-ml"
disabled = false"#,
            "gcp/ServiceAccount/projects/example.com:acme-ml/serviceAccounts/\
             trainer@acme-ml.example.com.iam.gserviceaccount.com"
                .to_owned(),
            json!({"account_id": "trainer", "project": "example.com:acme-ml", "disabled": false}),
        ),
        (
            "custom_role",
            r#"role_id = "reader"
permissions = ["storage.objects.list", "storage.objects.get", "storage.objects.list"]"#,
            "gcp/CustomRole/projects/acme-ml/roles/reader".to_owned(),
            json!({
                "role_id": "reader", "project": "acme-ml", "stage": "GA",
                "permissions": ["storage.objects.get", "storage.objects.list"],
            }),
        ),
        (
            "custom_role",
            r#"role_id = "reader"
organization = "organizations/1234"
stage = "ALPHA"
permissions = []"#,
            "gcp/CustomRole/organizations/1234/roles/reader".to_owned(),
            json!({
                "role_id": "reader", "organization": "1234", "stage": "ALPHA", "permissions": [],
            }),
        ),
        (
            "iam_member",
            r#"resource = "projects/acme-ml"
role = "roles/aiplatform.user"
member = "user:Ana@Example.com""#,
            "gcp/IamMember/projects/acme-ml roles/aiplatform.user user:ana@example.com".to_owned(),
            json!({
                "resource": "projects/acme-ml", "role": "roles/aiplatform.user",
                "member": "user:ana@example.com",
            }),
        ),
        (
            "iam_member",
            r#"resource = "@gcp.service_account trainer"
role = "roles/iam.serviceAccountUser"
member = "@gcp.service_account trainer""#,
            format!("gcp/IamMember/{TRAINER} roles/iam.serviceAccountUser {trainer_member}"),
            json!({
                "resource": TRAINER, "role": "roles/iam.serviceAccountUser",
                "member": trainer_member,
            }),
        ),
        (
            "iam_member",
            r#"resource = "projects/_/buckets/data"
role = "@gcp.custom_role reader storage.objects.get"
member = "@kubernetes.service_account training/trainer""#,
            format!("gcp/IamMember/buckets/data projects/acme-ml/roles/reader {in_pool}"),
            json!({
                "resource": "buckets/data", "role": "projects/acme-ml/roles/reader",
                "member": in_pool,
            }),
        ),
        (
            "workload_identity",
            r#"service_account = "Trainer@acme-ml.iam.gserviceaccount.com"
kubernetes_service_account = "@kubernetes.service_account training/trainer""#,
            format!("gcp/IamMember/{TRAINER} roles/iam.workloadIdentityUser {in_pool}"),
            json!({
                "resource": TRAINER, "role": "roles/iam.workloadIdentityUser", "member": in_pool,
            }),
        ),
        (
            "iam_binding",
            r#"resource = "projects/acme-ml"
role = "roles/aiplatform.brandNewRole"
members = ["user:bo@example.com", "group:ml@example.com", "user:BO@example.com"]"#,
            "gcp/IamBinding/projects/acme-ml roles/aiplatform.brandNewRole".to_owned(),
            json!({
                "resource": "projects/acme-ml", "role": "roles/aiplatform.brandNewRole",
                "members": ["group:ml@example.com", "user:bo@example.com"],
            }),
        ),
        (
            "iam_policy",
            r#"resource = "projects/acme-ml"
bindings = [
  { role = "roles/viewer", members = ["user:bo@example.com"] },
  { role = "roles/owner", members = ["user:bo@example.com", "user:ana@example.com"] },
]
audit_configs = [{ service = "allServices", audit_log_configs = [
  { log_type = "DATA_READ", exempted_members = ["user:Ana@example.com"] },
  { log_type = "ADMIN_READ" },
] }]"#,
            "gcp/IamPolicy/projects/acme-ml".to_owned(),
            json!({
                "resource": "projects/acme-ml",
                "bindings": [
                    {"role": "roles/viewer", "members": ["user:bo@example.com"]},
                    {
                        "role": "roles/owner",
                        "members": ["user:ana@example.com", "user:bo@example.com"],
                    },
                ],
                "audit_configs": [{
                    "service": "allServices",
                    "audit_log_configs": [
                        {"log_type": "ADMIN_READ"},
                        {"log_type": "DATA_READ", "exempted_members": ["user:ana@example.com"]},
                    ],
                }],
            }),
        ),
    ] {
        let (found, canonical) = object_and_attributes(type_name, text);
        assert_eq!(found, object, "{text}");
        let sorted = |value: serde_json::Value| {
            let mut value = Value::from_json(&value);
            if let Value::Map(map) = &mut value
                && let Some(Value::List(bindings)) = map.get_mut("bindings")
            {
                bindings.sort();
            }
            value
        };
        assert_eq!(Value::from_json(&canonical), sorted(attributes), "{text}");
    }
}

#[test]
fn a_condition_is_part_of_the_identity_and_until_becomes_one() {
    let grant = |rest: &str| {
        let text = format!(
            "resource = \"projects/acme-ml\"\nrole = \"roles/aiplatform.user\"\n\
             member = \"user:ana@example.com\"\n{rest}"
        );
        resolve("iam_member", &text).unwrap()
    };
    let until = grant("until = 2027-07-01T00:00:00Z");
    assert_eq!(
        until.attributes.get("condition").unwrap().to_json(),
        json!({
            "title": "until 2027-07-01T00:00:00Z",
            "expression": "request.time < timestamp(\"2027-07-01T00:00:00Z\")",
        })
    );
    assert_eq!(until.expires, Some(1_814_400_000));
    let both = grant(
        "until = 2027-07-01T02:00:00+02:00\n\
         condition = { title = \"two\", description = \"d\", expression = \"a.b || c\" }"
            .replace("a.b || c", "resource.name == 'x' || resource.name == 'y'")
            .as_str(),
    );
    assert_eq!(
        both.attributes.get("condition").unwrap().to_json(),
        json!({
            "title": "two",
            "description": "d",
            "expression": "(resource.name == 'x' || resource.name == 'y') && \
                           request.time < timestamp(\"2027-07-01T00:00:00Z\")",
        })
    );
    let plain = grant("");
    assert_eq!(plain.expires, None);
    let ident = until.object.ident.as_str();
    let digest = ident
        .strip_prefix(&format!("{} if=", plain.object.ident))
        .unwrap();
    assert_eq!(digest.len(), 12);
    assert_ne!(until.object, both.object);
}

#[test]
fn what_must_exist_before_a_grant_is_known_from_its_names() {
    let grant = resolve(
        "iam_member",
        r#"resource = "@gcp.service_account trainer"
role = "projects/acme-ml/roles/impersonator"
member = "serviceAccount:bot-one@other-ml.iam.gserviceaccount.com""#,
    )
    .unwrap();
    let required: Vec<String> = grant.requires.iter().map(ToString::to_string).collect();
    assert_eq!(
        required,
        [
            "gcp/CustomRole/projects/acme-ml/roles/impersonator".to_owned(),
            "gcp/ServiceAccount/projects/acme-ml/serviceAccounts/\
             trainer@acme-ml.iam.gserviceaccount.com"
                .to_owned(),
            "gcp/ServiceAccount/projects/other-ml/serviceAccounts/\
             bot-one@other-ml.iam.gserviceaccount.com"
                .to_owned(),
        ]
    );
}

#[test]
fn names_are_known_at_plan_and_the_unique_id_is_not() {
    let exports = |type_name: &str, text: &str| {
        let exports = GcpSemantics.exports(schema(type_name), "gcp", &node(text), &node(SETTINGS));
        Value::Map(exports).to_json()
    };
    assert_eq!(
        exports("service_account", r#"account_id = "trainer""#),
        json!({
            "project": "acme-ml",
            "email": "trainer@acme-ml.iam.gserviceaccount.com",
            "member": "serviceAccount:trainer@acme-ml.iam.gserviceaccount.com",
            "name": TRAINER,
            "unique_id": {"$unknown": true},
        })
    );
    assert_eq!(
        exports("custom_role", "role_id = \"reader\"\norganization = \"12\""),
        json!({"name": "organizations/12/roles/reader"})
    );
    assert_eq!(
        exports("service_account", "account_id = \"@unknown\""),
        json!({"unique_id": {"$unknown": true}})
    );
    assert_eq!(exports("iam_member", ""), json!({}));
    for type_name in ["service_account", "custom_role"] {
        let schema = schema(type_name);
        let text = "account_id = \"trainer\"\nrole_id = \"reader\"";
        let given = GcpSemantics.exports(schema, "gcp", &node(text), &node(SETTINGS));
        let declared = GcpSemantics.exported(schema);
        for name in given.keys().filter(|name| schema.argument(name).is_none()) {
            assert!(declared.iter().any(|known| known.name == name), "{name}");
        }
    }
}

#[test]
fn an_account_without_any_project_is_an_error_and_its_own_wins() {
    let text = "account_id = \"trainer\"";
    let errors = resolve_with("service_account", text, None).unwrap_err();
    assert_eq!(errors[0].code, "no-project");
    let own = format!("{text}\nproject = \"other-ml\"");
    let resolved = resolve("service_account", &own).unwrap();
    assert!(resolved.object.ident.starts_with("projects/other-ml/"));
}

#[test]
fn what_resolves_is_what_the_world_shows_of_it() {
    // A grant read back from the policy that it was folded into is the grant that was declared.
    for rest in ["", "until = 2027-07-01T00:00:00Z"] {
        let text = format!(
            "resource = \"projects/acme-ml\"\nrole = \"roles/aiplatform.user\"\n\
             member = \"user:Ana@example.com\"\n{rest}"
        );
        let resolved = resolve("iam_member", &text).unwrap();
        let edit = crate::fold::create(&resolved.object, &resolved.attributes);
        let policy = GcpSemantics.fold(&Value::Null, &[edit]);
        let observed = rbacform_gcp::policy::observe("gcp", "projects/acme-ml", &policy, []);
        assert_eq!(observed.len(), 1);
        assert_eq!(observed[0].object, resolved.object);
        assert_eq!(observed[0].attributes, resolved.attributes);
    }
}

proptest! {
    #[test]
    fn order_spelling_and_repetition_of_members_are_no_difference(
        members in proptest::collection::vec(0..6_usize, 1..8),
        upper in any::<bool>(),
    ) {
        let resolve = |members: &[usize]| {
            let names = ["ana", "bo", "cy", "dee", "eve", "fay"];
            let items = members.iter().map(|index| {
                let name = names[*index];
                let name = if upper { name.to_uppercase() } else { name.to_owned() };
                Value::from(format!("user:{name}@example.com"))
            });
            let mut arguments = node("resource = \"projects/acme-ml\"\nrole = \"roles/viewer\"");
            let members = Value::List(items.collect());
            if let rbacform_core::NodeKind::Map(entries) = &mut arguments.kind {
                entries.push(rbacform_core::Entry {
                    key: "members".into(),
                    key_span: Span::default(),
                    node: Node::from_value(&members, Span::default()),
                });
            }
            let input = rbacform_core::ResourceInput {
                instance: "gcp",
                schema: schema("iam_binding"),
                arguments: &arguments,
                settings: None,
                span: Span::default(),
            };
            GcpSemantics.resolve(&input).unwrap()
        };
        let mut sorted = members.clone();
        sorted.sort_unstable();
        sorted.dedup();
        let (a, b) = (resolve(&members), resolve(&sorted));
        prop_assert_eq!(a.object, b.object);
        prop_assert_eq!(a.attributes, b.attributes);
        prop_assert!(!a.requires.iter().any(|object| object.kind == "IamBinding"));
    }
}
