//! `kubernetes.role_binding`: a RoleBinding.

mod normalize;
mod object;
mod request;
mod spec;

use super::{Kind, RBAC_GROUP};
use crate::decode;

pub(super) use spec::SCHEMA;

pub(super) const KIND: Kind = Kind {
    name: "RoleBinding",
    type_name: SCHEMA.name,
    group: RBAC_GROUP,
    plural: "rolebindings",
    namespaced: true,
    resolve: spec::resolve,
    manifest: spec::manifest,
    decode: decode::one::<object::RoleBindingObject>,
    decode_list: decode::list::<object::RoleBindingObject>,
    request: request::fields,
};
