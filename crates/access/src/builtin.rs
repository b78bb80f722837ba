//! The resources that an API server has by itself.

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Builtin {
    /// The API group, empty for core.
    pub group: &'static str,
    /// The plural name.
    pub name: &'static str,
    /// Whether its objects are in namespaces.
    pub namespaced: bool,
    /// Such as `log`; `*` where any may be asked for.
    pub subresources: &'static [&'static str],
    /// Short names, as kubectl takes them; rules do not.
    pub short: &'static [&'static str],
}

impl Builtin {
    /// Those of that plural name, one for each group that has it.
    pub fn named(name: &str) -> impl Iterator<Item = &'static Self> {
        ALL.iter().filter(move |builtin| builtin.name == name)
    }

    /// Whether it has that subresource; empty is the resource itself.
    pub fn has(&self, subresource: &str) -> bool {
        let mut known = self.subresources.iter();
        subresource.is_empty() || known.any(|sub| *sub == subresource || *sub == "*")
    }
}

const fn row(
    group: &'static str,
    name: &'static str,
    namespaced: bool,
    subresources: &'static [&'static str],
    short: &'static [&'static str],
) -> Builtin {
    Builtin {
        group,
        name,
        namespaced,
        subresources,
        short,
    }
}

/// Every resource of the discovery documents of kube-apiserver v1.36.3, and those that only its
/// authorizer knows: what may be impersonated, signers, and the kubelet's parts of a node.
#[rustfmt::skip]
pub const ALL: &[Builtin] = &[
    row("", "bindings", true, &[], &[]),
    row("", "componentstatuses", false, &[], &["cs"]),
    row("", "configmaps", true, &[], &["cm"]),
    row("", "endpoints", true, &[], &["ep"]),
    row("", "events", true, &[], &["ev"]),
    row("", "groups", false, &[], &[]),
    row("", "limitranges", true, &[], &["limits"]),
    row("", "namespaces", false, &["finalize", "status"], &["ns"]),
    row("", "nodes", false, &["configz", "healthz", "log", "metrics", "pods", "proxy", "stats", "status"], &["no"]),
    row("", "persistentvolumeclaims", true, &["status"], &["pvc"]),
    row("", "persistentvolumes", false, &["status"], &["pv"]),
    row("", "pods", true, &["attach", "binding", "ephemeralcontainers", "eviction", "exec", "log", "portforward", "proxy", "resize", "status"], &["po"]),
    row("", "podtemplates", true, &[], &[]),
    row("", "replicationcontrollers", true, &["scale", "status"], &["rc"]),
    row("", "resourcequotas", true, &["status"], &["quota"]),
    row("", "secrets", true, &[], &[]),
    row("", "serviceaccounts", true, &["token"], &["sa"]),
    row("", "services", true, &["proxy", "status"], &["svc"]),
    row("", "users", false, &[], &[]),
    row("admissionregistration.k8s.io", "mutatingadmissionpolicies", false, &[], &[]),
    row("admissionregistration.k8s.io", "mutatingadmissionpolicybindings", false, &[], &[]),
    row("admissionregistration.k8s.io", "mutatingwebhookconfigurations", false, &[], &[]),
    row("admissionregistration.k8s.io", "validatingadmissionpolicies", false, &["status"], &[]),
    row("admissionregistration.k8s.io", "validatingadmissionpolicybindings", false, &[], &[]),
    row("admissionregistration.k8s.io", "validatingwebhookconfigurations", false, &[], &[]),
    row("apiextensions.k8s.io", "customresourcedefinitions", false, &["status"], &["crd", "crds"]),
    row("apiregistration.k8s.io", "apiservices", false, &["status"], &[]),
    row("apps", "controllerrevisions", true, &[], &[]),
    row("apps", "daemonsets", true, &["status"], &["ds"]),
    row("apps", "deployments", true, &["scale", "status"], &["deploy"]),
    row("apps", "replicasets", true, &["scale", "status"], &["rs"]),
    row("apps", "statefulsets", true, &["scale", "status"], &["sts"]),
    row("authentication.k8s.io", "selfsubjectreviews", false, &[], &[]),
    row("authentication.k8s.io", "tokenreviews", false, &[], &[]),
    row("authentication.k8s.io", "uids", false, &[], &[]),
    row("authentication.k8s.io", "userextras", false, &["*"], &[]),
    row("authorization.k8s.io", "localsubjectaccessreviews", true, &[], &[]),
    row("authorization.k8s.io", "selfsubjectaccessreviews", false, &[], &[]),
    row("authorization.k8s.io", "selfsubjectrulesreviews", false, &[], &[]),
    row("authorization.k8s.io", "subjectaccessreviews", false, &[], &[]),
    row("autoscaling", "horizontalpodautoscalers", true, &["status"], &["hpa"]),
    row("batch", "cronjobs", true, &["status"], &["cj"]),
    row("batch", "jobs", true, &["status"], &[]),
    row("certificates.k8s.io", "certificatesigningrequests", false, &["approval", "status"], &["csr"]),
    row("certificates.k8s.io", "signers", false, &[], &[]),
    row("coordination.k8s.io", "leases", true, &[], &[]),
    row("discovery.k8s.io", "endpointslices", true, &[], &[]),
    row("events.k8s.io", "events", true, &[], &[]),
    row("flowcontrol.apiserver.k8s.io", "flowschemas", false, &["status"], &[]),
    row("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations", false, &["status"], &[]),
    row("networking.k8s.io", "ingressclasses", false, &[], &[]),
    row("networking.k8s.io", "ingresses", true, &["status"], &["ing"]),
    row("networking.k8s.io", "ipaddresses", false, &[], &["ip"]),
    row("networking.k8s.io", "networkpolicies", true, &[], &["netpol"]),
    row("networking.k8s.io", "servicecidrs", false, &["status"], &[]),
    row("node.k8s.io", "runtimeclasses", false, &[], &[]),
    row("policy", "poddisruptionbudgets", true, &["status"], &["pdb"]),
    row("rbac.authorization.k8s.io", "clusterrolebindings", false, &[], &[]),
    row("rbac.authorization.k8s.io", "clusterroles", false, &[], &[]),
    row("rbac.authorization.k8s.io", "rolebindings", true, &[], &[]),
    row("rbac.authorization.k8s.io", "roles", true, &[], &[]),
    row("resource.k8s.io", "deviceclasses", false, &[], &[]),
    row("resource.k8s.io", "resourceclaims", true, &["status"], &[]),
    row("resource.k8s.io", "resourceclaimtemplates", true, &[], &[]),
    row("resource.k8s.io", "resourceslices", false, &[], &[]),
    row("scheduling.k8s.io", "priorityclasses", false, &[], &["pc"]),
    row("storage.k8s.io", "csidrivers", false, &[], &[]),
    row("storage.k8s.io", "csinodes", false, &[], &[]),
    row("storage.k8s.io", "csistoragecapacities", true, &[], &[]),
    row("storage.k8s.io", "storageclasses", false, &[], &["sc"]),
    row("storage.k8s.io", "volumeattachments", false, &["status"], &[]),
    row("storage.k8s.io", "volumeattributesclasses", false, &[], &["vac"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_be_in_several_groups() {
        let groups: Vec<&str> = Builtin::named("events").map(|found| found.group).collect();
        assert_eq!(groups, ["", "events.k8s.io"]);
        assert_eq!(Builtin::named("pod").count(), 0);
    }

    #[test]
    fn subresources_are_exact_but_for_extra_keys_of_users() {
        let pods = Builtin::named("pods").next().unwrap();
        assert!(pods.has("") && pods.has("log") && !pods.has("scale"));
        let extras = Builtin::named("userextras").next().unwrap();
        assert!(extras.has("example.com/team"));
    }
}
