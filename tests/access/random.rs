//! What random worlds and questions are made of: few words, so that they meet often, and odd ones.

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use serde_json::{Value, json};

pub(crate) const NAMESPACES: [&str; 3] = ["access-a", "access-b", "access-c"];

const VERBS: [&str; 14] = [
    "get",
    "get",
    "list",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "bind",
    "escalate",
    "impersonate",
    "Get",
    "größer",
];
const GROUPS: [&str; 8] = [
    "",
    "",
    "",
    "apps",
    "apps",
    "core",
    "apps/v1",
    "rbac.authorization.k8s.io",
];
const RESOURCES: [&str; 9] = [
    "pods",
    "pods",
    "pods",
    "secrets",
    "deployments",
    "namespaces",
    "nodes",
    "Pods",
    "",
];
const SUBRESOURCES: [&str; 4] = ["log", "scale", "*", "log/more"];
const RESOURCE_PATTERNS: [&str; 16] = [
    "pods",
    "pods",
    "pods",
    "secrets",
    "secrets",
    "deployments",
    "namespaces",
    "nodes",
    "pods/log",
    "deployments/scale",
    "*/log",
    "*/scale",
    "pods/*",
    "*/*",
    "",
    "*/",
];
const NAMES: [&str; 6] = ["a", "b", "*", "a b", "é\u{301}", "A"];
const URLS: [&str; 12] = [
    "/healthz",
    "/healthz*",
    "/healthz/*",
    "/version",
    "/version*",
    "/a/*/b",
    "/logs/**",
    "/metrics",
    "version",
    "/version?",
    "",
    "/*",
];
const PATHS: [&str; 12] = [
    "/healthz",
    "/healthz/ping",
    "/healthzping",
    "/healthz/",
    "/version",
    "/version/",
    "/a/x/b",
    "/a/*/b",
    "/logs/",
    "/logs",
    "/metrics",
    "/",
];

/// Names of users, some of which are service accounts' or look odd in a reason.
pub(crate) const USERS: [&str; 12] = [
    "ana",
    "bob",
    "Ana",
    "*",
    "a\"b\\c",
    "line\nbell\u{7}\u{1b}[31m\u{7f}",
    "zero\u{200b}width\u{a0}\u{2028}\u{85}",
    "漢字🦀e\u{301}",
    "unassigned\u{378}private\u{e000}\u{10ffff}",
    "system:anonymous",
    "system:serviceaccount:access-a:x",
    "system:serviceaccount:access-b:y.z",
];
pub(crate) const SUBJECT_GROUPS: [&str; 7] = [
    "dev",
    "ops",
    "q\"uo\\te",
    "system:authenticated",
    "system:unauthenticated",
    "system:serviceaccounts",
    "system:serviceaccounts:access-a",
];

/// Ends of names of objects: whatever a path segment may hold.
const ODD_NAMES: [&str; 7] = [
    "",
    ":colon",
    " space and \"quotes\"",
    "\\back'tick`",
    "\nnew\tline\u{1b}",
    "\u{200b}\u{feff}\u{e000}",
    "ÄÖ漢🦀?#&=",
];

pub(crate) fn one<'a>(chance: &mut StdRng, words: &[&'a str]) -> &'a str {
    words.choose(chance).unwrap()
}

/// One word, or seldom a star.
fn or_star<'a>(chance: &mut StdRng, words: &[&'a str]) -> &'a str {
    match chance.random_bool(0.06) {
        true => "*",
        false => one(chance, words),
    }
}

fn few(chance: &mut StdRng, words: &[&str]) -> Vec<String> {
    let count = chance.random_range(1..=3);
    (0..count)
        .map(|_| or_star(chance, words).to_owned())
        .collect()
}

pub(crate) fn verb(chance: &mut StdRng) -> &'static str {
    or_star(chance, &VERBS)
}

pub(crate) fn group(chance: &mut StdRng) -> &'static str {
    one(chance, &GROUPS)
}

pub(crate) fn resource(chance: &mut StdRng) -> &'static str {
    or_star(chance, &RESOURCES)
}

pub(crate) fn subresource(chance: &mut StdRng) -> &'static str {
    match chance.random_bool(0.3) {
        true => one(chance, &SUBRESOURCES),
        false => "",
    }
}

pub(crate) fn object_name(chance: &mut StdRng) -> &'static str {
    match chance.random_bool(0.5) {
        true => one(chance, &NAMES),
        false => "",
    }
}

pub(crate) fn path(chance: &mut StdRng) -> &'static str {
    one(chance, &PATHS)
}

/// The name of an object, told from others by a number.
pub(crate) fn odd_name(chance: &mut StdRng, number: usize) -> String {
    format!("n{number}{}", one(chance, &ODD_NAMES))
}

/// A rule; only cluster roles may have URLs.
pub(crate) fn rule(chance: &mut StdRng, namespaced: bool) -> Value {
    if !namespaced && chance.random_bool(0.2) {
        return json!({"verbs": few(chance, &VERBS), "nonResourceURLs": few(chance, &URLS)});
    }
    let mut rule = json!({
        "verbs": few(chance, &VERBS),
        "apiGroups": few(chance, &GROUPS),
        "resources": few(chance, &RESOURCE_PATTERNS),
    });
    if chance.random_bool(0.25) {
        let mut names = few(chance, &NAMES);
        if chance.random_bool(0.3) {
            names.push(String::new());
        }
        rule["resourceNames"] = json!(names);
    }
    rule
}

pub(crate) fn rules(chance: &mut StdRng, namespaced: bool) -> Vec<Value> {
    let count = chance.random_range(0..4);
    (0..count).map(|_| rule(chance, namespaced)).collect()
}

/// A subject; of a role binding, a service account need not say where it lives.
pub(crate) fn subject(chance: &mut StdRng, namespaced: bool) -> Value {
    const GROUP: &str = "rbac.authorization.k8s.io";
    match chance.random_range(0..10) {
        0..4 => {
            let mut user = json!({"kind": "User", "apiGroup": GROUP, "name": one(chance, &USERS)});
            if chance.random_bool(0.1) {
                user["namespace"] = json!("ignored");
            }
            user
        }
        4..7 => json!({"kind": "Group", "apiGroup": GROUP, "name": one(chance, &SUBJECT_GROUPS)}),
        _ => {
            let name = one(chance, &["x", "y.z"]);
            let mut account = json!({"kind": "ServiceAccount", "name": name});
            if !namespaced || chance.random_bool(0.5) {
                account["namespace"] = json!(one(chance, &NAMESPACES));
            }
            account
        }
    }
}
