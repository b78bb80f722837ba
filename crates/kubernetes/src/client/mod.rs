//! Talking to an API server.

mod connector;
mod create;
mod delete;
mod errors;
mod http;
mod identity;
mod read;
mod retry;
mod seen;
mod update;
mod version;
mod write;

pub(crate) use http::Http;
pub use identity::{Identity, Review};
pub(crate) use read::{KindRead, Reader};
pub(crate) use seen::Seen;
pub(crate) use write::Writer;
