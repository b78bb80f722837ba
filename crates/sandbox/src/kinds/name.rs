//! The forms of names (`apimachinery/pkg/util/validation`, `pkg/api/validation/path`).

const LABEL_TEXT: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric \
    characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or \
    '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN_TEXT: &str = "a lowercase RFC 1123 subdomain must consist of lower case \
    alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character \
    (e.g. 'example.com', regex used for validation is \
    '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const QUALIFIED_TEXT: &str = "name part must consist of alphanumeric characters, '-', '_' or '.', \
    and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or \
    '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE_TEXT: &str = "a valid label must be an empty string or consist of alphanumeric \
    characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. \
    'MyValue',  or 'my_value',  or '12345', regex used for validation is \
    '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

/// The server counts bytes; for names it says otherwise (`util/validation` against
/// `api/validate/content`).
const CHARACTERS: &str = "characters";
const BYTES: &str = "bytes";

/// What is wrong with a name that is one segment of a URL path.
pub(crate) fn path_segment(name: &str) -> Vec<String> {
    if name == "." || name == ".." {
        return vec![format!("may not be '{name}'")];
    }
    ['/', '%']
        .iter()
        .filter(|c| name.contains(**c))
        .map(|c| format!("may not contain '{c}'"))
        .collect()
}

/// What is wrong with a DNS-1123 label.
pub(crate) fn dns_label(name: &str) -> Vec<String> {
    let otherwise = match is_subdomain(name) {
        true => "must not contain dots",
        false => LABEL_TEXT,
    };
    limited(name, (63, CHARACTERS), is_dns_label(name), otherwise)
}

/// What is wrong with a DNS-1123 subdomain.
pub(crate) fn dns_subdomain(name: &str) -> Vec<String> {
    subdomain(name, CHARACTERS)
}

fn subdomain(name: &str, unit: &str) -> Vec<String> {
    limited(name, (253, unit), is_subdomain(name), SUBDOMAIN_TEXT)
}

/// What is wrong with a label key, or an annotation key in lower case.
pub(crate) fn qualified_name(key: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let name = match key.split_once('/') {
        Some((_, rest)) if rest.contains('/') => {
            return vec![format!(
                "a valid label key {} with an optional DNS subdomain prefix and '/' (e.g. \
                 'example.com/MyName')",
                QUALIFIED_TEXT.trim_start_matches("name part ")
            )];
        }
        Some(("", name)) => {
            problems.push("prefix part must be non-empty".to_owned());
            name
        }
        Some((prefix, name)) => {
            let wrong = subdomain(prefix, BYTES);
            problems.extend(wrong.into_iter().map(|text| format!("prefix part {text}")));
            name
        }
        None => key,
    };
    if name.is_empty() {
        problems.push("name part must be non-empty".to_owned());
    } else if name.len() > 63 {
        problems.push("name part must be no more than 63 bytes".to_owned());
    }
    if !is_label_text(name) {
        problems.push(QUALIFIED_TEXT.to_owned());
    }
    problems
}

/// What is wrong with a label value.
pub(crate) fn label_value(value: &str) -> Vec<String> {
    limited(
        value,
        (63, BYTES),
        value.is_empty() || is_label_text(value),
        VALUE_TEXT,
    )
}

fn limited(
    text: &str,
    (limit, unit): (usize, &str),
    well_formed: bool,
    otherwise: &str,
) -> Vec<String> {
    let mut problems = Vec::new();
    if text.len() > limit {
        problems.push(format!("must be no more than {limit} {unit}"));
    }
    if !well_formed {
        problems.push(otherwise.to_owned());
    }
    problems
}

fn is_subdomain(text: &str) -> bool {
    text.split('.').all(is_dns_label)
}

fn is_dns_label(text: &str) -> bool {
    let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.starts_with(alphanumeric)
        && text.ends_with(alphanumeric)
        && text.chars().all(|c| alphanumeric(c) || c == '-')
}

fn is_label_text(text: &str) -> bool {
    let alphanumeric = |c: char| c.is_ascii_alphanumeric();
    text.starts_with(alphanumeric)
        && text.ends_with(alphanumeric)
        && text
            .chars()
            .all(|c| alphanumeric(c) || matches!(c, '-' | '_' | '.'))
}
