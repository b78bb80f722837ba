//! The access change of a plan: what it says somebody gains or loses is what the server then answers.

use serde_json::{Value, json};

use crate::support::client::Place;

use crate::support::scene::{Scene, user_subject};
use crate::support::world::Login;

const BINDING: &str = r#"
[kubernetes.role_binding.it]
name = "it"
namespace = "TAG"
cluster_role = "view"
subjects = ["user:ana"]
"#;

fn role(verbs: &str) -> String {
    format!(
        "[kubernetes.role.reader]\nname = \"reader\"\nnamespace = \"TAG\"\n\
         rules = [{{ api_groups = [\"\"], resources = [\"secrets\"], verbs = [{verbs}] }}]\n"
    )
}

fn part(verb: &str) -> String {
    format!(
        "[kubernetes.cluster_role.part]\nname = \"TAG-part\"\nlabels = {{ \"TAG-to-whole\" = \"true\" }}\n\
         rules = [{{ api_groups = [\"\"], resources = [\"pods\"], verbs = [\"{verb}\"] }}]\n"
    )
}

/// Binds somebody by hand, as another tool would.
fn binds(
    scene: &Scene,
    plural: &str,
    namespace: &str,
    name: &str,
    role: (&str, &str),
    whom: Value,
) {
    let (kind, role) = role;
    let body = json!({
        "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": role},
        "subjects": [whom],
    });
    scene.other.create(plural, namespace, &body);
}

/// `subject verbs resource scope`, an entry each.
fn told(plan: &Value, list: &str) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let one = |entry: &Value| {
        let verbs = entry["verbs"].as_array();
        let what = verbs.map_or(text(&entry["role"]), |verbs| {
            let verbs: Vec<String> = verbs.iter().map(text).collect();
            verbs.join(",")
        });
        format!(
            "{} {what} {} {}",
            text(&entry["subject"]),
            text(&entry["resource"]),
            text(&entry["scope"])
        )
    };
    let entries = plan["access"][list].as_array().unwrap();
    entries.iter().map(one).collect()
}

/// What a plan of a role tells of those whom somebody else has bound to it, and that it is so.
pub(crate) fn a_role_changes_through_bindings_of_others(scene: &Scene) {
    scene.namespace();
    scene.repo.stack(&role("\"get\""));
    scene.repo.apply();
    let mallory = scene.name("mallory");
    let whom = user_subject(&mallory);
    binds(
        scene,
        "rolebindings",
        &scene.tag,
        "foreign",
        ("Role", "reader"),
        whom,
    );
    scene.repo.stack(&role("\"list\""));
    let plan = scene.repo.plan();
    let entry = |verb: &str| format!("user:{mallory} {verb} secrets {}", scene.tag);
    assert_eq!(told(&plan, "gained"), [entry("list")]);
    assert_eq!(told(&plan, "lost"), [entry("get")]);
    let via = &plan["access"]["gained"][0]["via"];
    assert_eq!(
        via,
        &json!([{
            "binding": format!("kubernetes/RoleBinding/{}/foreign", scene.tag),
            "role": format!("kubernetes/Role/{}/reader", scene.tag),
            "file": "stacks/main/stack.toml", "line": 3,
        }])
    );
    scene.repo.apply();
    scene.other.wait("mallory may list and no longer get", || {
        let may = |verb: &str| scene.other.may(&mallory, &[], verb, "secrets", &scene.tag);
        may("list") && !may("get")
    });
    assert_eq!(told(&scene.repo.plan(), "gained"), [""; 0]);
}

