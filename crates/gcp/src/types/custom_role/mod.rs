//! `gcp.custom_role`: a role of a project or organization.

mod exports;
mod permissions;
mod spec;

use super::TypeOf;

pub(super) use spec::SCHEMA;

pub(super) const TYPE: TypeOf = TypeOf {
    schema: &spec::SCHEMA,
    resolve: spec::resolve,
    exported: &exports::EXPORTED,
    exports: exports::exports,
};
