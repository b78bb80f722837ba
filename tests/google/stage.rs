//! The stage of every scenario: a sandbox, a repository that is pointed at it, and somebody else.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use rbacform_sandbox::{OnFirstUse, Sandbox, SandboxBuilder};
use serde_json::{Value, json};

use crate::discovery::DESCRIPTIONS;
use crate::google::Google;
use crate::reader;
use crate::support::repo::{Ran, Repo};
use crate::wire::Wire;

/// The project of every scenario.
pub(crate) const PROJECT: &str = "projects/acme-ml";

/// Google's own roles, as the sandbox wants them.
static ROLES: LazyLock<Arc<BTreeMap<String, Vec<String>>>> = LazyLock::new(|| {
    let roles = rbacform_gcp::roles::all().map(|role| {
        let held = rbacform_gcp::roles::permissions(&role).unwrap_or_default();
        (role, held.into_iter().map(str::to_owned).collect())
    });
    Arc::new(roles.collect())
});

pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) repo: Repo,
    pub(crate) google: Google,
    wire: Option<Wire>,
}

impl Stage {
    /// A stage whose wire is held against Google's descriptions when it ends.
    pub(crate) fn new() -> Self {
        Self::of(Sandbox::builder())
    }

    /// The same with settings of one's own.
    pub(crate) fn of(builder: SandboxBuilder) -> Self {
        let mut stage = Self::unwatched(builder);
        let wire = Wire::before(&stage.sandbox.url());
        point(&mut stage.repo, &stage.sandbox, &wire.url());
        stage.wire = Some(wire);
        stage
    }

    /// A stage without a proxy before the sandbox, for what counts time or breaks connections.
    pub(crate) fn unwatched(builder: SandboxBuilder) -> Self {
        let sandbox = builder
            .google_roles(ROLES.clone())
            .google_on_first_use(OnFirstUse::CreateAll)
            .start()
            .unwrap();
        let mut repo = Repo::new("main", &Value::Null);
        point(&mut repo, &sandbox, &sandbox.url());
        Self {
            google: Google::new(&sandbox.url(), sandbox.admin_token()),
            sandbox,
            repo,
            wire: None,
        }
    }

    /// From now on rbacform is whoever has this token: on plain HTTP it sends none, so the proxy
    /// shows it.
    pub(crate) fn log_in(&self, token: &str) {
        self.wire.as_ref().unwrap().log_in(token);
    }

    /// From now on rbacform knows that it is this account: one API that is not played needs a
    /// credential, which tells who we are.
    pub(crate) fn identify(&mut self, email: &str) {
        let credential = self.repo.home().join("ci.json");
        let text = json!({
            "type": "impersonated_service_account",
            "service_account_impersonation_url": format!(
                "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{email}:generateAccessToken"
            ),
            "source_credentials": {
                "type": "authorized_user", "client_id": "a", "client_secret": "b", "refresh_token": "c",
            },
        });
        crate::support::repo::write_private(&credential, &text.to_string());
        let path = credential.display().to_string();
        self.repo.set("GOOGLE_APPLICATION_CREDENTIALS", &path);
        self.repo.set(
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB",
            "https://pubsub.googleapis.com/",
        );
    }

    /// Another repository, pointed at the same sandbox without a proxy.
    pub(crate) fn another_repo(&self, tag: &str) -> Repo {
        let mut repo = Repo::new(tag, &Value::Null);
        point(&mut repo, &self.sandbox, &self.sandbox.url());
        repo
    }

    /// Writes the only file of `stacks/main`, after the provider's settings.
    pub(crate) fn stack(&self, text: &str) {
        self.repo
            .stack(&format!("[providers.gcp]\nproject = \"acme-ml\"\n{text}"));
    }

    /// Writes the stack, applies it and sees that nothing is left to do.
    pub(crate) fn applied(&self, text: &str) -> Value {
        self.stack(text);
        let applied = self.repo.apply();
        self.repo.is_settled();
        applied
    }

    /// Writes the stack and applies it.
    pub(crate) fn applied_once(&self, text: &str) -> Value {
        self.stack(text);
        self.repo.apply()
    }

    /// The actions of a plan by address.
    pub(crate) fn planned(&self) -> BTreeMap<String, String> {
        actions(&self.repo.plan())
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        self.repo.run(args)
    }

    /// What rbacform asks while `act` runs: `{"iam.projects.serviceAccounts.list": 1}`.
    pub(crate) fn requests(&self, act: impl FnOnce()) -> Value {
        self.judge();
        act();
        json!(self.judge())
    }

    /// Holds what passed since the last time against the descriptions, and counts the calls.
    pub(crate) fn judge(&self) -> BTreeMap<String, usize> {
        let mut calls = BTreeMap::new();
        for passed in self.wire.iter().flat_map(Wire::take) {
            let exchange = &passed.exchange;
            let method = DESCRIPTIONS
                .judge(exchange)
                .unwrap_or_else(|error| panic!("{error}\n{exchange:#?}"));
            reader::read(&passed);
            let agent = passed.header("user-agent").unwrap_or_default();
            assert!(agent.starts_with("rbacform/"), "{agent}: {exchange:#?}");
            assert_eq!(
                passed.header("authorization"),
                None,
                "a credential on plain HTTP"
            );
            *calls.entry(method.id.clone()).or_default() += 1;
        }
        calls
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.judge();
        }
    }
}

/// The actions of a plan by address.
pub(crate) fn actions(plan: &Value) -> BTreeMap<String, String> {
    let changes = plan["changes"].as_array().unwrap();
    changes
        .iter()
        .map(|change| {
            let text = |key: &str| change[key].as_str().unwrap().to_owned();
            (text("address"), text("action"))
        })
        .collect()
}

/// Points a repository at the sandbox's Google half, through whoever stands before it.
fn point(repo: &mut Repo, sandbox: &Sandbox, before: &str) {
    for (variable, value) in sandbox.google_environment() {
        repo.set(&variable, &value.replace(&sandbox.url(), before));
    }
}
