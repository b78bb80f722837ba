//! `gcp.service_account`: a service account.

mod exports;
mod spec;

use super::TypeOf;

pub(super) use spec::SCHEMA;

pub(super) const TYPE: TypeOf = TypeOf {
    schema: &spec::SCHEMA,
    resolve: spec::resolve,
    exported: &exports::EXPORTED,
    exports: exports::exports,
};
