//! A Google client of a few words, and the roles that the tests know.

use std::collections::BTreeMap;
use std::sync::Arc;

use rbacform_sandbox::{OnFirstUse, Sandbox, SandboxBuilder};
use serde_json::{Value, json};

use crate::client::{Answer, Client, anonymous, caller};

pub(crate) const ACCOUNTS: &str = "/google/iam/v1/projects/acme-ml/serviceAccounts";
pub(crate) const PROJECT: &str = "/google/cloudresourcemanager/v3/projects/acme-ml";
pub(crate) const ROLES: &str = "/google/iam/v1/projects/acme-ml/roles";

/// A sandbox that knows the project `acme-ml`, a few roles, and nothing that was not named.
pub(crate) fn strict() -> SandboxBuilder {
    Sandbox::builder()
        .google_on_first_use(OnFirstUse::Refuse)
        .google_resource("projects/acme-ml")
        .google_roles(Arc::new(table()))
}

pub(crate) fn sandbox() -> Sandbox {
    strict().start().unwrap()
}

pub(crate) fn table() -> BTreeMap<String, Vec<String>> {
    let role = |name: &str, permissions: &[&str]| {
        let permissions = permissions.iter().map(ToString::to_string).collect();
        (format!("roles/{name}"), permissions)
    };
    BTreeMap::from([
        role(
            "viewer",
            &["resourcemanager.projects.get", "iam.serviceAccounts.get"],
        ),
        role(
            "owner",
            &[
                "resourcemanager.projects.get",
                "resourcemanager.projects.setIamPolicy",
            ],
        ),
        role(
            "resourcemanager.projectIamAdmin",
            &[
                "resourcemanager.projects.getIamPolicy",
                "resourcemanager.projects.setIamPolicy",
            ],
        ),
        role(
            "container.clusterViewer",
            &["container.clusters.get", "resourcemanager.projects.get"],
        ),
        role(
            "iam.serviceAccountTokenCreator",
            &[
                "iam.serviceAccounts.getAccessToken",
                "iam.serviceAccounts.implicitDelegation",
            ],
        ),
        role(
            "iam.serviceAccountAdmin",
            &["iam.serviceAccounts.create", "iam.serviceAccounts.get"],
        ),
        role(
            "iam.workloadIdentityUser",
            &["iam.serviceAccounts.getAccessToken"],
        ),
        role(
            "aiplatform.user",
            &[
                "aiplatform.endpoints.predict",
                "aiplatform.models.get",
                "aiplatform.featureGroups.get",
                "aiplatform.reasoningEngines.query",
            ],
        ),
        role("ml.developer", &["ml.models.get"]),
        role(
            "storage.objectViewer",
            &["storage.objects.get", "storage.objects.list"],
        ),
        role(
            "artifactregistry.reader",
            &["artifactregistry.repositories.get"],
        ),
        role(
            "secretmanager.secretAccessor",
            &["secretmanager.versions.access"],
        ),
        role("pubsub.publisher", &["pubsub.topics.publish"]),
    ])
}

/// The owner of the sandbox: gcloud without credentials.
pub(crate) fn owner(sandbox: &Sandbox) -> Client<'_> {
    anonymous(sandbox)
}

/// The client with this token.
pub(crate) fn bearer<'a>(sandbox: &'a Sandbox, token: &str) -> Client<'a> {
    caller(sandbox, token)
}

impl Answer {
    /// The name of the canonical code, and the message.
    pub(crate) fn error(&self) -> (u16, String, String) {
        let error = &self.json()["error"];
        let text = |field: &str| error[field].as_str().unwrap_or_default().to_owned();
        (self.code, text("status"), text("message"))
    }

    /// Fails a test with what was said.
    pub(crate) fn reply(self) -> Value {
        assert_eq!(self.code, 200, "{}", String::from_utf8_lossy(&self.bytes));
        self.json()
    }

    #[track_caller]
    pub(crate) fn refused(&self, code: u16, status: &str, part: &str) {
        let (got, named, message) = self.error();
        assert_eq!((got, named.as_str()), (code, status), "{message}");
        assert!(message.contains(part), "{message}");
    }
}

/// Creates an account and gives back its reply.
pub(crate) fn account(sandbox: &Sandbox, id: &str) -> Value {
    owner(sandbox)
        .post(ACCOUNTS, &json!({"accountId": id}))
        .reply()
}

pub(crate) fn email(id: &str) -> String {
    format!("{id}@acme-ml.iam.gserviceaccount.com")
}

/// One binding.
pub(crate) fn bound(role: &str, members: &[&str]) -> Value {
    json!({"role": role, "members": members})
}

pub(crate) fn conditional(role: &str, members: &[&str], expression: &str) -> Value {
    json!({
        "role": role, "members": members,
        "condition": {"title": "t", "expression": expression},
    })
}

/// Sets a whole policy on a resource, over whatever stands.
pub(crate) fn set(client: &Client<'_>, resource: &str, bindings: &[Value]) -> Answer {
    let policy = json!({"version": 3, "bindings": bindings});
    client.post(
        &format!("{resource}:setIamPolicy"),
        &json!({"policy": policy}),
    )
}

/// The policy of a project or another resource that takes the version in the body.
pub(crate) fn policy(client: &Client<'_>, resource: &str) -> Value {
    let body = json!({"options": {"requestedPolicyVersion": 3}});
    client
        .post(&format!("{resource}:getIamPolicy"), &body)
        .reply()
}

/// The policy of an account.
pub(crate) fn account_policy(client: &Client<'_>, id: &str) -> Value {
    let query = "options.requestedPolicyVersion=3";
    let path = format!("{ACCOUNTS}/{}:getIamPolicy?{query}", email(id));
    client.send("POST", &path, "", None).reply()
}
