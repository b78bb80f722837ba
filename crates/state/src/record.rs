//! What a journal holds: `rbacform.journal/1`, one JSON document a line.

use rbacform_core::{Address, Edit, EditKind, ObjectId, StateResource, Text};
use serde::{Deserialize, Serialize};

/// The format name of a journal.
pub(crate) const FORMAT: &str = "rbacform.journal/1";

/// The first line: which state the journal is about, and whose run wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// `rbacform.journal/1`.
    pub format: String,
    /// The state's lineage.
    pub lineage: String,
    /// The state's serial when the run began. Once a later one is committed, the journal is spent.
    pub serial: u64,
    /// The run.
    pub run: RunInfo,
}

/// One run of the program, as journal and audit record name it. Filled in by the caller.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunInfo {
    /// The run's id; unique.
    pub id: String,
    /// The command: `apply`, `destroy`.
    pub operation: String,
    /// The user.
    pub who: String,
    /// The machine.
    pub host: String,
    /// When it began, RFC 3339.
    pub at: String,
    /// The digest of the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// What `--reason` said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What is done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// It is made.
    Create,
    /// It is changed, or taken over.
    Update,
    /// Our mark is taken off.
    Abandon,
    /// It is deleted.
    Delete,
    /// Nothing is sent; only state changes.
    Record,
}

impl Verb {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Abandon => "abandon",
            Self::Delete => "delete",
            Self::Record => "record",
        }
    }
}

impl From<&EditKind> for Verb {
    fn from(kind: &EditKind) -> Self {
        match kind {
            EditKind::Create { .. } => Self::Create,
            EditKind::Update { .. } => Self::Update,
            EditKind::Abandon { .. } => Self::Abandon,
            EditKind::Delete => Self::Delete,
            EditKind::Record => Self::Record,
        }
    }
}

/// What a run is about to do to one object: enough of the edit to settle it later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The edit's number within the run.
    pub seq: u64,
    /// The resource.
    pub address: Address,
    /// The object.
    pub object: ObjectId,
    /// What is done to it.
    #[serde(rename = "do")]
    pub verb: Verb,
    /// What state records once it is done; none where it forgets the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records: Option<StateResource>,
    /// Whether state has no say: a bridge binding.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub transient: bool,
}

impl Intent {
    /// The intent of an edit.
    pub fn of(seq: u64, edit: &Edit) -> Self {
        Self {
            seq,
            address: edit.address.clone(),
            object: edit.object.clone(),
            verb: Verb::from(&edit.kind),
            records: edit.records.clone(),
            transient: edit.transient,
        }
    }
}

/// What became of an intent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done; the object's uid after it, empty where it was deleted.
    Done {
        /// The uid.
        uid: Text,
        /// The server's name for the request.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request_id: Option<Text>,
    },
    /// It was refused and the world is as it was. The error's code.
    Failed(String),
    /// It was never sent.
    NotSent,
    /// Nobody knows: the intent stays open.
    Unknown,
}

/// One line after the header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// Something is about to be done.
    Intent(Box<Intent>),
    /// Something ended.
    Outcome {
        /// The intent's number.
        seq: u64,
        /// What became of it.
        result: Outcome,
    },
}

/// A record's line, without cloning the edit.
pub(crate) fn intent_line(seq: u64, edit: &Edit) -> serde_json::Result<Vec<u8>> {
    #[derive(Serialize)]
    struct Line<'a> {
        intent: Borrowed<'a>,
    }
    #[derive(Serialize)]
    struct Borrowed<'a> {
        seq: u64,
        address: &'a Address,
        object: &'a ObjectId,
        #[serde(rename = "do")]
        verb: Verb,
        #[serde(skip_serializing_if = "Option::is_none")]
        records: Option<&'a StateResource>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        transient: bool,
    }
    line(&Line {
        intent: Borrowed {
            seq,
            address: &edit.address,
            object: &edit.object,
            verb: Verb::from(&edit.kind),
            records: edit.records.as_ref(),
            transient: edit.transient,
        },
    })
}

pub(crate) fn line(document: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(document)?;
    bytes.push(b'\n');
    Ok(bytes)
}
