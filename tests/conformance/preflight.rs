//! The preflight: what is refused is told before the first write, with what to grant.

use serde_json::{Value, json};

use crate::restricted::as_insider;
use crate::support::client::Place;
use crate::support::scene::{Scene, user_subject};

const TEAM: &str = r#"
[kubernetes.service_account.worker]
name = "worker"
namespace = "TAG"

[kubernetes.role.reader]
name = "reader"
namespace = "TAG"
rules = [{ api_groups = [""], resources = ["secrets"], verbs = ["get"] }]

[kubernetes.role_binding.worker]
name = "worker"
namespace = "TAG"
role = "${kubernetes.role.reader}"
subjects = ["${kubernetes.service_account.worker}"]

[kubernetes.role_binding.viewers]
name = "viewers"
namespace = "TAG"
cluster_role = "view"
subjects = ["user:ana"]
"#;

fn may_only_read() -> Value {
    json!([
        {"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["get", "list"]},
        {
            "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles", "rolebindings"],
            "verbs": ["get", "list"],
        },
    ])
}

pub(crate) fn what_the_preflight_says_to_grant_is_enough(scene: &Scene) {
    let insider = as_insider(scene, &may_only_read());
    scene.repo.stack(TEAM);
    let planned = scene.repo.plan();
    let preflight = planned["preflight"].as_array().unwrap();
    assert_eq!(preflight.len(), 4, "{preflight:#?}");
    for entry in preflight {
        assert_eq!(entry["verdict"], "refused", "{entry:#}");
    }
    scene.world.count_from_here();
    let apply = ["apply", "stacks/main", "--yes"];
    let refused = scene.repo.run(&apply).exits(5);
    assert!(
        refused.stderr.contains("4 changes would be refused"),
        "{}",
        refused.told()
    );
    let asked = scene.world.requests(&insider);
    let writes = asked.keys().filter(|sort| sort.starts_with("patch"));
    assert_eq!(writes.count(), 0, "{asked:?}");
    for entry in preflight {
        grant(scene, &insider.user, entry);
    }
    assert_eq!(scene.repo.plan()["preflight"], json!([]));
    scene.repo.apply();
    scene.repo.is_settled();
}

/// Gives what an entry says.
fn grant(scene: &Scene, user: &str, entry: &Value) {
    let lines: Vec<&str> = entry["grant"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap())
        .collect();
    let (place, rules) = lines.split_first().unwrap();
    let rules: Value = serde_saphyr::from_str(&rules.join("\n")).unwrap();
    let namespace = place
        .strip_prefix("# in a Role of namespace ")
        .and_then(|rest| rest.strip_suffix(", bound by a RoleBinding there"))
        .unwrap_or_else(|| panic!("{place}"));
    let name = entry["address"].as_str().unwrap();
    give(scene, user, name, namespace, &rules);
}

/// Gives rules in a namespace, or everywhere.
fn give(scene: &Scene, user: &str, name: &str, namespace: &str, rules: &Value) {
    let (roles, bindings, kind) = match namespace {
        "" => ("clusterroles", "clusterrolebindings", "ClusterRole"),
        _ => ("roles", "rolebindings", "Role"),
    };
    let role = json!({"metadata": {"name": name}, "rules": rules});
    scene.other.create(roles, namespace, &role);
    let binding = json!({
        "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name},
        "subjects": [user_subject(user)],
    });
    scene.other.create(bindings, namespace, &binding);
}

pub(crate) fn saved_plan_is_judged_for_whoever_applies_it(scene: &Scene) {
    scene.namespace();
    scene.repo.stack(TEAM);
    let plan = ["plan", "stacks/main", "--json", "--out", "saved.plan"];
    let planned = scene.repo.run(&plan).exits(0).json();
    assert_eq!(planned["preflight"], json!([]));
    let reader = scene.world.new_user();
    let all = json!([{"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list"]}]);
    scene.allow(&reader.user, "reader", &all);
    scene.repo.log_in(&scene.world.kubeconfig(&[&reader]));
    let refused = scene.repo.run(&["apply", "saved.plan", "--json"]).exits(5);
    assert_eq!(refused.json()["preflight"].as_array().unwrap().len(), 4);
    assert!(
        scene
            .other
            .get(Place("roles", &scene.tag, "reader"))
            .is_none()
    );
    scene.repo.log_in(&scene.world.kubeconfig(&[&scene.login]));
    scene.repo.run(&["apply", "saved.plan"]).exits(0);
}

/// Everything that a stack of its own can hold, in a namespace that it makes and in one that stands.
const WHOLE: &str = r#"
[kubernetes.namespace.made]
name = "TAG-made"
labels = { team = "a" }

[kubernetes.service_account.worker]
name = "worker"
namespace = "${kubernetes.namespace.made.name}"

[kubernetes.role.reader]
name = "reader"
namespace = "${kubernetes.namespace.made.name}"
rules = [{ api_groups = [""], resources = ["secrets"], verbs = ["get"] }]

