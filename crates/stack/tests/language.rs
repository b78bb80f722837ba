//! What stacks come to.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use proptest::prelude::*;
use rbacform_core::{OnDestroy, Semantics};
use rbacform_gcp::GcpSemantics;
use rbacform_kubernetes::KubernetesSemantics;
use rbacform_stack::{Stack, json_schema};
use serde_json::{Value, json};
use support::{Files, fine, load_text};

fn output(text: &str) -> Value {
    let stack = fine(load_text(text));
    stack.outputs.get("o").unwrap().to_json()
}

fn expression(expression: &str) -> Value {
    output(&format!(
        "[variables.m]\ndefault = {{ b = 2, a = 1, c = 3 }}\n[variables.l]\ndefault = [\"x\", \"y\"]\n\
         [outputs.o]\nvalue = '''${{{expression}}}'''\n"
    ))
}

fn addresses(stack: &Stack) -> Vec<String> {
    stack
        .resources
        .iter()
        .map(|r| r.address.to_string())
        .collect()
}

#[test]
fn expressions_keep_their_type_and_interpolate_in_text() {
    assert_eq!(expression("1 + 2"), json!(3));
    assert_eq!(expression("vars.l"), json!(["x", "y"]));
    assert_eq!(expression("vars.m"), json!({"a": 1, "b": 2, "c": 3}));
    assert_eq!(expression("vars.m.a < 2 ? 'yes' : 'no'"), json!("yes"));
    assert_eq!(
        expression("vars.l == ['x', 'y'] && ['x', 'y'] == vars.l"),
        json!(true)
    );
    assert_eq!(
        expression("{'a': 1, 'b': 2, 'c': 3} == vars.m"),
        json!(true)
    );
    assert_eq!(
        expression("'a' in vars.m && 'x' in vars.l && !('z' in vars.m)"),
        json!(true)
    );
    assert_eq!(expression("vars.l + ['z']"), json!(["x", "y", "z"]));
    assert_eq!(expression("['w'] + vars.l"), json!(["w", "x", "y"]));
    assert_eq!(expression("size(vars.l) + vars.m.size()"), json!(5));
    assert_eq!(expression("vars.l[1] + vars.l.join('-')"), json!("yx-y"));
    assert_eq!(
        expression("'a,b'.split(',').map(s, s.replace('a', 'Z').lowerAscii())"),
        json!(["z", "b"])
    );
    assert_eq!(
        expression("'%s-%d'.format([vars.l[0], vars.m.a])"),
        json!("x-1")
    );
    assert_eq!(expression("has(vars.m.a) && !has(vars.m.z)"), json!(true));
    assert_eq!(
        output("[outputs.o]\nvalue = \"n${1}-${true}-${1.5}-$${x}\"\n"),
        json!("n1-true-1.5-${x}")
    );
}

#[test]
fn maps_are_gone_through_in_order_of_their_keys() {
    for _ in 0..20 {
        assert_eq!(expression("vars.m.map(k, vars.m[k])"), json!([1, 2, 3]));
        assert_eq!(
            expression("{'z': 1, 'b': 2, 'a': 3, 'q': 4}.map(k, k)"),
            json!(["a", "b", "q", "z"])
        );
        assert_eq!(
            expression("vars.m.filter(k, vars.m[k] > 1)"),
            json!(["b", "c"])
        );
    }
}

#[test]
fn times_are_text() {
    assert_eq!(
        output("[locals]\nt = 2027-07-01T00:00:00Z\n[outputs.o]\nvalue = \"${local.t}\"\n"),
        json!("2027-07-01T00:00:00Z")
    );
}

