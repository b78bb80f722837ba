//! What has an IAM policy, and what its policy may hold.

use super::api::GoogleApi;
use super::name;

/// A sort of resource with an IAM policy.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) api: GoogleApi,
    /// The resource's name; `*` is one segment.
    pub(crate) pattern: &'static str,
    /// As request counts name it.
    pub(crate) collection: &'static str,
    /// The API versions that have the IAM methods.
    pub(crate) versions: &'static [&'static str],
    /// Whether its policy is read with GET; most are read with POST.
    pub(crate) read_by_get: bool,
    /// What its permissions begin with, such as `aiplatform.models`.
    pub(crate) permission: &'static str,
    /// A role means something here when one of its permissions begins with one of these; empty
    /// means that every role does.
    pub(crate) meaningful: &'static [&'static str],
    /// Whether bindings may have conditions.
    pub(crate) conditions: bool,
    /// Whether `allUsers` and `allAuthenticatedUsers` may be members.
    pub(crate) public: bool,
    /// Whether the policy has audit configs, and a write of it a mask.
    pub(crate) audit: bool,
}

const fn vertex(
    pattern: &'static str,
    collection: &'static str,
    permission: &'static str,
) -> Target {
    Target {
        api: GoogleApi::VertexAi,
        pattern,
        collection,
        versions: &["v1", "v1beta1"],
        read_by_get: false,
        permission,
        meaningful: &[],
        conditions: true,
        public: true,
        audit: false,
    }
}

const fn read_by_get(
    api: GoogleApi,
    pattern: &'static str,
    collection: &'static str,
    permission: &'static str,
) -> Target {
    Target {
        api,
        pattern,
        collection,
        versions: &["v1"],
        read_by_get: true,
        permission,
        meaningful: &[],
        conditions: true,
        public: true,
        audit: false,
    }
}

const fn container(
    pattern: &'static str,
    collection: &'static str,
    versions: &'static [&'static str],
    permission: &'static str,
) -> Target {
    Target {
        api: GoogleApi::ResourceManager,
        pattern,
        collection,
        versions,
        read_by_get: false,
        permission,
        meaningful: &[],
        conditions: true,
        public: false,
        audit: true,
    }
}

