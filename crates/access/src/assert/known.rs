//! The resources that an API server has by itself, those included that only its checks know.

use crate::Version;
use crate::resources::{self, is_virtual};

/// Parts of a node that its kubelet asks about.
const OF_NODES: [&str; 3] = ["log", "metrics", "stats"];
/// Those that it asks about from 1.33 on (`KubeletFineGrainedAuthz`).
const FINER: [&str; 3] = ["configz", "healthz", "pods"];

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    /// The API group, empty for core.
    pub(super) group: &'static str,
    pub(super) is_namespaced: bool,
    pub(super) subresources: Vec<&'static str>,
}

/// Those of that plural name in a version, one for each group that has it.
pub(super) fn named(name: &str, version: Version) -> Vec<Known> {
    if is_virtual(name) {
        return vec![checked(name)];
    }
    let named = resources::all().filter(|resource| resource.name == name);
    let served = named.filter(|resource| resource.since() <= version);
    served
        .map(|resource| Known {
            group: resource.group,
            is_namespaced: resource.is_namespaced,
            subresources: {
                let mut all: Vec<&str> = resource.subresources_in(version).collect();
                if name == "nodes" {
                    all.extend(OF_NODES);
                    all.extend(FINER.iter().filter(|_| version.minor >= 33));
                }
                all
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
