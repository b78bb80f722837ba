//! Addresses of people, groups and service accounts.

/// Whether this has the shape of an e-mail address.
pub(crate) fn is_email(text: &str) -> bool {
    let part = |text: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| !c.is_whitespace() && !c.is_control() && !"@/\"(),:;<>[\\]".contains(c))
    };
    text.split_once('@')
        .is_some_and(|(local, host)| part(local) && is_domain(host))
}

/// Whether this is a domain's name.
pub(super) fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label
                .chars()
                .all(|c| c.is_alphanumeric() || c == '-' || c == '_')
    };
    text.contains('.') && text.len() <= 253 && text.split('.').all(label)
}

/// Whether an address is a service account's: they all end alike, Google's own included. It holds
/// nothing that means anything in a path.
pub(crate) fn is_service_account_email(email: &str) -> bool {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    email.split_once('@').is_some_and(|(local, host)| {
        let host = host.to_ascii_lowercase();
        !local.is_empty()
            && [local, &host].iter().all(|part| part.chars().all(legal))
            && (host == "gserviceaccount.com" || host.ends_with(".gserviceaccount.com"))
    })
}

/// The project that owns a service account, where its address tells: `NAME@PROJECT.iam...`, or
/// `PROJECT@appspot...`. A domain-scoped project `example.com:p` is `p.example.com` in it.
pub(crate) fn project_of_email(email: &str) -> Option<String> {
    let (local, host) = email.split_once('@')?;
    if host == "appspot.gserviceaccount.com" {
        return Some(local.to_owned());
    }
    let owner = host.strip_suffix(".iam.gserviceaccount.com")?;
    match owner.split_once('.') {
        Some((project, domain)) => Some(format!("{domain}:{project}")),
        None => Some(owner.to_owned()),
    }
}

/// The address of a service account in a project.
pub(crate) fn address(account_id: &str, project: &str) -> String {
    match project.split_once(':') {
        Some((domain, project)) => {
            format!("{account_id}@{project}.{domain}.iam.gserviceaccount.com")
        }
        None => format!("{account_id}@{project}.iam.gserviceaccount.com"),
    }
}
