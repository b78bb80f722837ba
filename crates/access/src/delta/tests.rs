//! The delta against a comparison of every request of small worlds; `PROPTEST_CASES=10000` asks
//! more of it than the everyday 256 worlds.

use proptest::prelude::*;

use super::{Entry, Known, delta};
use crate::arbitrary::{facts, requests};
use crate::subject::implied_groups;
use crate::{
    ClusterRole, ClusterRoleBinding, Facts, PolicyRule, Request, RoleBinding, RoleRef, Subject,
    User, authorize,
};

/// Callers, and what the delta calls them: by themselves, and by their groups.
fn callers() -> Vec<(User, Vec<String>)> {
    let user = |name: &str, more: &[&str], spelled: &str| {
        let mut groups = implied_groups(name);
        groups.extend(more.iter().map(ToString::to_string));
        let mut names: Vec<String> = groups
            .iter()
            .map(|group| format!("group:{group}"))
            .collect();
        names.push(spelled.to_owned());
        let name = name.to_owned();
        (User { name, groups }, names)
    };
    vec![
        user("ana", &[], "user:ana"),
        user("nobody-else", &["dev"], "user:nobody-else"),
        user("system:serviceaccount:a:x", &[], "serviceaccount:a/x"),
        user("system:serviceaccount:a:y", &[], "serviceaccount:a/y"),
    ]
}

fn says(entry: &Entry, request: &Request, exactly: bool) -> bool {
    let listed = |items: &[String], item: &str| items.iter().any(|known| known == item);
    let starred = |items: &[String], item: &str| listed(items, "*") || listed(items, item);
    let excepted = |what: &str, item: &str| {
        entry
            .except
            .iter()
            .filter_map(|words| words.strip_prefix(what)?.strip_prefix(' '))
            .any(|words| words.split(", ").any(|known| known == item))
    };
    match request {
        Request::NonResource(asked) => {
            entry.api_group.is_none()
                && starred(&entry.verbs, &asked.verb)
                && crate::matching::url_matches(&entry.resource, &asked.path)
                && !excepted("verbs", &asked.verb)
                && !entry
                    .except
                    .iter()
                    .filter_map(|words| words.strip_prefix("paths "))
                    .flat_map(|words| words.split(", "))
                    .any(|pattern| crate::matching::url_matches(pattern, &asked.path))
        }
        Request::Resource(asked) => {
            let Some(group) = &entry.api_group else {
                return false;
            };
            let place = match exactly {
                true => entry.scope == asked.namespace,
                false => {
                    (entry.scope.is_empty() && !listed(&entry.but_in, &asked.namespace))
                        || entry.scope == asked.namespace
                }
            };
            let groups: Vec<String> = group.split(',').map(str::to_owned).collect();
            let (parents, subs) = match entry.resource.split_once('/') {
                Some((parents, subs)) => (parents, subs),
                None if entry.resource == "*" => ("*", "*"),
                None => (entry.resource.as_str(), ""),
            };
            let split = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
            place
                && starred(&entry.verbs, &asked.verb)
                && !excepted("verbs", &asked.verb)
                && starred(&groups, &asked.api_group)
                && starred(&split(parents), &asked.resource)
                // `pods/*` is no wildcard: only `*` alone is.
                && (entry.resource == "*" || listed(&split(subs), &asked.subresource))
                && (entry.names.is_empty() || listed(&entry.names, &asked.name))
                && !excepted("names", &asked.name)
        }
    }
}

