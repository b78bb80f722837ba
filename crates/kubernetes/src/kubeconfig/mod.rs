//! Which cluster, and who we are there, as kubectl finds it.

mod cluster;
mod credentials;
mod exec;
mod file;
mod incluster;
mod load;
mod pem;
mod proxy;
mod user;

pub(crate) use cluster::Cluster;
pub(crate) use credentials::Credential;
pub(crate) use load::{Access, load};
pub(crate) use pem::Identity;
pub(crate) use proxy::is_loopback;
