//! `plugin/pkg/auth/authorizer/rbac/rbac_test.go`, `TestRuleMatches`: every combination of two
//! verbs, two groups and two resources.

use rbacform_access::matching::rule_allows;

use crate::notation::{request, rule};

/// The eight requests, in the order of the original: verb, then resource, then group.
const EIGHT: [&str; 8] = [
    "verb1 group1 resource1",
    "verb1 group2 resource1",
    "verb1 group1 resource2",
    "verb1 group2 resource2",
    "verb2 group1 resource1",
    "verb2 group2 resource1",
    "verb2 group1 resource2",
    "verb2 group2 resource2",
];

const SUBRESOURCES: [&str; 8] = [
    "verb1 group1 resource1/subresource1",
    "verb1 group2 resource1/subresource2",
    "verb1 group1 resource2/subresource1",
    "verb1 group2 resource2/subresource1",
    "verb2 group1 resource1/subresource1",
    "verb2 group2 resource1/subresource2",
    "verb2 group1 resource2/subresource1",
    "verb2 group2 resource2/subresource1",
];

const URLS: [&str; 10] = [
    "/foo",
    "/foo/bar",
    "/foo/baz",
    "/foo/bar/one",
    "/foo/baz/one",
    "/notfoo",
    "/notfoo/bar",
    "/notfoo/baz",
    "/notfoo/bar/one",
    "/notfoo/baz/one",
];

/// `x` allows, `.` does not.
fn asked(text: &str, requests: impl IntoIterator<Item = String>) -> String {
    let rule = rule(text);
    let answers = requests
        .into_iter()
        .map(|asked| match rule_allows(&rule, &request(&asked)) {
            true => 'x',
            false => '.',
        });
    answers.collect()
}

#[test]
fn stars_stand_for_one_field() {
    for (rule, expected) in [
        ("* group1 resource1", "x...x..."),
        ("verb1 * resource1", "xx......"),
        ("verb1 group1 *", "x.x....."),
        ("verb1,verb2 group1,group2 resource1,resource2", "xxxxxxxx"),
    ] {
        assert_eq!(asked(rule, EIGHT.map(str::to_owned)), expected, "{rule}");
    }
}

#[test]
fn a_subresource_is_named_with_its_resource() {
    let rule = "* * resource1/subresource1";
    assert_eq!(asked(rule, SUBRESOURCES.map(str::to_owned)), "x...x...");
}

#[test]
fn urls_are_text_with_a_star_at_the_end() {
    for (rule, verb1, verb2) in [
        ("verb1 url *", "xxxxxxxxxx", ".........."),
        ("verb1 url /foo/*", ".xxxx.....", ".........."),
        ("* url /foo,/foo/bar/one", "x..x......", "x..x......"),
    ] {
        for (verb, expected) in [("verb1", verb1), ("verb2", verb2)] {
            let requests = URLS.map(|url| format!("{verb} {url}"));
            assert_eq!(asked(rule, requests), expected, "{rule} {verb}");
        }
    }
}
