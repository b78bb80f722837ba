//! One play on both worlds: every word that rbacform prints must be the same.

use serde_json::{Value, json};

use crate::support::client::{KINDS, Place};
use crate::support::repo::Ran;
use crate::support::scene::{Scene, user_subject};

/// The play's transcript: command, exit code, output, with what must differ made equal.
struct Transcript<'a> {
    scene: &'a Scene,
    users: Vec<String>,
    lines: Vec<String>,
}

impl Transcript<'_> {
    fn run(&mut self, args: &[&str]) {
        let Ran {
            args,
            code,
            stdout,
            stderr,
        } = self.scene.repo.run(args);
        self.lines.push(format!("$ rbacform {args}\nexit {code:?}"));
        for (name, text) in [("stdout", stdout), ("stderr", stderr)] {
            let told: Vec<_> = text
                .lines()
                .map(|line| format!("{name}: {}", self.plain(line)))
                .collect();
            self.lines.extend(told);
        }
    }

    /// Without what differs from one world to another: its URL, users, ids and times.
    fn plain(&self, line: &str) -> String {
        let apart = |c: char| !(c.is_ascii_alphanumeric() || "-:.".contains(c));
        line.replace(&self.scene.world.url(), "URL")
            .split_inclusive(apart)
            .map(|word| {
                let core = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
                match core {
                    user if self.users.iter().any(|known| known == user) => {
                        word.replacen(core, "USER", 1)
                    }
                    uuid if is_uuid(uuid) => word.replacen(core, "UUID", 1),
                    time if is_time(time) => word.replacen(core, "TIME", 1),
                    _ => word.to_owned(),
                }
            })
            .collect()
    }
}

fn is_uuid(word: &str) -> bool {
    let parts: Vec<_> = word.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12] && word.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

fn is_time(word: &str) -> bool {
    word.len() == 20 && word.starts_with("20") && word.ends_with('Z') && word.contains('T')
}

#[test]
fn everything_reads_the_same_on_both_worlds() {
    let name = "everything_reads_the_same";
    let Some(real) = Scene::on_control_plane(name) else {
        return;
    };
    let real = play(&real);
    let sandbox = play(&Scene::on_sandbox(name));
    for (number, (ours, theirs)) in sandbox.iter().zip(&real).enumerate() {
        let before = real[number.saturating_sub(30)..number].join("\n");
        assert_eq!(ours, theirs, "sandbox, then real server, after:\n{before}");
    }
    assert_eq!(sandbox.len(), real.len());
    assert!(real.len() > 300, "{}", real.len());
}

