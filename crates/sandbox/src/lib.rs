//! Embedded Kubernetes and Google IAM API servers for rehearsal, demos and tests, on one listener.
//!
//! It serves namespaces, service accounts, secrets and the RBAC kinds, with server-side apply,
//! access reviews, RBAC enforced for the caller, escalation prevention and aggregation, in the
//! words of a real API server. Below `/google/` it serves IAM, Resource Manager, Vertex AI, GKE and
//! the other Google APIs of [`GoogleApi`], with etags, conditions, soft delete, limits and quotas.
//! What it does not model it refuses with status 501 and a message that begins with `sandbox:`.
//!
//! ```
//! use rbacform_sandbox::Sandbox;
//!
//! let sandbox = Sandbox::builder().identity("secret", "ana", &["dev"]).start()?;
//! assert!(sandbox.url().starts_with("http://127.0.0.1:"));
//! assert_eq!(sandbox.requests().total(), 0);
//! # Ok::<(), rbacform_sandbox::SandboxError>(())
//! ```

mod authn;
mod authz;
mod builder;
mod call;
mod connection;
mod controllers;
mod decode;
mod delete;
mod discovery;
mod encode;
mod escalation;
mod faults;
mod fields;
mod genesis;
mod google;
mod hold;
mod kinds;
mod label_query;
mod object;
mod persist;
mod query;
mod read;
mod request_info;
mod requests;
mod respond;
mod reviews;
mod sandbox;
mod schema;
mod server;
mod status;
mod termination;
mod token;
mod token_request;
mod world;
mod write;

pub use builder::{SandboxBuilder, SandboxError};
pub use faults::{Effect, Fault, Faults, RequestMatch, When};
pub use google::{GoogleApi, GoogleQuota, NewAccounts, OnFirstUse, PredefinedRoles, ResourceError};
pub use hold::{Hold, HoldPoint};
pub use persist::PersistError;
pub use requests::{RequestCounts, RequestKey};
pub use sandbox::Sandbox;
