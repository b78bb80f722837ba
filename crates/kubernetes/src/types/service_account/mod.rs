//! `kubernetes.service_account`: a ServiceAccount.

mod normalize;
mod object;
mod request;
mod spec;

use super::Kind;
use crate::decode;

pub(super) use spec::SCHEMA;

pub(super) const KIND: Kind = Kind {
    name: "ServiceAccount",
    type_name: SCHEMA.name,
    group: "",
    plural: "serviceaccounts",
    namespaced: true,
    resolve: spec::resolve,
    manifest: spec::manifest,
    decode: decode::one::<object::ServiceAccountObject>,
    decode_list: decode::list::<object::ServiceAccountObject>,
    request: request::fields,
};
