//! Aggregated roles: the rules that we compute are the controller's, in its order.

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
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
        let mut chance = scale.chance(2, round);
        // This waits until the controller gave every role what we compute.
        plane.become_world(&roles(&mut chance, round));
    }
}

/// Three levels and one that gathers all.
fn roles(chance: &mut StdRng, round: usize) -> Vec<Object> {
    let pool: Vec<Value> = (0..6).map(|_| rule(chance, false)).collect();
    let mut objects = Vec::new();
    for name in SOURCES {
        let mut rules: Vec<Value> = pool.clone();
        rules.shuffle(chance);
        rules.truncate(chance.random_range(0..5));
        let mut role = Object::role("", &format!("{name}-{round}"), &rules);
        role.body["metadata"]["labels"] = json!({
            "tier": one(chance, &["gold", "silver", "bronze"]),
            "to-low": one(chance, &["true", "false"]),
        });
        objects.push(role);
    }
    objects.shuffle(chance);
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