#[test]
fn refused_objects_are_refused_in_the_same_words() {
    let name = "refused_objects";
    let Some(real) = Scene::on_control_plane(name) else {
        return;
    };
    let sandbox = Scene::on_sandbox(name);
    real.namespace();
    sandbox.namespace();
    let (mut refused, mut different) = (0, Vec::new());
    for (plural, body) in refusable() {
        let answer = |scene: &Scene| {
            let namespace = if plural.starts_with("cluster") || plural == "namespaces" {
                ""
            } else {
                &scene.tag
            };
            let name = body["metadata"]["name"].as_str().unwrap_or("nameless");
            let place = Place(plural, namespace, "");
            let kind = KINDS.iter().find(|(known, _)| *known == plural).unwrap().1;
            let version = if place.path().starts_with("/api/") {
                "v1"
            } else {
                "rbac.authorization.k8s.io/v1"
            };
            let mut whole = body.clone();
            whole["kind"] = json!(kind);
            whole["apiVersion"] = json!(version);
            let created = scene
                .other
                .send("POST", &place.path(), "application/json", Some(&whole));
            let path = format!(
                "{}/{}?fieldManager=rbacform",
                place.path(),
                name.replace('%', "%25")
            );
            let apply = "application/apply-patch+yaml";
            let applied = scene.other.send("PATCH", &path, apply, Some(&whole));
            [created, applied].map(|reply| match reply.code {
                200 | 201 => (reply.code, Value::Null),
                code => (code, reply.body),
            })
        };
        let (ours, theirs) = (answer(&sandbox), answer(&real));
        if ours != theirs {
            different.push(format!(
                "{plural} {body}
sandbox: {ours:?}
real: {theirs:?}
"
            ));
        }
        refused += theirs.iter().filter(|(code, _)| *code >= 400).count();
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
    assert!(refused > 30, "only {refused}");
}

/// Objects that a server refuses, or takes although one might not think so.
fn refusable() -> Vec<(&'static str, Value)> {
    let long = |length: usize| "n".repeat(length);
    let named = |name: &str, more: Value| {
        let mut object = json!({"metadata": {"name": name}});
        object
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        object
    };
    let rules = |rule: Value| json!({"rules": [rule]});
    let role_ref = |kind: &str, name: &str| json!({"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name});
    let subject =
        |subject: Value| json!({"roleRef": role_ref("ClusterRole", "view"), "subjects": [subject]});
    let meta = |key: &str, value: Value| json!({"metadata": {"name": "meta", key: value}});
    vec![
        ("namespaces", named(&long(64), json!({}))),
        ("namespaces", named("Capital", json!({}))),
        ("namespaces", named("dotted.name", json!({}))),
        ("serviceaccounts", named(&long(254), json!({}))),
        ("serviceaccounts", named("under_score", json!({}))),
        (
            "serviceaccounts",
            named(
                "pull",
                json!({"imagePullSecrets": [{"name": "a"}, {"name": "a"}]}),
            ),
        ),
        (
            "serviceaccounts",
            named("typed", json!({"automountServiceAccountToken": "yes"})),
        ),
        ("serviceaccounts", meta("labels", json!({"a/b/c": "x"}))),
        ("serviceaccounts", meta("labels", json!({"-a": "x"}))),
        (
            "serviceaccounts",
            meta("labels", json!({"a": "not a value"})),
        ),
        ("serviceaccounts", meta("labels", json!({"a": long(64)}))),
        (
            "serviceaccounts",
            meta("labels", json!({format!("{}/a", long(254)): "x"})),
        ),
        ("serviceaccounts", meta("labels", json!({long(64): "x"}))),
        (
            "serviceaccounts",
            meta("annotations", json!({"not a key": "x"})),
        ),
        (
            "serviceaccounts",
            meta("annotations", json!({"big": "x".repeat(256 * 1024 + 1)})),
        ),
        (
            "serviceaccounts",
            meta("finalizers", json!(["unqualified"])),
        ),
        ("roles", named("percent%", json!({"rules": []}))),
        (
            "roles",
            named(
                "verbless",
                rules(json!({"apiGroups": [""], "resources": ["pods"], "verbs": []})),
            ),
        ),
        (
            "roles",
            named(
                "groupless",
                rules(json!({"resources": ["pods"], "verbs": ["get"]})),
            ),
        ),
        (
            "roles",
            named(
                "resourceless",
                rules(json!({"apiGroups": [""], "verbs": ["get"]})),
            ),
        ),
        (
            "roles",
            named(
                "urls",
                rules(json!({"nonResourceURLs": ["/metrics"], "verbs": ["get"]})),
            ),
        ),
        (
            "clusterroles",
            named(
                "refused-mixed",
                rules(json!({
                    "apiGroups": [""], "resources": ["pods"], "nonResourceURLs": ["/metrics"], "verbs": ["get"],
                })),
            ),
        ),
        (
            "clusterroles",
            named(
                "refused-selector",
                json!({
                    "aggregationRule": {"clusterRoleSelectors": [{"matchExpressions": [
                        {"key": "a", "operator": "Like", "values": ["x"]},
                    ]}]},
                    "rules": [],
                }),
            ),
        ),
        (
            "clusterroles",
            named(
                "refused-empty-rule",
                json!({"aggregationRule": {}, "rules": []}),
            ),
        ),
        ("rolebindings", named("no-ref", json!({"subjects": []}))),
        (
            "rolebindings",
            named("bad-kind", json!({"roleRef": role_ref("Rule", "view")})),
        ),
        (
            "rolebindings",
            named("no-name", json!({"roleRef": role_ref("ClusterRole", "")})),
        ),
        (
            "rolebindings",
            named(
                "bad-name",
                json!({"roleRef": role_ref("ClusterRole", "a/b")}),
            ),
        ),
        (
            "clusterrolebindings",
            named("refused-role", json!({"roleRef": role_ref("Role", "view")})),
        ),
        (
            "rolebindings",
            named(
                "no-subject-name",
                subject(json!({
                    "apiGroup": "rbac.authorization.k8s.io", "kind": "User",
                })),
            ),
        ),
        (
            "rolebindings",
            named(
                "bad-subject-kind",
                subject(json!({"kind": "Robot", "name": "r"})),
            ),
        ),
        (
            "rolebindings",
            named(
                "bad-subject-group",
                subject(json!({
                    "apiGroup": "example.com", "kind": "User", "name": "ana",
                })),
            ),
        ),
        (
            "clusterrolebindings",
            named(
                "refused-subject",
                subject(json!({
                    "kind": "ServiceAccount", "name": "worker",
                })),
            ),
        ),
        (
            "rolebindings",
            named(
                "bad-account",
                subject(json!({
                    "kind": "ServiceAccount", "name": "Not_A_Name", "namespace": "a",
                })),
            ),
        ),
    ]
}

fn play(scene: &Scene) -> Vec<String> {
    let users = vec![scene.login.user.clone()];
    let mut transcript = Transcript {
        scene,
        users,
        lines: Vec::new(),
    };
    let repo = &scene.repo;
    let main = |transcript: &mut Transcript<'_>, args: &[&str]| {
        transcript.run(&[&args[..1], &["stacks/main"], &args[1..]].concat());
    };
    // Made, changed, replaced.
    repo.stack(crate::requests::MIXED);
    main(&mut transcript, &["plan", "--json"]);
    main(&mut transcript, &["plan"]);
    main(&mut transcript, &["apply", "--yes", "--json"]);
    let changed = crate::requests::MIXED
        .replace("\"get\", \"list\"", "\"watch\"")
        .replace("cluster_role = \"view\"", "cluster_role = \"edit\"");
    repo.stack(&changed);
    main(&mut transcript, &["plan", "--json"]);
    main(&mut transcript, &["apply", "--yes"]);
    main(&mut transcript, &["state", "list"]);
    // Tampered with by somebody else.
    let role = Place("roles", &scene.tag, "reader");
    scene.other.merge(
        role,
        &json!({"rules": [], "metadata": {"annotations": {"a.example.com/b": "c"}}}),
    );
    scene
        .other
        .delete(Place("rolebindings", &scene.tag, "worker"));
    let binding = json!({
        "metadata": {"name": "sneaked-in"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
        "subjects": [user_subject("mallory")],
    });
    scene.other.create("rolebindings", &scene.tag, &binding);
    main(&mut transcript, &["drift", "--json"]);
    main(&mut transcript, &["plan"]);
    main(&mut transcript, &["apply", "--yes", "--json"]);
    refused(&mut transcript);
    repo.stack("");
    main(&mut transcript, &["plan"]);
    main(&mut transcript, &["destroy", "--yes", "--json"]);
    transcript.lines
}

/// Everything that the server refuses and that only it can refuse.
fn refused(transcript: &mut Transcript<'_>) {
    let scene = transcript.scene;
    let repo = &scene.repo;
    let apply = ["apply", "stacks/main", "--yes", "--json"];
    let kept = crate::requests::MIXED;
    let more = |text: &str| format!("{kept}\n{text}");
    // Namespaces that are not there, and one that is on its way out.
    repo.stack(&more(
        "[kubernetes.role.lost]\nname = \"lost\"\nnamespace = \"TAG-nowhere\"\nrules = []\n\
         [kubernetes.service_account.lost]\nname = \"lost\"\nnamespace = \"TAG-nowhere\"\n\
         [kubernetes.role_binding.lost]\nname = \"lost\"\nnamespace = \"TAG-nowhere\"\n\
         cluster_role = \"view\"\nsubjects = [\"user:ana\"]\n",
    ));
    transcript.run(&apply);
    let ending = scene.name("ending");
    scene.namespace_named(&ending);
    let held =
        json!({"metadata": {"name": "held", "finalizers": ["example.com/held"]}, "rules": []});
    scene.other.create("roles", &ending, &held);
    scene
        .other
        .send("DELETE", &Place("namespaces", "", &ending).path(), "", None);
    repo.stack(&more(
        "[kubernetes.role.late]\nname = \"late\"\nnamespace = \"TAG-ending\"\nrules = []\n\
         [kubernetes.service_account.late]\nname = \"late\"\nnamespace = \"TAG-ending\"\n\
         [kubernetes.role_binding.late]\nname = \"late\"\nnamespace = \"TAG-ending\"\n\
         cluster_role = \"view\"\nsubjects = [\"user:ana\"]\n",
    ));
    transcript.run(&apply);
    // A role that is not there, and more than one holds.
    transcript
        .users
        .push(crate::refusals::as_role_manager(scene));
    repo.stack(&more(
        "[kubernetes.role_binding.dangling]\nname = \"dangling\"\nnamespace = \"TAG\"\n\
         role = \"not-there\"\nsubjects = [\"user:ana\"]\n\
         [kubernetes.cluster_role_binding.up]\nname = \"TAG-up\"\ncluster_role = \"cluster-admin\"\n\
         subjects = [\"user:ana\"]\n\
         [kubernetes.role_binding.up]\nname = \"up\"\nnamespace = \"TAG\"\ncluster_role = \"view\"\n\
         subjects = [\"user:ana\"]\n\
         [kubernetes.cluster_role.up]\nname = \"TAG-up\"\n\
         rules = [{ api_groups = [\"\", \"apps\"], resources = [\"secrets\", \"pods\"], verbs = [\"get\", \"*\"] },\n\
         { non_resource_urls = [\"/metrics\"], verbs = [\"get\"] }]\n\
         [kubernetes.cluster_role.whole]\nname = \"TAG-whole\"\n\
         aggregate = [{ match_labels = { \"TAG-to-whole\" = \"true\" } }]\n\
         [kubernetes.service_account.no]\nname = \"no\"\nnamespace = \"TAG\"\n",
    ));
    transcript.run(&apply);
    let all_the_same = [&apply[..], &["--ignore-preflight"]].concat();
    transcript.run(&all_the_same);
    repo.log_in(&scene.world.kubeconfig(&[&scene.login]));
    // Free the namespace for whoever comes next.
    let role = Place("roles", &ending, "held");
    scene.other.edit(role, |object| {
        object["metadata"]["finalizers"] = Value::Null
    });
}
