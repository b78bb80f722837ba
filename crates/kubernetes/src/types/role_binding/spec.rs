//! The arguments of a role binding.

use rbacform_core::{Entry, Node, ResolvedObject, TypeSchema};

use crate::input::Input;
use crate::meta::{ANNOTATIONS, LABELS};
use crate::{binding, identity, manifest, role_ref, subject};

pub(crate) const SCHEMA: TypeSchema = TypeSchema {
    name: "kubernetes.role_binding",
    kind: "RoleBinding",
    doc: "A role binding: who holds a role, or a cluster role, in one namespace.",
    arguments: &[
        identity::NAME,
        identity::NAMESPACE,
        role_ref::ROLE,
        role_ref::CLUSTER_ROLE,
        subject::SUBJECTS,
        binding::UNTIL,
        LABELS,
        ANNOTATIONS,
    ],
    immutable: &["role_ref"],
    abandon_by_default: false,
};

pub(super) fn resolve(input: &mut Input<'_>, arguments: &Node) -> Option<ResolvedObject> {
    let namespace = identity::namespace(input, arguments)?;
    binding::resolve(input, arguments, &super::KIND, Some(&namespace))
}

pub(super) fn manifest(input: &mut Input<'_>, document: &Node) -> Vec<Entry> {
    manifest::binding(input, document, &["Role", "ClusterRole"])
}