/// A role that others gather changes what everybody has who holds the gathering one.
pub(crate) fn aggregation_ripples_to_those_who_hold_the_whole(scene: &Scene) {
    let namespace = scene.namespace();
    let (whole, label) = (scene.name("whole"), scene.name("to-whole"));
    scene.other.create(
        "clusterroles",
        "",
        &json!({
            "metadata": {"name": whole},
            "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {label: "true"}}]},
            "rules": [],
        }),
    );
    scene.repo.stack(&part("get"));
    scene.repo.apply();
    let place = Place("clusterroles", "", &whole);
    scene.other.wait("the controller gathers", || {
        scene.other.object(place)["rules"][0]["verbs"] == json!(["get"])
    });
    let (wide, narrow) = (scene.name("wide"), scene.name("narrow"));
    let role = ("ClusterRole", &*whole);
    binds(
        scene,
        "clusterrolebindings",
        "",
        &wide,
        role,
        user_subject(&wide),
    );
    binds(
        scene,
        "rolebindings",
        namespace,
        &narrow,
        role,
        user_subject(&narrow),
    );
    scene.repo.stack(&part("list"));
    let plan = scene.repo.plan();
    let entries = |verb: &str| {
        [
            format!("user:{wide} {verb} pods cluster"),
            format!("user:{narrow} {verb} pods {namespace}"),
        ]
    };
    assert_eq!(told(&plan, "gained"), entries("list"));
    assert_eq!(told(&plan, "lost"), entries("get"));
    scene.repo.apply();
    scene.other.wait("they may list and no longer get", || {
        let may = |who: &str, verb: &str| scene.other.may(who, &[], verb, "pods", namespace);
        [&*wide, &*narrow]
            .iter()
            .all(|who| may(who, "list") && !may(who, "get"))
    });
}

/// What another binding, or a group, gives anyway is neither gained nor lost.
pub(crate) fn access_that_somebody_has_anyway_is_not_told(scene: &Scene) {
    scene.namespace();
    let stack = format!(
        "{BINDING}\n[kubernetes.role_binding.jobs]\nname = \"jobs\"\nnamespace = \"TAG\"\n\
         cluster_role = \"view\"\nsubjects = [\"serviceaccount:TAG/job\"]\n"
    );
    let ana = user_subject("ana");
    let all = json!({
        "kind": "Group", "apiGroup": "rbac.authorization.k8s.io",
        "name": format!("system:serviceaccounts:{}", scene.tag),
    });
    let role = ("ClusterRole", "view");
    let (wide, group) = (scene.name("wide"), scene.name("all"));
    binds(scene, "clusterrolebindings", "", &wide, role, ana);
    binds(scene, "rolebindings", &scene.tag, &group, role, all);
    scene.repo.stack(&stack);
    let plan = scene.repo.plan();
    assert_eq!(plan["summary"]["create"], 2);
    assert_eq!(told(&plan, "gained"), [""; 0]);
    assert_eq!(told(&plan, "cannot_tell"), [""; 0]);
    // Without the other, it is a gain again.
    scene.other.delete(Place("clusterrolebindings", "", &wide));
    let gained = told(&scene.repo.plan(), "gained");
    assert!(gained.contains(&format!("user:ana get,list,watch pods {}", scene.tag)));
    assert!(gained.iter().all(|line| line.starts_with("user:ana ")));
}

/// A deleted namespace takes along what others bound in it.
pub(crate) fn a_namespace_takes_its_bindings_along(scene: &Scene) {
    scene.repo.stack(
        "[kubernetes.namespace.it]\nname = \"TAG\"\nlifecycle = { on_destroy = \"delete\" }\n",
    );
    scene.repo.apply();
    let bo = user_subject("bo");
    let role = ("ClusterRole", "system:node-proxier");
    binds(scene, "rolebindings", &scene.tag, "foreign", role, bo);
    let plan = scene
        .repo
        .run(&["plan", "stacks/main", "--destroy", "--json"])
        .exits(0)
        .json();
    let lost = told(&plan, "lost");
    let expected = format!("user:bo list,watch endpointslices {}", scene.tag);
    assert!(lost.contains(&expected), "{lost:?}");
    assert_eq!(told(&plan, "gained"), [""; 0]);
}

