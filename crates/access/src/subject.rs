//! Subjects: whom a binding names, and which groups a name implies.

use crate::dns::{is_label, is_subdomain};
use crate::{Subject, User};

/// The group whose members no authorizer refuses.
pub const MASTERS: &str = "system:masters";
/// The group of every authenticated caller.
pub const AUTHENTICATED: &str = "system:authenticated";
/// The group of callers without credentials.
pub const UNAUTHENTICATED: &str = "system:unauthenticated";
/// The name of callers without credentials.
pub const ANONYMOUS: &str = "system:anonymous";

/// The group of every node.
pub const NODES: &str = "system:nodes";
/// The group of every service account.
pub const SERVICE_ACCOUNTS: &str = "system:serviceaccounts";

const SERVICE_ACCOUNT_PREFIX: &str = "system:serviceaccount:";
const NODE_PREFIX: &str = "system:node:";

/// The username of a service account.
pub fn service_account_username(namespace: &str, name: &str) -> String {
    format!("{SERVICE_ACCOUNT_PREFIX}{namespace}:{name}")
}

/// Namespace and name of the service account that a username stands for, if it is one.
pub fn split_service_account(username: &str) -> Option<(&str, &str)> {
    let (namespace, name) = username
        .strip_prefix(SERVICE_ACCOUNT_PREFIX)?
        .split_once(':')?;
    (is_label(namespace) && is_subdomain(name)).then_some((namespace, name))
}

/// The groups of a namespace's service accounts, besides that of everybody.
pub fn service_account_groups(namespace: &str) -> [String; 2] {
    [
        SERVICE_ACCOUNTS.to_owned(),
        format!("{SERVICE_ACCOUNTS}:{namespace}"),
    ]
}

/// The node that a username stands for, if it is one.
pub fn node_of(username: &str) -> Option<&str> {
    let name = username.strip_prefix(NODE_PREFIX)?;
    is_subdomain(name).then_some(name)
}

/// The groups that the server's authenticators give a username by themselves. An access review
/// adds none of them: send them along.
pub fn implied_groups(username: &str) -> Vec<String> {
    if username == ANONYMOUS {
        return vec![UNAUTHENTICATED.to_owned()];
    }
    let mut groups = Vec::new();
    if let Some((namespace, _)) = split_service_account(username) {
        groups.extend(service_account_groups(namespace));
    } else if username.starts_with(NODE_PREFIX) {
        groups.push(NODES.to_owned());
    }
    groups.push(AUTHENTICATED.to_owned());
    groups
}

/// A group of callers, and those that every member of it is in besides.
pub fn groups_of_members(group: &str) -> Vec<String> {
    let mut groups = vec![group.to_owned()];
    if group.starts_with(&format!("{SERVICE_ACCOUNTS}:")) {
        groups.push(SERVICE_ACCOUNTS.to_owned());
    }
    if ![AUTHENTICATED, UNAUTHENTICATED].contains(&group) {
        groups.push(AUTHENTICATED.to_owned());
    }
    groups
}

/// The caller that a subject means as stack files spell it, with the groups that the server adds:
/// `user:NAME` or a bare name, `serviceaccount:NAMESPACE/NAME`, `group:NAME` for any member of it.
pub fn somebody(spelled: &str) -> User {
    if let Some(group) = spelled.strip_prefix("group:") {
        return User {
            name: String::new(),
            groups: groups_of_members(group),
        };
    }
    let account = spelled.strip_prefix("serviceaccount:");
    let name = match account.and_then(|rest| rest.split_once('/')) {
        Some((namespace, name)) => service_account_username(namespace, name),
        None => spelled.strip_prefix("user:").unwrap_or(spelled).to_owned(),
    };
    User {
        groups: implied_groups(&name),
        name,
    }
}

/// The first subject of a binding that names this user. `binding_namespace` is empty for cluster
/// role bindings; otherwise it is what a service account without a namespace falls back to.
pub fn first_match<'a>(
    subjects: &'a [Subject],
    user: &User,
    binding_namespace: &str,
) -> Option<&'a Subject> {
    subjects
        .iter()
        .find(|subject| is_named(subject, user, binding_namespace))
}

