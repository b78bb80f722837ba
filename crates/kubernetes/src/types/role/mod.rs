//! `kubernetes.role`: a Role.

mod normalize;
mod object;
mod request;
mod spec;

use super::{Kind, RBAC_GROUP};
use crate::decode;

pub(super) use spec::SCHEMA;

pub(super) const KIND: Kind = Kind {
    name: "Role",
    type_name: SCHEMA.name,
    group: RBAC_GROUP,
    plural: "roles",
    namespaced: true,
    resolve: spec::resolve,
    manifest: spec::manifest,
    decode: decode::one::<object::RoleObject>,
    decode_list: decode::list::<object::RoleObject>,
    request: request::fields,
};
