//! Names as the API server accepts them.
//!
//! Kubernetes: `apimachinery/pkg/util/validation/validation.go` and
//! `apimachinery/pkg/api/validation/path/name.go`.

/// What is wrong with a DNS-1123 label (namespaces), if anything.
pub(crate) fn dns_label(name: &str) -> Option<String> {
    too_long(name, 63).or_else(|| {
        (!is_dns_label(name)).then(|| {
            "must be lower-case letters, digits and `-`, beginning and ending with a letter or digit"
                .to_owned()
        })
    })
}

/// What is wrong with a DNS-1123 subdomain (service accounts, secrets), if anything.
pub(crate) fn dns_subdomain(name: &str) -> Option<String> {
    too_long(name, 253).or_else(|| {
        (!name.split('.').all(is_dns_label)).then(|| {
            "must be lower-case letters, digits, `-` and `.`, each part beginning and ending with a \
             letter or digit"
                .to_owned()
        })
    })
}

/// What is wrong with a name that only has to fit into a URL path (RBAC objects), if anything.
pub(crate) fn path_segment(name: &str) -> Option<String> {
    match name {
        "" => Some("must not be empty".to_owned()),
        "." | ".." => Some(format!("may not be `{name}`")),
        _ => ['/', '%']
            .into_iter()
            .find(|bad| name.contains(*bad))
            .map(|bad| format!("may not contain `{bad}`")),
    }
}

/// What is wrong with a label's key, if anything.
pub(crate) fn label_key(key: &str) -> Option<String> {
    let name = match key.split_once('/') {
        None => key,
        Some(("", _)) => return Some("the part before `/` must not be empty".to_owned()),
        Some((prefix, name)) => {
            if let Some(wrong) = dns_subdomain(prefix) {
                return Some(format!("the part before `/` {wrong}"));
            }
            name
        }
    };
    too_long(name, 63)
        .or_else(|| {
            (!is_label_text(name)).then(|| {
                "must be letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit"
                    .to_owned()
            })
        })
        .map(|wrong| {
            if name.len() == key.len() {
                wrong
            } else {
                format!("the part after `/` {wrong}")
            }
        })
}

/// What is wrong with an annotation's key, if anything: as a label's, whatever its case.
pub(crate) fn annotation_key(key: &str) -> Option<String> {
    label_key(&key.to_lowercase())
}

/// What is wrong with a label's value, if anything.
pub(crate) fn label_value(value: &str) -> Option<String> {
    if value.is_empty() {
        return None;
    }
    too_long(value, 63).or_else(|| {
        (!is_label_text(value)).then(|| {
            "must be empty, or letters, digits, `-`, `_` and `.`, beginning and ending with a letter \
             or digit"
                .to_owned()
        })
    })
}

fn too_long(name: &str, limit: usize) -> Option<String> {
    if name.is_empty() {
        return Some("must not be empty".to_owned());
    }
    (name.len() > limit).then(|| format!("must be no more than {limit} bytes"))
}

fn is_dns_label(part: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    part.bytes().all(inner) && ends_alphanumeric(part)
}

fn is_label_text(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    text.bytes().all(inner) && ends_alphanumeric(text)
}

fn ends_alphanumeric(text: &str) -> bool {
    let end = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    end(text.bytes().next()) && end(text.bytes().next_back())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_judged_as_the_server_judges_them() {
        type Check = fn(&str) -> Option<String>;
        let long = "a".repeat(64);
        let longer = "a".repeat(254);
        let cases: &[(Check, &str, bool)] = &[
            (dns_label, "tenant-a", true),
            (dns_label, "0", true),
            (dns_label, "", false),
            (dns_label, "-a", false),
            (dns_label, "a.b", false),
            (dns_label, "Tenant", false),
            (dns_label, &long, false),
            (dns_subdomain, "a.b-c.d", true),
            (dns_subdomain, &long, true),
            (dns_subdomain, "a..b", false),
            (dns_subdomain, "a_b", false),
            (dns_subdomain, &longer, false),
            (path_segment, "system:node proxier?#\n", true),
            (path_segment, &longer, true),
            (path_segment, "a/b", false),
            (path_segment, "a%b", false),
            (path_segment, "..", false),
            (path_segment, "", false),
            (label_key, "team", true),
            (label_key, "example.com/Team_1", true),
            (label_key, "/team", false),
            (label_key, "a/b/c", false),
            (label_key, "example.com/", false),
            (label_key, "Example.com/team", false),
            (label_key, "-team", false),
            (annotation_key, "Example.com/team", true),
            (annotation_key, "what is this", false),
            (label_value, "", true),
            (label_value, "a_B.c", true),
            (label_value, "a b", false),
            (label_value, ".a", false),
            (label_value, &long, false),
        ];
        for (check, name, good) in cases {
            assert_eq!(check(name).is_none(), *good, "{name:?}: {:?}", check(name));
        }
    }
}
