//! What a Google half is started with.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::caller::Member;
use super::predefined::PredefinedRoles;

/// What becomes of a resource that nobody has named to the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFirstUse {
    /// It does not exist.
    Refuse,
    /// Projects, folders and organizations come to be when they are first asked for, so that
    /// gcloud works at once; nothing else does.
    CreateProjects,
    /// Whatever has an IAM policy or is a cluster comes to be, but service accounts and roles.
    CreateAll,
}

/// What Google shows of a service account that was just created: reads go back and forth, and
/// policies refuse it as a member for a while (gcp-iam: "eventual visibility").
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewAccounts {
    /// Whether each of the first GETs of a new account finds it; all later ones do.
    pub reads: Vec<bool>,
    /// How many `setIamPolicy` calls that add it as a member are refused with 400.
    pub refusals: u32,
}

/// How many requests one project may make of one API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GoogleQuota {
    /// Reads in a window.
    pub reads: u64,
    /// Writes in a window.
    pub writes: u64,
    /// The window; a minute at Google.
    pub window: Duration,
}

impl Default for GoogleQuota {
    /// IAM's: 6,000 reads and 600 writes a minute.
    fn default() -> Self {
        Self {
            reads: 6_000,
            writes: 600,
            window: Duration::from_secs(60),
        }
    }
}

/// The organization that folders are in of which nothing else was said.
pub(crate) const ORGANIZATION: &str = "organizations/100000000001";

/// What projects and folders are in; of those that are not here a folder is in an organization, and
/// a project in nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parents(BTreeMap<String, String>);

impl Parents {
    pub(crate) fn put(&mut self, child: &str, parent: &str) {
        self.0.insert(child.to_owned(), parent.to_owned());
    }

    pub(crate) fn of(&self, resource: &str) -> Option<&str> {
        let folder = || resource.starts_with("folders/").then_some(ORGANIZATION);
        self.0.get(resource).map(String::as_str).or_else(folder)
    }
}

/// All settings of the Google half.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) roles: Option<Arc<dyn PredefinedRoles>>,
    /// Token to caller.
    pub(crate) identities: BTreeMap<String, Member>,
    /// Who comes without a token, where that is not the owner.
    pub(crate) without_token: Option<Member>,
    /// Tokens of the sandbox's owner.
    pub(crate) owner_tokens: Vec<String>,
    pub(crate) on_first_use: OnFirstUse,
    pub(crate) resources: Vec<String>,
    pub(crate) parents: Parents,
    pub(crate) propagation: Duration,
    pub(crate) new_accounts: NewAccounts,
    pub(crate) quota: Option<GoogleQuota>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            roles: None,
            identities: BTreeMap::new(),
            without_token: None,
            owner_tokens: Vec::new(),
            on_first_use: OnFirstUse::CreateProjects,
            resources: Vec::new(),
            parents: Parents::default(),
            propagation: Duration::ZERO,
            new_accounts: NewAccounts::default(),
            quota: None,
        }
    }
}

/// Tokens stay out of debug output.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("on_first_use", &self.on_first_use)
            .field("resources", &self.resources)
            .field("propagation", &self.propagation)
            .field("new_accounts", &self.new_accounts)
            .field("quota", &self.quota)
            .finish_non_exhaustive()
    }
}
