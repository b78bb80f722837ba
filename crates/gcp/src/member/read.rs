//! Members as people write them: what Google would refuse, and what was meant.

use rbacform_core::hint;

use super::kind::{KINDS, WORDS};
use super::{canonical, email, federated, is_deleted, is_public};
use crate::target::{Target, is_project_id};

/// Why a member is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MemberError {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl MemberError {
    pub(super) fn new(
        code: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            code,
            message: message.into(),
            help: Some(help.into()),
        }
    }

    fn invalid(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new("invalid-member", message, help)
    }
}

/// The canonical form of a member of a policy of `target`, or why it is none.
pub(crate) fn read(text: &str, target: Option<&Target>) -> Result<String, MemberError> {
    // Attributes of federated principals may hold spaces: `attribute.department/Data Science`.
    let federated = text.starts_with("principal");
    let illegal = |c: char| c.is_control() || (c.is_whitespace() && !(federated && c == ' '));
    if text.is_empty() || text.chars().any(illegal) {
        return Err(MemberError::invalid(
            format!("`{}` is no member", text.escape_debug()),
            "write one like `user:ana@example.com`, without spaces",
        ));
    }
    if is_deleted(text) {
        return Err(MemberError::new(
            "deleted-member",
            format!("`{text}` was deleted, and cannot be granted anything"),
            "such members are kept where they stand; take this one out",
        ));
    }
    let Some((kind, value)) = text.split_once(':') else {
        return word(text, target);
    };
    if !KINDS.contains(&kind) {
        return Err(unknown_kind(kind, value));
    }
    match kind {
        "user" | "group" => person(kind, value)?,
        "domain" => domain(value)?,
        "serviceAccount" => service_account(value)?,
        "principal" | "principalSet" => federated::check(kind, value)?,
        "projectOwner" | "projectEditor" | "projectViewer" => convenience(kind, value)?,
        _ if value.starts_with("//") => {}
        _ => {
            return Err(MemberError::invalid(
                format!("`{text}` names nobody"),
                format!("write `{kind}://...`"),
            ));
        }
    }
    Ok(canonical(text))
}

fn word(text: &str, target: Option<&Target>) -> Result<String, MemberError> {
    if is_public(text) {
        return match target.filter(|target| target.refuses_public) {
            Some(target) => Err(MemberError::new(
                "public-member",
                format!("{} does not take `{text}`", target.one()),
                "grant it on the single resource that shall be public, e.g. a bucket",
            )),
            None => Ok(text.to_owned()),
        };
    }
    let help = match WORDS.iter().find(|word| word.eq_ignore_ascii_case(text)) {
        Some(word) => format!("write `{word}`: the case counts"),
        None if email::is_service_account_email(text) => format!("write `serviceAccount:{text}`"),
        None if email::is_email(text) => format!("write `user:{text}`, or `group:{text}`"),
        None => match hint::closest(text, WORDS) {
            Some(word) => format!("did you mean `{word}`?"),
            None => "write what it is before a colon: `user:`, `group:`, `serviceAccount:`, \
                     `domain:`"
                .to_owned(),
        },
    };
    Err(MemberError::invalid(format!("`{text}` is no member"), help))
}

fn unknown_kind(kind: &str, value: &str) -> MemberError {
    let message = format!("`{kind}:` is no kind of member");
    let kubernetes = kind == "serviceaccount" || kind == "system";
    let account = match (kind, value) {
        ("system", value) => value
            .strip_prefix("serviceaccount:")
            .map(|v| v.replace(':', "/")),
        (_, value) => value
            .split_once('/')
            .filter(|_| !value.contains('@') && !value.contains('['))
            .map(|_| value.to_owned()),
    };
    if let Some(account) = account.filter(|_| kubernetes) {
        return MemberError::invalid(
            message,
            format!(
                "to Google a Kubernetes service account is \
                 `serviceAccount:PROJECT.svc.id.goog[{account}]`; `gcp.workload_identity` writes it"
            ),
        );
    }
    let known = KINDS.iter().find(|known| known.eq_ignore_ascii_case(kind));
    let help = match known.copied().or_else(|| hint::closest(kind, KINDS)) {
        Some(known) if known.eq_ignore_ascii_case(kind) => {
            format!("write `{known}:{value}`: the case counts")
        }
        Some(known) => format!("did you mean `{known}:{value}`?"),
        None => format!("kinds are `{}`", KINDS.join("`, `")),
    };
    MemberError::invalid(message, help)
}

fn person(kind: &str, value: &str) -> Result<(), MemberError> {
    if email::is_service_account_email(value) {
        return Err(MemberError::invalid(
            format!("`{value}` is a service account, not a {kind}"),
            format!("write `serviceAccount:{value}`"),
        ));
    }
    match email::is_email(value) {
        true => Ok(()),
        false => Err(MemberError::invalid(
            format!("`{value}` is no e-mail address"),
            format!("write `{kind}:NAME@DOMAIN`"),
        )),
    }
}

fn domain(value: &str) -> Result<(), MemberError> {
    match email::is_domain(value) {
        true => Ok(()),
        false => Err(MemberError::invalid(
            format!("`{value}` is no domain"),
            "write the primary domain of the organization, e.g. `domain:example.com`",
        )),
    }
}

fn service_account(value: &str) -> Result<(), MemberError> {
    if let Some((project, rest)) = value.split_once(".svc.id.goog") {
        return pool_member(value, project, rest);
    }
    if value.starts_with("projects/") {
        let email = value.rsplit('/').next().unwrap_or_default();
        return Err(MemberError::invalid(
            format!("`{value}` is a resource's name, not an e-mail address"),
            format!("write `serviceAccount:{email}`"),
        ));
    }
    if email::is_email(value) && email::is_service_account_email(value) {
        return Ok(());
    }
    let help = match email::is_email(value) {
        true => format!("did you mean `user:{value}`?"),
        false => "write `serviceAccount:NAME@PROJECT.iam.gserviceaccount.com`".to_owned(),
    };
    Err(MemberError::invalid(
        format!("`{value}` is no service account's e-mail address"),
        help,
    ))
}

/// `PROJECT.svc.id.goog[NAMESPACE/NAME]`.
fn pool_member(value: &str, project: &str, rest: &str) -> Result<(), MemberError> {
    const HELP: &str = "write `serviceAccount:PROJECT.svc.id.goog[NAMESPACE/NAME]`";
    let name = |text: &str| {
        let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
        !text.is_empty() && text.len() <= 253 && text.to_ascii_lowercase().bytes().all(inner)
    };
    let inside = rest
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .and_then(|rest| rest.split_once('/'));
    match inside {
        Some((namespace, account)) if name(namespace) && name(account) => {}
        _ => {
            return Err(MemberError::invalid(
                format!("`{value}` names no Kubernetes service account"),
                HELP,
            ));
        }
    }
    match is_project_id(&project.to_ascii_lowercase()) {
        true => Ok(()),
        false => Err(MemberError::new(
            "swapped-project",
            format!("the pool `{project}.svc.id.goog` goes by the project's id, not `{project}`"),
            HELP,
        )),
    }
}

fn convenience(kind: &str, value: &str) -> Result<(), MemberError> {
    match crate::target::check_segment("project", value) {
        None => Ok(()),
        Some(rule) => Err(MemberError::invalid(
            format!("`{kind}:{value}` names no project"),
            rule,
        )),
    }
}
