//! Google provider: service accounts, custom roles and IAM members, bindings and policies on every
//! supported resource.
//!
//! Two halves. The pure one says what the types mean, what Google would refuse, and what one policy
//! becomes when many grants are folded into it. The other half, `client`, talks to Google's APIs.

pub mod condition;
pub mod ident;
pub mod member;
pub mod needs;
pub mod policy;
pub mod preflight;
pub mod roles;
pub mod target;

mod assertion;
mod client;
mod grant;
mod input;
mod places;
mod rename;
mod semantics;
mod settings;
mod together;
mod types;

pub use client::{
    Cluster, ConnectOptions, GcpProvider, ListedCluster, Project, Token, TokenSource,
};
pub use places::member_place;
pub use rename::{project_numbers, rename_projects};
pub use semantics::GcpSemantics;
pub use settings::Settings;
pub use together::{check_pool, check_sameness, grants_to_pool};

/// The provider's name, and that of its only instance.
pub const PROVIDER: &str = "gcp";
