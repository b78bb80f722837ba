//! `kubernetes.cluster_role`: a ClusterRole.

mod normalize;
mod object;
mod request;
mod spec;

use super::{Kind, RBAC_GROUP};
use crate::decode;

pub(super) use spec::SCHEMA;

pub(super) const KIND: Kind = Kind {
    name: "ClusterRole",
    type_name: SCHEMA.name,
    group: RBAC_GROUP,
    plural: "clusterroles",
    namespaced: false,
    resolve: spec::resolve,
    manifest: spec::manifest,
    decode: decode::one::<object::ClusterRoleObject>,
    decode_list: decode::list::<object::ClusterRoleObject>,
    request: request::fields,
};
