//! What random worlds and questions are made of: few words, so that they meet often, and odd ones.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Select, select};
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

/// True so often; what is true becomes false when a case shrinks.
pub(crate) fn chance(of_one: f64) -> impl Strategy<Value = bool> + Clone {
    proptest::bool::weighted(of_one)
}

/// One of a few words; the first when a case shrinks.
pub(crate) fn one(words: &'static [&'static str]) -> Select<&'static str> {
    select(words)
}

/// One word, or seldom a star.
fn or_star(words: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop_oneof![47 => one(words), 3 => Just("*")]
}

fn few(words: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    vec(or_star(words), 1..=3)
}

pub(crate) fn verb() -> impl Strategy<Value = &'static str> {
    or_star(&VERBS)
}

pub(crate) fn group() -> impl Strategy<Value = &'static str> {
    one(&GROUPS)
}

pub(crate) fn resource() -> impl Strategy<Value = &'static str> {
    or_star(&RESOURCES)
}

pub(crate) fn subresource() -> impl Strategy<Value = &'static str> {
    prop_oneof![7 => Just(""), 3 => one(&SUBRESOURCES)]
}

pub(crate) fn object_name() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just(""), one(&NAMES)]
}

pub(crate) fn path() -> impl Strategy<Value = &'static str> {
    one(&PATHS)
}

/// The name of an object, told from others by a number.
pub(crate) fn odd_name(number: usize) -> impl Strategy<Value = String> {
    one(&ODD_NAMES).prop_map(move |end| format!("n{number}{end}"))
}

/// A rule; only cluster roles may have URLs.
pub(crate) fn rule(namespaced: bool) -> BoxedStrategy<Value> {
    let urls = (few(&VERBS), few(&URLS))
        .prop_map(|(verbs, urls)| json!({"verbs": verbs, "nonResourceURLs": urls}));
    match namespaced {
        true => resource_rule().boxed(),
        false => prop_oneof![4 => resource_rule(), 1 => urls].boxed(),
    }
}

fn resource_rule() -> impl Strategy<Value = Value> {
    let names = option::weighted(0.25, (few(&NAMES), chance(0.3)));
    let fields = (few(&VERBS), few(&GROUPS), few(&RESOURCE_PATTERNS), names);
    fields.prop_map(|(verbs, groups, resources, names)| {
        let mut rule = json!({"verbs": verbs, "apiGroups": groups, "resources": resources});
        if let Some((mut names, has_empty)) = names {
            if has_empty {
                names.push("");
            }
            rule["resourceNames"] = json!(names);
        }
        rule
    })
}

pub(crate) fn rules(namespaced: bool) -> impl Strategy<Value = Vec<Value>> {
    vec(rule(namespaced), 0..4)
}

/// A subject; of a role binding, a service account need not say where it lives.
pub(crate) fn subject(namespaced: bool) -> impl Strategy<Value = Value> {
    const GROUP: &str = "rbac.authorization.k8s.io";
    let user = (one(&USERS), chance(0.1)).prop_map(|(name, has_namespace)| {
        let mut user = json!({"kind": "User", "apiGroup": GROUP, "name": name});
        if has_namespace {
            user["namespace"] = json!("ignored");
        }
        user
    });
    let group = one(&SUBJECT_GROUPS)
        .prop_map(|name| json!({"kind": "Group", "apiGroup": GROUP, "name": name}));
    let account = (one(&["x", "y.z"]), one(&NAMESPACES), chance(0.5)).prop_map(
        move |(name, namespace, is_left_out)| {
            let mut account = json!({"kind": "ServiceAccount", "name": name});
            if !(namespaced && is_left_out) {
                account["namespace"] = json!(namespace);
            }
            account
        },
    );
    prop_oneof![4 => user, 3 => group, 3 => account]
}
