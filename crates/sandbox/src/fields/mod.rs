//! Field ownership: server-side apply as `structured-merge-diff` defines it.

pub(crate) mod apply;
pub(crate) mod compare;
pub(crate) mod managed;
pub(crate) mod merge;
pub(crate) mod path;
pub(crate) mod set;
pub(crate) mod typed;
