use rbacform_core::Text;

use crate::ProviderError;

/// What became of one edit.
pub type WriteOutcome = Result<Written, ProviderError>;

/// An edit that was carried out, proven by the write's own reply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The object's uid after the write; empty where it was deleted.
    pub uid: Text,
    /// The server's name for the request (`Audit-Id`), for the audit record.
    pub request_id: Option<Text>,
}
