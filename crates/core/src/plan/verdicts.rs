//! What is said of a plan: findings, assertions, and the writes that a server will refuse.

use serde::{Deserialize, Serialize};

use crate::{Address, ObjectId};

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
    /// The binding; at Google the object that declares the grant, or the policy that it is in.
    pub binding: ObjectId,
    /// The role.
    pub role: ObjectId,
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
