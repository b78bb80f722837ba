//! What `ignore_changes` means by an argument: the attributes it is written as.

use rbacform_core::Text;

/// The six labels of Pod Security Admission, `pod-security.kubernetes.io/MODE[-version]`.
const POD_SECURITY: [(&str, &str); 6] = [
    ("enforce", "labels.pod-security.kubernetes.io/enforce"),
    (
        "enforce_version",
        "labels.pod-security.kubernetes.io/enforce-version",
    ),
    ("audit", "labels.pod-security.kubernetes.io/audit"),
    (
        "audit_version",
        "labels.pod-security.kubernetes.io/audit-version",
    ),
    ("warn", "labels.pod-security.kubernetes.io/warn"),
    (
        "warn_version",
        "labels.pod-security.kubernetes.io/warn-version",
    ),
];

/// The attributes, or none where the argument is no attribute that could be left alone: names are
/// identity, and `until` is the stack's own.
pub(crate) fn paths(argument: &str, key: Option<&str>) -> Option<Vec<Text>> {
    match (argument, key) {
        ("labels" | "annotations", Some(key)) => Some(vec![format!("{argument}.{key}").into()]),
        ("pod_security", key) => {
            let wanted = |name: &str| key.is_none_or(|key| key == name);
            let labels: Vec<Text> = POD_SECURITY
                .iter()
                .filter(|(name, _)| wanted(name))
                .map(|(_, label)| Text::from(*label))
                .collect();
            (!labels.is_empty()).then_some(labels)
        }
        ("role" | "cluster_role", None) => Some(vec!["role_ref".into()]),
        ("gcp_service_account", None) => {
            Some(vec!["annotations.iam.gke.io/gcp-service-account".into()])
        }
        ("name" | "namespace" | "until", _) | (_, Some(_)) => None,
        (_, None) => Some(vec![argument.into()]),
    }
}
