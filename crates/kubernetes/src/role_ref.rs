//! The role that a binding grants.
//!
//! Kubernetes: `ValidateRoleBinding` in `pkg/apis/rbac/validation/validation.go`.

use rbacform_core::{
    Argument, Diagnostic, Map, Node, NodeKind, ObjectId, Reference, Text, Type, Value,
};

use crate::input::{Dialect, Input, argument};
use crate::names;

/// The argument `role` of a role binding.
pub(crate) const ROLE: Argument = Argument::optional(
    "role",
    Type::OneOf(&[Type::String, Type::Reference(&["kubernetes.role"])]),
    "The role of its namespace that it grants: a name or a reference. Either this or `cluster_role`.",
);
/// The argument `cluster_role` of a role binding.
pub(crate) const CLUSTER_ROLE: Argument = Argument::optional("cluster_role", NAMED, GRANTED);
/// The same of a cluster role binding, which can grant nothing else.
pub(crate) const ONLY_CLUSTER_ROLE: Argument = Argument::required("cluster_role", NAMED, GRANTED);

const NAMED: Type = Type::OneOf(&[Type::String, Type::Reference(&["kubernetes.cluster_role"])]);
const GRANTED: &str = "The cluster role that it grants: a name or a reference.";

/// Reads `role` or `cluster_role`, exactly one of which must be given; `namespace` is the
/// binding's, where it has one.
pub(crate) fn read(
    input: &mut Input<'_>,
    arguments: &Node,
    namespace: Option<&str>,
) -> Option<Value> {
    let role = argument(arguments, "role");
    let cluster_role = argument(arguments, "cluster_role");
    match (role, cluster_role) {
        (Some(role), None) => {
            let name = name(input, role, "role", "kubernetes.role", namespace)?;
            Some(canonical("Role", &name))
        }
        (None, Some(role)) => {
            let name = name(input, role, "cluster_role", "kubernetes.cluster_role", None)?;
            Some(canonical("ClusterRole", &name))
        }
        (Some(_), Some(second)) => {
            input.report(
                Diagnostic::error(
                    "duplicate-argument",
                    "`role` and `cluster_role` are both set",
                )
                .at(second.span)
                .help("a binding grants exactly one role: remove one of the two"),
            );
            None
        }
        (None, None) => {
            // A manifest's `roleRef` was already reported where it is missing or wrong.
            if !input.failed() || input.dialect == Dialect::Stack {
                let what = if namespace.is_some() {
                    "role` or `cluster_role"
                } else {
                    "cluster_role"
                };
                input.missing(input.span, what);
            }
            None
        }
    }
}

fn name(
    input: &mut Input<'_>,
    node: &Node,
    argument: &str,
    type_name: &str,
    namespace: Option<&str>,
) -> Option<Text> {
    let name = match &node.kind {
        NodeKind::Reference(reference) => follow(input, node, reference, type_name, namespace)?,
        _ => input.text(node, input.field(argument))?,
    };
    if let Some(wrong) = names::path_segment(&name) {
        let message = format!("role name `{name}` {wrong}");
        let help = suggestion(&name);
        input.report(
            Diagnostic::error("invalid-role-ref", message)
                .at(node.span)
                .maybe_help(help),
        );
        return None;
    }
    Some(name)
}

/// A habit of other tools: `namespace/name` or `ClusterRole/name`.
fn suggestion(name: &str) -> Option<String> {
    let (_, last) = name.rsplit_once('/')?;
    (!last.is_empty()).then(|| format!("did you mean `{last}`?"))
}

fn follow(
    input: &mut Input<'_>,
    node: &Node,
    reference: &Reference,
    type_name: &str,
    namespace: Option<&str>,
) -> Option<Text> {
    let Reference {
        address,
        attributes,
        ..
    } = reference;
    if reference.type_name != type_name {
        let message = format!(
            "`{address}` is a `{}`, not a `{type_name}`",
            reference.type_name
        );
        let help = match reference.type_name.as_str() {
            "kubernetes.cluster_role" => Some("write it as `cluster_role`"),
            "kubernetes.role" if input.dialect == Dialect::Stack => Some(
                "a role can only be bound in its namespace: write it as `role` of a role binding",
            ),
            _ => None,
        };
        input.report(
            Diagnostic::error("wrong-reference", message)
                .at(node.span)
                .maybe_help(help.map(str::to_owned)),
        );
        return None;
    }
    let theirs = attributes.get("namespace").and_then(Value::as_str);
    if let (Some(ours), Some(theirs)) = (namespace, theirs)
        && ours != theirs
    {
        let message = format!("`{address}` is in namespace `{theirs}`, the binding in `{ours}`");
        input.report(
            Diagnostic::error("invalid-role-ref", message).at(node.span).help(
                "a role can only be bound in its own namespace: move one of the two, or use a cluster role",
            ),
        );
        return None;
    }
    match attributes.get("name").and_then(Value::as_str) {
        Some(name) => Some(name.into()),
        None => {
            let message = format!("the name of `{address}` is known only after apply");
            input.error("unknown-value", node.span, message);
            None
        }
    }
}

/// The canonical form.
pub(crate) fn canonical(kind: &str, name: &str) -> Value {
    Value::Map(Map::from_iter([("kind", kind), ("name", name)]))
}

/// The role as an object; `namespace` is the binding's.
pub(crate) fn object(
    instance: &str,
    namespace: Option<&str>,
    role_ref: &Value,
) -> Option<ObjectId> {
    let name = role_ref.get("name")?.as_str()?;
    match (role_ref.get("kind")?.as_str()?, namespace) {
        ("Role", Some(namespace)) => Some(ObjectId::namespaced(instance, "Role", namespace, name)),
        ("ClusterRole", _) => Some(ObjectId::cluster(instance, "ClusterRole", name)),
        _ => None,
    }
}

/// The role reference as the server takes it.
pub(crate) fn request(role_ref: &Value) -> serde_json::Value {
    let mut json = role_ref.to_json();
    if let Some(object) = json.as_object_mut() {
        object.insert("apiGroup".to_owned(), crate::types::RBAC_GROUP.into());
    }
    json
}