/// What this identity may not read is told of as such; nothing fails.
pub(crate) fn what_may_not_be_read_cannot_be_told(scene: &Scene) {
    let namespace = scene.namespace();
    let insider = insider(scene, namespace);
    scene.repo.stack(&format!("{BINDING}{}", role("\"get\"")));
    scene.world.count_from_here();
    let ran = scene.repo.run(&["plan", "stacks/main", "--json"]).exits(0);
    let plan = ran.json();
    let untold = format!("user:ana ClusterRole view * {namespace}");
    assert_eq!(told(&plan, "cannot_tell"), [untold]);
    assert_eq!(told(&plan, "gained"), [""; 0]);
    assert!(
        ran.stderr.contains("`clusterroles` may not be listed"),
        "{}",
        ran.told()
    );
    let asked = scene.world.requests(&insider);
    let lists: Vec<(&str, usize)> = asked
        .iter()
        .filter(|(what, _)| what.starts_with("list "))
        .map(|(what, times)| (what.as_str(), *times))
        .collect();
    assert_eq!(
        lists,
        [
            ("list clusterrolebindings", 1),
            ("list clusterroles", 1),
            // The whole cluster, then the namespace of the stack.
            ("list rolebindings", 2),
            ("list roles", 2),
        ]
    );
}

/// Logs in somebody who may do everything to the roles and bindings of one namespace.
fn insider(scene: &Scene, namespace: &str) -> Login {
    let insider = scene.world.new_user();
    let rules = json!([{
        "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles", "rolebindings"],
        "verbs": ["get", "list", "create", "patch", "delete"],
    }]);
    let inside = json!({"metadata": {"name": "insider"}, "rules": rules});
    scene.other.create("roles", namespace, &inside);
    let whom = user_subject(&insider.user);
    let role = ("Role", "insider");
    binds(scene, "rolebindings", namespace, "insider", role, whom);
    scene.repo.log_in(&scene.world.kubeconfig(&[&insider]));
    insider
}

/// Who may read one namespace only is told what stands there, and that there may be more elsewhere.
pub(crate) fn questions_read_the_namespaces_of_their_stacks(scene: &Scene) {
    let namespace = scene.namespace();
    let bound = "[kubernetes.role_binding.it]\nname = \"it\"\nnamespace = \"TAG\"\n\
                 role = \"${kubernetes.role.reader}\"\nsubjects = [\"user:ana\"]\n";
    scene.repo.stack(&format!("{bound}{}", role("\"get\"")));
    scene.repo.apply();
    insider(scene, namespace);
    let asked = ["access", "diff", "live", "stacks/main"];
    let ran = scene.repo.run(&asked).exits(0);
    assert_eq!(
        ran.stdout,
        "Nobody gains or loses anything.\n",
        "{}",
        ran.told()
    );
    let asked = ["access", "what-can", "ana", "--from", "live", "--json"];
    let told = scene.repo.run(&asked).exits(0).json();
    let missing = json!([
        "not every RoleBinding could be read",
        "not every ClusterRoleBinding could be read",
    ]);
    assert_eq!(told["missing"], missing, "{told}");
}

/// A change asks for every RBAC kind once, whatever else the stack has; what is settled does not.
pub(crate) fn a_change_of_access_reads_each_kind_once(scene: &Scene) {
    scene.namespace();
    scene.repo.stack(BINDING);
    let lists = |requests: Value| -> Value {
        let all = requests.as_object().unwrap().clone();
        all.into_iter()
            .filter(|(what, _)| what.starts_with("list "))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let changing = scene.requests(|| {
        scene.repo.plan();
    });
    assert_eq!(
        lists(changing),
        json!({
            "list clusterrolebindings": 1, "list clusterroles": 1, "list rolebindings": 1, "list roles": 1,
        })
    );
    scene.repo.apply();
    let settled = scene.requests(|| scene.repo.is_settled());
    assert_eq!(lists(settled), json!({"list rolebindings": 1}));
    let drift = scene.requests(|| scene.repo.has_no_drift());
    assert_eq!(lists(drift), json!({"list rolebindings": 1}));
}
