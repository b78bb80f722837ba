//! What a write takes.

use rbacform_core::{Edit, EditKind, ObjectId, Value, compare};

use super::policy_permissions;
use crate::ident::{CUSTOM_ROLE, Ident, SERVICE_ACCOUNT};
use crate::target::ResourceName;

/// The permissions that a write takes, and where Google can be asked for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Takes {
    /// Whose policy is asked, with all above it.
    pub resource: ResourceName,
    /// The permissions.
    pub permissions: Vec<String>,
    /// What lies below it and has a policy of its own that may give them as well.
    pub below: Option<ResourceName>,
}

/// What a write takes; none where that is nothing, or nobody can be asked.
///
/// The methods and their permissions: Google's reference of the IAM API.
pub fn takes(edit: &Edit) -> Option<Takes> {
    let takes = match edit.object.kind.as_str() {
        SERVICE_ACCOUNT => Takes {
            resource: owner(&edit.object)?,
            permissions: of_account(edit),
            below: match edit.kind {
                EditKind::Create { .. } => None,
                _ => ResourceName::parse(&edit.object.ident).ok(),
            },
        },
        CUSTOM_ROLE => Takes {
            resource: owner(&edit.object)?,
            permissions: of_role(edit).into_iter().map(str::to_owned).collect(),
            below: None,
        },
        _ => of_policy(edit)?,
    };
    (!takes.permissions.is_empty()).then_some(takes)
}

impl Takes {
    /// The same of something that the plan makes: nothing gives it but what that is in, whose
    /// permissions come down to it. Nobody holds anything on what they make by having made it.
    ///
    /// One that comes back does so with the policy that it had.
    #[must_use]
    pub fn of_what_is_made(self, comes_back: bool) -> Option<Self> {
        let above = above(self.resource.as_str())?;
        Some(Self {
            below: comes_back.then_some(self.resource),
            resource: above,
            permissions: self.permissions,
        })
    }
}

/// Whether a write brings back what state knows and Google keeps: an account that was deleted.
pub fn comes_back(edit: &Edit) -> bool {
    matches!(edit.kind, EditKind::Create { .. })
        && edit.records.as_ref().is_some_and(|it| !it.uid.is_empty())
}

fn of_policy(edit: &Edit) -> Option<Takes> {
    let resource = ResourceName::parse(Ident::of(&edit.object)?.resource).ok()?;
    let [_, set] = policy_permissions(&resource)?;
    let permissions = match edit.kind {
        EditKind::Record => Vec::new(),
        _ => vec![set],
    };
    Some(Takes {
        resource,
        permissions,
        below: None,
    })
}

fn of_account(edit: &Edit) -> Vec<String> {
    let verbs: Vec<&str> = match &edit.kind {
        EditKind::Create { attributes, .. } => {
            let known = comes_back(edit);
            let mut verbs = vec![if known { "undelete" } else { "create" }];
            if !known && is_disabled(attributes) {
                verbs.push("disable");
            }
            verbs
        }
        EditKind::Update { attributes, .. } => changed(&edit.precondition.compared, attributes),
        EditKind::Delete => vec!["delete"],
        EditKind::Abandon { .. } | EditKind::Record => Vec::new(),
    };
    let named = verbs
        .iter()
        .map(|verb| format!("iam.serviceAccounts.{verb}"));
    named.collect()
}

/// What the texts of an account and whether it is disabled take, each where it differs.
fn changed(compared: &Value, wanted: &Value) -> Vec<&'static str> {
    let differences = compare::differences(compared, wanted);
    let differs = |key: &str| differences.iter().any(|found| found.path == key);
    let mut verbs = Vec::new();
    if differs("display_name") || differs("description") {
        verbs.push("update");
    }
    if wanted.get("disabled").is_some() && differs("disabled") {
        verbs.push(if is_disabled(wanted) {
            "disable"
        } else {
            "enable"
        });
    }
    verbs
}

fn is_disabled(attributes: &Value) -> bool {
    attributes.get("disabled").and_then(Value::as_bool) == Some(true)
}

fn of_role(edit: &Edit) -> Option<&'static str> {
    match edit.kind {
        EditKind::Create { .. } => Some("iam.roles.create"),
        EditKind::Update { .. } => Some("iam.roles.update"),
        EditKind::Delete => Some("iam.roles.delete"),
        EditKind::Abandon { .. } | EditKind::Record => None,
    }
}

