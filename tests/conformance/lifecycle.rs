//! Each resource type through its life: create, no-op, update, drift, loss, move, delete, adopt,
//! destroy.

use serde_json::{Value, json};

use crate::support::client::Place;
use crate::support::scene::Scene;

/// A type, and what its life is made of.
struct Life {
    type_name: &'static str,
    plural: &'static str,
    namespaced: bool,
    /// Its arguments at first and after the change.
    first: &'static str,
    second: &'static str,
    /// The object as somebody else would make it, but for its name.
    foreign: Value,
    /// What somebody else does to it; where drift shows; and how the server has it otherwise.
    tamper: fn(&mut Value),
    drifts_at: &'static str,
    settled: fn(&Value) -> bool,
}

impl Life {
    fn place<'a>(&self, scene: &'a Scene, name: &'a str) -> Place<'a> {
        Place(
            self.plural,
            if self.namespaced { &scene.tag } else { "" },
            name,
        )
    }

    fn write(&self, scene: &Scene, label: &str, arguments: &str) {
        let namespace = if self.namespaced {
            "namespace = \"TAG\"\n"
        } else {
            ""
        };
        let Self { type_name, .. } = self;
        scene.repo.stack(&format!(
            "[{type_name}.{label}]\nname = \"TAG-it\"\n{namespace}{arguments}\n"
        ));
    }

    fn plays(&self, scene: &Scene) {
        if self.namespaced {
            scene.namespace();
        }
        let name = scene.name("it");
        let place = self.place(scene, &name);
        self.is_created(scene, place);
        self.is_updated(scene, place);
        self.drifts(scene, place);
        self.is_lost_and_made_again(scene, place);
        self.moves(scene, place);
        self.is_deleted(scene, place);
        self.is_adopted_and_destroyed(scene, place);
    }

    fn is_created(&self, scene: &Scene, place: Place<'_>) {
        self.write(scene, "it", self.first);
        let plan = scene
            .repo
            .run(&["plan", "stacks/main", "--json", "--detailed-exitcode"])
            .exits(2);
        assert_eq!(
            changes(&plan.json()),
            [self.change("it", "create", "declared")]
        );
        assert!(scene.other.get(place).is_none(), "a plan writes nothing");
        let done = scene.repo.apply();
        assert_eq!(done["done"], json!([self.address("it")]));
        let object = scene.other.object(place);
        let labels = &object["metadata"]["labels"];
        assert_eq!(
            labels["app.kubernetes.io/managed-by"], "rbacform",
            "{object}"
        );
        let (stack, lineage) = scene.mark_of(place);
        assert_eq!(stack.as_deref(), Some(scene.tag.as_str()));
        assert_eq!(lineage.as_deref(), scene.repo.state()["lineage"].as_str());
        self.rests(scene);
    }

    /// Nothing to do, nothing written, neither here nor there, but the record that it was asked.
    fn rests(&self, scene: &Scene) {
        scene.repo.is_settled();
        scene.repo.has_no_drift();
        let before = scene.repo.state_bytes();
        assert_eq!(scene.repo.apply()["done"], json!([]));
        let written: Vec<_> = scene
            .repo
            .state_bytes()
            .into_iter()
            .filter(is_kept)
            .collect();
        assert_eq!(
            written,
            before.into_iter().filter(is_kept).collect::<Vec<_>>()
        );
    }

    fn is_updated(&self, scene: &Scene, place: Place<'_>) {
        let uid = uid(scene, place);
        self.write(scene, "it", self.second);
        assert_eq!(
            changes(&scene.repo.plan()),
            [self.change("it", "update", "arguments_changed")]
        );
        scene.repo.apply();
        assert_eq!(uid, self::uid(scene, place), "updated in place");
        assert!((self.settled)(&scene.other.object(place)));
        self.rests(scene);
    }

    fn drifts(&self, scene: &Scene, place: Place<'_>) {
        scene.other.edit(place, self.tamper);
        let drift = scene.repo.drifted();
        assert_eq!(drift[0]["kind"], "modified");
        assert_eq!(drift[0]["address"], self.address("it"));
        assert_eq!(drift[0]["by"]["manager"], "kubectl-edit", "{drift}");
        let at: Vec<_> = drift[0]["differences"].as_array().unwrap().iter().collect();
        let shown = at
            .iter()
            .any(|one| one["path"].as_str().unwrap().starts_with(self.drifts_at));
        assert!(shown, "{drift}");
        let plan = scene.repo.plan();
        assert_eq!(plan["drift"], drift);
        assert_eq!(changes(&plan), [self.change("it", "update", "drifted")]);
        scene.repo.apply();
        let object = scene.other.object(place);
        assert!((self.settled)(&object), "{object}");
        self.rests(scene);
    }

