//! The Google APIs that the sandbox serves, and where.

/// A Google API. Its half of the sandbox is mounted at `/google/NAME/`; below that stands the
/// API's own versioned path, as an endpoint override of gcloud has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GoogleApi {
    /// `iam.googleapis.com`, v1.
    Iam,
    /// `cloudresourcemanager.googleapis.com`, v1 and v3, of v2 the folders.
    ResourceManager,
    /// `aiplatform.googleapis.com` and its regional hosts, v1 and v1beta1.
    VertexAi,
    /// `container.googleapis.com`, v1.
    Container,
    /// `storage.googleapis.com`, JSON v1.
    Storage,
    /// `artifactregistry.googleapis.com`, v1.
    ArtifactRegistry,
    /// `secretmanager.googleapis.com`, v1.
    SecretManager,
    /// `pubsub.googleapis.com`, v1.
    PubSub,
    /// `iamcredentials.googleapis.com`, v1.
    IamCredentials,
    /// `oauth2.googleapis.com`: tokens, and what they say.
    OAuth2,
    /// `sts.googleapis.com`, v1.
    Sts,
}

impl GoogleApi {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Iam,
        Self::ResourceManager,
        Self::VertexAi,
        Self::Container,
        Self::Storage,
        Self::ArtifactRegistry,
        Self::SecretManager,
        Self::PubSub,
        Self::IamCredentials,
        Self::OAuth2,
        Self::Sts,
    ];

    /// Its name in paths, request counts and, in capitals, in gcloud's override variables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Iam => "iam",
            Self::ResourceManager => "cloudresourcemanager",
            Self::VertexAi => "aiplatform",
            Self::Container => "container",
            Self::Storage => "storage",
            Self::ArtifactRegistry => "artifactregistry",
            Self::SecretManager => "secretmanager",
            Self::PubSub => "pubsub",
            Self::IamCredentials => "iamcredentials",
            Self::OAuth2 => "oauth2",
            Self::Sts => "sts",
        }
    }

    /// The host that serves it at Google.
    pub fn host(self) -> String {
        format!("{}.googleapis.com", self.name())
    }

    /// The variable with which gcloud and rbacform are pointed elsewhere; `None` where gcloud has
    /// none.
    pub fn override_variable(self) -> Option<String> {
        let name = self.name().to_ascii_uppercase();
        let has_one = !matches!(self, Self::OAuth2 | Self::Sts);
        has_one.then(|| format!("CLOUDSDK_API_ENDPOINT_OVERRIDES_{name}"))
    }

    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|api| api.name() == name)
    }
}
