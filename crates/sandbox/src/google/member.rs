//! Members of bindings: their grammar, and whether they exist.

use super::cloud::Cloud;
use super::failure::Failure;
use super::name;
use super::target::Target;

const ACCOUNT_DOMAIN: &str = ".gserviceaccount.com";

/// A member as it is kept: emails in small letters.
pub(crate) fn canonical(member: &str, target: &Target) -> Result<String, Failure> {
    if matches!(member, "allUsers" | "allAuthenticatedUsers") {
        return match target.public {
            true => Ok(member.to_owned()),
            false => Err(invalid_argument(member)),
        };
    }
    if member.starts_with("principal://") || member.starts_with("principalSet://") {
        return match well_formed_principal(member) {
            true => Ok(member.to_owned()),
            false => Err(malformed(member)),
        };
    }
    let Some((kind, value)) = member.split_once(':') else {
        return Err(unknown_kind(member));
    };
    match kind {
        "user" | "group" if is_email(value) && value.ends_with(ACCOUNT_DOMAIN) => {
            Err(Failure::invalid(format!(
                "Principal {value} is of type \"serviceAccount\". The principal should appear as \
                 \"serviceAccount:{value}\". See https://cloud.google.com/iam/help/members/types \
                 for additional documentation."
            )))
        }
        "serviceAccount" if is_pool_account(value) => Ok(member.to_owned()),
        "user" | "group" | "serviceAccount" if is_email(value) => {
            Ok(format!("{kind}:{}", value.to_lowercase()))
        }
        "domain" if is_domain(value) => Ok(format!("domain:{}", value.to_lowercase())),
        "projectOwner" | "projectEditor" | "projectViewer" => match target.permission {
            "storage.buckets" if !value.is_empty() => Ok(member.to_owned()),
            _ => Err(invalid_argument(member)),
        },
        "deleted" if is_deleted(value) => Ok(member.to_owned()),
        "user" | "group" | "serviceAccount" | "domain" | "deleted" => Err(malformed(member)),
        _ => Err(unknown_kind(member)),
    }
}

/// Refuses a member that is added and does not exist.
pub(crate) fn must_exist(member: &str, cloud: &Cloud) -> Result<(), Failure> {
    if let Some(deleted) = member.strip_prefix("deleted:") {
        return Err(Failure::invalid(format!(
            "Deleted principals cannot be added to a policy: {deleted}."
        )));
    }
    let Some(email) = member.strip_prefix("serviceAccount:") else {
        return pool_of_principal(member).map_or(Ok(()), |pool| pool_must_exist(pool, cloud));
    };
    if let Some((pool, _)) = email.split_once('[') {
        return pool_must_exist(pool, cloud);
    }
    // Accounts of projects that the sandbox does not know, and Google's own, are taken on trust.
    let project = name::project_of_email(email);
    let is_ours = project.is_some_and(|project| cloud.project(&project).is_some());
    if is_ours && cloud.living(email).is_none() {
        return Err(does_not_exist(email));
    }
    Ok(())
}

/// The answer to a service account that is not there, or not to be seen yet.
pub(crate) fn does_not_exist(email: &str) -> Failure {
    Failure::invalid(format!("Service account {email} does not exist."))
}

/// Whether a member counts towards the limit of groups.
pub(crate) fn is_group(member: &str) -> bool {
    member.starts_with("group:") || member.starts_with("deleted:group:")
}

fn pool_must_exist(pool: &str, cloud: &Cloud) -> Result<(), Failure> {
    let project = pool.strip_suffix(".svc.id.goog").unwrap_or(pool);
    match cloud.project(project) == Some(project) {
        true => Ok(()),
        false => Err(Failure::invalid(format!(
            "Identity Pool does not exist ({pool})."
        ))),
    }
}

/// The GKE pool in `principal://iam.googleapis.com/projects/N/locations/global/workloadIdentityPools/…`.
fn pool_of_principal(member: &str) -> Option<&str> {
    let (_, rest) = member.split_once("/workloadIdentityPools/")?;
    let pool = rest.split('/').next()?;
    pool.ends_with(".svc.id.goog").then_some(pool)
}

fn well_formed_principal(member: &str) -> bool {
    let rest = member.split_once("://").map_or("", |(_, rest)| rest);
    let segments = rest.split('/');
    if segments.clone().count() < 2 || rest.contains(char::is_whitespace) {
        return false;
    }
    // The pool's project is a number; its id is only in the pool's own name.
    match rest.strip_prefix("iam.googleapis.com/projects/") {
        Some(rest) => name::is_number(rest.split('/').next().unwrap_or_default()),
        None => segments.filter(|segment| !segment.is_empty()).count() >= 2,
    }
}

fn is_email(value: &str) -> bool {
    let Some((local, domain)) = value.split_once('@') else {
        return false;
    };
    !local.is_empty() && is_domain(domain) && !value.contains(char::is_whitespace)
}

fn is_domain(value: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    value.contains('.')
        && value
            .split('.')
            .all(|label| !label.is_empty() && label.bytes().all(letters))
}

/// `P.svc.id.goog[NAMESPACE/NAME]`.
fn is_pool_account(value: &str) -> bool {
    let Some((pool, rest)) = value.split_once('[') else {
        return false;
    };
    let inner = rest
        .strip_suffix(']')
        .and_then(|inner| inner.split_once('/'));
    let named = inner.is_some_and(|(namespace, name)| {
        !namespace.is_empty() && !name.is_empty() && !name.contains(['/', '[', ']'])
    });
    pool.ends_with(".svc.id.goog") && named
}

/// `user:ana@example.com?uid=1`, without `deleted:`.
fn is_deleted(value: &str) -> bool {
    if value.starts_with("principal://") {
        return true;
    }
    let kind = value.split(':').next().unwrap_or_default();
    let uid = value.split_once("?uid=").map_or("", |(_, uid)| uid);
    matches!(kind, "user" | "group" | "serviceAccount") && name::is_number(uid)
}

fn unknown_kind(member: &str) -> Failure {
    Failure::invalid(format!(
        "The member {member} is of an unknown type. Please set a valid type prefix for the member."
    ))
}

fn malformed(member: &str) -> Failure {
    Failure::invalid(format!("Invalid principal in policy: {member}."))
}

/// Google says no more than this; the member is in the details.
fn invalid_argument(member: &str) -> Failure {
    let violation = serde_json::json!({"member": member});
    Failure::invalid("Request contains an invalid argument.").info(
        "INVALID_MEMBER",
        "iam.googleapis.com",
        violation,
    )
}
