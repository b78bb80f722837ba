//! The resources of Kubernetes' own API groups.

/// A resource that the API server itself serves (`kubectl api-resources` of v1.36).
pub(super) struct Known {
    pub(super) resource: &'static str,
    pub(super) group: &'static str,
    pub(super) namespaced: bool,
    /// What people call it instead: the singular, and the short names that `kubectl` knows.
    aliases: &'static [&'static str],
}

impl Known {
    /// Whether it is what a rule that says `name` means.
    pub(super) fn is_meant_by(&self, name: &str) -> bool {
        let lower = name.to_ascii_lowercase();
        self.resource == lower || self.aliases.contains(&lower.as_str())
    }
}

/// The known resources.
pub(super) fn known() -> impl Iterator<Item = Known> {
    GROUPS.iter().flat_map(|(group, resources)| {
        resources
            .iter()
            .map(|(resource, namespaced, aliases)| Known {
                resource,
                group,
                namespaced: *namespaced,
                aliases,
            })
    })
}

/// Whether a group is one whose resources are all known: nobody else can add any.
pub(super) fn is_closed(group: &str) -> bool {
    GROUPS.iter().any(|(known, _)| *known == group)
}

type Resource = (&'static str, bool, &'static [&'static str]);

const GROUPS: [(&str, &[Resource]); 7] = [
    (
        "",
        &[
            ("bindings", true, &["binding"]),
            ("componentstatuses", false, &["componentstatus", "cs"]),
            ("configmaps", true, &["configmap", "cm"]),
            ("endpoints", true, &["endpoint", "ep"]),
            ("events", true, &["event", "ev"]),
            ("limitranges", true, &["limitrange", "limits"]),
            ("namespaces", false, &["namespace", "ns"]),
            ("nodes", false, &["node", "no"]),
            (
                "persistentvolumeclaims",
                true,
                &["persistentvolumeclaim", "pvc"],
            ),
            ("persistentvolumes", false, &["persistentvolume", "pv"]),
            ("pods", true, &["pod", "po"]),
            ("podtemplates", true, &["podtemplate"]),
            (
                "replicationcontrollers",
                true,
                &["replicationcontroller", "rc"],
            ),
            ("resourcequotas", true, &["resourcequota", "quota"]),
            ("secrets", true, &["secret"]),
            ("serviceaccounts", true, &["serviceaccount", "sa"]),
            ("services", true, &["service", "svc"]),
        ],
    ),
    (
        "apps",
        &[
            ("controllerrevisions", true, &["controllerrevision"]),
            ("daemonsets", true, &["daemonset", "ds"]),
            ("deployments", true, &["deployment", "deploy"]),
            ("replicasets", true, &["replicaset", "rs"]),
            ("statefulsets", true, &["statefulset", "sts"]),
        ],
    ),
    (
        "batch",
        &[
            ("cronjobs", true, &["cronjob", "cj"]),
            ("jobs", true, &["job"]),
        ],
    ),
    (
        "autoscaling",
        &[(
            "horizontalpodautoscalers",
            true,
            &["horizontalpodautoscaler", "hpa"],
        )],
    ),
    (
        "networking.k8s.io",
        &[
            ("ingressclasses", false, &["ingressclass"]),
            ("ingresses", true, &["ingress", "ing"]),
            ("ipaddresses", false, &["ipaddress", "ip"]),
            ("networkpolicies", true, &["networkpolicy", "netpol"]),
            ("servicecidrs", false, &["servicecidr"]),
        ],
    ),
    (
        "rbac.authorization.k8s.io",
        &[
            ("clusterrolebindings", false, &["clusterrolebinding"]),
            ("clusterroles", false, &["clusterrole"]),
            ("rolebindings", true, &["rolebinding"]),
            ("roles", true, &["role"]),
        ],
    ),
    (
        "storage.k8s.io",
        &[
            ("csidrivers", false, &["csidriver"]),
            ("csinodes", false, &["csinode"]),
            ("csistoragecapacities", true, &["csistoragecapacity"]),
            ("storageclasses", false, &["storageclass", "sc"]),
            ("volumeattachments", false, &["volumeattachment"]),
            (
                "volumeattributesclasses",
                false,
                &["volumeattributesclass", "vac"],
            ),
        ],
    ),
];
