//! `kubernetes.namespace`: a Namespace.

mod normalize;
mod object;
mod request;
mod spec;

use super::Kind;
use crate::decode;

pub(super) use spec::SCHEMA;

pub(super) const KIND: Kind = Kind {
    name: "Namespace",
    type_name: SCHEMA.name,
    group: "",
    plural: "namespaces",
    namespaced: false,
    resolve: spec::resolve,
    manifest: spec::manifest,
    decode: decode::one::<object::NamespaceObject>,
    decode_list: decode::list::<object::NamespaceObject>,
    request: request::fields,
};
