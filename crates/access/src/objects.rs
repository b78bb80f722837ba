//! Facts from objects as the Kubernetes provider sees them: canonical attributes.

use rbacform_core::{ObjectId, Value};

use crate::selector::Requirement;
use crate::{
    ClusterRole, ClusterRoleBinding, Facts, LabelSelector, PolicyRule, RBAC_GROUP, Role,
    RoleBinding, RoleRef, Subject,
};

impl Facts {
    /// Adds a role or a binding, in place of one of the same identity; other kinds say nothing
    /// about access.
    pub fn put(&mut self, object: &ObjectId, attributes: &Value) {
        let name = object.name().to_owned();
        let namespace = object.namespace().unwrap_or_default().to_owned();
        match object.kind.as_str() {
            "Role" => self.put_role(Role {
                namespace,
                name,
                rules: rules(attributes),
            }),
            "ClusterRole" => self.put_cluster_role(ClusterRole {
                name: object.ident.to_string(),
                labels: labels(attributes.get("labels")),
                rules: rules(attributes),
                aggregation: attributes
                    .get("aggregate")
                    .filter(|selectors| !selectors.is_null())
                    .map(|selectors| list(Some(selectors)).iter().map(selector).collect()),
            }),
            "RoleBinding" => self.put_role_binding(RoleBinding {
                namespace,
                name,
                subjects: subjects(attributes),
                role_ref: role_ref(attributes),
            }),
            "ClusterRoleBinding" => self.put_cluster_role_binding(ClusterRoleBinding {
                name: object.ident.to_string(),
                subjects: subjects(attributes),
                role_ref: role_ref(attributes),
            }),
            _ => {}
        }
    }

    /// Forgets a role or a binding.
    pub fn remove(&mut self, object: &ObjectId) {
        let (namespace, name) = (object.namespace().unwrap_or_default(), object.name());
        match object.kind.as_str() {
            "Role" => self.remove_role(namespace, name),
            "ClusterRole" => self.remove_cluster_role(&object.ident),
            "RoleBinding" => self.remove_role_binding(namespace, name),
            "ClusterRoleBinding" => self.remove_cluster_role_binding(&object.ident),
            _ => {}
        }
    }

    /// What a binding names and for whom; none of what is no binding, or not there.
    pub fn binding(&self, object: &ObjectId) -> Option<(&RoleRef, &[Subject])> {
        let namespace = object.namespace().unwrap_or_default();
        match object.kind.as_str() {
            "RoleBinding" => self
                .role_binding(namespace, object.name())
                .map(|binding| (&binding.role_ref, binding.subjects.as_slice())),
            "ClusterRoleBinding" => self
                .cluster_role_binding(&object.ident)
                .map(|binding| (&binding.role_ref, binding.subjects.as_slice())),
            _ => None,
        }
    }

    /// Makes an object what it is in another world, or forgets it where it is not there.
    pub fn restore(&mut self, object: &ObjectId, from: &Self) {
        let (namespace, name) = (object.namespace().unwrap_or_default(), object.name());
        self.remove(object);
        match object.kind.as_str() {
            "Role" => {
                if let Some(role) = from.role(namespace, name) {
                    self.put_role(role.clone());
                }
            }
            "ClusterRole" => {
                if let Some(role) = from.cluster_role(&object.ident) {
                    self.put_cluster_role(role.clone());
                }
            }
            "RoleBinding" => {
                if let Some(binding) = from.role_binding(namespace, name) {
                    self.put_role_binding(binding.clone());
                }
            }
            "ClusterRoleBinding" => {
                if let Some(binding) = from.cluster_role_binding(&object.ident) {
                    self.put_cluster_role_binding(binding.clone());
                }
            }
            _ => {}
        }
    }
}

fn rules(attributes: &Value) -> Vec<PolicyRule> {
    let rule = |rule: &Value| PolicyRule {
        verbs: texts(rule.get("verbs")),
        api_groups: texts(rule.get("api_groups")),
        resources: texts(rule.get("resources")),
        resource_names: texts(rule.get("resource_names")),
        non_resource_urls: texts(rule.get("non_resource_urls")),
    };
    list(attributes.get("rules")).iter().map(rule).collect()
}

fn subjects(attributes: &Value) -> Vec<Subject> {
    let subject = |subject: &Value| Subject {
        kind: text(subject.get("kind")),
        api_group: String::new(),
        name: text(subject.get("name")),
        namespace: text(subject.get("namespace")),
    };
    let subjects = list(attributes.get("subjects"));
    subjects.iter().map(subject).collect()
}

pub(crate) fn role_ref(attributes: &Value) -> RoleRef {
    let role = attributes.get("role_ref");
    RoleRef {
        api_group: RBAC_GROUP.to_owned(),
        kind: text(role.and_then(|role| role.get("kind"))),
        name: text(role.and_then(|role| role.get("name"))),
    }
}

fn selector(selector: &Value) -> LabelSelector {
    let requirement = |requirement: &Value| Requirement {
        key: text(requirement.get("key")),
        operator: text(requirement.get("operator")),
        values: texts(requirement.get("values")),
    };
    LabelSelector {
        match_labels: labels(selector.get("match_labels")),
        match_expressions: list(selector.get("match_expressions"))
            .iter()
            .map(requirement)
            .collect(),
    }
}

fn labels(value: Option<&Value>) -> std::collections::BTreeMap<String, String> {
    let Some(Value::Map(labels)) = value else {
        return std::collections::BTreeMap::new();
    };
    labels
        .iter()
        .filter_map(|(key, value)| Some((key.to_string(), value.as_str()?.to_owned())))
        .collect()
}

fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_list).unwrap_or_default()
}

fn texts(value: Option<&Value>) -> Vec<String> {
    list(value)
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn text(value: Option<&Value>) -> String {
    value.and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Request, ResourceRequest, User, authorize};

    fn value(json: serde_json::Value) -> Value {
        Value::from_json(&json)
    }

    #[test]
    fn canonical_objects_grant_what_they_say() {
        let mut facts = Facts::default();
        let role = ObjectId::namespaced("kubernetes", "Role", "team", "reader");
        let binding = ObjectId::namespaced("kubernetes", "RoleBinding", "team", "readers");
        facts.put(
            &role,
            &value(serde_json::json!({"rules": [
                {"verbs": ["get"], "api_groups": [""], "resources": ["pods"]}
            ]})),
        );
        facts.put(
            &binding,
            &value(serde_json::json!({
                "role_ref": {"kind": "Role", "name": "reader"},
                "subjects": [{"kind": "User", "name": "ana"}]
            })),
        );
        let ana = User {
            name: "ana".into(),
            groups: Vec::new(),
        };
        let request = Request::Resource(ResourceRequest {
            verb: "get".into(),
            resource: "pods".into(),
            namespace: "team".into(),
            ..ResourceRequest::default()
        });
        assert!(authorize(&facts, &ana, &request).is_allowed());
        facts.remove(&binding);
        assert!(!authorize(&facts, &ana, &request).is_allowed());
    }
}
