//! The arguments of a cluster role binding.

use rbacform_core::{Entry, Node, ResolvedObject, TypeSchema};

use crate::input::Input;
use crate::meta::{ANNOTATIONS, LABELS};
use crate::{binding, identity, manifest, role_ref, subject};

pub(crate) const SCHEMA: TypeSchema = TypeSchema {
    name: "kubernetes.cluster_role_binding",
    kind: "ClusterRoleBinding",
    doc: "A cluster role binding: who holds a cluster role in every namespace and beyond.",
    arguments: &[
        identity::NAME,
        role_ref::ONLY_CLUSTER_ROLE,
        subject::SUBJECTS,
        binding::UNTIL,
        LABELS,
        ANNOTATIONS,
    ],
    immutable: &["role_ref"],
    abandon_by_default: false,
};

pub(super) fn resolve(input: &mut Input<'_>, arguments: &Node) -> Option<ResolvedObject> {
    binding::resolve(input, arguments, &super::KIND, None)
}

pub(super) fn manifest(input: &mut Input<'_>, document: &Node) -> Vec<Entry> {
    manifest::binding(input, document, &["ClusterRole"])
}
