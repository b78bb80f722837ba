//! What the Kubernetes types mean, without talking to anybody.

use rbacform_core::{
    Argument, Binding, Diagnostic, Node, ObjectId, ResolvedObject, ResourceInput, Semantics, Text,
    TypeSchema, Value,
};

use crate::input::{Dialect, Input};
use crate::settings::SETTINGS;
use crate::types::{Kind, SCHEMAS};
use crate::{binding, bootstrap, ignored, manifest, subject};

/// The pure half of the provider.
///
/// Canonical attributes, each only where the stack sets it unless said otherwise:
///
/// | attribute | shape |
/// |---|---|
/// | `labels`, `annotations` | maps; `pod_security` and `gcp_service_account` are in them |
/// | `image_pull_secrets` | sorted names |
/// | `automount_token` | boolean |
/// | `rules` | sorted maps of sorted lists; always, but for an aggregated cluster role |
/// | `aggregate` | sorted maps |
/// | `role_ref` | `{kind, name}`; always, immutable |
/// | `subjects` | sorted maps `{kind, name, namespace?}`; always |
#[derive(Clone, Copy, Debug, Default)]
pub struct KubernetesSemantics;

impl Semantics for KubernetesSemantics {
    fn provider(&self) -> &'static str {
        "kubernetes"
    }

    fn types(&self) -> &'static [TypeSchema] {
        &SCHEMAS
    }

    fn settings(&self) -> &'static [Argument] {
        &SETTINGS
    }

    fn resolve(&self, resource: &ResourceInput<'_>) -> Result<ResolvedObject, Vec<Diagnostic>> {
        let Some(kind) = Kind::of_type(resource.schema.name) else {
            let message = format!("`{}` is no Kubernetes type", resource.schema.name);
            return Err(vec![
                Diagnostic::error("unknown-type", message).at(resource.span),
            ]);
        };
        let mut input = Input::new(resource.instance, Dialect::Stack, resource.span);
        let resolved = (kind.resolve)(&mut input, resource.arguments);
        input.finish(resolved)
    }

    fn manifest(
        &self,
        instance: &str,
        document: &Node,
        default_namespace: &str,
    ) -> Option<Result<ResolvedObject, Vec<Diagnostic>>> {
        manifest::resolve(instance, document, default_namespace)
    }

    fn companions(&self, kind: &str) -> &'static [&'static str] {
        match kind {
            "Namespace" | "Role" => &["RoleBinding"],
            "ClusterRole" => &["RoleBinding", "ClusterRoleBinding"],
            _ => &[],
        }
    }

    fn ignored_paths(
        &self,
        _: &TypeSchema,
        argument: &str,
        key: Option<&str>,
    ) -> Option<Vec<Text>> {
        ignored::paths(argument, key)
    }

    fn binding(&self, object: &ObjectId, attributes: &Value) -> Option<Binding> {
        binding::describe(object, attributes)
    }

    fn principal(&self, node: &Node) -> Result<Text, Vec<Diagnostic>> {
        let mut input = Input::new(self.provider(), Dialect::Stack, node.span);
        let subject = subject::one(&mut input, node);
        match subject.filter(|_| !input.failed()) {
            Some(subject) => Ok(subject::spelled_one(&subject).into()),
            None => Err(input.diagnostics),
        }
    }

    fn is_bootstrap(&self, object: &ObjectId) -> bool {
        bootstrap::is_bootstrap(&object.kind, object.namespace(), object.name())
    }
}