    fn is_lost_and_made_again(&self, scene: &Scene, place: Place<'_>) {
        let uid = uid(scene, place);
        scene.other.delete(place);
        let drift = scene.repo.drifted();
        assert_eq!(
            (&drift[0]["kind"], drift.as_array().unwrap().len()),
            (&json!("deleted"), 1)
        );
        assert_eq!(
            changes(&scene.repo.plan()),
            [self.change("it", "create", "deleted_outside")]
        );
        scene.repo.apply();
        assert_ne!(uid, self::uid(scene, place));
        self.rests(scene);
    }

    fn moves(&self, scene: &Scene, place: Place<'_>) {
        let before = scene.other.object(place);
        self.write(scene, "renamed", self.second);
        let plan = scene.repo.plan();
        assert_eq!(
            changes(&plan),
            [self.change("renamed", "move", "address_changed")]
        );
        assert_eq!(plan["changes"][0]["previous_address"], self.address("it"));
        scene.repo.apply();
        assert_eq!(before, scene.other.object(place), "nothing is sent");
        self.rests(scene);
    }

    fn is_deleted(&self, scene: &Scene, place: Place<'_>) {
        scene.repo.stack("");
        assert_eq!(
            changes(&scene.repo.plan()),
            [self.change("renamed", "delete", "not_declared")]
        );
        scene.repo.apply();
        scene
            .other
            .wait("it is gone", || scene.other.get(place).is_none());
        self.rests(scene);
    }

    fn is_adopted_and_destroyed(&self, scene: &Scene, place: Place<'_>) {
        let mut foreign = self.foreign.clone();
        foreign["metadata"]["name"] = json!(place.2);
        let made = scene.other.create(self.plural, place.1, &foreign);
        self.write(scene, "it", self.second);
        let refused = scene
            .repo
            .run(&["apply", "stacks/main", "--yes", "--json"])
            .exits(1);
        assert_eq!(refused.codes(), ["foreign-object"], "{}", refused.told());
        assert!(
            refused.stdout.contains("last written by `kubectl-create`"),
            "{}",
            refused.told()
        );
        assert_eq!(made, scene.other.object(place), "left alone");
        let adopting = ["plan", "stacks/main", "--json", "--adopt"];
        let plan = scene.repo.run(&adopting).exits(0).json();
        assert_eq!(
            changes(&plan),
            [self.change("it", "adopt", "adopt_requested")]
        );
        scene
            .repo
            .run(&["apply", "stacks/main", "--yes", "--adopt"])
            .exits(0);
        let object = scene.other.object(place);
        assert_eq!(object["metadata"]["uid"], made["metadata"]["uid"]);
        assert!((self.settled)(&object), "{object}");
        assert_eq!(scene.mark_of(place).0.as_deref(), Some(scene.tag.as_str()));
        self.rests(scene);
        scene
            .repo
            .run(&["destroy", "stacks/main", "--yes"])
            .exits(0);
        scene
            .other
            .wait("it is gone", || scene.other.get(place).is_none());
        assert_eq!(scene.repo.state()["resources"], json!([]));
    }

    fn address(&self, label: &str) -> String {
        format!("{}.{label}", self.type_name)
    }

    fn change(&self, label: &str, action: &str, reason: &str) -> [String; 3] {
        [self.address(label), action.to_owned(), reason.to_owned()]
    }
}

/// Address, action and reason of each change.
pub(crate) fn changes(plan: &Value) -> Vec<[String; 3]> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = plan["changes"].as_array().unwrap().iter();
    all.map(|one| {
        [
            text(&one["address"]),
            text(&one["action"]),
            text(&one["reason"]),
        ]
    })
    .collect()
}

/// Locks say who came last, and audit records who asked: neither is state.
fn is_kept((path, _): &(std::path::PathBuf, Vec<u8>)) -> bool {
    path.extension()
        .is_none_or(|extension| extension != "lock" && extension != "jsonl")
}

fn uid(scene: &Scene, place: Place<'_>) -> Value {
    scene.other.object(place)["metadata"]["uid"].clone()
}

pub(crate) fn the_life_of_a_namespace(scene: &Scene) {
    let life = Life {
        type_name: "kubernetes.namespace",
        plural: "namespaces",
        namespaced: false,
        first: "labels = { team = \"a\" }\nlifecycle = { on_destroy = \"delete\" }",
        second: "labels = { team = \"b\" }\npod_security = { enforce = \"restricted\", warn = \"baseline\" }\n\
                 lifecycle = { on_destroy = \"delete\" }",
        foreign: json!({"metadata": {}}),
        tamper: |object| object["metadata"]["labels"]["team"] = json!("c"),
        drifts_at: "labels",
        settled: |object| {
            let labels = &object["metadata"]["labels"];
            labels["team"] == "b" && labels["pod-security.kubernetes.io/enforce"] == "restricted"
        },
    };
    life.plays(scene);
}