#[test]
fn the_last_of_file_and_flag_wins_and_is_recorded() {
    let files = |vars: Vec<(String, String)>| {
        let text = "[stack]\nname = \"x\"\n[variables.a]\ndefault = \"default\"\n[variables.b]\ntype = \"list(int)\"\n\
             [variables.s]\ntype = \"string\"\nsensitive = true\n[outputs.o]\nvalue = \"${vars.a} ${vars.b.size()}\"\n";
        Files {
            files: vec![
                ("main.toml", text.to_owned()),
                (
                    "prod.vars.toml",
                    "a = \"file\"\nb = [1]\ns = \"hunter2\"\n".to_owned(),
                ),
            ],
            vars,
            env: Some("prod"),
            ..Files::default()
        }
    };
    let stack = fine(files(vec![]).load());
    assert_eq!(stack.outputs["o"].to_json(), json!("file 1"));
    let stack = fine(
        files(vec![
            ("a".into(), "flag".into()),
            ("b".into(), "[1, 2]".into()),
        ])
        .load(),
    );
    assert_eq!(stack.outputs["o"].to_json(), json!("flag 2"));
    assert_eq!(
        stack.inputs.variables.keys().collect::<Vec<_>>(),
        ["a", "b"]
    );
    assert!(!format!("{:?}", stack.inputs).contains("hunter2"));
    let again = Files {
        saved: Some(&stack.inputs),
        ..files(vec![])
    };
    let again = fine(again.load());
    assert_eq!(
        again.inputs_digest, stack.inputs_digest,
        "recorded inputs resolve the same"
    );
}

const TENANTS: &str = "[variables.tenants]\ndefault = { a = [\"user:ana\"], b = [\"user:bo\"] }\n\
    [kubernetes.namespace.tenant]\nfor_each = \"${vars.tenants}\"\nname = \"tenant-${each.key}\"\n\
    [kubernetes.role.dev]\nfor_each = \"${vars.tenants}\"\nname = \"dev\"\nnamespace = \"${kubernetes.namespace.tenant[each.key].name}\"\n\
    rules = [{ api_groups = [\"\"], resources = [\"pods\"], verbs = [\"get\"] }]\n\
    [kubernetes.role_binding.dev]\nfor_each = \"${vars.tenants}\"\nname = \"dev\"\nnamespace = \"${kubernetes.namespace.tenant[each.key].name}\"\n\
    role = \"${kubernetes.role.dev[each.key]}\"\nsubjects = \"${each.value}\"\n";

#[test]
fn an_instance_depends_on_the_instances_it_names() {
    let stack = fine(load_text(TENANTS));
    assert_eq!(stack.resources.len(), 6);
    let binding = stack
        .resources
        .iter()
        .find(|r| r.address.to_string() == "kubernetes.role_binding.dev[\"b\"]")
        .unwrap();
    let depends_on: Vec<String> = binding.depends_on.iter().map(ToString::to_string).collect();
    assert_eq!(
        depends_on,
        [
            "kubernetes.namespace.tenant[\"b\"]",
            "kubernetes.role.dev[\"b\"]"
        ]
    );
    assert_eq!(
        binding.object.to_string(),
        "kubernetes/RoleBinding/tenant-b/dev"
    );
}

#[test]
fn dependencies_go_through_locals_and_depends_on() {
    let text = "[kubernetes.namespace.a]\nname = \"a\"\n[kubernetes.namespace.b]\nname = \"b\"\nwhen = \"${1 > 2}\"\n\
        [locals]\nns = \"${kubernetes.namespace.a.name}\"\n\
        [kubernetes.service_account.s]\nname = \"s\"\nnamespace = \"${local.ns}\"\ndepends_on = [\"kubernetes.namespace.b\"]\n";
    let stack = fine(load_text(text));
    assert_eq!(
        addresses(&stack),
        ["kubernetes.namespace.a", "kubernetes.service_account.s"]
    );
    let depends_on: Vec<String> = stack.resources[1]
        .depends_on
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        depends_on,
        ["kubernetes.namespace.a"],
        "what `when` leaves out is no dependency"
    );
}