[kubernetes.role_binding.worker]
name = "worker"
namespace = "${kubernetes.namespace.made.name}"
role = "${kubernetes.role.reader}"
subjects = ["${kubernetes.service_account.worker}"]

[kubernetes.service_account.guest]
name = "guest"
namespace = "TAG"

[kubernetes.role_binding.guest]
name = "guest"
namespace = "TAG"
cluster_role = "view"
subjects = ["${kubernetes.service_account.guest}"]

[kubernetes.cluster_role.gathers]
name = "TAG-gathers"
aggregate = [{ match_labels = { "TAG" = "true" } }]

[kubernetes.cluster_role.feeds]
name = "TAG-feeds"
labels = { "TAG" = "true" }
rules = [{ non_resource_urls = ["/metrics"], verbs = ["get"] }]

[kubernetes.cluster_role_binding.feeds]
name = "TAG-feeds"
cluster_role = "${kubernetes.cluster_role.feeds}"
subjects = ["user:ana"]
"#;

pub(crate) fn what_a_stack_needs_is_enough_for_its_life(scene: &Scene) {
    scene.namespace();
    scene.repo.stack(WHOLE);
    scene.world.count_from_here();
    let plan = ["plan", "stacks/main", "--needs", "--json"];
    let needs = scene.repo.run(&plan).exits(0).json();
    assert_eq!(needs["format"], "rbacform.needs/1");
    assert!(
        scene.world.requests(&scene.login).is_empty(),
        "it asks nobody"
    );
    let fresh = scene.world.new_user();
    let roles = needs["kubernetes"].as_array().unwrap();
    assert_eq!(roles.len(), 2, "{roles:#?}");
    for role in roles {
        let namespace = role["metadata"]["namespace"].as_str().unwrap_or_default();
        let name = scene.name("needs");
        give(scene, &fresh.user, &name, namespace, &role["rules"]);
    }
    scene.repo.log_in(&scene.world.kubeconfig(&[&fresh]));
    assert_eq!(scene.repo.plan()["preflight"], json!([]));
    scene.repo.apply();
    scene.repo.is_settled();
    scene.repo.has_no_drift();
    // It mends what drifted, replaces what cannot change, and takes away what goes.
    let place = Place("roles", &scene.name("made"), "reader");
    scene
        .other
        .edit(place, |object| object["rules"] = json!([]));
    assert_eq!(scene.repo.drifted()[0]["address"], "kubernetes.role.reader");
    scene.repo.apply();
    // A bridge stands in while the binding is made anew.
    scene
        .repo
        .stack(&WHOLE.replace("\"view\"", "\"TAG-feeds\""));
    scene.repo.apply();
    let (kept, _) = WHOLE
        .split_once("[kubernetes.cluster_role_binding.feeds]")
        .unwrap();
    scene.repo.stack(&kept.replace("\"view\"", "\"TAG-feeds\""));
    scene.repo.apply();
    scene.repo.is_settled();
    scene
        .repo
        .run(&["destroy", "stacks/main", "--yes"])
        .exits(0);
}

pub(crate) fn whoever_would_lock_themselves_out_is_stopped(scene: &Scene) {
    let ci = scene.world.new_user();
    let binding = format!(
        "[kubernetes.cluster_role_binding.ci]\nname = \"TAG-ci\"\ncluster_role = \"TAG-ci\"\n\
         subjects = [\"user:{}\"]\n",
        ci.user
    );
    let role = "[kubernetes.cluster_role.ci]\nname = \"TAG-ci\"\n\
        rules = [{ api_groups = [\"*\"], resources = [\"*\"], verbs = [\"*\"] }]\n";
    scene.repo.stack(&format!("{role}{binding}"));
    scene.repo.apply();
    scene.repo.log_in(&scene.world.kubeconfig(&[&ci]));
    scene.repo.is_settled();
    scene.repo.stack(role);
    let apply = ["apply", "stacks/main", "--yes"];
    let refused = scene.repo.run(&apply).exits(5);
    let told = format!(
        "error[self-lockout]: after `kubernetes.cluster_role_binding.ci` `{}`, who applies it, could \
         no longer change `kubernetes/ClusterRole/{}`, which this stack manages",
        ci.user,
        scene.name("ci")
    );
    assert!(refused.stderr.contains(&told), "{}", refused.told());
    let plan = scene.repo.run(&["plan", "stacks/main", "--json"]).exits(5);
    assert_eq!(plan.json()["findings"][0]["code"], "self-lockout");
    let name = scene.name("ci");
    let place = Place("clusterrolebindings", "", &name);
    assert!(scene.other.get(place).is_some(), "nothing was written");
    scene.repo.stack(&format!(
        "{role}[[policy.exception]]\ncode = \"self-lockout\"\n\
         address = 'kubernetes.cluster_role_binding.ci'\nreason = \"handed over to others\"\n"
    ));
    scene.repo.run(&apply).exits(0);
    assert!(scene.other.get(place).is_none());
}
