//! The parts of resource names, as Google accepts them.

/// What is wrong with the value of a placeholder, if anything.
pub(crate) fn check(placeholder: &str, value: &str) -> Option<String> {
    let fine = match placeholder {
        "project" => is_project_id(value) || is_project_number(value),
        "folder" | "organization" => is_project_number(value),
        "location" => is_location(value),
        "service_account" => return None,
        "bucket" => is_bucket(value),
        "repository" => {
            value.len() <= 63 && starts_lower(value) && value.bytes().all(is_lower_or_dash)
        }
        "secret" => (1..=255).contains(&value.len()) && value.bytes().all(is_word),
        "topic" => is_topic(value),
        // Vertex AI: numbers, or ids of its own choice.
        _ => (1..=128).contains(&value.len()) && value.bytes().all(is_word),
    };
    let rule = match placeholder {
        "project" => {
            "a project's id is 6 to 30 lower-case letters, digits and `-`, beginning with a letter; \
             its number has only digits"
        }
        "folder" | "organization" => "it goes by its number",
        "location" => "a location is like `us-central1`, or `global`",
        "bucket" => "a bucket's name is 3 to 222 lower-case letters, digits, `-`, `_` and `.`",
        "repository" => {
            "a repository's name is lower-case letters, digits and `-`, beginning with a letter"
        }
        "secret" => "a secret's name is up to 255 letters, digits, `-` and `_`",
        "topic" => {
            "a topic's name is 3 to 255 letters, digits and `-_.~+%`, beginning with a letter and \
             not with `goog`"
        }
        _ => "it is letters, digits, `-` and `_`",
    };
    (!fine).then(|| rule.to_owned())
}

/// Whether this is a project's id: `[a-z][-a-z0-9]{4,28}[a-z0-9]`, behind `DOMAIN:` where the
/// project belongs to one of the old domain-scoped kind.
pub(crate) fn is_project_id(text: &str) -> bool {
    let id = match text.split_once(':') {
        Some((domain, id)) if is_domain(domain) => id,
        Some(_) => return false,
        None => text,
    };
    (6..=30).contains(&id.len())
        && starts_lower(id)
        && id.bytes().all(is_lower_or_dash)
        && !id.ends_with('-')
}

/// Whether this is a project's number.
pub(crate) fn is_project_number(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether this is a domain of two or more labels.
pub(crate) fn is_domain(text: &str) -> bool {
    text.contains('.')
        && text
            .split('.')
            .all(|label| !label.is_empty() && label.bytes().all(is_lower_or_dash))
}

fn is_location(text: &str) -> bool {
    starts_lower(text) && text.len() <= 63 && text.bytes().all(is_lower_or_dash)
}

fn is_bucket(text: &str) -> bool {
    let inner = |byte: u8| is_lower_or_dash(byte) || byte == b'_' || byte == b'.';
    let end = |byte: Option<u8>| byte.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    (3..=222).contains(&text.len())
        && text.bytes().all(inner)
        && end(text.bytes().next())
        && end(text.bytes().next_back())
}

fn is_topic(text: &str) -> bool {
    (3..=255).contains(&text.len())
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| is_word(byte) || b".~+%".contains(&byte))
        && !text.starts_with("goog")
}

fn starts_lower(text: &str) -> bool {
    text.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
}

fn is_lower_or_dash(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}
