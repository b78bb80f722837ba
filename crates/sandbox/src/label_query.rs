//! The `labelSelector` parameter.

use std::collections::BTreeMap;

use rbacform_access::selector::Requirement;

use crate::status::Status;

/// Requirements that must all hold.
#[derive(Debug, Default)]
pub(crate) struct LabelQuery(Vec<Requirement>);

impl LabelQuery {
    /// Reads `a=b,c!=d,e,!f,g in (h, i),j notin (k)`.
    pub(crate) fn parse(text: &str) -> Result<Self, Status> {
        let mut requirements = Vec::new();
        for part in split_outside_parentheses(text) {
            let requirement = requirement(part.trim()).ok_or_else(|| {
                let found = part.split_whitespace().nth(1).unwrap_or_default();
                Status::bad_request(format!(
                    "unable to parse requirement: found '{found}', expected: in, notin, =, ==, \
                     !=, gt, lt"
                ))
            })?;
            requirements.push(requirement);
        }
        Ok(Self(requirements))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.0.iter().all(|requirement| requirement.matches(labels))
    }
}

fn split_outside_parentheses(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    text.split(|c| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    })
    .filter(|part| !part.trim().is_empty())
    .collect()
}

fn requirement(part: &str) -> Option<Requirement> {
    let of = |key: &str, operator: &str, values: Vec<&str>| {
        let key = key.trim();
        let wrong = key.is_empty() || key.contains(|c: char| c.is_whitespace() || c == '(');
        (!wrong).then(|| Requirement {
            key: key.to_owned(),
            operator: operator.to_owned(),
            values: values
                .into_iter()
                .map(|value| value.trim().to_owned())
                .collect(),
        })
    };
    if let Some((key, value)) = part.split_once("!=") {
        return of(key, "NotIn", vec![value]);
    }
    if let Some((key, value)) = part.split_once('=') {
        return of(key, "In", vec![value.strip_prefix('=').unwrap_or(value)]);
    }
    if let Some(list) = part.strip_suffix(')') {
        let (head, list) = list.split_once('(')?;
        let (key, operator) = head.trim().rsplit_once(char::is_whitespace)?;
        let operator = match operator {
            "in" => "In",
            "notin" => "NotIn",
            _ => return None,
        };
        return of(key, operator, list.split(',').collect());
    }
    match part.strip_prefix('!') {
        Some(key) => of(key, "DoesNotExist", Vec::new()),
        None => of(part, "Exists", Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_read_as_kubernetes_writes_them() {
        let labels =
            BTreeMap::from([("a", "1"), ("b", "")].map(|(k, v)| (k.to_owned(), v.to_owned())));
        for (text, expected) in [
            ("", true),
            ("a=1", true),
            ("a==1,b", true),
            ("a=2", false),
            ("a!=2", true),
            ("c!=2", true),
            ("c", false),
            ("!c,a in (0, 1)", true),
            ("a notin (0,1)", false),
            ("b=", true),
        ] {
            assert_eq!(
                LabelQuery::parse(text).unwrap().matches(&labels),
                expected,
                "{text}"
            );
        }
        for text in ["a near (1)", "=1", "a b"] {
            assert_eq!(LabelQuery::parse(text).unwrap_err().code, 400, "{text}");
        }
    }
}
