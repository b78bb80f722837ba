//! Aggregated roles: the rules that we compute are the controller's, in its order.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use serde_json::{Value, json};

use crate::plane::Plane;
use crate::random::{one, rule};
use crate::scale::Scale;
use crate::worlds::Object;

/// Names that sort otherwise as bytes than as words.
const SOURCES: [&str; 8] = ["b", "B", "a-b", "a", "ab", "é", "a.b", "10"];

#[test]
fn aggregated_rules_are_the_controllers_in_its_order() {
    let Some(mut plane) = Plane::begin() else {
        return;
    };
    let scale = Scale::of_environment();
    for round in 0..3 {
        let drawn = roles(round).new_tree(&mut scale.runner(2, round)).unwrap();
        // This waits until the controller gave every role what we compute.
        plane.become_world(&drawn.current());
    }
}

/// Three levels and one that gathers all.
fn roles(round: usize) -> impl Strategy<Value = Vec<Object>> {
    let pool = vec(rule(false), 6);
    let tier = one(&["gold", "silver", "bronze"]);
    let source = (vec(any::<Index>(), 0..5), tier, one(&["true", "false"]));
    let sources = (pool, vec(source, SOURCES.len())).prop_map(move |(pool, drawn)| {
        let sources = SOURCES.iter().zip(drawn);
        let sources = sources.map(|(name, (chosen, tier, to_low))| {
            let rules: Vec<Value> = chosen.iter().map(|it| it.get(&pool).clone()).collect();
            let mut role = Object::role("", &format!("{name}-{round}"), &rules);
            role.body["metadata"]["labels"] = json!({"tier": tier, "to-low": to_low});
            role
        });
        sources.collect::<Vec<Object>>()
    });
    sources
        .prop_shuffle()
        .prop_map(move |sources| with_gatherers(sources, round))
}

fn with_gatherers(mut objects: Vec<Object>, round: usize) -> Vec<Object> {
    let gather = |name: &str, labels: Value, selectors: Value| {
        let mut role = Object::role("", &format!("{name}-{round}"), &[]);
        role.body["metadata"]["labels"] = labels;
        role.body["aggregationRule"] = json!({"clusterRoleSelectors": selectors});
        role
    };
    let low = json!([
        {"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["gold", "silver"]},
                              {"key": "to-low", "operator": "Exists"}]},
        {"matchLabels": {"to-low": "true", "tier": "silver"}},
        {"matchLabels": {"to-low": "true"}},
    ]);
    objects.push(gather("low", json!({"to-middle": "yes"}), low));
    let middle = json!([
        {"matchExpressions": [{"key": "to-middle", "operator": "In", "values": ["yes"]}]},
        {"matchLabels": {"tier": "gold"}},
    ]);
    objects.push(gather(
        "middle",
        json!({"to-middle": "no", "to-high": "x"}),
        middle,
    ));
    let high = json!([{"matchLabels": {"to-high": "x"}}, {"matchLabels": {"to-middle": "yes"}}]);
    objects.push(gather("high", json!({"to-high": "itself"}), high));
    objects.push(gather("all", json!({}), json!([{}])));
    objects
}