proptest! {
    #[test]
    fn it_is_what_asking_every_question_shows(before in facts(), after in facts()) {
        let known = Known::all(true);
        let found = delta(&before, &after, &known);
        prop_assert!(found.cannot_tell.is_empty());
        let requests = requests();
        for (user, names) in callers() {
            for request in &requests {
                let was = authorize(&before, &user, request).is_allowed();
                let is = authorize(&after, &user, request).is_allowed();
                for (entries, changed, verb) in
                    [(&found.gained, is && !was, "gains"), (&found.lost, was && !is, "loses")]
                {
                    let mut told = entries.iter().filter(|entry| names.contains(&entry.subject));
                    if changed {
                        prop_assert!(
                            told.any(|entry| says(entry, request, false)),
                            "{} {verb} {request:?}, untold by {entries:#?}", user.name
                        );
                    } else if let Some(entry) = entries.iter().find(|entry| {
                        let last = names.last().is_some_and(|own| *own == entry.subject);
                        let plain = entry.except.iter().all(|words| {
                            ["verbs ", "names ", "paths "].iter().any(|p| words.starts_with(p))
                        });
                        last && plain && says(entry, request, true)
                    }) {
                        prop_assert!(false, "{} does not {verb} {request:?}: {entry:#?}", user.name);
                    }
                }
            }
        }
    }
}

fn rule_of(verbs: &[&str], resources: &[&str]) -> PolicyRule {
    let owned = |items: &[&str]| items.iter().map(ToString::to_string).collect();
    PolicyRule {
        verbs: owned(verbs),
        api_groups: vec![String::new()],
        resources: owned(resources),
        ..PolicyRule::default()
    }
}

fn world(rules: Vec<PolicyRule>, scopes: &[&str]) -> Facts {
    let mut facts = Facts::default();
    facts.put_cluster_role(ClusterRole {
        name: "viewer".into(),
        rules,
        ..ClusterRole::default()
    });
    let subjects = vec![Subject {
        kind: "User".into(),
        name: "ana".into(),
        ..Subject::default()
    }];
    let role_ref = RoleRef {
        kind: "ClusterRole".into(),
        name: "viewer".into(),
        ..RoleRef::default()
    };
    for scope in scopes {
        let (name, subjects, role_ref) = ("b".to_owned(), subjects.clone(), role_ref.clone());
        match *scope {
            "" => facts.put_cluster_role_binding(ClusterRoleBinding {
                name,
                subjects,
                role_ref,
            }),
            namespace => facts.put_role_binding(RoleBinding {
                namespace: namespace.into(),
                name,
                subjects,
                role_ref,
            }),
        }
    }
    facts
}

fn told(entries: &[Entry]) -> Vec<String> {
    let told = entries.iter().map(|entry| {
        let scope = if entry.scope.is_empty() {
            "cluster"
        } else {
            &entry.scope
        };
        let mut words = format!(
            "{} {} {} {scope}",
            entry.subject,
            entry.verbs.join(","),
            entry.resource
        );
        for except in &entry.except {
            words.push_str(&format!(" but {except}"));
        }
        for namespace in &entry.but_in {
            words.push_str(&format!(" not {namespace}"));
        }
        words
    });
    told.collect()
}

#[test]
fn a_tightening_says_where_access_stays() {
    let rules = || vec![rule_of(&["get", "list"], &["pods"])];
    let found = delta(
        &world(rules(), &[""]),
        &world(rules(), &["a"]),
        &Known::default(),
    );
    assert_eq!(told(&found.lost), ["user:ana get,list pods cluster not a"]);
    assert!(found.gained.is_empty());
}

#[test]
fn a_wildcard_is_told_without_what_was_held() {
    let was = world(vec![rule_of(&["get", "list"], &["pods"])], &["a"]);
    let is = world(
        vec![rule_of(&["*"], &["pods"]), rule_of(&["get"], &["*"])],
        &["a"],
    );
    let found = delta(&was, &is, &Known::default());
    assert_eq!(
        told(&found.gained),
        [
            "user:ana * pods a but verbs get, list",
            "user:ana get * a but get,list pods but * pods"
        ]
    );
    assert!(found.lost.is_empty());
}

#[test]
fn a_role_that_was_not_read_cannot_be_told() {
    let mut is = world(Vec::new(), &["a"]);
    is.remove_cluster_role("viewer");
    let found = delta(&Facts::default(), &is, &Known::default());
    assert_eq!(found.cannot_tell[0].0, "user:ana");
    let whole = Known::all(true);
    assert!(delta(&Facts::default(), &is, &whole).cannot_tell.is_empty());
}
