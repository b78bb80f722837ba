//! Kubernetes provider: namespaces, service accounts, roles and bindings.
//!
//! Two halves. [`KubernetesSemantics`] is pure: what the types mean, what the server would refuse,
//! the canonical form of an object. The other half talks to an API server, by server-side apply,
//! with one LIST per kind and one request per write.

mod binding;
mod bootstrap;
mod client;
mod connect;
mod decode;
mod identity;
mod ignored;
mod input;
mod kubeconfig;
mod leftover;
mod manifest;
mod meta;
mod names;
mod places;
mod provider;
mod remote;
mod request;
mod role_ref;
mod rule;
mod selector;
mod semantics;
mod settings;
mod subject;
mod types;

pub use client::{Identity, Review};
pub use connect::{ConnectOptions, FreshToken, KubeconfigSource, TokenSource};
pub use places::{RuleLists, WrittenRule, rule_place, subject_place};
pub use provider::KubernetesProvider;
pub use semantics::KubernetesSemantics;
pub use settings::{Gke, Settings};
