//! Aggregated cluster roles (`pkg/controller/clusterroleaggregation`).

use std::collections::{BTreeMap, BTreeSet};

use crate::{ClusterRole, Facts, PolicyRule};

/// The rules the controller would give one aggregated role now: for each selector in order, the
/// matching roles by name, itself left out, each rule that is not there yet. `None` on an ordinary
/// role.
pub fn aggregated_rules(facts: &Facts, role: &ClusterRole) -> Option<Vec<PolicyRule>> {
    let selectors = role.aggregation.as_ref()?;
    let mut rules: Vec<PolicyRule> = Vec::new();
    for selector in selectors {
        for source in facts.cluster_roles() {
            if source.name == role.name || !selector.matches(&source.labels) {
                continue;
            }
            for rule in &source.rules {
                if !rules.contains(rule) {
                    rules.push(rule.clone());
                }
            }
        }
    }
    Some(rules)
}

/// Brings every aggregated role to its fixpoint, starting from the rules as stored (so two roles
/// that feed each other keep what they have), and returns those that changed.
pub fn settle(facts: &mut Facts) -> BTreeMap<String, Vec<PolicyRule>> {
    settle_by(facts, aggregated_rules)
}

/// The same for objects as people write them: an aggregated role that gathers nothing keeps the
/// rules it was written with, since the controller takes away only what it gave.
pub fn settle_written(facts: &mut Facts) -> BTreeMap<String, Vec<PolicyRule>> {
    let written: BTreeMap<String, Vec<PolicyRule>> = facts
        .cluster_roles()
        .filter(|role| role.aggregation.is_some() && !role.rules.is_empty())
        .map(|role| (role.name.clone(), role.rules.clone()))
        .collect();
    settle_by(facts, |facts, role| {
        let gathered = aggregated_rules(facts, role)?;
        match written.get(&role.name) {
            Some(rules) if gathered.is_empty() => Some(rules.clone()),
            _ => Some(gathered),
        }
    })
}

/// The same for aggregated roles without any rules only: where roles were listed from a server, the
/// others hold what its controller gathered, even if what it gathered from was not listed.
pub fn settle_empty(facts: &mut Facts) -> BTreeMap<String, Vec<PolicyRule>> {
    let bare = facts.cluster_roles().filter(|role| role.rules.is_empty());
    let bare: BTreeSet<String> = bare.map(|role| role.name.clone()).collect();
    settle_by(facts, |facts, role| match bare.contains(&role.name) {
        true => aggregated_rules(facts, role),
        false => None,
    })
}

/// What the controller makes of a change: the aggregated roles that gather something else in
/// `facts` than they gathered in `before`, or that are chosen for in another way, gather anew. The
/// others keep the rules that the server has, whether its controller was done with them or not.
pub fn settle_changed(facts: &mut Facts, before: &Facts) -> BTreeMap<String, Vec<PolicyRule>> {
    let gathered: BTreeMap<&str, Option<Vec<PolicyRule>>> = before
        .cluster_roles()
        .map(|role| (&*role.name, aggregated_rules(before, role)))
        .collect();
    settle_by(facts, |facts, role| {
        let rules = aggregated_rules(facts, role)?;
        let was = gathered.get(&*role.name).and_then(Option::as_ref);
        match was.is_some_and(|was| *was == rules) {
            true => None,
            false => Some(rules),
        }
    })
}

fn settle_by(
    facts: &mut Facts,
    gathered: impl Fn(&Facts, &ClusterRole) -> Option<Vec<PolicyRule>>,
) -> BTreeMap<String, Vec<PolicyRule>> {
    let mut changed = BTreeMap::new();
    // Rules only travel, they are never invented, so this ends; the bound is for the order of
    // rules in a cycle, which could turn for ever.
    let rounds = facts.cluster_roles().count() + 1;
    for _ in 0..rounds {
        let stale: Vec<(ClusterRole, Vec<PolicyRule>)> = facts
            .cluster_roles()
            .filter_map(|role| {
                let rules = gathered(facts, role)?;
                (rules != role.rules).then(|| (role.clone(), rules))
            })
            .collect();
        if stale.is_empty() {
            break;
        }
        for (role, rules) in stale {
            changed.insert(role.name.clone(), rules.clone());
            facts.put_cluster_role(ClusterRole { rules, ..role });
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LabelSelector;

    fn rule(verb: &str) -> PolicyRule {
        PolicyRule {
            verbs: vec![verb.into()],
            ..PolicyRule::default()
        }
    }

    fn role(name: &str, label: &str, rules: Vec<PolicyRule>, from: Option<&str>) -> ClusterRole {
        let labels = |label: &str| BTreeMap::from([(label.to_owned(), "true".to_owned())]);
        ClusterRole {
            name: name.into(),
            labels: labels(label),
            rules,
            aggregation: from.map(|label| {
                vec![LabelSelector {
                    match_labels: labels(label),
                    ..LabelSelector::default()
                }]
            }),
        }
    }

    #[test]
    fn rules_flow_through_levels_in_name_order_without_repeats() {
        let mut facts = Facts::default();
        facts.put_cluster_role(role("b", "to-view", vec![rule("get"), rule("list")], None));
        facts.put_cluster_role(role("a", "to-view", vec![rule("list")], None));
        facts.put_cluster_role(role("view", "to-edit", vec![], Some("to-view")));
        facts.put_cluster_role(role("edit", "none", vec![], Some("to-edit")));
        let changed = settle(&mut facts);
        let expected = vec![rule("list"), rule("get")];
        assert_eq!(changed["view"], expected);
        assert_eq!(changed["edit"], expected);
        assert!(settle(&mut facts).is_empty());
    }

    #[test]
    fn written_rules_stay_where_nothing_is_gathered() {
        let mut facts = Facts::default();
        facts.put_cluster_role(role("x", "a", vec![rule("get")], Some("to-x")));
        facts.put_cluster_role(role("y", "b", vec![rule("get")], Some("to-y")));
        facts.put_cluster_role(role("source", "to-y", vec![rule("list")], None));
        settle_written(&mut facts);
        assert_eq!(facts.cluster_role("x").unwrap().rules, [rule("get")]);
        assert_eq!(facts.cluster_role("y").unwrap().rules, [rule("list")]);
        settle(&mut facts);
        assert_eq!(facts.cluster_role("x").unwrap().rules, []);
    }

    #[test]
    fn roles_that_feed_each_other_keep_what_they_have() {
        let mut facts = Facts::default();
        facts.put_cluster_role(role("x", "to-y", vec![], Some("to-x")));
        facts.put_cluster_role(role("y", "to-x", vec![], Some("to-y")));
        facts.put_cluster_role(role("source", "to-x", vec![rule("get")], None));
        settle(&mut facts);
        facts.remove_cluster_role("source");
        settle(&mut facts);
        assert_eq!(facts.cluster_role("x").unwrap().rules, [rule("get")]);
        assert_eq!(facts.cluster_role("y").unwrap().rules, [rule("get")]);
    }
}