#[test]
fn when_may_use_each_and_what_is_left_out_may_be_guarded() {
    let text = "[kubernetes.namespace.a]\nfor_each = [\"x\", \"y\"]\nwhen = \"${each.key == 'x'}\"\nname = \"${each.value}\"\n\
        [kubernetes.namespace.b]\nname = \"b\"\nwhen = false\n\
        [outputs.o]\nvalue = \"${false ? kubernetes.namespace.b.name : kubernetes.namespace.a.map(k, k)[0]}\"\n";
    let stack = fine(load_text(text));
    assert_eq!(addresses(&stack), ["kubernetes.namespace.a[\"x\"]"]);
    assert_eq!(stack.outputs["o"].to_json(), json!("x"));
}

#[test]
fn arguments_not_given_are_nothing_to_those_who_read_them() {
    assert_eq!(
        output(
            "[kubernetes.namespace.a]\nname = \"a\"\n[outputs.o]\nvalue = \"${kubernetes.namespace.a.labels == null}\"\n"
        ),
        json!(true)
    );
}

#[test]
fn references_travel_through_locals_and_lists() {
    let text = "[kubernetes.service_account.s]\nfor_each = [\"a\", \"b\"]\nname = \"s-${each.key}\"\nnamespace = \"n\"\n\
        [locals]\nall = \"${kubernetes.service_account.s.map(k, kubernetes.service_account.s[k])}\"\n\
        [kubernetes.cluster_role_binding.c]\nname = \"c\"\ncluster_role = \"view\"\nsubjects = \"${local.all}\"\n";
    let stack = fine(load_text(text));
    let binding = &stack.resources[0];
    assert_eq!(
        binding.attributes.to_json()["subjects"],
        json!([
            {"kind": "ServiceAccount", "name": "s-a", "namespace": "n"},
            {"kind": "ServiceAccount", "name": "s-b", "namespace": "n"}
        ])
    );
    assert_eq!(
        binding.depends_on[0].to_string(),
        "kubernetes.service_account.s"
    );
}

#[test]
fn what_is_past_its_end_is_left_out_and_told() {
    let text = "[kubernetes.cluster_role_binding.c]\nname = \"c\"\ncluster_role = \"view\"\nsubjects = [\"user:ana\"]\nuntil = 2026-01-01T00:00:00Z\n";
    let stack = fine(load_text(text));
    assert!(stack.resources.is_empty());
    assert_eq!(
        stack.expired[0].0.to_string(),
        "kubernetes.cluster_role_binding.c"
    );
}

#[test]
fn lifecycles_are_read() {
    let text = "[kubernetes.namespace.a]\nname = \"a\"\nlifecycle = { prevent_destroy = \"${1 < 2}\", ignore_changes = [\"labels.team\"], on_destroy = \"delete\" }\n";
    let stack = fine(load_text(text));
    let lifecycle = &stack.resources[0].lifecycle;
    assert!(lifecycle.prevent_destroy);
    assert_eq!(lifecycle.ignore_changes, ["labels.team"]);
    assert_eq!(lifecycle.on_destroy, Some(OnDestroy::Delete));
}

