//! The forms of names of namespaces, service accounts and nodes
//! (`k8s.io/apimachinery/pkg/util/validation`).

/// Whether it is a label of RFC 1123: the form of a namespace's name.
pub(crate) fn is_label(text: &str) -> bool {
    text.len() <= 63 && is_part(text)
}

/// Whether it is a subdomain of RFC 1123: the form of the names of service accounts and nodes.
pub(crate) fn is_subdomain(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_part)
}

fn is_part(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    !text.is_empty()
        && text.bytes().all(|byte| plain(byte) || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_forms_of_the_api() {
        for (text, label, subdomain) in [
            ("a", true, true),
            ("a-1", true, true),
            ("a.b", false, true),
            ("", false, false),
            ("-a", false, false),
            ("a-", false, false),
            ("A", false, false),
            ("a..b", false, false),
            ("a:b", false, false),
        ] {
            assert_eq!(
                (is_label(text), is_subdomain(text)),
                (label, subdomain),
                "{text}"
            );
        }
        assert!(!is_label(&"a".repeat(64)) && is_subdomain(&"a".repeat(64)));
        assert!(!is_subdomain(&"a".repeat(254)));
    }
}
