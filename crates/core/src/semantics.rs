//! Semantics: the pure half of a provider. What its types mean, without talking to anybody.

use crate::{
    Argument, Binding, DesiredResource, Diagnostic, Edit, Guarded, Map, Node, ObjectId, Removal,
    Span, Text, TypeSchema, Value,
};

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

    /// The names that [`exports`](Self::exports) may give for a type, with what they are, for the
    /// reference and for references that lead nowhere.
    fn exported(&self, schema: &TypeSchema) -> &'static [Argument] {
        let _ = schema;
        &[]
    }

    /// Attributes that others may refer to although nobody wrote them, e.g. the email of a
    /// service account: known at plan, since we choose the names. One that only the server knows
    /// is `Unknown`. `arguments` and `settings` are maps, not yet resolved; what does not follow
    /// from them is left out.
    fn exports(
        &self,
        schema: &TypeSchema,
        instance: &str,
        arguments: &Node,
        settings: &Node,
    ) -> Map {
        let _ = (schema, instance, arguments, settings);
        Map::new()
    }

    /// How a declared object of that kind that stands already, and that state does not know,
    /// comes under management.
    fn adoption(&self, kind: &str) -> Adoption {
        let _ = kind;
        Adoption::Marked
    }

    /// Rules across resources: two declarations that would fight over one thing, halves that lack
    /// each other. `desired` is the whole stack, other providers' resources included. Asked once
    /// at validate and once a plan; both places are shown.
    fn check_together(&self, desired: &[DesiredResource]) -> Vec<Diagnostic> {
        let _ = desired;
        Vec::new()
    }

    /// What an object binds to whom, where it is one binding. `attributes` are canonical.
    fn binding(&self, object: &ObjectId, attributes: &Value) -> Option<Binding> {
        let _ = (object, attributes);
        None
    }

    /// Everything that an object binds: more than one for a whole policy. A provider with such
    /// objects gives this and leaves [`binding`](Self::binding) alone.
    fn bindings(&self, object: &ObjectId, attributes: &Value) -> Vec<Binding> {
        self.binding(object, attributes).into_iter().collect()
    }

    /// Whether access stands in policies of the resources themselves, as single grants (Google),
    /// rather than in binding objects (Kubernetes).
    fn grants_on_resources(&self) -> bool {
        false
    }

    /// Whether objects of that kind decide over grants that others may have made (a whole binding,
    /// a whole policy), so that a plan names everybody who loses by them.
    fn is_authoritative(&self, kind: &str) -> bool {
        let _ = kind;
        false
    }

    /// The objects that, where declared, decide over `object` too: a whole binding and a whole
    /// policy over a single grant, a whole policy over a binding. By identity alone.
    fn covered_by(&self, object: &ObjectId) -> Vec<ObjectId> {
        let _ = object;
        Vec::new()
    }

    /// Whether the platform itself made this subject and looks after its access (a Google service
    /// agent): its grants are counted, not listed.
    fn is_platform_subject(&self, subject: &str) -> bool {
        let _ = subject;
        false
    }

    /// Why a removal must not happen by accident, where that is so.
    fn guard(&self, removal: &Removal<'_>) -> Option<Guarded> {
        let _ = removal;
        None
    }

    /// Somebody whom an assertion names, in the spelling in which plans tell of them, or what is
    /// wrong with it.
    fn principal(&self, node: &Node) -> Result<Text, Vec<Diagnostic>> {
        let message = format!("`{}` knows no subjects", self.provider());
        Err(vec![
            Diagnostic::error("invalid-subject", message).at(node.span),
        ])
    }

    /// The canonical name of a resource with a policy of its own that an assertion names, or what
    /// is wrong with it.
    fn policy_resource(&self, node: &Node) -> Result<Text, Vec<Diagnostic>> {
        let message = format!("the resources of `{}` have no policies", self.provider());
        Err(vec![
            Diagnostic::error("invalid-resource", message).at(node.span),
        ])
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
    ///
    /// The order of `edits` means nothing. Where some contradict, the wider is applied first: what
    /// a whole policy or binding takes away, an edit that makes or keeps (`Create`, `Update`) one
    /// of its grants gives back in the same write.
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
    /// The settings of its provider instance, a map, checked; none where the stack has none.
    pub settings: Option<&'a Node>,
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

/// How an object that stands already comes under management once it is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adoption {
    /// It carries marks: one with ours is taken up, one without only where asked for.
    Marked,
    /// It carries no mark: only where asked for (`--adopt`, `[[import]]`), or where state has it.
    OnRequest,
    /// It carries no mark and is nobody's: without asking, and the plan says so.
    Freely,
}

impl Adoption {
    /// Whether objects of the kind carry our mark.
    pub fn is_marked(self) -> bool {
        self == Self::Marked
    }
}
