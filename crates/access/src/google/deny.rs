//! Deny policies: what nobody may do, whatever roles they hold.
//!
//! Google: `iam/docs/deny-overview`, `iam/docs/deny-permissions-support`, `Policy` of `iam.v2`.

use super::{Condition, Missing, Verdict};

/// One rule of a deny policy, in the spellings of `iam.v2`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DenyRule {
    /// The policy it is in: `policies/.../denypolicies/ID`, or its id.
    pub policy: String,
    /// Who is denied: `principal://goog/subject/ana@example.com`.
    pub denied_principals: Vec<String>,
    /// Who is not, though named above.
    pub exception_principals: Vec<String>,
    /// What: `storage.googleapis.com/objects.delete`, `storage.googleapis.com/objects.*`.
    pub denied_permissions: Vec<String>,
    /// What not, though named above.
    pub exception_permissions: Vec<String>,
    /// When. It may ask for tags only, and one that cannot be evaluated denies.
    pub condition: Option<Condition>,
}

impl DenyRule {
    /// Whether it denies a permission (as roles write it) to somebody, on whom `means` tells
    /// whether a principal, spelled as allow policies spell it, means them.
    pub(super) fn denies(&self, permission: &str, means: impl Fn(&str) -> Verdict) -> Verdict {
        let about = |patterns: &[String]| patterns.iter().any(|pattern| is_of(pattern, permission));
        if !about(&self.denied_permissions) || about(&self.exception_permissions) {
            return Verdict::No;
        }
        let among = |principals: &[String]| {
            Verdict::any(
                principals
                    .iter()
                    .map(|principal| match as_member(principal) {
                        Some(member) => means(&member),
                        None => Verdict::unknown(Missing::Member(principal.clone())),
                    }),
            )
        };
        let denied = among(&self.denied_principals);
        if denied.is_no() {
            return Verdict::No;
        }
        let excepted = among(&self.exception_principals);
        denied.and(excepted.not()).and(self.in_force())
    }

    /// Tags are all that a condition of a denial may ask for, and nobody here knows those.
    fn in_force(&self) -> Verdict {
        match &self.condition {
            None => Verdict::Yes,
            Some(condition) => Verdict::unknown(Missing::Condition {
                expression: condition.expression.clone(),
                needs: "the tags of the resource".to_owned(),
            }),
        }
    }
}

/// A principal of a deny policy as allow policies spell it. None for a set that those cannot name.
fn as_member(principal: &str) -> Option<String> {
    const ACCOUNTS: &str = "principal://iam.googleapis.com/projects/-/serviceAccounts/";
    if principal == "principalSet://goog/public:all" {
        return Some("allUsers".to_owned());
    }
    for (prefix, kind) in [
        ("principal://goog/subject/", "user"),
        ("principalSet://goog/group/", "group"),
        (ACCOUNTS, "serviceAccount"),
    ] {
        if let Some(email) = principal.strip_prefix(prefix) {
            return Some(format!("{kind}:{}", email.to_lowercase()));
        }
    }
    (!principal.starts_with("principalSet://goog/")).then(|| principal.to_owned())
}

/// Whether a permission, as roles write it, is one that a pattern of a deny policy names: itself,
/// `SERVICE/TYPE.*`, `SERVICE/*.VERB` or `SERVICE/*.*`.
fn is_of(pattern: &str, permission: &str) -> bool {
    let Some((service, what)) = full(permission) else {
        return false;
    };
    let Some((of, pattern)) = pattern.split_once('/') else {
        return false;
    };
    let (Some((types, verbs)), Some((ty, verb))) =
        (pattern.rsplit_once('.'), what.rsplit_once('.'))
    else {
        return false;
    };
    of == service && (types == "*" || types == ty) && (verbs == "*" || verbs == verb)
}

/// A permission in the two parts that deny policies give it: `storage.googleapis.com` and
/// `objects.get`. The service is the first part of a role's spelling, but for Resource Manager's.
fn full(permission: &str) -> Option<(String, &str)> {
    if let Some((service, what)) = permission.split_once('/') {
        return Some((service.to_owned(), what));
    }
    let (service, what) = permission.split_once('.')?;
    let service = match service {
        "resourcemanager" => "cloudresourcemanager",
        service => service,
    };
    Some((format!("{service}.googleapis.com"), what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_are_matched_in_the_spelling_of_deny_policies() {
        for (pattern, permission, is) in [
            (
                "storage.googleapis.com/objects.get",
                "storage.objects.get",
                true,
            ),
            (
                "storage.googleapis.com/objects.get",
                "storage.objects.list",
                false,
            ),
            (
                "storage.googleapis.com/objects.*",
                "storage.objects.list",
                true,
            ),
            ("storage.googleapis.com/*.*", "storage.buckets.get", true),
            ("storage.googleapis.com/*.get", "storage.buckets.get", true),
            (
                "storage.googleapis.com/*.get",
                "storage.buckets.list",
                false,
            ),
            ("iam.googleapis.com/*.*", "storage.buckets.get", false),
            (
                "cloudresourcemanager.googleapis.com/projects.delete",
                "resourcemanager.projects.delete",
                true,
            ),
            (
                "iam.googleapis.com/workloadIdentityPools.create",
                "iam.googleapis.com/workloadIdentityPools.create",
                true,
            ),
            ("storage.objects.get", "storage.objects.get", false),
        ] {
            assert_eq!(is_of(pattern, permission), is, "{pattern} {permission}");
        }
    }

    #[test]
    fn principals_are_translated() {
        for (principal, member) in [
            (
                "principal://goog/subject/Ana@example.com",
                Some("user:ana@example.com"),
            ),
            (
                "principalSet://goog/group/g@example.com",
                Some("group:g@example.com"),
            ),
            ("principalSet://goog/public:all", Some("allUsers")),
            ("principalSet://goog/cloudIdentityCustomerId/C01", None),
            (
                "principal://iam.googleapis.com/projects/-/serviceAccounts/a@p-1.iam.gserviceaccount.com",
                Some("serviceAccount:a@p-1.iam.gserviceaccount.com"),
            ),
            (
                "deleted:principal://goog/subject/ana@example.com?uid=1",
                Some("deleted:principal://goog/subject/ana@example.com?uid=1"),
            ),
        ] {
            assert_eq!(as_member(principal).as_deref(), member, "{principal}");
        }
    }
}
