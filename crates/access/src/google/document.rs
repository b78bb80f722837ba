//! Facts from documents of Google's own tools, in JSON or YAML.
//!
//! - `gcloud asset search-all-iam-policies`: policies with what their resources are in;
//! - `gcloud asset list --content-type=iam-policy`: the same with all ancestors;
//! - `gcloud iam policies get --kind=denypolicies`: deny policies;
//! - `gcloud iam roles describe`: custom roles;
//! - `{"group": "group:NAME@DOMAIN", "members": [...]}`: who is in a group.

use serde::Deserialize;
use serde_json::Value;

use super::{Binding, Condition, CustomRole, DenyRule, Facts, Parent, Resource};

/// A document that has the form of one of Google's, but not its content.
#[derive(Debug, thiserror::Error)]
pub enum InvalidDocument {
    /// A field has another form than the API gives it.
    #[error("the policy of `{name}`: {error}")]
    Field {
        /// What it is about.
        name: String,
        /// What is wrong.
        error: serde_json::Error,
    },
    /// A policy alone, as `get-iam-policy` prints it.
    #[error("a policy that does not say which resource it is of")]
    Placeless,
    /// A name is none.
    #[error(transparent)]
    Resource(#[from] super::InvalidResource),
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct PolicyDocument {
    bindings: Vec<BindingDocument>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct BindingDocument {
    role: String,
    members: Vec<String>,
    condition: Option<ConditionDocument>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ConditionDocument {
    title: String,
    expression: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct RuleDocument {
    deny_rule: DenyRuleDocument,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct DenyRuleDocument {
    denied_principals: Vec<String>,
    exception_principals: Vec<String>,
    denied_permissions: Vec<String>,
    exception_permissions: Vec<String>,
    denial_condition: Option<ConditionDocument>,
}

impl Facts {
    /// Adds a document, or each of an array of them. False where it is none of Google's, so that
    /// somebody else may look at it.
    ///
    /// # Errors
    /// Where it has the form of one of Google's, and cannot be one.
    pub fn put_document(&mut self, document: &Value) -> Result<bool, InvalidDocument> {
        if let Value::Array(documents) = document {
            let mut known = !documents.is_empty();
            for document in documents {
                known &= self.put_document(document)?;
            }
            return Ok(known);
        }
        let text = |key: &str| document.get(key).and_then(Value::as_str);
        let policy = document.get("policy").or_else(|| document.get("iamPolicy"));
        if let (Some(resource), Some(policy)) = (text("resource").or_else(|| text("name")), policy)
        {
            self.put_policy(resource, policy, document)?;
        } else if let (Some(name), Some(rules)) = (text("name"), document.get("rules"))
            && name.contains("/denypolicies/")
        {
            self.put_deny_policy(name, rules)?;
        } else if let (Some(name), Some(held)) = (text("name"), document.get("includedPermissions"))
        {
            let permissions: Vec<String> = read(name, held)?;
            let deleted = document.get("deleted").and_then(Value::as_bool) == Some(true);
            let role = CustomRole {
                permissions: permissions.into_iter().collect(),
                inert: deleted || text("stage") == Some("DISABLED"),
            };
            self.put_custom_role(name, role);
        } else if let (Some(group), Some(members)) = (text("group"), document.get("members")) {
            let members: Vec<String> = read(group, members)?;
            let kind = if group.starts_with("group:") {
                ""
            } else {
                "group:"
            };
            self.put_group(&format!("{kind}{group}"), members.into_iter().collect());
        } else if document.get("bindings").is_some_and(Value::is_array) {
            return Err(InvalidDocument::Placeless);
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn put_policy(
        &mut self,
        resource: &str,
        policy: &Value,
        document: &Value,
    ) -> Result<(), InvalidDocument> {
        let name = Resource::parse(resource)?;
        let policy: PolicyDocument = read(resource, policy)?;
        self.put_ancestors(&name, document);
        self.put_whole(name.as_str());
        for binding in policy.bindings {
            let condition = binding.condition.map(condition);
            self.put_binding(
                name.as_str(),
                Binding {
                    role: binding.role,
                    members: binding.members,
                    condition,
                    object: None,
                },
            );
        }
        Ok(())
    }

    /// What a resource is in: `ancestors` from itself upwards, or `project`, `folders` (nearest
    /// first) and `organization`.
    fn put_ancestors(&mut self, name: &Resource, document: &Value) {
        let texts = |key: &str| -> Vec<String> {
            match document.get(key) {
                Some(Value::String(one)) => vec![one.clone()],
                Some(Value::Array(many)) => many
                    .iter()
                    .filter_map(|one| one.as_str().map(str::to_owned))
                    .collect(),
                _ => Vec::new(),
            }
        };
        let mut chain = texts("ancestors");
        if chain.is_empty() {
            chain = [texts("project"), texts("folders"), texts("organization")].concat();
        }
        let own = name.as_str();
        // A project's own policy tells its number: it is its own first ancestor.
        if let (Some(id), Some(number)) = (own.strip_prefix("projects/"), chain.first())
            && !id.contains('/')
            && let Some(number) = number
                .strip_prefix("projects/")
                .filter(|number| *number != id)
        {
            self.put_number(id, number);
        }
        // These names do not tell what they are in.
        if (own.starts_with("buckets/") || own.starts_with("billingAccounts/") || name.is_foreign())
            && let Some(outer) = chain.first().filter(|outer| *outer != own)
        {
            self.put_parent(own, Parent::In(outer.clone()));
        }
        for pair in chain.windows(2) {
            if let [inner, outer] = pair {
                self.put_parent(inner, Parent::In(outer.clone()));
            }
        }
    }

    fn put_deny_policy(&mut self, name: &str, rules: &Value) -> Result<(), InvalidDocument> {
        let rules: Vec<RuleDocument> = read(name, rules)?;
        let attached = name.strip_prefix("policies/").unwrap_or(name);
        let attached = attached.split("/denypolicies/").next().unwrap_or_default();
        let attached = attached.replace("%2F", "/").replace("%2f", "/");
        let point = Resource::parse(&format!("//{attached}"))?;
        let rules = rules.into_iter().map(|rule| DenyRule {
            policy: name.to_owned(),
            denied_principals: rule.deny_rule.denied_principals,
            exception_principals: rule.deny_rule.exception_principals,
            denied_permissions: rule.deny_rule.denied_permissions,
            exception_permissions: rule.deny_rule.exception_permissions,
            condition: rule.deny_rule.denial_condition.map(condition),
        });
        self.put_denials(point.as_str(), rules.collect());
        Ok(())
    }
}

fn condition(document: ConditionDocument) -> Condition {
    Condition {
        title: document.title,
        expression: document.expression,
    }
}

fn read<'d, T: Deserialize<'d>>(name: &str, value: &'d Value) -> Result<T, InvalidDocument> {
    T::deserialize(value).map_err(|error| InvalidDocument::Field {
        name: name.to_owned(),
        error,
    })
}
