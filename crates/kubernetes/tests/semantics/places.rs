//! Where parts of roles and bindings are written.

use rbacform_kubernetes::{RuleLists, rule_place, subject_place};

use crate::source::node;

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// What is written where the rule is that gives `verbs` on `resources` of the core group, and where
/// its verb `get` is.
fn places<'t>(text: &'t str, verbs: &[&str], resources: &[&str]) -> [&'t str; 2] {
    let role = node(text);
    let rule = rule_place(
        &role,
        RuleLists {
            verbs: &strings(verbs),
            api_groups: &strings(&[""]),
            resources: &strings(resources),
            resource_names: &[],
            non_resource_urls: &[],
        },
    );
    let rule = rule.unwrap();
    let item = rule.item("verbs", "get");
    [&text[rule.span.range()], &text[item.range()]]
}

#[test]
fn a_rule_is_found_by_what_it_holds_in_whatever_order() {
    let text = r#"rules = [
  { api_groups = [""], resources = ["pods"], verbs = ["list"] },
  { api_groups = [""], resources = ["secrets", "pods"], verbs = ["list", "get"] },
]"#;
    assert_eq!(
        places(text, &["get", "list"], &["pods", "secrets"]),
        [
            r#"{ api_groups = [""], resources = ["secrets", "pods"], verbs = ["list", "get"] }"#,
            r#""get""#
        ]
    );
    assert_eq!(
        places(text, &["get"], &["pods"]),
        ["rules", "rules"],
        "none holds it"
    );
}

#[test]
fn a_rule_of_a_manifest_is_found_too() {
    let text = r#"rules = [{ apiGroups = [""], resources = ["pods"], verbs = ["get"] }]"#;
    let [rule, item] = places(text, &["get"], &["pods"]);
    assert!(rule.starts_with("{ apiGroups"), "{rule}");
    assert_eq!(item, r#""get""#);
}

#[test]
fn an_expression_is_taken_for_what_it_may_come_to_where_nothing_else_may() {
    let one = r#"rules = [
  { api_groups = [""], resources = ["nodes"], verbs = ["get"] },
  { api_groups = [""], resources = ["${each.key}"], verbs = ["list", "${vars.verb}"] },
]"#;
    let [rule, item] = places(one, &["get", "list"], &["pods"]);
    assert!(rule.contains("each.key"), "{rule}");
    assert_eq!(item, r#""${vars.verb}""#);
    let several = r#"rules = ["${local.one}", "${local.other}"]"#;
    assert_eq!(places(several, &["get"], &["pods"]), ["rules", "rules"]);
    let all = r#"rules = "${local.rules}""#;
    assert_eq!(
        places(all, &["get"], &["pods"]),
        [r#""${local.rules}""#, r#""${local.rules}""#]
    );
}

fn subject<'t>(text: &'t str, subject: &str, declared: Option<&str>) -> &'t str {
    let place = subject_place(&node(text), subject, declared).unwrap();
    &text[place.range()]
}

#[test]
fn a_subject_is_found_in_any_spelling() {
    let text = r#"namespace = "team"
subjects = ["user:ana", { kind = "Group", name = "dev" }, { kind = "ServiceAccount", name = "bot" }]"#;
    assert_eq!(subject(text, "user:ana", None), r#""user:ana""#);
    assert_eq!(
        subject(text, "group:dev", None),
        r#"{ kind = "Group", name = "dev" }"#
    );
    assert_eq!(
        subject(text, "serviceaccount:team/bot", None),
        r#"{ kind = "ServiceAccount", name = "bot" }"#
    );
    assert_eq!(subject(text, "serviceaccount:other/bot", None), "subjects");
    let manifest = r#"metadata = { namespace = "team" }
subjects = [{ kind = "ServiceAccount", name = "bot" }]"#;
    assert!(subject(manifest, "serviceaccount:team/bot", None).starts_with("{ kind"));
}

#[test]
fn a_reference_is_found_by_what_it_names() {
    let text =
        r#"subjects = ["${kubernetes.service_account.bot}", "${kubernetes.service_account.b}"]"#;
    assert_eq!(subject(text, "serviceaccount:x/b", None), "subjects");
    assert_eq!(
        subject(
            text,
            "serviceaccount:x/b",
            Some("kubernetes.service_account.b")
        ),
        r#""${kubernetes.service_account.b}""#
    );
}