/// Every sort, the first that matches a name counts. Sources: Google's discovery documents; which
/// take conditions: <https://cloud.google.com/iam/docs/conditions-overview>.
pub(crate) static TARGETS: [Target; 21] = [
    container(
        "projects/*",
        "projects",
        &["v1", "v3"],
        "resourcemanager.projects",
    ),
    container(
        "folders/*",
        "folders",
        &["v2", "v3"],
        "resourcemanager.folders",
    ),
    container(
        "organizations/*",
        "organizations",
        &["v1", "v3"],
        "resourcemanager.organizations",
    ),
    Target {
        api: GoogleApi::Iam,
        pattern: "projects/*/serviceAccounts/*",
        collection: "serviceAccounts",
        versions: &["v1"],
        read_by_get: false,
        permission: "iam.serviceAccounts",
        meaningful: &["iam.serviceAccount"],
        conditions: true,
        public: true,
        audit: true,
    },
    Target {
        meaningful: &[
            "aiplatform.models.",
            "aiplatform.modelEvaluations.",
            "aiplatform.modelEvaluationSlices.",
        ],
        ..vertex(
            "projects/*/locations/*/models/*",
            "models",
            "aiplatform.models",
        )
    },
    Target {
        // Not in the v1 API, says Google's description of it.
        versions: &["v1beta1"],
        meaningful: &["aiplatform.endpoints."],
        ..vertex(
            "projects/*/locations/*/endpoints/*",
            "endpoints",
            "aiplatform.endpoints",
        )
    },
    Target {
        meaningful: &[
            "aiplatform.featureGroups.",
            "aiplatform.features.",
            "aiplatform.featureMonitors.",
            "aiplatform.featureMonitorJobs.",
        ],
        conditions: false,
        ..vertex(
            "projects/*/locations/*/featureGroups/*",
            "featureGroups",
            "aiplatform.featureGroups",
        )
    },
    Target {
        meaningful: &[
            "aiplatform.featureOnlineStores.",
            "aiplatform.featureViews.",
            "aiplatform.featureViewSyncs.",
        ],
        conditions: false,
        ..vertex(
            "projects/*/locations/*/featureOnlineStores/*",
            "featureOnlineStores",
            "aiplatform.featureOnlineStores",
        )
    },
    Target {
        meaningful: &["aiplatform.featureViews.", "aiplatform.featureViewSyncs."],
        conditions: false,
        ..vertex(
            "projects/*/locations/*/featureOnlineStores/*/featureViews/*",
            "featureViews",
            "aiplatform.featureViews",
        )
    },
    Target {
        meaningful: &[
            "aiplatform.featurestores.",
            "aiplatform.entityTypes.",
            "aiplatform.features.",
        ],
        conditions: false,
        ..vertex(
            "projects/*/locations/*/featurestores/*",
            "featurestores",
            "aiplatform.featurestores",
        )
    },
    Target {
        meaningful: &["aiplatform.entityTypes.", "aiplatform.features."],
        conditions: false,
        ..vertex(
            "projects/*/locations/*/featurestores/*/entityTypes/*",
            "entityTypes",
            "aiplatform.entityTypes",
        )
    },
    Target {
        meaningful: &[
            "aiplatform.reasoningEngine",
            "aiplatform.sessions.",
            "aiplatform.sessionEvents.",
            "aiplatform.memories.",
            "aiplatform.memoryRevisions.",
            "aiplatform.sandboxEnvironments.",
            "aiplatform.tasks.",
            "aiplatform.agentExamples.",
        ],
        ..vertex(
            "projects/*/locations/*/reasoningEngines/*",
            "reasoningEngines",
            "aiplatform.reasoningEngines",
        )
    },
    Target {
        meaningful: &[
            "aiplatform.notebookRuntimeTemplates.",
            "aiplatform.notebookRuntimes.",
        ],
        ..vertex(
            "projects/*/locations/*/notebookRuntimeTemplates/*",
            "notebookRuntimeTemplates",
            "aiplatform.notebookRuntimeTemplates",
        )
    },
    Target {
        meaningful: &[
            "aiplatform.datasets.",
            "aiplatform.datasetVersions.",
            "aiplatform.dataItems.",
            "aiplatform.annotation",
        ],
        ..vertex(
            "projects/*/locations/*/datasets/*",
            "datasets",
            "aiplatform.datasets",
        )
    },
    Target {
        meaningful: &["aiplatform.agents.", "aiplatform.agentExamples."],
        ..vertex(
            "projects/*/locations/*/agents/*",
            "agents",
            "aiplatform.agents",
        )
    },
    Target {
        api: GoogleApi::Storage,
        pattern: "buckets/*",
        collection: "buckets",
        versions: &["v1"],
        read_by_get: true,
        permission: "storage.buckets",
        meaningful: &["storage."],
        conditions: true,
        public: true,
        audit: false,
    },
    Target {
        meaningful: &["artifactregistry."],
        ..read_by_get(
            GoogleApi::ArtifactRegistry,
            "projects/*/locations/*/repositories/*",
            "repositories",
            "artifactregistry.repositories",
        )
    },
    Target {
        meaningful: &["secretmanager.secrets.", "secretmanager.versions."],
        audit: true,
        ..read_by_get(
            GoogleApi::SecretManager,
            "projects/*/secrets/*",
            "secrets",
            "secretmanager.secrets",
        )
    },
    Target {
        meaningful: &["secretmanager.secrets.", "secretmanager.versions."],
        audit: true,
        ..read_by_get(
            GoogleApi::SecretManager,
            "projects/*/locations/*/secrets/*",
            "secrets",
            "secretmanager.secrets",
        )
    },
    Target {
        meaningful: &["pubsub.topics.", "pubsub.messageTransforms."],
        ..read_by_get(
            GoogleApi::PubSub,
            "projects/*/topics/*",
            "topics",
            "pubsub.topics",
        )
    },
    Target {
        meaningful: &["pubsub.subscriptions."],
        ..read_by_get(
            GoogleApi::PubSub,
            "projects/*/subscriptions/*",
            "subscriptions",
            "pubsub.subscriptions",
        )
    },
];

/// GKE clusters have no policy; the sandbox keeps them among its resources.
pub(crate) const CLUSTER: &str = "projects/*/locations/*/clusters/*";

impl Target {
    /// The sort that a resource name belongs to.
    pub(crate) fn of(resource: &str) -> Option<&'static Self> {
        TARGETS
            .iter()
            .find(|target| name::matches(target.pattern, resource))
    }

    pub(crate) fn is_account(&self) -> bool {
        self.api == GoogleApi::Iam
    }

    /// Whether it is one of the containers that everything else is in.
    pub(crate) fn is_container(&self) -> bool {
        self.api == GoogleApi::ResourceManager
    }

    /// `//cloudresourcemanager.googleapis.com/projects/p`, as queries and errors name it.
    pub(crate) fn full_name(&self, resource: &str) -> String {
        match self.api {
            GoogleApi::Storage => format!("//storage.googleapis.com/projects/_/{resource}"),
            api => format!("//{}/{resource}", api.host()),
        }
    }
}

/// The sort of resource behind a full resource name. gcloud makes such names of the endpoint it
/// was pointed at, so `//127.0.0.1:80/google/storage/buckets/b` is one too.
pub(crate) fn of_full_name(full_name: &str) -> Option<&'static Target> {
    let (_, resource) = full_name.strip_prefix("//")?.split_once('/')?;
    let mounted = resource.strip_prefix("google/");
    let resource = mounted.map_or(Some(resource), |rest| Some(rest.split_once('/')?.1))?;
    let resource = resource.strip_prefix("projects/_/").unwrap_or(resource);
    Target::of(resource)
}
