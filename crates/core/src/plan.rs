//! Plans: the immutable result of planning, in the shape that `rbacform.plan/1` prints.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Address, Difference, ObjectId, Text, Value, Writer};

/// The format name of a plan document.
pub const FORMAT: &str = "rbacform.plan/1";

/// What a plan is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Make the world what the stack says.
    #[default]
    Apply,
    /// Remove everything the stack manages.
    Destroy,
    /// Make state what the world is; change nothing.
    RefreshOnly,
}

/// What is done to one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// It is made anew, because what changes is immutable.
    Replace,
    /// It is deleted.
    Delete,
    /// It exists and is taken over.
    Adopt,
    /// Only its address changes; nothing is sent.
    Move,
    /// It is no longer managed, and stays.
    Forget,
    /// Nothing is done.
    NoOp,
}

/// Why an action was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Declared, and not in the world.
    Declared,
    /// Managed, but somebody deleted it.
    DeletedOutside,
    /// Its arguments changed.
    ArgumentsChanged,
    /// Somebody changed it in the world.
    Drifted,
    /// Its mark was taken off.
    MarkMissing,
    /// An attribute changes that cannot change in place.
    Immutable,
    /// No longer declared.
    NotDeclared,
    /// Its `until` is past.
    Expired,
    /// The plan is to destroy everything.
    Destroy,
    /// It carries this stack's mark, but state does not know it: an interrupted apply made it.
    MarkedOurs,
    /// The world makes it by itself.
    BuiltIn,
    /// `--adopt` was given.
    AdoptRequested,
    /// A grant that stands already: from now on removing it from the stack revokes it.
    AlreadyThere,
    /// A grant that stands already, and that stays when it is no longer declared.
    AlreadyThereAndStays,
    /// Another address for the same object.
    AddressChanged,
    /// No longer declared by itself: another resource of the stack decides over it now.
    CoveredByAnother,
    /// No longer declared, and gone already.
    AlreadyGone,
    /// No longer declared, and `on_destroy` is `abandon`.
    Abandoned,
    /// The world is what the stack says.
    Unchanged,
}

impl Reason {
    /// A sentence for people.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Declared => "declared, and not there yet",
            Self::DeletedOutside => "somebody deleted it",
            Self::ArgumentsChanged => "its arguments changed",
            Self::Drifted => "somebody changed it",
            Self::MarkMissing => "somebody took its mark off",
            Self::Immutable => "what changes cannot be changed in place",
            Self::NotDeclared => "no longer declared",
            Self::Expired => "its `until` is past",
            Self::Destroy => "everything is to be destroyed",
            Self::MarkedOurs => "it carries this stack's mark and is not in the state",
            Self::BuiltIn => "it appears by itself",
            Self::AdoptRequested => "`--adopt` was given",
            Self::AlreadyThere => {
                "it stands already; from now on removing it from the stack revokes it"
            }
            Self::AlreadyThereAndStays => {
                "it stands already, and stays when it is no longer declared"
            }
            Self::AddressChanged => "it has another address now",
            Self::CoveredByAnother => "another resource of this stack decides over it now",
            Self::AlreadyGone => "no longer declared, and gone already",
            Self::Abandoned => "no longer declared, and left in place",
            Self::Unchanged => "nothing to do",
        }
    }
}

/// Before and after of one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Its name in the stack.
    pub address: Address,
    /// The name it had, where that differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_address: Option<Address>,
    /// Its type.
    #[serde(rename = "type")]
    pub type_name: Text,
    /// Its identity.
    pub object: ObjectId,
    /// What is done.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// What the stack owns of it now; null where it does not exist.
    pub before: Value,
    /// What it becomes; null where it goes.
    pub after: Value,
    /// Where they differ.
    pub differences: Vec<Difference>,
    /// The resources it waits for.
    pub depends_on: Vec<Address>,
}

/// What happened behind the stack's back to one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// Its name in the stack.
    pub address: Address,
    /// Its identity.
    pub object: ObjectId,
    /// Modified or deleted.
    pub kind: DriftKind,
    /// From what was applied to what is there now.
    pub differences: Vec<Difference>,
    /// Who last wrote it, other than us, where the server tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Writer>,
}

/// The kinds of drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftKind {
    /// It is there, but not as it was applied.
    Modified,
    /// It is gone.
    Deleted,
}

