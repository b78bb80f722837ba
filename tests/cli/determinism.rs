//! The same inputs and the same world give the same bytes.

use serde_json::Value;

use crate::support::repo::Repo;

const STACK: &str = "[stack]\nname = \"main\"\n";
const PEOPLE: &str =
    "[variables.people]\ndefault = { a = [\"user:ana\", \"group:x\"], b = [\"user:bo\"] }\n";
const NAMESPACE: &str = "[kubernetes.namespace.team]\nfor_each = \"${vars.people}\"\nname = \"team-${each.key}\"\nlabels = { one = \"1\", two = \"2\" }\n";
const ROLE: &str = "[kubernetes.role.viewer]\nfor_each = \"${vars.people}\"\nname = \"viewer\"\nnamespace = \"team-${each.key}\"\nrules = [{ verbs = [\"get\", \"list\"], resources = [\"pods\", \"services\"], api_groups = [\"\"] }]\n";
const BINDING: &str = "[kubernetes.role_binding.viewers]\nfor_each = \"${vars.people}\"\nname = \"viewers\"\nnamespace = \"team-${each.key}\"\nrole = \"${kubernetes.role.viewer[each.key]}\"\nsubjects = \"${each.value}\"\n";

/// The same stack, its keys, lists and files in another order.
const SHUFFLED_ROLE: &str = "[kubernetes.role.viewer]\nrules = [{ api_groups = [\"\"], resources = [\"services\", \"pods\"], verbs = [\"list\", \"get\"] }]\nnamespace = \"team-${each.key}\"\nname = \"viewer\"\nfor_each = \"${vars.people}\"\n";
const SHUFFLED_NAMESPACE: &str = "[kubernetes.namespace.team]\nlabels = { two = \"2\", one = \"1\" }\nname = \"team-${each.key}\"\nfor_each = \"${vars.people}\"\n";

fn write(repo: &Repo, files: &[(&str, &[&str])]) {
    for (name, parts) in files {
        repo.write(&format!("stacks/main/{name}.toml"), &parts.concat());
    }
}

/// A plan without the time it was made at.
fn plan(repo: &Repo) -> String {
    let text = repo
        .run(&["plan", "stacks/main", "--sandbox", "--json"])
        .exits(0)
        .stdout;
    let plan: Value = serde_json::from_str(&text).unwrap();
    text.replace(plan["now"].as_str().unwrap(), "NOW")
}

/// Without the places, which do say in which file something stands.
fn unplaced(plan: &str) -> String {
    let is_place = |line: &&str| {
        let line = line.trim_start();
        line.starts_with("\"file\": ") || line.starts_with("\"line\": ")
    };
    let lines: Vec<&str> = plan.lines().filter(|line| !is_place(line)).collect();
    lines.join("\n")
}

#[test]
fn two_plans_of_one_world_are_the_same_bytes() {
    let repo = Repo::new("main", &Value::Null);
    write(
        &repo,
        &[("stack", &[STACK, PEOPLE, NAMESPACE, ROLE, BINDING])],
    );
    let first = plan(&repo);
    assert!(first.contains("\"create\": 6"), "{first}");
    assert_eq!(plan(&repo), first);
    let text = |repo: &Repo| {
        repo.run(&["plan", "stacks/main", "--sandbox"])
            .exits(0)
            .stdout
    };
    assert_eq!(text(&repo), text(&repo));
}

#[test]
fn the_order_of_files_and_keys_is_no_difference() {
    let one = Repo::new("main", &Value::Null);
    write(
        &one,
        &[("stack", &[STACK, PEOPLE, NAMESPACE, ROLE, BINDING])],
    );
    let other = Repo::new("main", &Value::Null);
    write(
        &other,
        &[
            ("a", &[BINDING, SHUFFLED_ROLE]),
            ("b", &[PEOPLE]),
            ("m", &[SHUFFLED_NAMESPACE]),
            ("z", &[STACK]),
        ],
    );
    assert_eq!(unplaced(&plan(&other)), unplaced(&plan(&one)));
}

#[test]
fn a_saved_plan_holds_for_the_same_stack_in_another_order() {
    let repo = Repo::new("main", &Value::Null);
    write(
        &repo,
        &[("stack", &[STACK, PEOPLE, NAMESPACE, ROLE, BINDING])],
    );
    repo.run(&["plan", "stacks/main", "--sandbox", "--out", "a.plan"])
        .exits(0);
    write(
        &repo,
        &[("stack", &[STACK, BINDING, PEOPLE, ROLE, SHUFFLED_NAMESPACE])],
    );
    repo.run(&["apply", "a.plan"]).exits(0);
}
