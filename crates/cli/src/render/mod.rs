//! Rendering: results as text for people.

pub(crate) mod access;
pub(crate) mod apply;
pub(crate) mod assertions;
pub(crate) mod changes;
pub(crate) mod diagnostics;
pub(crate) mod drift;
pub(crate) mod graph;
pub(crate) mod junit;
pub(crate) mod markdown;
pub(crate) mod plan;
pub(crate) mod preflight;
pub(crate) mod text;
pub(crate) mod values;
pub(crate) mod worlds;
