//! The delta against a comparison of every request of small worlds; `PROPTEST_CASES=10000` asks
//! more of it than the everyday 256 worlds.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{Entry, Known, Who, delta};
use crate::arbitrary::{facts, requests};
use crate::subject::implied_groups;
use crate::{
    ClusterRole, ClusterRoleBinding, Facts, PolicyRule, Request, ResourceRequest, RoleBinding,
    RoleRef, Subject, User, authorize,
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

/// Whether an entry claims that a request is answered otherwise than on the other side.
fn says(entry: &Entry, request: &Request) -> bool {
    let starred =
        |items: &[String], item: &str| items.iter().any(|known| known == "*" || known == item);
    let about = match request {
        Request::NonResource(asked) => {
            entry.api_group.is_none()
                && starred(&entry.verbs, &asked.verb)
                && crate::matching::url_matches(&entry.resource, &asked.path)
        }
        Request::Resource(asked) => {
            (entry.scope.is_empty() || entry.scope == asked.namespace)
                && !entry.but_in.contains(&asked.namespace)
                && starred(&entry.verbs, &asked.verb)
                && (entry.api_group.as_deref())
                    .is_some_and(|group| ["*", &asked.api_group].contains(&group))
                && is_of(&entry.resource, asked)
                && (entry.names.is_empty() || entry.names.contains(&asked.name))
                && !entry.except_in.iter().any(|there| {
                    there.namespaces.contains(&asked.namespace)
                        && there.except.iter().any(|words| is_excepted(words, request))
                })
        }
    };
    about && !entry.except.iter().any(|words| is_excepted(words, request))
}

/// Whether `pods`, `pods/log`, `*/log` or `*` is what is asked about. `pods/*` is no wildcard.
fn is_of(resource: &str, asked: &ResourceRequest) -> bool {
    let (parent, sub) = resource.split_once('/').unwrap_or((resource, ""));
    resource == "*" || (["*", &asked.resource].contains(&parent) && sub == asked.subresource)
}

/// Whether an exception in words, `verbs get, list`, or `get,list pods,secrets of the core group,
/// apps named n`, is about a request.
fn is_excepted(words: &str, request: &Request) -> bool {
    if let Some((what, items)) = words.split_once(' ') {
        let (verb, name, path) = match request {
            Request::Resource(asked) => (&asked.verb, Some(&asked.name), None),
            Request::NonResource(asked) => (&asked.verb, None, Some(&asked.path)),
        };
        let mut items = items.split(", ");
        match what {
            "verbs" => return items.any(|item| item == verb),
            "names" => return items.any(|item| name.is_some_and(|name| name == item)),
            "paths" => {
                return items
                    .any(|item| path.is_some_and(|path| crate::matching::url_matches(item, path)));
            }
            _ => {}
        }
    }
    let asked = match request {
        Request::Resource(asked) => asked,
        Request::NonResource(asked) => {
            let (verbs, pattern) = words.split_once(' ').expect("verbs and a path");
            return verbs
                .split(',')
                .any(|verb| ["*", &asked.verb].contains(&verb))
                && crate::matching::url_matches(pattern, &asked.path);
        }
    };
    let (words, names) = match words.split_once(" named ") {
        Some((words, names)) => (words, Some(names)),
        None => (words, None),
    };
    let (verbs, thing) = words.split_once(' ').expect("verbs and a thing");
    let (resources, groups) = match (thing.split_once(" of "), thing.split_once('.')) {
        (Some((resources, groups)), _) => (resources, groups.replace("the core group", "")),
        (None, Some((resources, group))) => (resources, group.to_owned()),
        (None, None) => (thing, String::new()),
    };
    let (parents, subs) = match resources.split_once('/') {
        Some((parents, subs)) => (
            parents,
            subs.split(',').map(|sub| format!("/{sub}")).collect(),
        ),
        None => (resources, vec![String::new()]),
    };
    let mut resources = parents
        .split(',')
        .flat_map(|parent| subs.iter().map(move |sub| format!("{parent}{sub}")));
    let starred = |mut items: std::str::Split<'_, &str>, item: &str| {
        items.any(|known| known == "*" || known == item)
    };
    starred(verbs.split(","), &asked.verb)
        && starred(groups.split(", "), &asked.api_group)
        && resources.any(|resource| is_of(&resource, asked))
        && names.is_none_or(|names| names.split(", ").any(|name| name == asked.name))
}

