//! Plain Kubernetes documents.

use serde_json::json;

use crate::source::{manifest, resolve, told};

const RBAC: &str = r#"apiVersion = "rbac.authorization.k8s.io/v1"
"#;

#[test]
fn a_document_means_what_the_same_arguments_mean() {
    for (kind, arguments, document) in [
        (
            "namespace",
            "name = \"n\"\nlabels = { a = \"b\" }",
            "apiVersion = \"v1\"\nkind = \"Namespace\"\nmetadata = { name = \"n\", labels = { a = \"b\" }, uid = \"x\", annotations = { \"kubectl.kubernetes.io/last-applied-configuration\" = \"{}\", \"rbacform.io/stack\" = \"s\" } }\nspec = { finalizers = [\"kubernetes\"] }\nstatus = { phase = \"Active\" }".to_owned(),
        ),
        (
            "service_account",
            "name = \"bot\"\nnamespace = \"default\"\nimage_pull_secrets = [\"a\"]\nautomount_token = false",
            "apiVersion = \"v1\"\nkind = \"ServiceAccount\"\nmetadata = { name = \"bot\" }\nimagePullSecrets = [{ name = \"a\" }]\nautomountServiceAccountToken = false".to_owned(),
        ),
        (
            "role",
            "name = \"r\"\nnamespace = \"n\"\nrules = [{ api_groups = [\"\"], resources = [\"pods\"], verbs = [\"get\"], resource_names = [\"x\"] }]",
            format!("{RBAC}kind = \"Role\"\nmetadata = {{ name = \"r\", namespace = \"n\" }}\nrules = [{{ apiGroups = [\"\"], resources = [\"pods\"], verbs = [\"get\"], resourceNames = [\"x\"] }}]"),
        ),
        (
            "cluster_role",
            "name = \"r\"\naggregate = [{ match_labels = { a = \"b\" } }, { match_expressions = [{ key = \"k\", operator = \"Exists\" }] }]",
            format!("{RBAC}kind = \"ClusterRole\"\nmetadata = {{ name = \"r\" }}\nrules = []\naggregationRule = {{ clusterRoleSelectors = [{{ matchLabels = {{ a = \"b\" }} }}, {{ matchExpressions = [{{ key = \"k\", operator = \"Exists\" }}] }}] }}"),
        ),
        (
            "cluster_role",
            "name = \"r\"\nrules = [{ non_resource_urls = [\"/x\"], verbs = [\"get\"] }]",
            format!("{RBAC}kind = \"ClusterRole\"\nmetadata = {{ name = \"r\" }}\nrules = [{{ nonResourceURLs = [\"/x\"], verbs = [\"get\"] }}]"),
        ),
        (
            "role_binding",
            "name = \"b\"\nnamespace = \"n\"\nrole = \"r\"\nsubjects = [\"user:ana\", \"serviceaccount:n/bot\", \"serviceaccount:m/bot\"]",
            format!("{RBAC}kind = \"RoleBinding\"\nmetadata = {{ name = \"b\", namespace = \"n\" }}\nroleRef = {{ kind = \"Role\", name = \"r\" }}\nsubjects = [{{ kind = \"ServiceAccount\", name = \"bot\" }}, {{ kind = \"ServiceAccount\", name = \"bot\", namespace = \"m\" }}, {{ kind = \"User\", name = \"ana\", apiGroup = \"rbac.authorization.k8s.io\", namespace = \"ignored\" }}]"),
        ),
        (
            "cluster_role_binding",
            "name = \"b\"\ncluster_role = \"r\"\nsubjects = []",
            format!("{RBAC}kind = \"ClusterRoleBinding\"\nmetadata = {{ name = \"b\" }}\nroleRef = {{ apiGroup = \"rbac.authorization.k8s.io\", kind = \"ClusterRole\", name = \"r\" }}"),
        ),
    ] {
        let type_name = format!("kubernetes.{kind}");
        let one = resolve(&type_name, arguments).unwrap();
        let other = manifest(&document).unwrap().unwrap();
        assert_eq!(other.type_name, type_name);
        assert_eq!(other.object, one.object, "{document}");
        assert_eq!(other.attributes, one.attributes, "{document}");
        assert_eq!(other.requires, one.requires, "{document}");
        assert_eq!(other.warnings, [], "{document}");
    }
}

#[test]
fn other_peoples_kinds_are_not_ours() {
    for document in [
        "apiVersion = \"apps/v1\"\nkind = \"Deployment\"",
        "apiVersion = \"v1\"\nkind = \"ConfigMap\"",
        "apiVersion = \"iam.example.com/v1\"\nkind = \"Role\"",
    ] {
        assert!(manifest(document).is_none(), "{document}");
    }
}

