//! Facts from objects as the Google provider sees them: canonical attributes.

use rbacform_core::{ObjectId, Value};

use super::{Binding, Condition, CustomRole, Facts};

impl Facts {
    /// Adds what an object says: a grant, a custom role, a service account; or a binding or a whole
    /// policy, in place of what was known of it. Objects of other kinds say nothing about access.
    pub fn put(&mut self, object: &ObjectId, attributes: &Value) {
        let resource = text(attributes, "resource");
        match object.kind.as_str() {
            "IamMember" => {
                let members = vec![text(attributes, "member").to_owned()];
                self.put_binding(resource, binding(object, attributes, members));
            }
            "IamBinding" => {
                let binding = binding(object, attributes, texts(attributes, "members"));
                self.remove_binding(resource, &binding.role, binding.condition.as_ref());
                self.put_binding(resource, binding);
            }
            "IamPolicy" => {
                self.clear(resource);
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
                let disabled = attributes.get("disabled").and_then(Value::as_bool);
                self.put_account(email(object), disabled != Some(true));
            }
            _ => {}
        }
    }

    /// Takes away what an object says, as deleting it does.
    pub fn remove(&mut self, object: &ObjectId, attributes: &Value) {
        let resource = text(attributes, "resource");
        let (role, condition) = (text(attributes, "role"), condition(attributes));
        let condition = condition.as_ref();
        match object.kind.as_str() {
            "IamMember" => {
                let members = [text(attributes, "member").to_owned()];
                self.remove_members(resource, role, condition, &members);
            }
            "IamBinding" => self.remove_binding(resource, role, condition),
            "IamPolicy" => self.clear(resource),
            "CustomRole" => {
                let role = CustomRole {
                    inert: true,
                    ..CustomRole::default()
                };
                self.put_custom_role(&object.ident, role);
            }
            "ServiceAccount" => self.put_account(email(object), false),
            _ => {}
        }
    }
}

fn email(object: &ObjectId) -> &str {
    object.ident.rsplit('/').next().unwrap_or_default()
}

fn binding(object: &ObjectId, attributes: &Value, members: Vec<String>) -> Binding {
    Binding {
        role: text(attributes, "role").to_owned(),
        members,
        condition: condition(attributes),
        object: Some(object.clone()),
    }
}

fn condition(attributes: &Value) -> Option<Condition> {
    let condition = attributes.get("condition").filter(|it| !it.is_null())?;
    Some(Condition {
        title: text(condition, "title").to_owned(),
        expression: text(condition, "expression").to_owned(),
    })
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
