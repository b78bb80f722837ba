//! Subjects: who a binding is for.
//!
//! Kubernetes: `ValidateRoleBindingSubject` in `pkg/apis/rbac/validation/validation.go`.

mod read;

use rbacform_core::{Argument, Map, ObjectId, Type, Value};

pub(crate) use read::{one, read};

/// The argument `subjects`.
pub(crate) const SUBJECTS: Argument = Argument::required(
    "subjects",
    Type::List(&Type::OneOf(&[
        Type::String,
        Type::Reference(&["kubernetes.service_account"]),
        Type::Object(&[
            Argument::required(
                "kind",
                Type::Enum(&["User", "Group", "ServiceAccount"]),
                "What kind of subject it is.",
            ),
            Argument::required("name", Type::String, "Its name."),
            Argument::optional("namespace", Type::String, "A service account's namespace."),
        ]),
    ])),
    "Who it is for: `user:NAME`, `group:NAME`, `serviceaccount:NAMESPACE/NAME`, a reference to a \
     service account, or a map. A set: order is no difference.",
);

/// One canonical subject. Only a service account keeps its namespace.
pub(crate) fn canonical(kind: &str, name: &str, namespace: Option<&str>) -> Value {
    let namespace = namespace.filter(|_| kind == "ServiceAccount");
    let entries = [
        ("kind", Some(kind)),
        ("name", Some(name)),
        ("namespace", namespace),
    ];
    Value::Map(
        entries
            .into_iter()
            .filter_map(|(key, text)| Some((key, text?)))
            .collect::<Map>(),
    )
}

/// The subjects as stack files spell them.
pub(crate) fn spelled(subjects: &Value) -> Vec<String> {
    let subjects = subjects.as_list().unwrap_or_default();
    subjects.iter().map(spelled_one).collect()
}

/// One subject as stack files spell it.
pub(crate) fn spelled_one(subject: &Value) -> String {
    let text = |key: &str| {
        let value = subject.get(key).and_then(Value::as_str);
        value.unwrap_or_default()
    };
    match text("kind") {
        "User" => format!("user:{}", text("name")),
        "Group" => format!("group:{}", text("name")),
        _ => format!("serviceaccount:{}/{}", text("namespace"), text("name")),
    }
}

/// The service accounts among the subjects.
pub(crate) fn service_accounts(instance: &str, subjects: &Value) -> Vec<ObjectId> {
    let subjects = subjects.as_list().unwrap_or_default().iter();
    subjects
        .filter_map(|subject| {
            let namespace: &str = subject.get("namespace")?.as_str()?;
            let name: &str = subject.get("name")?.as_str()?;
            Some(ObjectId::namespaced(
                instance,
                "ServiceAccount",
                namespace,
                name,
            ))
        })
        .collect()
}

/// One subject as the server takes it.
pub(crate) fn request(subject: &Value) -> serde_json::Value {
    let mut json = subject.to_json();
    let group = match subject.get("kind").and_then(Value::as_str) {
        Some("ServiceAccount") => "",
        _ => crate::types::RBAC_GROUP,
    };
    if let Some(object) = json.as_object_mut() {
        object.insert("apiGroup".to_owned(), group.into());
    }
    json
}