/// The project or organization that an account or a role belongs to.
fn owner(object: &ObjectId) -> Option<ResourceName> {
    above(&object.ident)
}

fn above(name: &str) -> Option<ResourceName> {
    let mut parts = name.split('/');
    let name = format!("{}/{}", parts.next()?, parts.next()?);
    ResourceName::parse(&name).ok()
}

#[cfg(test)]
mod tests {
    use rbacform_core::{Mark, Precondition};
    use serde_json::json;

    use super::*;
    use crate::ident::iam_member;
    use crate::roles::permission_exists;

    const ACCOUNT: &str = "projects/acme-ml/serviceAccounts/robot@acme-ml.iam.gserviceaccount.com";

    fn edit(object: ObjectId, kind: EditKind, compared: &serde_json::Value) -> Edit {
        Edit {
            address: "gcp.iam_member.it".parse().unwrap(),
            object,
            kind,
            precondition: Precondition {
                compared: Value::from_json(compared),
                ..Precondition::default()
            },
            records: None,
            transient: false,
        }
    }

    fn creation(attributes: &serde_json::Value) -> EditKind {
        EditKind::Create {
            attributes: Value::from_json(attributes),
            mark: mark(),
            built_in: false,
        }
    }

    fn update(attributes: &serde_json::Value) -> EditKind {
        EditKind::Update {
            attributes: Value::from_json(attributes),
            mark: mark(),
        }
    }

    fn mark() -> Mark {
        Mark {
            stack: "it".into(),
            lineage: "l".into(),
        }
    }

    /// Where it is asked, for what, and what else may give it.
    fn told(edit: &Edit) -> Option<(String, Vec<String>, Option<String>)> {
        let takes = takes(edit)?;
        for permission in &takes.permissions {
            assert!(permission_exists(permission), "{permission}");
        }
        Some((
            takes.resource.to_string(),
            takes.permissions,
            takes.below.map(|below| below.to_string()),
        ))
    }

    #[test]
    fn an_account_takes_what_is_done_with_it() {
        let account = |kind, compared: &serde_json::Value| {
            let object = ObjectId::cluster("gcp", SERVICE_ACCOUNT, ACCOUNT);
            told(&edit(object, kind, compared))
        };
        let project = |permissions: &[&str], below: Option<&str>| {
            let permissions = permissions.iter();
            Some((
                "projects/acme-ml".to_owned(),
                permissions
                    .map(|it| format!("iam.serviceAccounts.{it}"))
                    .collect::<Vec<_>>(),
                below.map(str::to_owned),
            ))
        };
        let nothing = json!({});
        assert_eq!(
            account(creation(&json!({"display_name": "Robot"})), &nothing),
            project(&["create"], None)
        );
        assert_eq!(
            account(creation(&json!({"disabled": true})), &nothing),
            project(&["create", "disable"], None)
        );
        let renamed = update(&json!({"display_name": "New", "disabled": false}));
        assert_eq!(
            account(
                renamed.clone(),
                &json!({"display_name": "Old", "disabled": true})
            ),
            project(&["update", "enable"], Some(ACCOUNT))
        );
        assert_eq!(
            account(renamed, &json!({"display_name": "New", "disabled": false})),
            None
        );
        assert_eq!(
            account(EditKind::Delete, &nothing),
            project(&["delete"], Some(ACCOUNT))
        );
        assert_eq!(account(EditKind::Record, &nothing), None);
    }

    #[test]
    fn roles_and_policies_are_asked_where_they_are() {
        let role = ObjectId::cluster("gcp", CUSTOM_ROLE, "organizations/1/roles/it");
        assert_eq!(
            told(&edit(role, EditKind::Delete, &json!({}))),
            Some((
                "organizations/1".into(),
                vec!["iam.roles.delete".into()],
                None
            ))
        );
        let grant = iam_member("gcp", "buckets/data", "roles/viewer", "user:a@b.c", None);
        assert_eq!(
            told(&edit(grant, creation(&json!({})), &json!({}))),
            Some((
                "buckets/data".into(),
                vec!["storage.buckets.setIamPolicy".into()],
                None
            ))
        );
    }
}
