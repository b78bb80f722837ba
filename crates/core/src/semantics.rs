//! Semantics: the pure half of a provider. What its types mean, without talking to anybody.

use crate::{Argument, Diagnostic, Edit, Node, ObjectId, Span, Text, TypeSchema, Value};

/// What a provider knows without I/O. `validate`, the planner and most tests need no more.
pub trait Semantics: Send + Sync {
    /// The provider's name, the first part of its types' names, e.g. `kubernetes`.
    fn provider(&self) -> &'static str;

    /// Its resource types.
    fn types(&self) -> &'static [TypeSchema];

    /// The arguments of `[providers.NAME]`.
    fn settings(&self) -> &'static [Argument];

    /// The canonical form of a resource whose arguments have already been checked against the
    /// type's schema, or everything that is wrong with it.
    fn resolve(&self, input: &ResourceInput<'_>) -> Result<ResolvedObject, Vec<Diagnostic>>;

    /// The same for a document of a manifest file, e.g. one Kubernetes object in YAML. `None`
    /// where its kind is none of this provider's types. `kind: List` was taken apart before.
    fn manifest(
        &self,
        instance: &str,
        document: &Node,
        default_namespace: &str,
    ) -> Option<Result<ResolvedObject, Vec<Diagnostic>>>;

    /// Kinds to read whole where an object of `kind` is declared, so that access which nobody
    /// declares is seen: bindings in a declared namespace, bindings to a declared role.
    fn companions(&self, kind: &str) -> &'static [&'static str] {
        let _ = kind;
        &[]
    }

    /// The attributes of the canonical form that `ignore_changes` means by an argument of a type,
    /// or by one key of it (`labels.example.com/team`). `None` where the argument cannot be
    /// ignored: it is part of the identity, say.
    fn ignored_paths(
        &self,
        schema: &TypeSchema,
        argument: &str,
        key: Option<&str>,
    ) -> Option<Vec<Text>> {
        let _ = schema;
        Some(vec![match key {
            Some(key) => format!("{argument}.{key}").into(),
            None => argument.into(),
        }])
    }

    /// What an object binds to whom, where it is a binding. `attributes` are canonical.
    fn binding(&self, object: &ObjectId, attributes: &Value) -> Option<Binding> {
        let _ = (object, attributes);
        None
    }

    /// Whether the platform itself makes this object on every start (a bootstrap role).
    fn is_bootstrap(&self, object: &ObjectId) -> bool {
        let _ = object;
        false
    }

    /// The key of the remote thing an edit is written to, where several edits share one write.
    fn group_key(&self, edit: &Edit) -> Option<String> {
        let _ = edit;
        None
    }

    /// The body of the one write that carries out `edits` on what was observed, from the final
    /// wanted set. Called afresh on every try.
    fn fold(&self, observed: &Value, edits: &[Edit]) -> Value {
        let _ = edits;
        observed.clone()
    }
}

/// A resource to resolve.
#[derive(Debug)]
pub struct ResourceInput<'a> {
    /// The provider instance.
    pub instance: &'a str,
    /// Its type.
    pub schema: &'static TypeSchema,
    /// Its arguments, a map, checked against the schema.
    pub arguments: &'a Node,
    /// Where it is declared.
    pub span: Span,
}

/// What a resource comes to.
#[derive(Clone, Debug)]
pub struct ResolvedObject {
    /// The type's name: manifests learn it here.
    pub type_name: &'static str,
    /// Its identity.
    pub object: ObjectId,
    /// What the stack owns of it, canonical.
    pub attributes: Value,
    /// Objects that must exist before it.
    pub requires: Vec<ObjectId>,
    /// Whether the world makes it by itself.
    pub built_in: bool,
    /// When it ends, in seconds since 1970, where it does (`until`).
    pub expires: Option<i64>,
    /// Warnings.
    pub warnings: Vec<Diagnostic>,
}

/// Who holds which role where, through one binding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The role.
    pub role: ObjectId,
    /// The subjects as stack files spell them, e.g. `user:ana@example.com`.
    pub subjects: Vec<String>,
    /// Where it holds: a namespace, or `cluster`.
    pub scope: String,
}
