//! `kubernetes.cluster_role_binding`: a ClusterRoleBinding.

mod normalize;
mod object;
mod request;
mod spec;

use super::{Kind, RBAC_GROUP};
use crate::decode;

pub(super) use spec::SCHEMA;

pub(super) const KIND: Kind = Kind {
    name: "ClusterRoleBinding",
    type_name: SCHEMA.name,
    group: RBAC_GROUP,
    plural: "clusterrolebindings",
    namespaced: false,
    resolve: spec::resolve,
    manifest: spec::manifest,
    decode: decode::one::<object::ClusterRoleBindingObject>,
    decode_list: decode::list::<object::ClusterRoleBindingObject>,
    request: request::fields,
};
