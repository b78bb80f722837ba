//! The resources that an API server has by itself, those included that only its checks know.

use crate::resources::{self, is_virtual};

/// Parts of a node that its kubelet asks about (`KubeletFineGrainedAuthz`).
const OF_NODES: [&str; 6] = ["configz", "healthz", "log", "metrics", "pods", "stats"];

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    /// The API group, empty for core.
    pub(super) group: &'static str,
    pub(super) is_namespaced: bool,
    pub(super) subresources: Vec<&'static str>,
}

/// Those of that plural name, one for each group that has it.
pub(super) fn named(name: &str) -> Vec<Known> {
    if is_virtual(name) {
        return vec![checked(name)];
    }
    let served = resources::all().filter(|resource| resource.name == name);
    served
        .map(|resource| Known {
            group: resource.group,
            is_namespaced: resource.is_namespaced,
            subresources: match name {
                "nodes" => resource.subresources().chain(OF_NODES).collect(),
                _ => resource.subresources().collect(),
            },
        })
        .collect()
}

/// One that no object stands for: who may be acted as, who may be signed for.
fn checked(name: &str) -> Known {
    Known {
        group: match name {
            "uids" | "userextras" => "authentication.k8s.io",
            "signers" => "certificates.k8s.io",
            "podsecuritypolicies" => "policy",
            _ => "",
        },
        is_namespaced: false,
        subresources: match name {
            "userextras" => vec!["*"],
            _ => Vec::new(),
        },
    }
}

impl Known {
    /// Whether it has that subresource; empty is the resource itself.
    pub(super) fn has(&self, subresource: &str) -> bool {
        let mut known = self.subresources.iter();
        subresource.is_empty() || known.any(|sub| *sub == subresource || *sub == "*")
    }
}