/// Somebody who is nothing but the subject of an entry.
fn alone(subject: &str) -> User {
    let who = match subject.split_once(':').expect("a kind") {
        ("group", name) => Who::Group(name.to_owned()),
        ("user", name) => Who::User(name.to_owned()),
        (_, name) => Who::User(format!("system:serviceaccount:{}", name.replace('/', ":"))),
    };
    let mut groups: Vec<String> = super::groups_of(&who)
        .into_iter()
        .map(|group| match group {
            Who::User(name) | Who::Group(name) => name,
        })
        .collect();
    let name = match who {
        Who::User(name) => name,
        Who::Group(group) => {
            groups.push(group);
            String::new()
        }
    };
    User { name, groups }
}

proptest! {
    #[test]
    fn what_it_excepts_is_held_on_the_other_side(before in facts(), after in facts()) {
        let found = delta(&before, &after, &Known::all(true));
        let requests = requests();
        for (entries, other) in [(&found.gained, &before), (&found.lost, &after)] {
            for entry in entries {
                let user = alone(&entry.subject);
                let whole = Entry {
                    except: Vec::new(),
                    but_in: Vec::new(),
                    except_in: Vec::new(),
                    ..entry.clone()
                };
                for request in &requests {
                    let except = says(&whole, request) && !says(entry, request);
                    prop_assert!(
                        !except || authorize(other, &user, request).is_allowed(),
                        "{request:?} is not held on the other side: {entry:#?}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_it_claims_and_does_not_except_changes(before in facts(), after in facts()) {
        let found = delta(&before, &after, &Known::all(true));
        let requests = requests();
        for (entries, side, other) in
            [(&found.gained, &after, &before), (&found.lost, &before, &after)]
        {
            for entry in entries {
                let user = alone(&entry.subject);
                for request in requests.iter().filter(|request| says(entry, request)) {
                    prop_assert!(
                        authorize(side, &user, request).is_allowed()
                            && !authorize(other, &user, request).is_allowed(),
                        "{request:?} does not change: {entry:#?}"
                    );
                }
            }
        }
    }

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
                    prop_assert!(
                        !changed || told.any(|entry| says(entry, request)),
                        "{} {verb} {request:?}, untold by {entries:#?}", user.name
                    );
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
        for there in &entry.except_in {
            let (what, namespaces) = (there.except.join("; "), there.namespaces.join(","));
            words.push_str(&format!(" but {what} in {namespaces}"));
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
fn what_some_namespace_keeps_is_told_apart() {
    // `ana` loses `wide` in the whole cluster, and keeps `narrow` in `a` and `b`.
    let check = |wide: PolicyRule, narrow: PolicyRule, lines: &[&str]| {
        let mut was = world(vec![wide], &[""]);
        was.put_cluster_role(ClusterRole {
            name: "narrow".into(),
            rules: vec![narrow],
            ..ClusterRole::default()
        });
        for namespace in ["a", "b"] {
            let mut kept = world(Vec::new(), &[namespace])
                .role_bindings(namespace)
                .cloned()
                .collect::<Vec<_>>();
            for binding in &mut kept {
                binding.role_ref.name = "narrow".into();
                was.put_role_binding(binding.clone());
            }
        }
        let mut is = was.clone();
        is.remove_cluster_role_binding("b");
        let (lost, gained) = (
            delta(&was, &is, &Known::default()),
            delta(&is, &was, &Known::default()),
        );
        assert_eq!(told(&lost.lost), lines);
        assert_eq!(lost.lost, gained.gained);
    };
    let named = |rule: PolicyRule| PolicyRule {
        resource_names: vec!["n".to_owned()],
        ..rule
    };
    let of_every_group = |rule: PolicyRule| PolicyRule {
        api_groups: vec!["*".to_owned()],
        ..rule
    };
    check(
        rule_of(&["get", "list", "watch"], &["secrets"]),
        rule_of(&["get"], &["secrets"]),
        &[
            "user:ana list,watch secrets cluster",
            "user:ana get secrets cluster not a not b",
        ],
    );
    check(
        rule_of(&["*"], &["secrets"]),
        rule_of(&["get"], &["secrets"]),
        &["user:ana * secrets cluster but get secrets in a,b"],
    );
    check(
        of_every_group(rule_of(&["*"], &["*"])),
        rule_of(&["get"], &["secrets", "pods"]),
        &["user:ana * * cluster but get pods,secrets in a,b"],
    );
    check(
        rule_of(&["get", "list"], &["secrets"]),
        named(rule_of(&["get", "list"], &["secrets"])),
        &["user:ana get,list secrets cluster but get,list secrets named n in a,b"],
    );
    check(
        rule_of(&["create"], &["*"]),
        rule_of(&["create"], &["pods"]),
        &["user:ana create * cluster but create pods in a,b"],
    );
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
            "user:ana get * a but get,list pods"
        ]
    );
    assert!(found.lost.is_empty());
}

#[test]
fn what_is_new_beside_it_is_not_what_was_held() {
    let of_every_group = |rule: PolicyRule| PolicyRule {
        api_groups: vec!["*".to_owned()],
        ..rule
    };
    for turn in [false, true] {
        let mut rules = vec![
            rule_of(&["get", "list", "watch"], &["secrets"]),
            of_every_group(rule_of(&["get", "list"], &["secrets"])),
        ];
        if turn {
            rules.reverse();
        }
        let (was, is) = (world(rules.clone(), &[]), world(rules, &[""]));
        let found = delta(&was, &is, &Known::default());
        assert!(found.gained.iter().all(|it| it.except.is_empty()));
        assert_eq!(delta(&is, &was, &Known::default()).lost, found.gained);
        let verbs: BTreeSet<&str> = found
            .gained
            .iter()
            .flat_map(|it| &it.verbs)
            .map(|verb| &**verb)
            .collect();
        assert_eq!(verbs, BTreeSet::from(["get", "list", "watch"]));
    }
}

#[test]
fn each_entry_is_about_one_resource_of_one_group() {
    let rules = vec![PolicyRule {
        api_groups: vec![String::new(), "apps".to_owned()],
        ..rule_of(&["get"], &["*"])
    }];
    let found = delta(
        &world(Vec::new(), &["a"]),
        &world(rules, &["a"]),
        &Known::default(),
    );
    let groups: Vec<&str> = found
        .gained
        .iter()
        .filter_map(|it| it.api_group.as_deref())
        .collect();
    assert_eq!(groups, ["", "apps"]);
    let rules = vec![PolicyRule {
        api_groups: vec!["*".to_owned()],
        ..rule_of(&["get"], &["pods", "secrets"])
    }];
    let found = delta(
        &world(Vec::new(), &["a"]),
        &world(rules, &["a"]),
        &Known::default(),
    );
    assert_eq!(
        told(&found.gained),
        ["user:ana get pods a", "user:ana get secrets a"]
    );
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

#[test]
fn a_changed_role_may_be_held_through_bindings_that_were_not_read() {
    let [was, is] = ["get", "list"].map(|verb| {
        let mut facts = world(vec![rule_of(&[verb], &["pods"])], &["a"]);
        facts.put_role(crate::Role {
            namespace: "b".into(),
            name: "local".into(),
            rules: vec![rule_of(&[verb], &["pods"])],
        });
        facts
    });
    let unseen = |known: &Known| -> Vec<String> {
        let found = delta(&was, &is, known).held_unseen.into_iter();
        found
            .map(|role| format!("{}/{}", role.namespace, role.name))
            .collect()
    };
    assert_eq!(unseen(&Known::default()), ["b/local", "/viewer"]);
    let listed = Known {
        role_bindings_in: ["b".to_owned()].into(),
        ..Known::default()
    };
    assert_eq!(
        unseen(&listed),
        ["/viewer"],
        "every binding of `b` is known"
    );
    assert!(unseen(&Known::all(true)).is_empty());
    assert!(delta(&was, &was, &Known::default()).held_unseen.is_empty());
}
