//! What the server would refuse, or no person means, with its place.

use crate::source::{resolve, told};

/// Type, what its arguments are besides a good name, and what is said.
const CASES: &[(&str, &str, &[&str])] = &[
    // names
    (
        "namespace",
        r#"name = "Tenant_A""#,
        &[
            "invalid-name at \"Tenant_A\": name `Tenant_A` must be lower-case letters, digits and `-`, beginning and ending with a letter or digit",
        ],
    ),
    (
        "namespace",
        r#"name = """#,
        &["invalid-name at \"\": name `` must not be empty"],
    ),
    (
        "namespace",
        r#"name = 7"#,
        &["wrong-type at 7: `name` must be a string, not an integer (put it in quotes)"],
    ),
    (
        "namespace",
        r#"name = "@unknown""#,
        &[
            "unknown-value at \"@unknown\": `name` is known only after apply (names and subjects must be known when the plan is made)",
        ],
    ),
    (
        "namespace",
        r#"name = "@sensitive""#,
        &[
            "sensitive-value at \"@sensitive\": `name` may not be sensitive (plans and state keep what is sent to the cluster; use a value that may be shown)",
        ],
    ),
    (
        "namespace",
        "",
        &["missing-argument at the whole: `name` is missing"],
    ),
    (
        "service_account",
        r#"name = "bot"
namespace = "a.b""#,
        &[
            "invalid-name at \"a.b\": namespace `a.b` must be lower-case letters, digits and `-`, beginning and ending with a letter or digit",
        ],
    ),
    (
        "role",
        r#"name = "a/b"
namespace = "n""#,
        &["invalid-name at \"a/b\": name `a/b` may not contain `/`"],
    ),
    (
        "role",
        r#"name = "..""#,
        &[
            "missing-argument at the whole: `namespace` is missing",
            "invalid-name at \"..\": name `..` may not be `..`",
        ],
    ),
    (
        "cluster_role",
        r#"name = "view""#,
        &[
            "bootstrap-object at \"view\": `view` belongs to the API server (it is made and mended on every start of the server: choose another name)",
        ],
    ),
    (
        "cluster_role_binding",
        r#"name = "system:basic-user"
cluster_role = "x"
subjects = []"#,
        &[
            "bootstrap-object at \"system:basic-user\": `system:basic-user` belongs to the API server (it is made and mended on every start of the server: choose another name)",
        ],
    ),
    // labels and annotations
    (
        "namespace",
        r#"name = "n"
labels = { "-a" = "x", ok = "a b" }"#,
        &[
            "invalid-label at \"-a\": label key `-a` must be letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit",
            "invalid-label at \"a b\": value of label `ok` must be empty, or letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit",
        ],
    ),
    (
        "namespace",
        r#"name = "n"
labels = { "a/b/c" = "x" }"#,
        &[
            "invalid-label at \"a/b/c\": label key `a/b/c` the part after `/` must be letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit",
        ],
    ),
    (
        "namespace",
        r#"name = "n"
labels = { team = true }"#,
        &["wrong-type at true: `labels.team` must be a string, not a boolean (put it in quotes)"],
    ),
    (
        "namespace",
        r#"name = "n"
annotations = { "a b" = "x" }"#,
        &[
            "invalid-annotation at \"a b\": annotation key `a b` must be letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit",
        ],
    ),
    (
        "namespace",
        r#"name = "n"
annotations = { "rbacform.io/stack" = "x" }"#,
        &[
            "reserved-annotation at \"rbacform.io/stack\": annotation `rbacform.io/stack` is written by the tools (remove it)",
        ],
    ),
    (
        "namespace",
        r#"name = "n"
labels = { "kubernetes.io/metadata.name" = "m" }"#,
        &[
            "invalid-label at \"m\": label `kubernetes.io/metadata.name` must be the namespace's name (the server always puts it back: remove it)",
        ],
    ),
    // Pod Security
    (
        "namespace",
        r#"name = "n"
pod_security = { enforce = "Restricted", warn_version = "1.30", audit_version = "v2" }"#,
        &[
            "invalid-pod-security at \"v2\": `v2` is no Pod Security version (write `latest` or `v1.N`, e.g. `v1.34`)",
            "invalid-pod-security at \"Restricted\": `Restricted` is no Pod Security level (did you mean `restricted`?)",
            "invalid-pod-security at \"1.30\": `1.30` is no Pod Security version (write `latest` or `v1.N`, e.g. `v1.30`)",
        ],
    ),
    (
        "namespace",
        r#"name = "n"
labels = { "pod-security.kubernetes.io/enforce" = "none" }"#,
        &[
            "invalid-pod-security at \"none\": `none` is no Pod Security level (it must be one of `privileged`, `baseline`, `restricted`)",
        ],
    ),
    (
        "namespace",
        r#"name = "n"
labels = { "pod-security.kubernetes.io/warn" = "baseline" }
pod_security = { warn = "baseline" }"#,
        &[
            "duplicate-argument at warn: `pod_security.warn` and `labels` both set `pod-security.kubernetes.io/warn` (keep one of the two)",
        ],
    ),
    // service accounts
    (
        "service_account",
        r#"name = "bot"
namespace = "n"
image_pull_secrets = ["Bad_"]"#,
        &[
            "invalid-name at \"Bad_\": secret name `Bad_` must be lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit",
        ],
    ),
    (
        "service_account",
        r#"name = "bot"
namespace = "n"
gcp_service_account = "trainer""#,
        &[
            "invalid-gcp-service-account at \"trainer\": `trainer` is no e-mail address (write `NAME@PROJECT.iam.gserviceaccount.com`)",
        ],
    ),
    // rules
    (
        "role",
        r#"name = "r"
namespace = "n"
rules = [{ api_groups = [""], resources = ["pods"], verbs = [] }]"#,
        &[
            "invalid-rule at []: `verbs` must hold at least one verb (a rule without verbs allows nothing)",
        ],
    ),
    (
        "role",
        r#"name = "r"
namespace = "n"
rules = [{ verbs = ["get"] }]"#,
        &[
            "invalid-rule at { verbs = [\"get\"] }: `api_groups` must hold at least one API group (name the API groups; the core group is `\"\"`)",
            "invalid-rule at { verbs = [\"get\"] }: `resources` must hold at least one resource (name the resources, e.g. `pods`)",
        ],
    ),
    (
        "role",
        r#"name = "r"
namespace = "n"
rules = [{ non_resource_urls = ["/metrics"], verbs = ["get"] }]"#,
        &[
            "invalid-rule at [\"/metrics\"]: a role may not hold `non_resource_urls` (URLs belong to no namespace: put them into a cluster role)",
        ],
    ),
    (
        "cluster_role",
        r#"name = "r"
rules = [{ non_resource_urls = ["/x"], resources = ["pods"], api_groups = [""], verbs = ["get"] }]"#,
        &[
            "invalid-rule at [\"/x\"]: a rule may not hold both `non_resource_urls` and resources (split it into two rules)",
        ],
    ),
    (
        "role",
        r#"name = "r"
namespace = "n"
rules = ["get pods"]"#,
        &["wrong-type at \"get pods\": `rules[0]` must be a map, not a string"],
    ),
    (
        "role",
        r#"name = "r"
namespace = "n"
rules = [{ api_groups = "", resources = ["pods"], verbs = ["get"] }]"#,
        &[
            "wrong-type at \"\": `rules[0].api_groups` must be a list, not a string",
            "invalid-rule at \"\": `api_groups` must hold at least one API group (name the API groups; the core group is `\"\"`)",
        ],
    ),
    // aggregation
    (
        "cluster_role",
        r#"name = "r"
aggregate = []"#,
        &["invalid-selector at []: `aggregate` must hold at least one selector"],
    ),
    (
        "cluster_role",
        r#"name = "r"
aggregate = [{ match_labels = { "a b" = "x y" } }]"#,
        &[
            "invalid-selector at \"a b\": label key `a b` must be letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit",
            "invalid-selector at \"x y\": label value `x y` must be empty, or letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit",
        ],
    ),
    (
        "cluster_role",
        r#"name = "r"
aggregate = [{ match_expressions = [{ key = "a", operator = "in", values = ["x"] }] }]"#,
        &["invalid-selector at \"in\": `in` is no operator of a selector (did you mean `In`?)"],
    ),
    (
        "cluster_role",
        r#"name = "r"
aggregate = [{ match_expressions = [{ key = "a", operator = "In" }, { key = "a", operator = "Exists", values = ["x"] }] }]"#,
        &[
            "invalid-selector at { key = \"a\", operator = \"In\" }: `In` needs `values`",
            "invalid-selector at { key = \"a\", operator = \"Exists\", values = [\"x\"] }: `Exists` takes no `values`",
        ],
    ),
    (
        "cluster_role",
        r#"name = "r"
aggregate = [{ match_labels = { a = "b" } }]
rules = [{ api_groups = [""], resources = ["pods"], verbs = ["get"] }]"#,
        &[
            "duplicate-argument at [{ api_groups = [\"\"], resources = [\"pods\"], verbs = [\"get\"] }]: `rules` beside `aggregate` are overwritten by the cluster (put them into a cluster role of their own that the selector matches)",
        ],
    ),
    // role references
    (
        "role_binding",
        r#"name = "b"
namespace = "n"
subjects = []"#,
        &["missing-argument at the whole: `role` or `cluster_role` is missing"],
    ),
    (
        "cluster_role_binding",
        r#"name = "b"
subjects = []"#,
        &["missing-argument at the whole: `cluster_role` is missing"],
    ),
    (
        "role_binding",
        r#"name = "b"
namespace = "n"
role = "x"
cluster_role = "y"
subjects = []"#,
        &[
            "duplicate-argument at \"y\": `role` and `cluster_role` are both set (a binding grants exactly one role: remove one of the two)",
        ],
    ),
    (
        "role_binding",
        r#"name = "b"
namespace = "n"
role = "other/reader"
subjects = []"#,
        &[
            "invalid-role-ref at \"other/reader\": role name `other/reader` may not contain `/` (did you mean `reader`?)",
        ],
    ),
    (
        "role_binding",
        r#"name = "b"
namespace = "n"
role = "@kubernetes.role other/reader"
subjects = []"#,
        &[
            "invalid-role-ref at \"@kubernetes.role other/reader\": `kubernetes.role.x` is in namespace `other`, the binding in `n` (a role can only be bound in its own namespace: move one of the two, or use a cluster role)",
        ],
    ),
    (
        "role_binding",
        r#"name = "b"
namespace = "n"
role = "@kubernetes.cluster_role reader"
subjects = []"#,
        &[
            "wrong-reference at \"@kubernetes.cluster_role reader\": `kubernetes.cluster_role.x` is a `kubernetes.cluster_role`, not a `kubernetes.role` (write it as `cluster_role`)",
        ],
    ),
    (
        "cluster_role_binding",
        r#"name = "b"
cluster_role = "@kubernetes.role n/reader"
subjects = []"#,
        &[
            "wrong-reference at \"@kubernetes.role n/reader\": `kubernetes.role.x` is a `kubernetes.role`, not a `kubernetes.cluster_role` (a role can only be bound in its namespace: write it as `role` of a role binding)",
        ],
    ),
    // subjects
    (
        "cluster_role_binding",
        r#"name = "b"
cluster_role = "r"
subjects = ["ana", "sa:n/bot", "User:ana", "serviceaccount:bot", "system:serviceaccount:n:bot", "system:masters", "robot:x", "user:", "serviceaccount:n/Bot"]"#,
        &[
            "invalid-subject at \"ana\": `ana` does not say what it is (write `user:ana`, `group:ana` or `serviceaccount:NAMESPACE/NAME`)",
            "invalid-subject at \"sa:n/bot\": `sa` in `sa:n/bot` is no kind of subject (did you mean `serviceaccount:n/bot`?)",
            "invalid-subject at \"User:ana\": `User` in `User:ana` is no kind of subject (did you mean `user:ana`?)",
            "invalid-subject at \"serviceaccount:bot\": `serviceaccount:bot` names no namespace (write `serviceaccount:NAMESPACE/bot`)",
            "invalid-subject at \"system:serviceaccount:n:bot\": `system` in `system:serviceaccount:n:bot` is no kind of subject (did you mean `serviceaccount:n/bot`?)",
            "invalid-subject at \"system:masters\": `system` in `system:masters` is no kind of subject (did you mean `group:system:masters` or `user:system:masters`?)",
            "invalid-subject at \"robot:x\": `robot` in `robot:x` is no kind of subject (a subject begins with `user:`, `group:` or `serviceaccount:`)",
            "invalid-subject at \"user:\": the subject's name is empty",
            "invalid-subject at \"serviceaccount:n/Bot\": service account name `Bot` must be lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit",
        ],
    ),
    (
        "cluster_role_binding",
        r#"name = "b"
cluster_role = "r"
subjects = [{ kind = "user", name = "ana" }, { name = "ana" }, { kind = "Group" }, { kind = "ServiceAccount", name = "bot" }, 7, "@kubernetes.role n/r"]"#,
        &[
            "invalid-subject at \"user\": `user` is no kind of subject (did you mean `User`?)",
            "missing-argument at { name = \"ana\" }: `subjects[1].kind` is missing",
            "missing-argument at { kind = \"Group\" }: `subjects[2].name` is missing",
            "invalid-subject at { kind = \"ServiceAccount\", name = \"bot\" }: service account `bot` names no namespace (a cluster role binding is in no namespace: say which one is meant)",
            "wrong-type at 7: `subjects[4]` must be a subject, not an integer",
            "wrong-reference at \"@kubernetes.role n/r\": `kubernetes.role.x` is a `kubernetes.role`, not a subject (a reference among subjects must be to a `kubernetes.service_account`)",
        ],
    ),
    (
        "cluster_role_binding",
        r#"name = "b"
cluster_role = "r"
subjects = []
until = "next year""#,
        &[
            "invalid-time at \"next year\": `next year` is no point in time (write date, time and zone, e.g. `2027-07-01T00:00:00Z`)",
        ],
    ),
    (
        "cluster_role_binding",
        r#"name = "b"
cluster_role = "r"
subjects = []
until = 2027-07-01"#,
        &[
            "invalid-time at 2027-07-01: `2027-07-01` is no point in time (write date, time and zone, e.g. `2027-07-01T00:00:00Z`)",
        ],
    ),
];

