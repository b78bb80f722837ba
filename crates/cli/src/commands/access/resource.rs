//! What a question is about, as people write it: `pods/web-0`, `deployments.apps`, `/healthz`.

use rbacform_access::{NonResourceRequest, Request, ResourceRequest, User, subject};

use super::args::{WhatArgs, WhoArgs};
use crate::failure::Failure;

/// Well-known resources outside of the core group, and those without a namespace: resource, short
/// names, group, whether namespaced (`kubectl api-resources` of v1.36).
const KNOWN: &[(&str, &[&str], &str, bool)] = &[
    ("componentstatuses", &["cs"], "", false),
    ("configmaps", &["cm", "configmap"], "", true),
    ("endpoints", &["ep"], "", true),
    ("events", &["ev", "event"], "", true),
    ("limitranges", &["limits", "limitrange"], "", true),
    ("namespaces", &["ns", "namespace"], "", false),
    ("nodes", &["no", "node"], "", false),
    (
        "persistentvolumeclaims",
        &["pvc", "persistentvolumeclaim"],
        "",
        true,
    ),
    ("persistentvolumes", &["pv", "persistentvolume"], "", false),
    ("pods", &["po", "pod"], "", true),
    ("podtemplates", &["podtemplate"], "", true),
    (
        "replicationcontrollers",
        &["rc", "replicationcontroller"],
        "",
        true,
    ),
    ("resourcequotas", &["quota", "resourcequota"], "", true),
    ("secrets", &["secret"], "", true),
    ("serviceaccounts", &["sa", "serviceaccount"], "", true),
    ("services", &["svc", "service"], "", true),
    (
        "mutatingwebhookconfigurations",
        &["mutatingwebhookconfiguration"],
        "admissionregistration.k8s.io",
        false,
    ),
    (
        "validatingwebhookconfigurations",
        &["validatingwebhookconfiguration"],
        "admissionregistration.k8s.io",
        false,
    ),
    (
        "validatingadmissionpolicies",
        &["validatingadmissionpolicy"],
        "admissionregistration.k8s.io",
        false,
    ),
    (
        "customresourcedefinitions",
        &["crd", "crds", "customresourcedefinition"],
        "apiextensions.k8s.io",
        false,
    ),
    (
        "apiservices",
        &["apiservice"],
        "apiregistration.k8s.io",
        false,
    ),
    ("controllerrevisions", &["controllerrevision"], "apps", true),
    ("daemonsets", &["ds", "daemonset"], "apps", true),
    ("deployments", &["deploy", "deployment"], "apps", true),
    ("replicasets", &["rs", "replicaset"], "apps", true),
    ("statefulsets", &["sts", "statefulset"], "apps", true),
    (
        "tokenreviews",
        &["tokenreview"],
        "authentication.k8s.io",
        false,
    ),
    (
        "localsubjectaccessreviews",
        &["localsubjectaccessreview"],
        "authorization.k8s.io",
        true,
    ),
    (
        "selfsubjectaccessreviews",
        &["selfsubjectaccessreview"],
        "authorization.k8s.io",
        false,
    ),
    (
        "subjectaccessreviews",
        &["subjectaccessreview"],
        "authorization.k8s.io",
        false,
    ),
    (
        "horizontalpodautoscalers",
        &["hpa", "horizontalpodautoscaler"],
        "autoscaling",
        true,
    ),
    ("cronjobs", &["cj", "cronjob"], "batch", true),
    ("jobs", &["job"], "batch", true),
    (
        "certificatesigningrequests",
        &["csr", "certificatesigningrequest"],
        "certificates.k8s.io",
        false,
    ),
    ("leases", &["lease"], "coordination.k8s.io", true),
    (
        "endpointslices",
        &["endpointslice"],
        "discovery.k8s.io",
        true,
    ),
    (
        "flowschemas",
        &["flowschema"],
        "flowcontrol.apiserver.k8s.io",
        false,
    ),
    (
        "ingressclasses",
        &["ingressclass"],
        "networking.k8s.io",
        false,
    ),
    ("ingresses", &["ing", "ingress"], "networking.k8s.io", true),
    (
        "networkpolicies",
        &["netpol", "networkpolicy"],
        "networking.k8s.io",
        true,
    ),
    ("runtimeclasses", &["runtimeclass"], "node.k8s.io", false),
    (
        "poddisruptionbudgets",
        &["pdb", "poddisruptionbudget"],
        "policy",
        true,
    ),
    (
        "clusterrolebindings",
        &["clusterrolebinding"],
        "rbac.authorization.k8s.io",
        false,
    ),
    (
        "clusterroles",
        &["clusterrole"],
        "rbac.authorization.k8s.io",
        false,
    ),
    (
        "rolebindings",
        &["rolebinding"],
        "rbac.authorization.k8s.io",
        true,
    ),
    ("roles", &["role"], "rbac.authorization.k8s.io", true),
    (
        "priorityclasses",
        &["pc", "priorityclass"],
        "scheduling.k8s.io",
        false,
    ),
    ("csidrivers", &["csidriver"], "storage.k8s.io", false),
    (
        "storageclasses",
        &["sc", "storageclass"],
        "storage.k8s.io",
        false,
    ),
    (
        "volumeattachments",
        &["volumeattachment"],
        "storage.k8s.io",
        false,
    ),
];

