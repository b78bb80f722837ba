//! Facts from objects as the Google provider sees them: canonical attributes.

use rbacform_core::{ObjectId, Value};

use super::{Binding, Condition, CustomRole, Facts};

impl Facts {
    /// Adds what an object says: a grant, a binding, a whole policy, a custom role, a service
    /// account. Objects of other kinds say nothing about access.
    pub fn put(&mut self, object: &ObjectId, attributes: &Value) {
        let resource = text(attributes, "resource");
        match object.kind.as_str() {
            "IamMember" => {
                let members = vec![text(attributes, "member").to_owned()];
                self.put_binding(resource, binding(object, attributes, members));
            }
            "IamBinding" => {
                let members = texts(attributes, "members");
                self.put_binding(resource, binding(object, attributes, members));
            }
            "IamPolicy" => {
                self.put_whole(resource);
                for one in list(attributes, "bindings") {
                    self.put_binding(resource, binding(object, one, texts(one, "members")));
                }
            }
            "CustomRole" => {
                let role = CustomRole {
                    permissions: texts(attributes, "permissions").into_iter().collect(),
                    inert: text(attributes, "stage") == "DISABLED",
                };
                self.put_custom_role(&object.ident, role);
            }
            "ServiceAccount" => {
                let email = object.ident.rsplit('/').next().unwrap_or_default();
                let disabled = attributes.get("disabled").and_then(Value::as_bool);
                self.put_account(email, disabled != Some(true));
            }
            _ => {}
        }
    }
}

fn binding(object: &ObjectId, attributes: &Value, members: Vec<String>) -> Binding {
    let condition = attributes
        .get("condition")
        .filter(|condition| !condition.is_null());
    Binding {
        role: text(attributes, "role").to_owned(),
        members,
        condition: condition.map(|condition| Condition {
            title: text(condition, "title").to_owned(),
            expression: text(condition, "expression").to_owned(),
        }),
        object: Some(object.clone()),
    }
}

fn text<'v>(attributes: &'v Value, key: &str) -> &'v str {
    attributes
        .get(key)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn list<'v>(attributes: &'v Value, key: &str) -> &'v [Value] {
    attributes
        .get(key)
        .and_then(Value::as_list)
        .unwrap_or_default()
}

fn texts(attributes: &Value, key: &str) -> Vec<String> {
    let items = list(attributes, key).iter();
    items
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}