/// Access that the stack touches and nobody declares: a binding to a declared role or in a
/// declared namespace, a grant on a policy that the stack touches.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unmanaged {
    /// `kubernetes` or `gcp`.
    pub platform: String,
    /// `binding` or `grant`.
    pub kind: String,
    /// The binding, or the grant.
    pub object: ObjectId,
    /// Who holds it.
    pub subject: String,
    /// Which role: `ClusterRole view`, `roles/viewer`.
    pub role: String,
    /// Where it holds.
    #[serde(flatten)]
    pub place: UnmanagedPlace,
    /// The expression it holds under, where it is conditional.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
}

/// Where unmanaged access holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnmanagedPlace {
    /// Of a binding: a namespace or `cluster`.
    Scope(String),
    /// Of a grant: the resource whose policy has it.
    Resource(String),
}

impl UnmanagedPlace {
    /// The name of the place.
    pub fn name(&self) -> &str {
        match self {
            Self::Scope(name) | Self::Resource(name) => name,
        }
    }
}

/// The change in effective access. What nobody here can evaluate is in the third list: never
/// silence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessChange {
    /// What somebody gains.
    pub gained: Vec<AccessEntry>,
    /// What somebody loses.
    pub lost: Vec<AccessEntry>,
    /// What may change for somebody, nobody here can say how.
    pub cannot_tell: Vec<AccessEntry>,
}

/// One thing that a subject gains or loses: verbs on a resource where it is known what a role gives
/// (Kubernetes), the role itself otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AccessEntry {
    /// `kubernetes` or `gcp`.
    pub platform: String,
    /// Who, as stack files spell it; `*` for everybody who holds the role through bindings that
    /// could not be read.
    pub subject: String,
    /// The Google account as which the pods of `subject` hold it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acting_as: Option<String>,
    /// Kubernetes' verbs; `*` for every one but those in `except`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verbs: Vec<String>,
    /// Google's permissions, where they are told one by one: of a role that changed, those that are
    /// new, or gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<String>,
    /// The role, e.g. `roles/viewer`, `ClusterRole view`, where that is all that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// What of: `pods`, `pods/log`, a URL; `*` where the role decides.
    pub resource: String,
    /// The resource's API group, `""` for core, `*` for every one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_group: Option<String>,
    /// Objects by name; all of them where empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// Where: a namespace, `cluster`, or a resource's full name.
    pub scope: String,
    /// The expression it holds under, where it is conditional.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// What of it is not meant, in words: `verbs get, list`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    /// Namespaces in which nothing of it changes, where the scope is the cluster.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub but_in: Vec<String>,
    /// Through which bindings.
    pub via: Vec<Via>,
}

/// A binding and its role, on the way from a subject to its access.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Via {
    /// The binding.
    pub binding: ObjectId,
    /// The role.
    pub role: ObjectId,
    /// The file that declares the binding, else the role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

/// A coded, located risk or dead rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Its code, e.g. `dangling-binding`.
    pub code: String,
    /// `error` or `warning`.
    pub severity: String,
    /// What is found.
    pub message: String,
    /// The resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The column, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The page that explains it.
    pub doc: String,
}

/// What one assertion came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssertionResult {
    /// Its name, with the key of its `for_each`.
    pub name: String,
    /// Whether it holds.
    pub status: AssertionStatus,
    /// Why, or what is missing to tell.
    pub message: String,
    /// What grants what must not be, or what grants what must.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub via: Vec<AssertionVia>,
    /// The file it is written in.
    pub file: String,
    /// Its line, from 1.
    pub line: u32,
}

/// Whether an assertion holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssertionStatus {
    /// It does.
    Pass,
    /// It does not, or it is about something that exists nowhere.
    Fail,
    /// Something is missing to tell.
    CannotTell,
}

/// One chain by which somebody can do something: binding, role, rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssertionVia {
    /// Whom the binding names.
    pub subject: String,
    /// The binding: its kind and its name, with the namespace; at Google whose policy it is in.
    pub binding: String,
    /// The role: its kind and name; at Google its name.
    pub role: String,
    /// The rule, as the API server prints it; none at Google.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Where the binding is declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The binding's line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Where the rule is declared, in an assertion that fails; else the role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_file: Option<String>,
    /// Its line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_line: Option<u32>,
}

