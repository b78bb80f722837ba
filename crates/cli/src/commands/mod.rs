//! One file per command: resolve the inputs, act, report.

pub(crate) mod access;
pub(crate) mod apply;
pub(crate) mod completions;
pub(crate) mod destroy;
pub(crate) mod drift;
pub(crate) mod fmt;
pub(crate) mod graph;
pub(crate) mod init;
pub(crate) mod needs;
pub(crate) mod output;
pub(crate) mod plan;
pub(crate) mod recover;
pub(crate) mod sandbox;
pub(crate) mod schema;
pub(crate) mod show;
pub(crate) mod state;
pub(crate) mod unlock;
pub(crate) mod validate;