pub(crate) fn the_life_of_a_service_account(scene: &Scene) {
    let life = Life {
        type_name: "kubernetes.service_account",
        plural: "serviceaccounts",
        namespaced: true,
        first: "automount_token = true",
        second: "automount_token = false\nimage_pull_secrets = [\"registry\"]\n\
                 gcp_service_account = \"t@p.iam.gserviceaccount.com\"",
        foreign: json!({"metadata": {}, "automountServiceAccountToken": true}),
        tamper: |object| object["automountServiceAccountToken"] = json!(true),
        drifts_at: "automount_token",
        settled: |object| {
            object["automountServiceAccountToken"] == false
                && object["imagePullSecrets"] == json!([{"name": "registry"}])
                && object["metadata"]["annotations"]["iam.gke.io/gcp-service-account"]
                    == "t@p.iam.gserviceaccount.com"
        },
    };
    life.plays(scene);
}

const FIRST_RULES: &str = "rules = [{ api_groups = [\"\"], resources = [\"pods\", \"pods/log\"], verbs = [\"list\", \"get\"] }]";
const SECOND_RULES: &str = "rules = [{ api_groups = [\"\"], resources = [\"pods\"], verbs = [\"watch\", \"get\"] }]\n\
     labels = { purpose = \"test\" }";

fn has_second_rules(object: &Value) -> bool {
    let rules = object["rules"].as_array().unwrap();
    let verbs = rules[0]["verbs"].as_array().unwrap();
    rules.len() == 1
        && rules[0]["resources"] == json!(["pods"])
        && verbs.len() == 2
        && ["watch", "get"]
            .iter()
            .all(|verb| verbs.contains(&json!(verb)))
}

fn add_rule(object: &mut Value) {
    let rule = json!({"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]});
    object["rules"].as_array_mut().unwrap().push(rule);
}

fn foreign_role() -> Value {
    json!({"metadata": {}, "rules": [{"apiGroups": [""], "resources": ["nodes"], "verbs": ["*"]}]})
}

pub(crate) fn the_life_of_a_role(scene: &Scene) {
    let life = Life {
        type_name: "kubernetes.role",
        plural: "roles",
        namespaced: true,
        first: FIRST_RULES,
        second: SECOND_RULES,
        foreign: foreign_role(),
        tamper: add_rule,
        drifts_at: "rules",
        settled: has_second_rules,
    };
    life.plays(scene);
}

pub(crate) fn the_life_of_a_cluster_role(scene: &Scene) {
    let life = Life {
        type_name: "kubernetes.cluster_role",
        plural: "clusterroles",
        namespaced: false,
        first: FIRST_RULES,
        second: SECOND_RULES,
        foreign: foreign_role(),
        tamper: add_rule,
        drifts_at: "rules",
        settled: has_second_rules,
    };
    life.plays(scene);
}

const FIRST_SUBJECTS: &str =
    "cluster_role = \"view\"\nsubjects = [\"user:ana@example.com\", \"group:testers\"]";
const SECOND_SUBJECTS: &str =
    "cluster_role = \"view\"\nsubjects = [\"serviceaccount:TAG/worker\", \"user:ana@example.com\"]";

fn has_second_subjects(object: &Value) -> bool {
    let mut names: Vec<_> = object["subjects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].clone())
        .collect();
    names.sort_by_key(|name| name.to_string());
    names == ["ana@example.com", "worker"]
}

fn add_subject(object: &mut Value) {
    let mallory = crate::support::scene::user_subject("mallory");
    object["subjects"].as_array_mut().unwrap().push(mallory);
}

fn foreign_binding() -> Value {
    json!({
        "metadata": {},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view",
        },
        "subjects": [crate::support::scene::user_subject("mallory")],
    })
}

pub(crate) fn the_life_of_a_role_binding(scene: &Scene) {
    let life = Life {
        type_name: "kubernetes.role_binding",
        plural: "rolebindings",
        namespaced: true,
        first: FIRST_SUBJECTS,
        second: SECOND_SUBJECTS,
        foreign: foreign_binding(),
        tamper: add_subject,
        drifts_at: "subjects",
        settled: has_second_subjects,
    };
    life.plays(scene);
}

pub(crate) fn the_life_of_a_cluster_role_binding(scene: &Scene) {
    let life = Life {
        type_name: "kubernetes.cluster_role_binding",
        plural: "clusterrolebindings",
        namespaced: false,
        first: FIRST_SUBJECTS,
        second: SECOND_SUBJECTS,
        foreign: foreign_binding(),
        tamper: add_subject,
        drifts_at: "subjects",
        settled: has_second_subjects,
    };
    life.plays(scene);
}