/// Whether a subject of a binding names this user.
pub(crate) fn is_named(subject: &Subject, user: &User, binding_namespace: &str) -> bool {
    match subject.kind.as_str() {
        "User" => subject.name == user.name,
        "Group" => user.groups.contains(&subject.name),
        "ServiceAccount" => {
            let namespace = match subject.namespace.as_str() {
                "" => binding_namespace,
                namespace => namespace,
            };
            // Compared as text, as the server does: no allocation, no parsing of the username.
            !namespace.is_empty()
                && user
                    .name
                    .strip_prefix(SERVICE_ACCOUNT_PREFIX)
                    .and_then(|rest| rest.strip_prefix(namespace))
                    .and_then(|rest| rest.strip_prefix(':'))
                    == Some(subject.name.as_str())
        }
        _ => false,
    }
}

/// A subject as the server prints it in a reason: `User "ana"`, `ServiceAccount "name/namespace"`.
pub fn describe(subject: &Subject, binding_namespace: &str) -> String {
    use crate::quote::go_quote;
    if subject.kind != "ServiceAccount" {
        return format!("{} {}", subject.kind, go_quote(&subject.name));
    }
    let namespace = match subject.namespace.as_str() {
        "" => binding_namespace,
        namespace => namespace,
    };
    format!(
        "ServiceAccount {}",
        go_quote(&format!("{}/{namespace}", subject.name))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(kind: &str, name: &str, namespace: &str) -> Subject {
        Subject {
            kind: kind.into(),
            name: name.into(),
            namespace: namespace.into(),
            ..Subject::default()
        }
    }

    fn matches(subject: Subject, user: &str, groups: &[&str], binding_namespace: &str) -> bool {
        let user = User {
            name: user.into(),
            groups: groups.iter().map(ToString::to_string).collect(),
        };
        first_match(&[subject], &user, binding_namespace).is_some()
    }

    #[test]
    fn names_are_exact() {
        assert!(matches(subject("User", "ana", "ignored"), "ana", &[], ""));
        assert!(!matches(subject("User", "*", ""), "ana", &[], ""));
        assert!(matches(
            subject("Group", "dev", ""),
            "ana",
            &["ops", "dev"],
            ""
        ));
        assert!(!matches(subject("Group", "*", ""), "ana", &["dev"], ""));
        assert!(!matches(subject("user", "ana", ""), "ana", &[], ""));
    }

    #[test]
    fn service_accounts_are_joined_by_username() {
        let name = "system:serviceaccount:build:ci";
        assert!(matches(
            subject("ServiceAccount", "ci", "build"),
            name,
            &[],
            "other"
        ));
        assert!(matches(
            subject("ServiceAccount", "ci", ""),
            name,
            &[],
            "build"
        ));
        assert!(!matches(subject("ServiceAccount", "ci", ""), name, &[], ""));
        assert!(!matches(
            subject("ServiceAccount", "ci", ""),
            name,
            &[],
            "other"
        ));
        assert!(matches(subject("User", name, ""), name, &[], ""));
    }

    #[test]
    fn implied_groups_follow_the_name() {
        assert_eq!(
            implied_groups("system:serviceaccount:build:ci"),
            [
                "system:serviceaccounts",
                "system:serviceaccounts:build",
                "system:authenticated"
            ]
        );
        assert_eq!(
            implied_groups("system:anonymous"),
            ["system:unauthenticated"]
        );
        assert_eq!(
            implied_groups("system:node:n1"),
            ["system:nodes", "system:authenticated"]
        );
        assert_eq!(implied_groups("ana"), ["system:authenticated"]);
    }

    #[test]
    fn a_group_brings_what_all_its_members_are_in() {
        let groups = |spelled: &str| somebody(spelled).groups;
        assert_eq!(groups("group:dev"), ["dev", AUTHENTICATED]);
        assert_eq!(
            groups("group:system:serviceaccounts:a"),
            ["system:serviceaccounts:a", SERVICE_ACCOUNTS, AUTHENTICATED]
        );
        assert_eq!(
            groups("group:system:unauthenticated"),
            [UNAUTHENTICATED],
            "whoever has no credentials is not authenticated"
        );
        assert_eq!(somebody("user:group:x").name, "group:x");
    }
}
