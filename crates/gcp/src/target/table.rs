//! The table of targets.

use super::{
    Api, Call, Conditions, Permissions, PolicyVersion, SetBody, Target, TestPermissions, Verb,
};

const QUERY: PolicyVersion = PolicyVersion::Query("options.requestedPolicyVersion");

pub(super) static TARGETS: [Target; 20] = [
    node(
        "project",
        "projects/{project}",
        "cloudresourcemanager.projects",
    ),
    node("folder", "folders/{folder}", "cloudresourcemanager.folders"),
    node(
        "organization",
        "organizations/{organization}",
        "cloudresourcemanager.organizations",
    ),
    Target {
        conditions: Conditions::Accepted,
        policy_version: QUERY,
        set_body: SetBody::PolicyAndMask,
        audit_configs: true,
        ..common(
            "service account",
            "projects/{project}/serviceAccounts/{service_account}",
            Api::Iam,
            "iam.googleapis.com",
            "iam.projects.serviceAccounts",
            Permissions::Of {
                service: "iam",
                types: &[
                    "serviceAccounts",
                    "serviceAccountKeys",
                    "serviceAccountApiKeyBindings",
                ],
            },
        )
    },
    vertex(
        "Vertex AI model",
        "projects/{project}/locations/{location}/models/{model}",
        "aiplatform.projects.locations.models",
        &["models", "modelEvaluations", "modelEvaluationSlices"],
    ),
    // The only one whose methods are not in v1.
    Target {
        version: "v1beta1",
        get: post("v1beta1/{name}:getIamPolicy"),
        set: post("v1beta1/{name}:setIamPolicy"),
        test: post("v1beta1/{name}:testIamPermissions"),
        ..vertex(
            "Vertex AI endpoint",
            "projects/{project}/locations/{location}/endpoints/{endpoint}",
            "aiplatform.projects.locations.endpoints",
            &["endpoints"],
        )
    },
    vertex(
        "Vertex AI dataset",
        "projects/{project}/locations/{location}/datasets/{dataset}",
        "aiplatform.projects.locations.datasets",
        &[
            "datasets",
            "datasetVersions",
            "dataItems",
            "annotations",
            "annotationSpecs",
        ],
    ),
    vertex(
        "Vertex AI agent",
        "projects/{project}/locations/{location}/agents/{agent}",
        "aiplatform.projects.locations.agents",
        &["agents", "agentExamples"],
    ),
    Target {
        conditions: Conditions::Refused,
        ..vertex(
            "Vertex AI feature group",
            "projects/{project}/locations/{location}/featureGroups/{feature_group}",
            "aiplatform.projects.locations.featureGroups",
            &[
                "featureGroups",
                "features",
                "featureMonitors",
                "featureMonitorJobs",
            ],
        )
    },
    Target {
        conditions: Conditions::Refused,
        ..vertex(
            "Vertex AI feature online store",
            "projects/{project}/locations/{location}/featureOnlineStores/{feature_online_store}",
            "aiplatform.projects.locations.featureOnlineStores",
            &["featureOnlineStores", "featureViews", "featureViewSyncs"],
        )
    },
    Target {
        conditions: Conditions::Refused,
        ..vertex(
            "Vertex AI feature view",
            "projects/{project}/locations/{location}/featureOnlineStores/{feature_online_store}/featureViews/{feature_view}",
            "aiplatform.projects.locations.featureOnlineStores.featureViews",
            &["featureViews", "featureViewSyncs"],
        )
    },
    Target {
        conditions: Conditions::Refused,
        ..vertex(
            "Vertex AI feature store",
            "projects/{project}/locations/{location}/featurestores/{featurestore}",
            "aiplatform.projects.locations.featurestores",
            &["featurestores", "entityTypes", "features"],
        )
    },
    Target {
        conditions: Conditions::Refused,
        ..vertex(
            "Vertex AI entity type",
            "projects/{project}/locations/{location}/featurestores/{featurestore}/entityTypes/{entity_type}",
            "aiplatform.projects.locations.featurestores.entityTypes",
            &["entityTypes", "features"],
        )
    },
    vertex(
        "Vertex AI reasoning engine",
        "projects/{project}/locations/{location}/reasoningEngines/{reasoning_engine}",
        "aiplatform.projects.locations.reasoningEngines",
        &[
            "reasoningEngines",
            "reasoningEngineRuntimeRevisions",
            "sessions",
            "sessionEvents",
            "memories",
            "memoryRevisions",
            "sandboxEnvironments",
            "tasks",
            "agentExamples",
        ],
    ),
    vertex(
        "Vertex AI notebook runtime template",
        "projects/{project}/locations/{location}/notebookRuntimeTemplates/{notebook_runtime_template}",
        "aiplatform.projects.locations.notebookRuntimeTemplates",
        &["notebookRuntimeTemplates"],
    ),
    Target {
        version: "v1",
        get: get("storage/v1/b/{bucket}/iam"),
        policy_version: PolicyVersion::Query("optionsRequestedPolicyVersion"),
        set: Call {
            verb: Verb::Put,
            path: "storage/v1/b/{bucket}/iam",
        },
        set_body: SetBody::Bare,
        test: get("storage/v1/b/{bucket}/iam/testPermissions"),
        test_permissions: TestPermissions::Query,
        conditions: Conditions::Accepted,
        ..common(
            "storage bucket",
            "buckets/{bucket}",
            Api::Storage,
            "storage.googleapis.com",
            "storage.buckets",
            Permissions::Of {
                service: "storage",
                types: &["*"],
            },
        )
    },
    Target {
        get: get("v1/{name}:getIamPolicy"),
        policy_version: QUERY,
        ..common(
            "Artifact Registry repository",
            "projects/{project}/locations/{location}/repositories/{repository}",
            Api::ArtifactRegistry,
            "artifactregistry.googleapis.com",
            "artifactregistry.projects.locations.repositories",
            Permissions::Of {
                service: "artifactregistry",
                types: &["*"],
            },
        )
    },
    secret(
        "secret",
        "projects/{project}/secrets/{secret}",
        "secretmanager.googleapis.com",
        "secretmanager.projects.secrets",
    ),
    secret(
        "regional secret",
        "projects/{project}/locations/{location}/secrets/{secret}",
        "secretmanager.{location}.rep.googleapis.com",
        "secretmanager.projects.locations.secrets",
    ),
    Target {
        get: get("v1/{name}:getIamPolicy"),
        policy_version: QUERY,
        ..common(
            "Pub/Sub topic",
            "projects/{project}/topics/{topic}",
            Api::PubSub,
            "pubsub.googleapis.com",
            "pubsub.projects.topics",
            Permissions::Of {
                service: "pubsub",
                types: &["topics", "messageTransforms"],
            },
        )
    },
];

