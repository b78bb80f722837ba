//! Identities: how objects of Google are named in plans, state and journal.
//!
//! A grant is its resource, role, member and condition, joined by one space. Resources and roles
//! hold no spaces; a federated member may.

use rbacform_core::ObjectId;

use crate::condition::Condition;
use crate::target::ResourceName;

/// The kind of service accounts.
pub const SERVICE_ACCOUNT: &str = "ServiceAccount";
/// The kind of custom roles.
pub const CUSTOM_ROLE: &str = "CustomRole";
/// The kind of single grants.
pub const IAM_MEMBER: &str = "IamMember";
/// The kind of whole bindings: everybody who has one role under one condition.
pub const IAM_BINDING: &str = "IamBinding";
/// The kind of whole policies.
pub const IAM_POLICY: &str = "IamPolicy";

/// What stands before a condition's digest.
const IF: &str = " if=";
/// How many digits a condition's digest has.
const DIGITS: usize = 12;

/// What an object of IAM is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ident<'a> {
    /// The resource whose policy it is in.
    pub resource: &'a str,
    /// The role; empty for a whole policy.
    pub role: &'a str,
    /// The member; empty for a whole binding or policy.
    pub member: &'a str,
    /// The digest of the condition, where there is one.
    pub condition: Option<&'a str>,
}

impl<'a> Ident<'a> {
    /// What an object is about. `None` where it is none of IAM's three kinds.
    pub fn of(object: &'a ObjectId) -> Option<Self> {
        let ident = object.ident.as_str();
        let policy = Ident {
            resource: ident,
            role: "",
            member: "",
            condition: None,
        };
        match object.kind.as_str() {
            IAM_POLICY => Some(policy),
            IAM_BINDING => {
                let (ident, condition) = split_condition(ident);
                let (resource, role) = ident.split_once(' ')?;
                Some(Ident {
                    resource,
                    role,
                    condition,
                    ..policy
                })
            }
            IAM_MEMBER => {
                let (ident, condition) = split_condition(ident);
                let (resource, rest) = ident.split_once(' ')?;
                let (role, member) = rest.split_once(' ')?;
                Some(Ident {
                    resource,
                    role,
                    member,
                    condition,
                })
            }
            _ => None,
        }
    }

    /// The whole binding that this is or belongs to.
    pub fn binding(&self, instance: &str) -> ObjectId {
        let (resource, role) = (self.resource, self.role);
        let suffix = self.suffix();
        ObjectId::cluster(instance, IAM_BINDING, &format!("{resource} {role}{suffix}"))
    }

    /// The identity as it is written.
    pub fn text(&self) -> String {
        let parts = [self.resource, self.role, self.member];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        format!("{}{}", parts.join(" "), self.suffix())
    }

    fn suffix(&self) -> String {
        self.condition
            .map_or(String::new(), |digest| format!("{IF}{digest}"))
    }
}

/// The identity of one grant.
pub fn iam_member(
    instance: &str,
    resource: &str,
    role: &str,
    member: &str,
    condition: Option<&Condition>,
) -> ObjectId {
    let suffix = suffix(condition);
    ObjectId::cluster(
        instance,
        IAM_MEMBER,
        &format!("{resource} {role} {member}{suffix}"),
    )
}

/// The identity of one whole binding.
pub fn iam_binding(
    instance: &str,
    resource: &str,
    role: &str,
    condition: Option<&Condition>,
) -> ObjectId {
    let suffix = suffix(condition);
    ObjectId::cluster(instance, IAM_BINDING, &format!("{resource} {role}{suffix}"))
}

/// The identity of a whole policy.
pub fn iam_policy(instance: &str, resource: &str) -> ObjectId {
    ObjectId::cluster(instance, IAM_POLICY, resource)
}

/// A service account by its address, in the project that the address tells; none where it is no
/// address of one.
pub fn service_account(instance: &str, email: &str) -> Option<ObjectId> {
    let name = ResourceName::parse(&format!("projects/-/serviceAccounts/{email}")).ok()?;
    Some(ObjectId::cluster(instance, SERVICE_ACCOUNT, name.as_str()))
}

/// The role as an object: a custom one is an object of its own.
pub fn role(instance: &str, role: &str) -> ObjectId {
    let kind = match role.starts_with("roles/") {
        true => "Role",
        false => CUSTOM_ROLE,
    };
    ObjectId::cluster(instance, kind, role)
}

fn suffix(condition: Option<&Condition>) -> String {
    condition.map_or(String::new(), |condition| {
        format!("{IF}{}", condition.digest())
    })
}

fn split_condition(ident: &str) -> (&str, Option<&str>) {
    let hex = |digits: &str| {
        digits.len() == DIGITS
            && digits
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    match ident.rsplit_once(IF) {
        Some((ident, digits)) if hex(digits) => (ident, Some(digits)),
        _ => (ident, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_read_back_as_what_they_were_made_of() {
        let condition = Condition {
            title: "t".to_owned(),
            description: None,
            expression: "true".to_owned(),
        };
        let member = "principalSet://iam.googleapis.com/x/attribute.dept/Data Science if=0";
        for given in [None, Some(&condition)] {
            let digest = given.map(Condition::digest);
            let grant = iam_member("gcp", "projects/p", "roles/x", member, given);
            assert_eq!(
                Ident::of(&grant).unwrap(),
                Ident {
                    resource: "projects/p",
                    role: "roles/x",
                    member,
                    condition: digest.as_deref(),
                }
            );
            let binding = iam_binding("gcp", "buckets/b", "projects/p/roles/x", given);
            let read = Ident::of(&binding).unwrap();
            assert_eq!(
                (read.resource, read.role),
                ("buckets/b", "projects/p/roles/x")
            );
            assert_eq!((read.member, read.condition), ("", digest.as_deref()));
        }
        assert_eq!(
            Ident::of(&iam_policy("gcp", "projects/p"))
                .unwrap()
                .resource,
            "projects/p"
        );
        assert_eq!(
            Ident::of(&ObjectId::cluster("gcp", "ServiceAccount", "x")),
            None
        );
    }
}
