//! The preflight's knowledge: which permissions a write takes, and how their lack is told.

mod takes;

use std::collections::BTreeSet;

use rbacform_core::Address;
use rbacform_core::plan::{Preflight, Verdict};

use crate::member::of_identity;
use crate::roles;
use crate::target::{Permissions, ResourceName};

pub use takes::{Takes, comes_back, takes};

/// The permissions that reading and setting a resource's policy take; none where no predefined role
/// holds the second, so that asking for it may be an error.
pub fn policy_permissions(resource: &ResourceName) -> Option<[String; 2]> {
    let target = resource.target();
    let (_, last) = target.discovery.rsplit_once('.')?;
    let service = match target.permissions {
        Permissions::Any => "resourcemanager",
        Permissions::Of { service, .. } => service,
    };
    let [get, set] = ["get", "set"].map(|verb| format!("{service}.{last}.{verb}IamPolicy"));
    roles::permission_exists(&set).then_some([get, set])
}

/// A change that takes permissions which whoever applies does not hold.
pub fn refused(
    address: &Address,
    resource: &ResourceName,
    permissions: &[String],
    identity: Option<&str>,
) -> Preflight {
    Preflight {
        address: address.clone(),
        verdict: Verdict::Refused,
        reason: format!(
            "Permission {} denied on resource '{}' (or it may not exist).",
            quoted(permissions, '\''),
            resource.full()
        ),
        missing: permissions.to_vec(),
        grant: grant(resource, permissions, identity),
    }
}

/// The same where Google does not say.
pub fn open(
    address: &Address,
    resource: &ResourceName,
    permissions: &[String],
    why: &str,
    identity: Option<&str>,
) -> Preflight {
    let verb = if permissions.len() == 1 { "is" } else { "are" };
    Preflight {
        verdict: Verdict::CannotTell,
        reason: format!(
            "Google does not say whether {} {verb} held on `{resource}`: {why}",
            quoted(permissions, '`')
        ),
        ..refused(address, resource, permissions, identity)
    }
}

fn quoted(permissions: &[String], quote: char) -> String {
    let quoted: Vec<String> = permissions
        .iter()
        .map(|permission| format!("{quote}{permission}{quote}"))
        .collect();
    quoted.join(", ")
}

/// A stack's resources that give them; words where no role is known for one.
fn grant(resource: &ResourceName, permissions: &[String], identity: Option<&str>) -> Vec<String> {
    let member = identity.and_then(of_identity);
    let member = member.unwrap_or_else(|| "MEMBER".to_owned());
    let mut lines = Vec::new();
    let mut roles = BTreeSet::new();
    for permission in permissions {
        match roles::usual_holder(permission) {
            Some(role) if !roles.insert(role) => {}
            Some(role) => lines.extend([
                "[gcp.iam_member.NAME]".to_owned(),
                format!("resource = \"{resource}\""),
                format!("role = \"{role}\""),
                format!("member = \"{member}\""),
            ]),
            None => lines.push(format!(
                "# a role that holds `{permission}`, on `{resource}`, to `{member}`"
            )),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_role_can_manage_has_its_permissions() {
        let set = |name: &str| {
            let resource = ResourceName::parse(name).unwrap();
            policy_permissions(&resource).map(|[_, set]| set)
        };
        let known = [
            ("projects/acme-ml", "resourcemanager.projects.setIamPolicy"),
            ("folders/1", "resourcemanager.folders.setIamPolicy"),
            (
                "organizations/1",
                "resourcemanager.organizations.setIamPolicy",
            ),
            (
                "projects/acme-ml/serviceAccounts/robot@acme-ml.iam.gserviceaccount.com",
                "iam.serviceAccounts.setIamPolicy",
            ),
            ("buckets/acme-data", "storage.buckets.setIamPolicy"),
            (
                "projects/acme-ml/locations/us-central1/endpoints/1",
                "aiplatform.endpoints.setIamPolicy",
            ),
            ("projects/acme-ml/topics/news", "pubsub.topics.setIamPolicy"),
            (
                "projects/acme-ml/secrets/key",
                "secretmanager.secrets.setIamPolicy",
            ),
        ];
        for (name, permission) in known {
            assert_eq!(set(name).as_deref(), Some(permission), "{name}");
        }
        // Vertex AI describes methods that no role holds a permission for.
        let model = "projects/acme-ml/locations/us-central1/models/1";
        assert_eq!(set(model), None);
    }

    #[test]
    fn the_grant_can_be_pasted_into_a_stack() {
        let resource = ResourceName::parse("projects/acme-ml").unwrap();
        let address = "gcp.iam_member.it".parse().unwrap();
        let permission = "resourcemanager.projects.setIamPolicy".to_owned();
        let robot = Some("ci@acme-ml.iam.gserviceaccount.com");
        let found = refused(&address, &resource, &[permission], robot);
        assert_eq!(
            found.reason,
            "Permission 'resourcemanager.projects.setIamPolicy' denied on resource \
             '//cloudresourcemanager.googleapis.com/projects/acme-ml' (or it may not exist)."
        );
        assert_eq!(
            found.grant,
            [
                "[gcp.iam_member.NAME]",
                "resource = \"projects/acme-ml\"",
                "role = \"roles/resourcemanager.projectIamAdmin\"",
                "member = \"serviceAccount:ci@acme-ml.iam.gserviceaccount.com\"",
            ]
        );
    }
}