#[test]
fn each_mistake_is_told_with_its_place() {
    let role = |rest: &str| {
        format!("{RBAC}kind = \"Role\"\nmetadata = {{ name = \"r\", namespace = \"n\" }}\n{rest}")
    };
    let binding = |rest: &str| {
        format!(
            "{RBAC}kind = \"RoleBinding\"\nmetadata = {{ name = \"b\", namespace = \"n\" }}\n{rest}"
        )
    };
    for (document, expected) in [
        ("kind = \"Role\"".to_owned(), vec!["missing-argument at the whole: `apiVersion` is missing"]),
        ("apiVersion = \"v1\"".to_owned(), vec!["missing-argument at the whole: `kind` is missing"]),
        (
            "apiVersion = \"rbac.authorization.k8s.io/v1beta1\"\nkind = \"Role\"".to_owned(),
            vec!["unsupported-version at \"rbac.authorization.k8s.io/v1beta1\": `rbac.authorization.k8s.io/v1beta1` is no longer served (write `apiVersion: rbac.authorization.k8s.io/v1`)"],
        ),
        (
            "apiVersion = \"v1\"\nkind = \"Role\"".to_owned(),
            vec!["unsupported-version at \"v1\": `v1` is not the version of a Role (write `apiVersion: rbac.authorization.k8s.io/v1`)"],
        ),
        (
            format!("{RBAC}kind = \"Namespace\"\nmetadata = {{ name = \"n\" }}"),
            vec!["unsupported-version at \"rbac.authorization.k8s.io/v1\": `rbac.authorization.k8s.io/v1` is not the version of a Namespace (write `apiVersion: v1`)"],
        ),
        (
            format!("{RBAC}kind = \"Role\"\nmetadata = {{ generateName = \"r-\" }}"),
            vec![
                "unknown-field at generateName: `generateName` gives another name each time (write `name`)",
                "missing-argument at the whole: `metadata.name` is missing",
            ],
        ),
        (
            "apiVersion = \"v1\"\nkind = \"Namespace\"\nmetadata = { name = \"n\", namespace = \"m\", label = {} }".to_owned(),
            vec![
                "unknown-field at label: unknown field `label` in metadata (did you mean `labels`?)",
                "unknown-field at namespace: a Namespace belongs to no namespace (remove `namespace`)",
            ],
        ),
        (
            role("rule = []\nrules = [{ apiGroup = [\"\"], resources = [\"pods\"], verbs = [\"get\"] }]"),
            vec![
                "unknown-field at rule: unknown field `rule` in the document (did you mean `rules`?)",
                "unknown-field at apiGroup: unknown field `apiGroup` in rules[0] (did you mean `apiGroups`?)",
                "invalid-rule at { apiGroup = [\"\"], resources = [\"pods\"], verbs = [\"get\"] }: `apiGroups` must hold at least one API group (name the API groups; the core group is `\"\"`)",
            ],
        ),
        (role("aggregationRule = {}"), vec!["unknown-field at aggregationRule: unknown field `aggregationRule` in the document (known here: `apiVersion`, `kind`, `metadata`, `rules`)"]),
        (binding("subjects = []"), vec!["missing-argument at the whole: `roleRef` is missing"]),
        (
            binding("roleRef = { apiGroup = \"v1\", kind = \"role\", name = \"r\" }\nsubjects = [{ kind = \"User\", name = \"ana\", apiGroup = \"v1\" }, { kind = \"ServiceAccount\", name = \"bot\", apiGroup = \"rbac.authorization.k8s.io\" }]"),
            vec![
                "invalid-role-ref at \"v1\": `roleRef.apiGroup` may not be `v1` (write `apiGroup: rbac.authorization.k8s.io`)",
                "invalid-role-ref at \"role\": `roleRef.kind` may not be `role` here (did you mean `Role`?)",
                "invalid-subject at \"v1\": `subjects[0].apiGroup` may not be `v1` (write `apiGroup: rbac.authorization.k8s.io`)",
                "invalid-subject at \"rbac.authorization.k8s.io\": `subjects[1].apiGroup` may not be `rbac.authorization.k8s.io` (remove it: service accounts are in the core group)",
            ],
        ),
        (
            format!("{RBAC}kind = \"ClusterRoleBinding\"\nmetadata = {{ name = \"b\" }}\nroleRef = {{ kind = \"Role\", name = \"r\" }}\nsubjects = [{{ kind = \"ServiceAccount\", name = \"bot\" }}]"),
            vec![
                "invalid-role-ref at \"Role\": `roleRef.kind` may not be `Role` here (it must be `ClusterRole`)",
                "invalid-subject at { kind = \"ServiceAccount\", name = \"bot\" }: service account `bot` names no namespace (add `namespace` to the subject)",
            ],
        ),
    ] {
        let wrong = manifest(&document).unwrap().map(|found| found.object).unwrap_err();
        assert_eq!(told(&document, &wrong), expected, "{document}");
    }
}

#[test]
fn what_is_left_out_is_a_warning() {
    let document = "apiVersion = \"v1\"\nkind = \"ServiceAccount\"\nmetadata = { name = \"bot\", finalizers = [\"x\"] }\nsecrets = [{ name = \"bot-token\" }]";
    let resolved = manifest(document).unwrap().unwrap();
    assert_eq!(
        told(document, &resolved.warnings),
        [
            "ignored-field at finalizers: `finalizers` is not managed (remove it)",
            "ignored-field at secrets: `secrets` is not managed (token secrets are listed there by the cluster; remove the field)",
        ]
    );
    assert_eq!(resolved.attributes.to_json(), json!({}));
}
