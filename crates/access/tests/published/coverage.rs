//! `k8s.io/component-helpers/auth/rbac/validation/policy_comparator_test.go`: what held rules cover,
//! and what of the wanted ones they do not.

use rbacform_access::PolicyRule;
use rbacform_access::cover::uncovered;

use crate::notation::{rule, rules};

/// The name of the original test, held rules, wanted rules, and what is not covered.
type Case = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
);

const CASES: [Case; 24] = [
    ("ExactMatch", &["get v1 builds"], &["get v1 builds"], &[]),
    (
        "SubresourceWildcard",
        &["get v1 */scale"],
        &["get v1 foo/scale"],
        &[],
    ),
    (
        "MultipleRulesCoveringSingleRule",
        &[
            "delete v1 deployments",
            "delete v1 builds",
            "update v1 builds,deployments",
        ],
        &["delete,update v1 builds,deployments"],
        &[],
    ),
    (
        "MultipleAPIGroupsCoveringSingleRule",
        &[
            "delete group1 deployments",
            "delete group1 builds",
            "update group1 builds,deployments",
            "delete group2 deployments",
            "delete group2 builds",
            "update group2 builds,deployments",
        ],
        &["delete,update group1,group2 builds,deployments"],
        &[],
    ),
    (
        "SingleAPIGroupsCoveringMultiple",
        &["delete,update group1,group2 builds,deployments"],
        &[
            "delete group1 deployments",
            "delete group1 builds",
            "update group1 builds,deployments",
            "delete group2 deployments",
            "delete group2 builds",
            "update group2 builds,deployments",
        ],
        &[],
    ),
    (
        "MultipleRulesMissingSingleVerbResourceCombination",
        &["delete,update v1 builds,deployments", "delete v1 pods"],
        &["delete,update v1 builds,deployments,pods"],
        &["update v1 pods"],
    ),
    (
        "APIGroupStarCoveringMultiple",
        &["get * roles"],
        &["get group1,group2 roles"],
        &[],
    ),
    (
        "EnumerationNotCoveringAPIGroupStar",
        &["get dummy-group roles"],
        &["get * roles"],
        &["get * roles"],
    ),
    (
        "APIGroupStarCoveringStar",
        &["get * roles"],
        &["get * roles"],
        &[],
    ),
    (
        "VerbStarCoveringMultiple",
        &["* v1 roles"],
        &["watch,list v1 roles"],
        &[],
    ),
    (
        "EnumerationNotCoveringVerbStar",
        &["get,list,watch,create,update,delete,exec v1 roles"],
        &["* v1 roles"],
        &["* v1 roles"],
    ),
    (
        "VerbStarCoveringStar",
        &["* v1 roles"],
        &["* v1 roles"],
        &[],
    ),
    (
        "ResourceStarCoveringMultiple",
        &["get v1 *"],
        &["get v1 resourcegroup:deployments"],
        &[],
    ),
    (
        "EnumerationNotCoveringResourceStar",
        &["get v1 roles,resourcegroup:deployments"],
        &["get v1 *"],
        &["get v1 *"],
    ),
    (
        "ResourceStarCoveringStar",
        &["get v1 *"],
        &["get v1 *"],
        &[],
    ),
    (
        "ResourceNameEmptyCoveringMultiple",
        &["get v1 pods"],
        &["get v1 pods foo,bar"],
        &[],
    ),
    (
        "EnumerationNotCoveringResourceNameEmpty",
        &["get v1 pods foo,bar"],
        &["get v1 pods"],
        &["get v1 pods"],
    ),
    ("NonResourceURLs", &["* url /apis"], &["* url /apis"], &[]),
    (
        "NonResourceURLsStar",
        &["* url *"],
        &["* url /apis,/apis/v1,/"],
        &[],
    ),
    (
        "NonResourceURLsStarAfterPrefixDoesntCover",
        &["* url /apis/*"],
        &["get url /apis,/apis/v1"],
        &["get url /apis"],
    ),
    (
        "NonResourceURLsStarAfterPrefix",
        &["* url /apis/*"],
        &["get url /apis/v1/foo,/apis/v1"],
        &[],
    ),
    // Here ours: names one by one, and the parts of a wanted rule by different held ones.
    (
        "one name of two",
        &["get v1 pods foo"],
        &["get v1 pods foo,bar"],
        &["get v1 pods bar"],
    ),
    (
        "a star is a name like any other",
        &["get v1 pods *"],
        &["get v1 pods foo"],
        &["get v1 pods foo"],
    ),
    (
        "two halves",
        &["get v1 pods", "get v1 nodes"],
        &["get v1 pods,nodes"],
        &[],
    ),
];

#[test]
fn held_rules_cover_wanted_ones() {
    for (name, held, wanted, expected) in CASES {
        let held = rules(held);
        let held: Vec<&PolicyRule> = held.iter().collect();
        let found = uncovered(&held, &rules(wanted));
        assert_eq!(found, rules(expected), "{name}");
    }
}

/// `NonResourceURLsWithOtherFields` and `...Failure`: a rule with both, which no server stores.
#[test]
fn a_rule_of_resources_and_urls_is_two() {
    let both = PolicyRule {
        non_resource_urls: vec!["/apis".to_owned()],
        ..rule("get v1 builds")
    };
    assert_eq!(uncovered(&[&both], std::slice::from_ref(&both)), []);
    assert_eq!(
        uncovered(&[&rule("get v1 builds")], &[both]),
        rules(&["get url /apis"])
    );
}

/// `TestNonResourceURLCovers`.
#[test]
fn urls_cover_urls() {
    for (held, wanted, expected) in [
        ("*", "", true),
        ("*", "/", true),
        ("*", "/api", true),
        ("/*", "", false),
        ("/*", "/", true),
        ("/*", "/foo", true),
        ("/api", "/api", true),
        ("/apis", "/api", false),
        ("/api/v1", "/api", false),
        ("/api/v1", "/api/v1", true),
        ("/api/*", "/api/v1", true),
        ("/api/*", "/api", false),
        ("/api/*/*", "/api/v1", false),
        ("/*/v1/*", "/api/v1", false),
    ] {
        let url = |url: &str| PolicyRule {
            verbs: vec!["get".to_owned()],
            non_resource_urls: vec![url.to_owned()],
            ..PolicyRule::default()
        };
        let covered = uncovered(&[&url(held)], &[url(wanted)]).is_empty();
        assert_eq!(covered, expected, "{held} {wanted}");
    }
}
