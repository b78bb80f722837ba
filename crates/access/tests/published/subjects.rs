//! `pkg/registry/rbac/validation/rule_test.go`, `TestAppliesTo`: which subject of a binding names a
//! user, the first in its order.

use rbacform_access::Subject;
use rbacform_access::subject::first_match;

use crate::notation::user;

/// Subjects, who asks, the namespace of the binding, and the position of the subject.
const CASES: [(&[&str], &str, &str, Option<usize>); 9] = [
    (&["User:foobar"], "foobar", "", Some(0)),
    (&["User:barfoo", "User:foobar"], "foobar", "", Some(1)),
    (&["User:barfoo", "User:foobar"], "zimzam", "", None),
    (
        &["User:barfoo", "Group:foobar"],
        "zimzam of foobar",
        "",
        Some(1),
    ),
    (
        &["User:barfoo", "Group:foobar"],
        "zimzam of foobar",
        "namespace1",
        Some(1),
    ),
    (
        &["User:barfoo", "Group:foobar", "ServiceAccount:default"],
        "system:serviceaccount:kube-system:default",
        "default",
        Some(2),
    ),
    (&["User:*"], "foobar", "default", None),
    (
        &["Group:system:authenticated", "Group:system:unauthenticated"],
        "foobar of system:authenticated",
        "default",
        Some(0),
    ),
    (
        &["Group:system:authenticated", "Group:system:unauthenticated"],
        "system:anonymous of system:unauthenticated",
        "default",
        Some(1),
    ),
];

#[test]
fn a_subject_names_exactly_its_own() {
    for (subjects, who, namespace, expected) in CASES {
        let subjects: Vec<Subject> = subjects
            .iter()
            .map(|subject| {
                let (kind, name) = subject.split_once(':').unwrap();
                let namespace = if kind == "ServiceAccount" {
                    "kube-system"
                } else {
                    ""
                };
                Subject {
                    kind: kind.to_owned(),
                    name: name.to_owned(),
                    namespace: namespace.to_owned(),
                    ..Subject::default()
                }
            })
            .collect();
        let user = user(who);
        let found = first_match(&subjects, &user, namespace);
        let at = found.and_then(|found| subjects.iter().position(|one| std::ptr::eq(one, found)));
        assert_eq!(at, expected, "{who} in {namespace}");
    }
}