/// What is asked for.
pub(super) fn request(verb: &str, resource: &str, what: &WhatArgs) -> Request {
    let verb = verb.to_ascii_lowercase();
    if resource.starts_with('/') {
        let path = resource.to_owned();
        return Request::NonResource(NonResourceRequest { verb, path });
    }
    let (typed, object) = match resource.split_once('/') {
        Some((typed, object)) => (typed, object),
        None => (resource, ""),
    };
    let (spelled, group) = match typed.split_once('.') {
        Some((spelled, group)) => (spelled, Some(group)),
        None => (typed, None),
    };
    let group = what.api_group.as_deref().or(group);
    let known = KNOWN.iter().find(|(name, short, its_group, _)| {
        (*name == spelled || short.contains(&spelled))
            && group.is_none_or(|group| group == *its_group)
    });
    let name = known.map_or(spelled, |(name, ..)| name);
    let namespaced = known.is_none_or(|(.., namespaced)| *namespaced);
    let namespace = match &what.namespace {
        Some(namespace) => namespace.as_str(),
        // A request for a namespace by name is asked in it.
        None if name == "namespaces" && !object.is_empty() => object,
        None if !namespaced || what.all_namespaces => "",
        None => "default",
    };
    Request::Resource(ResourceRequest {
        verb,
        api_group: group
            .or(known.map(|(_, _, group, _)| *group))
            .unwrap_or_default()
            .to_owned(),
        resource: name.to_owned(),
        subresource: what.subresource.clone().unwrap_or_default(),
        namespace: namespace.to_owned(),
        name: object.to_owned(),
    })
}

/// Who asks, with the groups that authenticators add by themselves.
pub(super) fn user(args: &WhoArgs) -> Result<User, Failure> {
    match &args.who {
        Some(who) => Ok(somebody(who, &args.as_group)),
        None if !args.as_group.is_empty() => Ok(somebody("", &args.as_group)),
        None => Err(Failure::usage("who is asked about? give `--as WHO`")
            .help("WHO is a user's name, `serviceaccount:NAMESPACE/NAME` or `group:NAME`")),
    }
}

/// The same from a subject as stack files spell it, or a bare user name.
pub(super) fn somebody(spelled: &str, more: &[String]) -> User {
    let (name, mut groups) = if let Some(group) = spelled.strip_prefix("group:") {
        (
            String::new(),
            vec![group.to_owned(), subject::AUTHENTICATED.to_owned()],
        )
    } else {
        let service_account = spelled
            .strip_prefix("serviceaccount:")
            .and_then(|rest| rest.split_once('/'));
        let name = match (service_account, spelled.strip_prefix("user:")) {
            (Some((namespace, name)), _) => subject::service_account_username(namespace, name),
            (None, Some(name)) => name.to_owned(),
            (None, None) => spelled.to_owned(),
        };
        let groups = match name.is_empty() {
            true => vec![subject::AUTHENTICATED.to_owned()],
            false => subject::implied_groups(&name),
        };
        (name, groups)
    };
    for group in more {
        if !groups.contains(group) {
            groups.push(group.clone());
        }
    }
    User { name, groups }
}