#[test]
fn each_mistake_is_told_with_its_place() {
    for (kind, text, expected) in CASES {
        let wrong = resolve(&format!("kubernetes.{kind}"), text).map(|found| found.object);
        assert_eq!(told(text, &wrong.unwrap_err()), *expected, "{kind}: {text}");
    }
}

#[test]
fn annotations_may_not_outgrow_what_the_server_keeps() {
    let annotations = |length: usize| {
        format!(
            "name = \"n\"\nannotations = {{ k = \"{}\" }}",
            "x".repeat(length)
        )
    };
    let limit = 256 * 1024 - 1;
    assert!(resolve("kubernetes.namespace", &annotations(limit)).is_ok());
    let wrong = resolve("kubernetes.namespace", &annotations(limit + 1)).unwrap_err();
    assert_eq!(wrong[0].code, "invalid-annotation");
}

#[test]
fn doubtful_names_are_warnings() {
    let text = r#"name = "system:mine"
cluster_role = "r"
subjects = ["user:*", "user: ana", "serviceaccount:N/bot"]"#;
    let resolved = resolve("kubernetes.cluster_role_binding", text).unwrap();
    let codes: Vec<_> = resolved
        .warnings
        .iter()
        .map(|warning| warning.code)
        .collect();
    assert_eq!(
        codes,
        [
            "reserved-name",
            "dead-subject",
            "dead-subject",
            "dead-subject"
        ]
    );
}
