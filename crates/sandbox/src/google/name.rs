//! Resource names, as Google writes them without the host.

use sha2::{Digest, Sha256};

/// Whether a name has the shape of a pattern, in which `*` stands for one segment.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    let mut wanted = pattern.split('/');
    let mut given = name.split('/');
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some("*"), Some(segment)) if !segment.is_empty() => {}
            (Some(literal), Some(segment)) if literal == segment => {}
            _ => return false,
        }
    }
}

/// The segment after `projects/`; `None` for a name outside projects.
pub(crate) fn project_of(name: &str) -> Option<&str> {
    name.strip_prefix("projects/")?.split('/').next()
}

/// The last segment.
pub(crate) fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// The segment after a collection, such as the location after `locations`.
pub(crate) fn segment_after<'a>(name: &'a str, collection: &str) -> &'a str {
    let mut segments = name.split('/');
    segments.find(|segment| *segment == collection);
    segments.next().unwrap_or_default()
}

/// The same name in another project's spelling.
pub(crate) fn with_project(name: &str, project: &str) -> String {
    let rest = name.strip_prefix("projects/").unwrap_or_default();
    match rest.split_once('/') {
        Some((_, rest)) => format!("projects/{project}/{rest}"),
        None => format!("projects/{project}"),
    }
}

pub(crate) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The number of a project: twelve digits that its id alone decides.
pub(crate) fn project_number(id: &str) -> String {
    (100_000_000_000 + digest(id) % 900_000_000_000).to_string()
}

/// Google's grammar of project ids; a domain may stand before a colon.
pub(crate) fn is_project_id(id: &str) -> bool {
    let own = id.rsplit(':').next().unwrap_or(id);
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (4..=30).contains(&own.len())
        && own.starts_with(|first: char| first.is_ascii_lowercase())
        && own.bytes().all(letters)
        && !own.ends_with('-')
}

/// The mail domain of a project's service accounts.
pub(crate) fn account_domain(project: &str) -> String {
    match project.split_once(':') {
        Some((domain, id)) => format!("{id}.{domain}.iam.gserviceaccount.com"),
        None => format!("{project}.iam.gserviceaccount.com"),
    }
}

/// The project that a service account's email belongs to, where it is one that people create.
pub(crate) fn project_of_email(email: &str) -> Option<String> {
    let (_, domain) = email.split_once('@')?;
    let owner = domain.strip_suffix(".iam.gserviceaccount.com")?;
    Some(match owner.split_once('.') {
        Some((id, domain)) => format!("{domain}:{id}"),
        None => owner.to_owned(),
    })
}

fn digest(text: &str) -> u64 {
    let hash = Sha256::digest(text.as_bytes());
    let first = hash.iter().take(8);
    first.fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_has_one_number_for_ever() {
        assert_eq!(project_number("acme-ml"), project_number("acme-ml"));
        assert_ne!(project_number("acme-ml"), project_number("acme-mm"));
        assert_eq!(project_number("acme-ml").len(), 12);
    }

    #[test]
    fn emails_tell_their_project() {
        for project in ["acme-ml", "example.com:acme-ml"] {
            let email = format!("trainer@{}", account_domain(project));
            assert_eq!(project_of_email(&email).as_deref(), Some(project));
        }
        assert_eq!(
            project_of_email("1-compute@developer.gserviceaccount.com"),
            None
        );
    }

    #[test]
    fn patterns_match_whole_names() {
        let pattern = "projects/*/locations/*/models/*";
        assert!(matches(pattern, "projects/p/locations/l/models/m"));
        assert!(!matches(pattern, "projects/p/locations/l/models"));
        assert!(!matches(pattern, "projects/p/locations/l/models/m/x"));
        assert!(!matches(pattern, "projects//locations/l/models/m"));
    }
}