/// A node of the resource hierarchy.
const fn node(name: &'static str, pattern: &'static str, discovery: &'static str) -> Target {
    Target {
        version: "v3",
        get: post("v3/{name}:getIamPolicy"),
        set: post("v3/{name}:setIamPolicy"),
        set_body: SetBody::PolicyAndMask,
        test: post("v3/{name}:testIamPermissions"),
        audit_configs: true,
        conditions: Conditions::Accepted,
        refuses_public: true,
        ..common(
            name,
            pattern,
            Api::CloudResourceManager,
            "cloudresourcemanager.googleapis.com",
            discovery,
            Permissions::Any,
        )
    }
}

const fn vertex(
    name: &'static str,
    pattern: &'static str,
    discovery: &'static str,
    types: &'static [&'static str],
) -> Target {
    Target {
        policy_version: QUERY,
        test_permissions: TestPermissions::Query,
        ..common(
            name,
            pattern,
            Api::AiPlatform,
            "{location}-aiplatform.googleapis.com",
            discovery,
            Permissions::Of {
                service: "aiplatform",
                types,
            },
        )
    }
}

const fn secret(
    name: &'static str,
    pattern: &'static str,
    host: &'static str,
    discovery: &'static str,
) -> Target {
    Target {
        get: get("v1/{name}:getIamPolicy"),
        policy_version: QUERY,
        set_body: SetBody::PolicyAndMask,
        audit_configs: true,
        conditions: Conditions::Accepted,
        ..common(
            name,
            pattern,
            Api::SecretManager,
            host,
            discovery,
            Permissions::Of {
                service: "secretmanager",
                types: &["secrets", "versions"],
            },
        )
    }
}

/// What most rows have in common: version 1, POST, permissions in the body, no conditions known.
const fn common(
    name: &'static str,
    pattern: &'static str,
    api: Api,
    host: &'static str,
    discovery: &'static str,
    permissions: Permissions,
) -> Target {
    Target {
        name,
        pattern,
        api,
        host,
        version: "v1",
        discovery,
        get: post("v1/{name}:getIamPolicy"),
        policy_version: PolicyVersion::Body,
        set: post("v1/{name}:setIamPolicy"),
        set_body: SetBody::Policy,
        test: post("v1/{name}:testIamPermissions"),
        test_permissions: TestPermissions::Body,
        audit_configs: false,
        conditions: Conditions::Undocumented,
        refuses_public: false,
        permissions,
        full_name_service: match api {
            Api::Iam => "iam.googleapis.com",
            Api::CloudResourceManager => "cloudresourcemanager.googleapis.com",
            Api::AiPlatform => "aiplatform.googleapis.com",
            Api::Container => "container.googleapis.com",
            Api::Storage => "storage.googleapis.com",
            Api::ArtifactRegistry => "artifactregistry.googleapis.com",
            Api::SecretManager => "secretmanager.googleapis.com",
            Api::PubSub => "pubsub.googleapis.com",
        },
    }
}

const fn post(path: &'static str) -> Call {
    Call {
        verb: Verb::Post,
        path,
    }
}

const fn get(path: &'static str) -> Call {
    Call {
        verb: Verb::Get,
        path,
    }
}