/// A write that the server will refuse, or may.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preflight {
    /// The resource that is written.
    pub address: Address,
    /// Whether it is certain.
    pub verdict: Verdict,
    /// Why, in the server's words.
    pub reason: String,
    /// What whoever applies lacks: rules as the API server prints them, permissions at Google, or
    /// what could not be known.
    pub missing: Vec<String>,
    /// The least that lets it pass, as lines to paste.
    pub grant: Vec<String>,
}

/// What the preflight says of a write. The certain one is the smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The server will refuse it.
    Refused,
    /// It may; what decides is out of sight.
    CannotTell,
}

/// How many resources get which action.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Made.
    pub create: usize,
    /// Changed in place.
    pub update: usize,
    /// Made anew.
    pub replace: usize,
    /// Deleted.
    pub delete: usize,
    /// Taken over.
    pub adopt: usize,
    /// Renamed.
    #[serde(rename = "move")]
    pub moved: usize,
    /// No longer managed.
    pub forget: usize,
    /// Left alone.
    pub no_op: usize,
    /// Of those that stay as they are, the ones of which state learns something: only a plan with
    /// `--refresh-only` counts them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub learn: usize,
}

impl Summary {
    /// Counts one action.
    pub fn count(&mut self, action: Action) {
        let counter = match action {
            Action::Create => &mut self.create,
            Action::Update => &mut self.update,
            Action::Replace => &mut self.replace,
            Action::Delete => &mut self.delete,
            Action::Adopt => &mut self.adopt,
            Action::Move => &mut self.moved,
            Action::Forget => &mut self.forget,
            Action::NoOp => &mut self.no_op,
        };
        *counter += 1;
    }

    /// How many resources change.
    pub fn pending(&self) -> usize {
        let Self {
            create,
            update,
            replace,
            delete,
            adopt,
            moved,
            forget,
            no_op: _,
            learn: _,
        } = self;
        create + update + replace + delete + adopt + moved + forget
    }
}

/// Which worlds were asked, and as whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct World {
    /// The clusters.
    pub kubernetes: Vec<KubernetesWorld>,
    /// The Google projects.
    pub gcp: Vec<GcpWorld>,
}

/// One cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KubernetesWorld {
    /// The server's URL.
    pub server: String,
    /// The kubeconfig's context, where one was used.
    pub context: Option<String>,
    /// Who the server says we are; none where it was not asked.
    pub identity: Option<String>,
}

/// One Google project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GcpWorld {
    /// The project's id.
    pub project: String,
    /// Who we are there.
    pub identity: Option<String>,
}

/// How many requests were sent, per platform.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requests {
    /// To Kubernetes API servers.
    pub kubernetes: u64,
    /// To Google APIs.
    pub gcp: u64,
}

/// A plan. Keys are in the order that `rbacform.plan/1` prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// `rbacform.plan/1`.
    pub format: String,
    /// The version of the program that made it.
    pub rbacform_version: String,
    /// The stack's name.
    pub stack: String,
    /// The environment.
    pub env: Option<String>,
    /// What it is for.
    pub mode: Mode,
    /// Counts per action.
    pub summary: Summary,
    /// The changes, in order of address. No-ops are left out.
    pub changes: Vec<Change>,
    /// What happened behind the stack's back.
    pub drift: Vec<Drift>,
    /// What nobody declares.
    pub unmanaged: Vec<Unmanaged>,
    /// How many grants of the platform's own service agents stand on those policies besides:
    /// counted, not listed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub service_agents: usize,
    /// How many subjects of the platform's own bindings there are besides: counted, not listed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unmanaged_bootstrap: usize,
    /// Who gains and who loses what.
    pub access: AccessChange,
    /// Risks and dead rules.
    pub findings: Vec<Finding>,
    /// What the stack's assertions came to.
    pub assertions: Vec<AssertionResult>,
    /// Writes that will or may be refused, in order of address.
    pub preflight: Vec<Preflight>,
    /// The outputs after apply.
    pub outputs: BTreeMap<String, Value>,
    /// Who was asked.
    pub world: World,
    /// When the plan was made, RFC 3339.
    pub now: String,
    /// What it cost.
    pub requests: Requests,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}