#[test]
fn manifests_are_planned_as_they_are() {
    let yaml = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Namespace\n  metadata: {name: bob}\n\
        ---\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: r\nrules:\n- {apiGroups: [\"\"], resources: [pods], verbs: [get]}\n---\n\
        apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n";
    let json = r#"{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "s", "namespace": "bob"}}"#;
    let text = "[stack]\nname = \"x\"\n[[manifests]]\nname = \"seed\"\nfiles = [\"k8s/*.yaml\", \"k8s/*.json\", \"k8s/a.*\"]\nnamespace = \"bob\"\nother_kinds = \"ignore\"\n";
    let stack = fine(
        Files {
            files: vec![
                ("main.toml", text.into()),
                ("k8s/a.yaml", yaml.into()),
                ("k8s/b.json", json.into()),
            ],
            ..Files::default()
        }
        .load(),
    );
    assert_eq!(
        addresses(&stack),
        [
            "manifests.seed.kubernetes.namespace[\"bob\"]",
            "manifests.seed.kubernetes.role[\"bob/r\"]",
            "manifests.seed.kubernetes.service_account[\"bob/s\"]",
        ]
    );
}

#[test]
fn secrets_are_in_nothing_that_is_kept_or_shown() {
    let load = |secret: &str| {
        let text = "[stack]\nname = \"x\"\n[variables.s]\nsensitive = true\n[providers.kubernetes]\ncontext = \"c-${vars.s}\"\n";
        Files {
            files: vec![("main.toml", text.to_owned())],
            vars: vec![("s".to_owned(), secret.to_owned())],
            ..Files::default()
        }
        .load()
    };
    let loaded = load("hunter2");
    let shown: Vec<String> = loaded
        .sources
        .files()
        .map(|(_, file)| file.text.to_string())
        .collect();
    assert!(
        !shown.concat().contains("hunter2"),
        "the source map is shown in diagnostics"
    );
    let stack = fine(loaded);
    let settings = stack.providers["kubernetes"].settings.to_value();
    assert_eq!(settings.to_json(), json!({"context": {"$sensitive": true}}));
    let other = fine(load("hunter3"));
    assert_eq!(
        stack.inputs_digest, other.inputs_digest,
        "a secret is not in the digest"
    );
}

const TRAINER: &str = r#"
[stack]
name = "x"
[locals]
project = "acme-ml"
[providers.gcp]
project = "${local.project}"
[gcp.service_account.trainer]
account_id = "trainer"
[gcp.iam_member.vertex]
resource = "projects/${local.project}"
role = "roles/aiplatform.user"
member = "${gcp.service_account.trainer.member}"
[gcp.iam_member.impersonate]
resource = "${gcp.service_account.trainer}"
role = "roles/iam.serviceAccountTokenCreator"
member = "user:ana@example.com"
[kubernetes.service_account.trainer]
name = "trainer"
namespace = "team"
gcp_service_account = "${gcp.service_account.trainer}"
[outputs.trainer]
value = "${gcp.service_account.trainer.email} of ${gcp.service_account.trainer.project}, ${gcp.service_account.trainer.name}"
"#;

#[test]
fn what_a_google_service_account_is_called_is_known_before_it_exists() {
    let load = |text: String, ids: &[(&str, &'static str)]| {
        Files {
            files: vec![("main.toml", text)],
            ids: ids.iter().map(|(k, v)| ((*k).to_owned(), *v)).collect(),
            ..Files::default()
        }
        .load()
    };
    let stack = fine(load(TRAINER.to_owned(), &[]));
    let email = "trainer@acme-ml.iam.gserviceaccount.com";
    let name = format!("projects/acme-ml/serviceAccounts/{email}");
    let objects: Vec<String> = stack
        .resources
        .iter()
        .map(|r| r.object.to_string())
        .collect();
    assert_eq!(
        objects,
        [
            format!(
                "gcp/IamMember/{name} roles/iam.serviceAccountTokenCreator user:ana@example.com"
            ),
            format!("gcp/IamMember/projects/acme-ml roles/aiplatform.user serviceAccount:{email}"),
            format!("gcp/ServiceAccount/{name}"),
            "kubernetes/ServiceAccount/team/trainer".to_owned(),
        ]
    );
    assert_eq!(
        stack.outputs["trainer"].to_json(),
        json!(format!("{email} of acme-ml, {name}"))
    );
    let account = stack.resources.last().unwrap();
    assert_eq!(
        account.attributes.get("annotations").unwrap().to_json(),
        json!({"iam.gke.io/gcp-service-account": email})
    );
    assert_eq!(
        account.depends_on[0].to_string(),
        "gcp.service_account.trainer"
    );

    // What only Google can tell is known after apply, and from then on from state.
    let id = "[outputs.id]\nvalue = \"id ${gcp.service_account.trainer.unique_id}\"\n";
    let text = format!("{TRAINER}{id}");
    let stack = fine(load(text.clone(), &[]));
    assert_eq!(stack.outputs["id"].to_json(), json!({"$unknown": true}));
    let object = format!("gcp/ServiceAccount/{name}");
    let stack = fine(load(text, &[(&object, "107006339152134567890")]));
    assert_eq!(
        stack.outputs["id"].to_json(),
        json!("id 107006339152134567890")
    );
}

#[test]
fn gates_and_exceptions_are_read_with_their_places() {
    let text = "[policy]\nrefuse = [\"basic-role\"]\n[[policy.exception]]\ncode = \"service-agent-removed\"\naddress = 'gcp.iam_policy.p[\"a\"]'\nreason = \"moved to the other project\"\nuntil = 2027-07-01T00:00:00Z\n";
    let stack = fine(load_text(text));
    assert_eq!(stack.policy.refuse[0].code, "basic-role");
    let exception = &stack.policy.exceptions[0];
    assert_eq!(exception.code, "service-agent-removed");
    assert_eq!(exception.address.to_string(), "gcp.iam_policy.p[\"a\"]");
    assert_eq!(exception.until, Some(1_814_400_000));
}

#[test]
fn the_json_schema_is_the_committed_one() {
    let providers: [&dyn Semantics; 2] = [&KubernetesSemantics, &GcpSemantics];
    let schema = serde_json::to_string_pretty(&json_schema(&providers)).unwrap() + "\n";
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/stack.schema.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &schema).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == schema,
        "docs/stack.schema.json is stale: run this test with UPDATE=1"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// The order of files, tables and keys changes nothing of what is resolved.
    #[test]
    fn order_changes_nothing(order in Just((0..6usize).collect::<Vec<_>>()).prop_shuffle(), split in 0..6usize, swap: bool) {
        let tables = [
            "[locals]\nz = \"${local.a}-z\"\na = \"t\"\n",
            "[kubernetes.namespace.n]\nname = \"${local.z}\"\nlabels = { b = \"1\", a = \"2\" }\n",
            "[kubernetes.service_account.s]\nfor_each = { y = 1, x = 2 }\nname = \"s-${each.key}\"\nnamespace = \"${kubernetes.namespace.n.name}\"\n",
            "[kubernetes.role.r]\nname = \"r\"\nnamespace = \"${kubernetes.namespace.n.name}\"\nrules = [{ api_groups = [\"\"], resources = [\"pods\"], verbs = [\"list\", \"get\"] }]\n",
            "[kubernetes.role_binding.b]\nname = \"b\"\nnamespace = \"${kubernetes.namespace.n.name}\"\nrole = \"${kubernetes.role.r}\"\nsubjects = [\"${kubernetes.service_account.s['x']}\"]\n",
            "[outputs.o]\nvalue = \"${kubernetes.service_account.s.map(k, kubernetes.service_account.s[k].name)}\"\n",
        ];
        let load = |order: &[usize], split: usize, swap: bool| {
            let text = |part: &[usize]| {
                part.iter().map(|n| {
                    let table = tables[*n];
                    match (swap, table.split_once('\n')) {
                        (true, Some((header, keys))) => {
                            let mut keys: Vec<&str> = keys.lines().collect();
                            keys.reverse();
                            format!("{header}\n{}\n", keys.join("\n"))
                        }
                        _ => table.to_owned(),
                    }
                }).collect::<String>()
            };
            let (first, second) = order.split_at(split);
            fine(Files {
                files: vec![
                    ("a.toml", text(first)),
                    ("b.toml", format!("{}[stack]\nname = \"x\"\n", text(second))),
                ],
                ..Files::default()
            }.load())
        };
        let given = load(&order, split, swap);
        let plain = load(&[0, 1, 2, 3, 4, 5], 0, false);
        prop_assert_eq!(addresses(&given), addresses(&plain));
        prop_assert_eq!(given.inputs_digest, plain.inputs_digest);
    }
}
