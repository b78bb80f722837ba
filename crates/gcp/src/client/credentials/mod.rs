//! Who we are to Google, and the tokens that prove it.

mod connector;
mod file;
mod find;
mod impersonate;
mod metadata;
mod oauth;
mod source;
mod whose;

pub(crate) use find::find;
pub(crate) use source::{Fixed, FromFile, Mint};
pub use source::{Token, TokenSource};
pub(crate) use whose::Whose;

/// The scope of every token: what an identity may do is IAM's matter, not the token's.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
