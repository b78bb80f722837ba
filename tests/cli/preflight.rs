//! What the preflight tells people, and what it stops.

use serde_json::json;

use crate::support::scene::Scene;

const STACK: &str = r#"
[kubernetes.role.powerful]
name = "powerful"
namespace = "TAG"
rules = [{ api_groups = [""], resources = ["secrets"], verbs = ["get"] }]

[kubernetes.service_account.robot]
name = "robot"
namespace = "TAG"
"#;

/// A scene whose login may read everything and write roles, but hold no secrets.
fn scene(name: &str) -> Scene {
    let scene = Scene::on_sandbox(name);
    scene.namespace();
    let ci = scene.world.new_user();
    let rbac = "rbac.authorization.k8s.io";
    let rules = json!([
        {"apiGroups": ["", rbac], "resources": ["*"], "verbs": ["list"]},
        {"apiGroups": [rbac], "resources": ["roles", "rolebindings"], "verbs": ["create", "patch"]},
        {"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["patch"]},
    ]);
    scene.allow(&ci.user, "ci", &rules);
    scene.repo.log_in(&scene.world.kubeconfig(&[&ci]));
    scene.repo.stack(STACK);
    scene
}

#[test]
fn a_plan_tells_what_will_be_refused_and_what_to_grant() {
    let scene = scene("told");
    let told = r#"
Will be refused
  kubernetes.role.powerful
      roles.rbac.authorization.k8s.io "powerful" is forbidden: user "tester-2" (groups=["testers" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:
      {APIGroups:[""], Resources:["secrets"], Verbs:["get"]}
      to grant:
        # in a Role of namespace told, bound by a RoleBinding there
        - apiGroups: ["rbac.authorization.k8s.io"]
          resources: ["roles"]
          resourceNames: ["powerful"]
          verbs: ["escalate"]
  kubernetes.service_account.robot
      serviceaccounts "robot" is forbidden: User "tester-2" cannot create resource "serviceaccounts" in API group "" in the namespace "told"
      to grant:
        # in a Role of namespace told, bound by a RoleBinding there
        - apiGroups: [""]
          resources: ["serviceaccounts"]
          resourceNames: ["robot"]
          verbs: ["create"]

Plan: 2 to create; "#;
    let plan = scene.repo.run(&["plan", "stacks/main"]).exits(0);
    assert!(plan.stdout.contains(told), "{}", plan.told());
    let markdown = scene
        .repo
        .run(&["plan", "stacks/main", "--markdown"])
        .exits(0);
    let section = "\n#### Will be refused\n\n- <code>kubernetes.role.powerful</code>\n\n  ```text\n  roles.rbac";
    assert!(markdown.stdout.contains(section), "{}", markdown.told());
    // Saving it is no reason to refuse it: somebody else may apply it.
    let saved = ["plan", "stacks/main", "--out", "saved.plan"];
    scene.repo.run(&saved).exits(0);
    let shown = scene.repo.run(&["show", "saved.plan"]).exits(0);
    assert!(shown.stdout.contains(told), "{}", shown.told());
}

#[test]
fn an_apply_that_would_be_refused_does_not_begin() {
    let scene = scene("stopped");
    let apply = ["apply", "stacks/main", "--yes"];
    let stopped = scene.repo.run(&apply).exits(5);
    assert_eq!(stopped.stdout, "");
    let told = "error[preflight-refused]: 2 changes would be refused, so nothing was begun\n  \
                = help: have granted what is missing, as the plan tells it; or give \
                `--ignore-preflight` to send the changes all the same\n";
    assert!(
        stopped.stderr.ends_with(&format!("{told}\n")),
        "{}",
        stopped.told()
    );
    assert!(
        scene
            .repo
            .state_bytes()
            .iter()
            .all(|(path, _)| !path.ends_with("stopped.json"))
    );
    // Each is sent all the same, and refused by itself.
    let sent = scene
        .repo
        .run(&[
            "apply",
            "stacks/main",
            "--yes",
            "--json",
            "--ignore-preflight",
        ])
        .exits(1);
    let failed = sent.json()["failed"].as_array().unwrap().len();
    assert_eq!(failed, 2, "{}", sent.told());
}

/// What binding a large role lacks would fill several screens.
#[test]
fn of_many_missing_rules_the_first_are_told_and_the_rest_counted() {
    let scene = scene("many");
    scene.repo.stack(
        r#"
[kubernetes.role_binding.editors]
name = "editors"
namespace = "TAG"
cluster_role = "edit"
subjects = ["user:eve"]
"#,
    );
    let shown = |text: &str| {
        let rules = text.lines().filter(|line| line.contains("{APIGroups:"));
        rules.count()
    };
    let document = scene.repo.run(&["plan", "stacks/main", "--json"]).exits(0);
    let document = document.json();
    let reason = document["preflight"][0]["reason"].as_str().unwrap();
    let rest = shown(reason) - 8;
    assert!(rest > 8, "{reason}");
    let told = format!("and {rest} more; `--json` has them all\n");
    let plan = scene.repo.run(&["plan", "stacks/main"]).exits(0);
    let markdown = scene
        .repo
        .run(&["plan", "stacks/main", "--markdown"])
        .exits(0);
    let apply = ["apply", "stacks/main", "--yes"];
    let stopped = scene.repo.run(&apply).exits(5);
    for (text, ran) in [
        (&plan.stdout, &plan),
        (&markdown.stdout, &markdown),
        (&stopped.stderr, &stopped),
    ] {
        assert_eq!(shown(text), 8, "{}", ran.told());
        assert!(text.contains(&told), "{}", ran.told());
    }
    let sent = [&apply[..], &["--ignore-preflight"]].concat();
    let failed = scene.repo.run(&sent).exits(1);
    assert!(failed.told().contains(&told), "{}", failed.told());
}
