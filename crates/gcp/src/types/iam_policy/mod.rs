//! `gcp.iam_policy`.

mod spec;

use super::TypeOf;

pub(super) use spec::SCHEMA;

pub(super) const TYPE: TypeOf = TypeOf {
    schema: &spec::SCHEMA,
    resolve: spec::resolve,
    exported: &[],
    exports: super::no_exports,
};
