//! Talking to Google's APIs.

mod credentials;
mod custom_role;
mod endpoint;
mod errors;
mod http;
mod limit;
mod lookup;
mod options;
mod policy;
mod provider;
mod read;
mod retry;
mod service_account;
mod status;
mod tls;
mod transport;
mod write;

pub use credentials::{Token, TokenSource};
pub use lookup::{Cluster, ListedCluster, Project};
pub use options::ConnectOptions;
pub use provider::GcpProvider;

/// A text as a value in a query.
fn encoded(text: &str) -> percent_encoding::PercentEncode<'_> {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
}

#[cfg(test)]
mod tests;
