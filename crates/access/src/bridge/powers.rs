//! What lets one act as the service accounts of a namespace: making pods, or things that make
//! pods, changing them, running commands in them, minting tokens.
//!
//! Kubernetes: `reference/access-authn-authz/rbac/`, "Privilege escalation prevention";
//! `concepts/security/rbac-good-practices/`, "Workload creation" and "Token request".

use crate::{Request, ResourceRequest};

/// A request that, where it is allowed, lets one act as a service account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Power {
    verbs: &'static [&'static str],
    group: &'static str,
    resource: &'static str,
    subresource: &'static str,
}

const fn power(
    verbs: &'static [&'static str],
    group: &'static str,
    resource: &'static str,
    subresource: &'static str,
) -> Power {
    Power {
        verbs,
        group,
        resource,
        subresource,
    }
}

/// Making or changing what makes pods.
const MAKE: &[&str] = &["create", "update", "patch"];

/// The powers, the plainest first. Another's pods can be given another image, but not another
/// service account: what runs in them acts as theirs all the same.
pub(super) const POWERS: [Power; 12] = [
    power(MAKE, "", "pods", ""),
    power(MAKE, "apps", "deployments", ""),
    power(MAKE, "apps", "statefulsets", ""),
    power(MAKE, "apps", "daemonsets", ""),
    power(MAKE, "apps", "replicasets", ""),
    power(MAKE, "", "replicationcontrollers", ""),
    power(MAKE, "batch", "jobs", ""),
    power(MAKE, "batch", "cronjobs", ""),
    // A web socket is opened by GET.
    power(&["create", "get"], "", "pods", "exec"),
    power(&["create", "get"], "", "pods", "attach"),
    power(&["update", "patch"], "", "pods", "ephemeralcontainers"),
    power(&["create"], "", "serviceaccounts", "token"),
];

/// Permissions at Google that come to the same in every cluster of a project
/// (`kubernetes-engine/docs/how-to/iam`).
pub(super) const IAM_POWERS: [&str; 10] = [
    "container.pods.create",
    "container.pods.update",
    "container.deployments.create",
    "container.statefulSets.create",
    "container.daemonSets.create",
    "container.jobs.create",
    "container.cronJobs.create",
    "container.pods.exec",
    "container.pods.attach",
    "container.serviceAccounts.createToken",
];

impl Power {
    /// Whether it is about the tokens of one service account.
    pub(super) fn is_of_tokens(self) -> bool {
        self.resource == "serviceaccounts"
    }

    /// The requests, any of which is enough, in a namespace, and the words for each.
    pub(super) fn requests(
        self,
        namespace: &str,
        account: Option<&str>,
    ) -> impl Iterator<Item = (String, Request)> {
        let name = match self.resource {
            "serviceaccounts" => account.unwrap_or_default(),
            _ => "",
        };
        self.verbs.iter().map(move |verb| {
            let request = Request::Resource(ResourceRequest {
                verb: (*verb).to_owned(),
                api_group: self.group.to_owned(),
                resource: self.resource.to_owned(),
                subresource: self.subresource.to_owned(),
                namespace: namespace.to_owned(),
                name: name.to_owned(),
            });
            (self.words(verb, namespace), request)
        })
    }

    fn words(self, verb: &str, namespace: &str) -> String {
        let mut words = format!("{verb} {}", self.resource);
        if !self.subresource.is_empty() {
            words.push_str(&format!("/{}", self.subresource));
        }
        match namespace {
            "" => words.push_str(" in every namespace"),
            namespace => words.push_str(&format!(" in namespace {namespace}")),
        }
        words
    }
}
