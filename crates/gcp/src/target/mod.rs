//! Targets: the resources that have an IAM policy, and how each one's policy is read and set.
//!
//! One table of rows. Adding a kind of resource is adding a row; nothing else knows them by name.
//! The wire facts are those of Google's discovery documents (`googleapis.com/discovery/v1`), and
//! tests check every row against them.

mod name;
mod segment;
mod table;

pub use name::{NameError, ResourceName};
pub(crate) use segment::{check as check_segment, is_domain, is_project_id, is_project_number};

/// Every kind of resource whose policy can be managed.
pub fn targets() -> &'static [Target] {
    &table::TARGETS
}

/// One kind of resource that has an IAM policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// What people call it, e.g. `service account`.
    pub name: &'static str,
    /// Its canonical name, with placeholders: `projects/{project}/serviceAccounts/{service_account}`.
    pub pattern: &'static str,
    /// The family of APIs; endpoint overrides go by it.
    pub api: Api,
    /// The host, `{location}` in it for a regional one: `{location}-aiplatform.googleapis.com`.
    pub host: &'static str,
    /// The API's version, the first part of every path but Cloud Storage's.
    pub version: &'static str,
    /// The id of the resource's methods in the discovery document, without the method's own name:
    /// `iam.projects.serviceAccounts` in `iam.v1`.
    pub discovery: &'static str,
    /// Reads the policy.
    pub get: Call,
    /// Where `requestedPolicyVersion` goes when the policy is read.
    pub policy_version: PolicyVersion,
    /// Sets the policy.
    pub set: Call,
    /// The shape of the body that sets it.
    pub set_body: SetBody,
    /// Asks which permissions the caller holds on the resource.
    pub test: Call,
    /// Where the permissions to test go.
    pub test_permissions: TestPermissions,
    /// Whether the policy may hold `auditConfigs`.
    pub audit_configs: bool,
    /// Whether bindings may have conditions.
    pub conditions: Conditions,
    /// Whether `allUsers` and `allAuthenticatedUsers` are refused. Documented for projects
    /// (`projects.setIamPolicy`); folders and organizations are above them and treated alike.
    pub refuses_public: bool,
    /// Which permissions mean anything on it.
    pub permissions: Permissions,
    /// The service of its full resource name, `//SERVICE/NAME`.
    pub full_name_service: &'static str,
}

impl Target {
    /// What people call one: `a project`, `an organization`.
    pub fn one(&self) -> String {
        let article = match self.name.chars().next() {
            Some('a' | 'e' | 'i' | 'o' | 'u' | 'A' | 'E' | 'I' | 'O' | 'U') => "an",
            _ => "a",
        };
        format!("{article} {}", self.name)
    }
}

/// A family of Google APIs: one service, with its own endpoint override.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Api {
    /// Identity and Access Management.
    Iam,
    /// Resource Manager.
    CloudResourceManager,
    /// Vertex AI.
    AiPlatform,
    /// Google Kubernetes Engine.
    Container,
    /// Cloud Storage.
    Storage,
    /// Artifact Registry.
    ArtifactRegistry,
    /// Secret Manager.
    SecretManager,
    /// Pub/Sub.
    PubSub,
}

impl Api {
    /// Every family.
    pub const ALL: [Self; 8] = [
        Self::Iam,
        Self::CloudResourceManager,
        Self::AiPlatform,
        Self::Container,
        Self::Storage,
        Self::ArtifactRegistry,
        Self::SecretManager,
        Self::PubSub,
    ];

    /// Its name in lower case, as in its host; in capitals the last part of
    /// `CLOUDSDK_API_ENDPOINT_OVERRIDES_NAME`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Iam => "iam",
            Self::CloudResourceManager => "cloudresourcemanager",
            Self::AiPlatform => "aiplatform",
            Self::Container => "container",
            Self::Storage => "storage",
            Self::ArtifactRegistry => "artifactregistry",
            Self::SecretManager => "secretmanager",
            Self::PubSub => "pubsub",
        }
    }
}

/// One call: a verb and a path without host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// The HTTP verb.
    pub verb: Verb,
    /// The path, with `{name}` for the whole resource name or a placeholder of the pattern:
    /// `v1/{name}:getIamPolicy`, `storage/v1/b/{bucket}/iam`.
    pub path: &'static str,
}

/// The HTTP verbs in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// GET.
    Get,
    /// POST.
    Post,
    /// PUT.
    Put,
}

impl Verb {
    /// The verb as HTTP spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

/// Where the wanted version of a policy goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyVersion {
    /// In the body: `{"options": {"requestedPolicyVersion": 3}}`.
    Body,
    /// In the query, under this name; there is no body, or an empty one.
    Query(&'static str),
}

/// The body that sets a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetBody {
    /// `{"policy": ..., "updateMask": ...}`: audit configs are kept unless the mask names them.
    PolicyAndMask,
    /// `{"policy": ...}`.
    Policy,
    /// The policy itself.
    Bare,
}

/// Where the permissions to test go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestPermissions {
    /// In the body: `{"permissions": [...]}`.
    Body,
    /// In the query, one `permissions=` each.
    Query,
}

/// Whether a target's bindings may have conditions.
///
/// Google: `iam/docs/resource-types-with-conditional-roles`; for service accounts the acceptance
/// tests of Terraform's provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conditions {
    /// They may.
    Accepted,
    /// They may not.
    Refused,
    /// Google's list does not name the resource: refused by all we know, but not proven.
    Undocumented,
}

/// Which permissions mean anything on a target.
///
/// Google answers 400 "Role ... is not supported for this resource" where a role has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permissions {
    /// Any: what is granted on a project, folder or organization reaches everything in it.
    Any,
    /// Those of one service on these types: the resource's own and what lies inside it.
    Of {
        /// The first part of a permission, e.g. `iam`.
        service: &'static str,
        /// The second part. `*` is every type.
        types: &'static [&'static str],
    },
}

impl Permissions {
    /// Whether a permission, e.g. `iam.serviceAccounts.actAs`, means anything here.
    pub fn covers(self, permission: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Of { service, types } => {
                let mut parts = permission.splitn(3, '.');
                parts.next() == Some(service)
                    && parts
                        .next()
                        .is_some_and(|part| types.iter().any(|ty| *ty == "*" || *ty == part))
            }
        }
    }
}
