//! The stack language: TOML files and `${CEL}` to a resolved desired set, every value with its
//! source span.
//!
//! ```text
//! files -> toml_tree -> document -> variables -> link -> graph -> resources -> Stack
//!                                                  |                 |
//!                                             expression         Semantics::resolve
//! ```
//!
//! [`load`] does all of it and collects every problem of one run. Nothing here prints, reads the
//! environment or asks the clock; files are read only below the root.

mod assertions;
mod blocks;
mod document;
mod evaluation;
mod expression;
mod files;
mod format;
mod given;
mod graph;
mod identity;
mod inputs;
mod json_schema;
mod link;
mod load;
mod manifests;
mod outputs;
mod place;
mod policy;
mod providers;
mod reread;
mod resolve;
mod resources;
mod stack;
mod store;
mod toml_tree;
mod variables;
mod workbench;

pub use files::stack_name;
pub use format::format;
pub use inputs::{EnvSetting, Inputs};
pub use json_schema::json_schema;
pub use load::{Ids, LoadInput, Loaded, load};
pub use manifests::yaml_documents;
pub use reread::Reread;
pub use stack::{ProviderSettings, Stack};
