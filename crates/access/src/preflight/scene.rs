//! A small world and a plan for the tests of this module.

use rbacform_core::plan::Preflight;
use rbacform_core::{
    Edit, EditKind, Mark, ObjectId, ObservedObject, ObservedSet, Precondition, Step, Value,
};
use serde_json::{Value as Json, json};

use super::{Answer, Input, Inquiry, doubts};
use crate::{Facts, Request, User};

const RBAC: [&str; 4] = ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"];

/// What stands, who acts, and what is to be done.
pub(super) struct Scene {
    pub(super) facts: Facts,
    pub(super) observed: ObservedSet,
    pub(super) user: User,
    pub(super) steps: Vec<Step>,
}

impl Scene {
    /// `ci` holds these rules in the whole cluster, and all of RBAC is known.
    pub(super) fn new(rules: &Json) -> Self {
        let mut scene = Self {
            facts: Facts::default(),
            observed: ObservedSet::default(),
            user: User {
                name: "ci".into(),
                groups: vec!["system:authenticated".into()],
            },
            steps: Vec::new(),
        };
        for kind in RBAC {
            scene
                .observed
                .complete
                .insert(("kubernetes".into(), kind.into()));
        }
        scene.stands("ClusterRole/ci", &json!({"rules": rules}));
        scene.stands("ClusterRoleBinding/ci", &binding("ClusterRole", "ci", "ci"));
        scene
    }

    /// Nobody but the server knows what RBAC says.
    pub(super) fn unread(mut self) -> Self {
        self.observed.complete.clear();
        self
    }

    pub(super) fn stands(&mut self, object: &str, attributes: &Json) {
        let attributes = Value::from_json(attributes);
        self.facts.put(&id(object), &attributes);
        self.observed.insert(ObservedObject {
            object: id(object),
            uid: "u".into(),
            version: "1".into(),
            attributes,
            mark: Some(mark()),
            managed_by: Some("rbacform".into()),
            last_writer: None,
            terminating: false,
            bootstrap: false,
        });
    }

    /// One step more, after these.
    pub(super) fn step(&mut self, object: &str, kind: EditKind, after: &[usize]) -> usize {
        let number = self.steps.len();
        let (kind_name, _) = object.split_once('/').unwrap();
        let address = format!("kubernetes.{}.it{number}", kind_name.to_lowercase());
        self.steps.push(Step {
            id: number,
            instance: "kubernetes".into(),
            edits: vec![Edit {
                address: address.parse().unwrap(),
                object: id(object),
                kind,
                precondition: Precondition::default(),
                records: None,
                transient: false,
            }],
            group: None,
            depends_on: after.to_vec(),
            settle: false,
        });
        number
    }

    pub(super) fn creates(&mut self, object: &str, attributes: &Json, after: &[usize]) -> usize {
        let kind = EditKind::Create {
            attributes: Value::from_json(attributes),
            mark: mark(),
            built_in: false,
        };
        self.step(object, kind, after)
    }

    pub(super) fn updates(&mut self, object: &str, attributes: &Json) -> usize {
        let kind = EditKind::Update {
            attributes: Value::from_json(attributes),
            mark: mark(),
        };
        self.step(object, kind, &[])
    }

    /// What the server is asked, round by round, and what it comes to, where it answers so.
    pub(super) fn inquire(
        &self,
        answer: impl Fn(&Request) -> Answer,
    ) -> (Vec<Vec<Request>>, Vec<Preflight>) {
        let mut inquiry = Inquiry::new(doubts(&Input {
            user: &self.user,
            facts: &self.facts,
            steps: &self.steps,
            observed: &self.observed,
        }));
        let mut rounds = Vec::new();
        loop {
            let asked = inquiry.next();
            if asked.is_empty() {
                return (rounds, inquiry.verdicts());
            }
            for request in &asked {
                inquiry.learn(request.clone(), answer(request));
            }
            rounds.push(asked.into_iter().collect());
        }
    }

    /// What it comes to where no other authorizer allows anything.
    pub(super) fn foreseen(&self) -> Vec<Preflight> {
        self.inquire(|_| Answer::No).1
    }
}

/// `KIND/NAME` or `KIND/NAMESPACE/NAME`.
pub(super) fn id(object: &str) -> ObjectId {
    format!("kubernetes/{object}").parse().unwrap()
}

pub(super) fn mark() -> Mark {
    Mark {
        stack: "team".into(),
        lineage: "l".into(),
    }
}

pub(super) fn binding(kind: &str, role: &str, user: &str) -> Json {
    json!({
        "role_ref": {"kind": kind, "name": role},
        "subjects": [{"kind": "User", "name": user}],
    })
}

pub(super) fn rule(verbs: &[&str], group: &str, resources: &[&str]) -> Json {
    json!({"verbs": verbs, "api_groups": [group], "resources": resources})
}

/// May write roles and bindings, and holds nothing that it could hand out.
pub(super) fn writer() -> Json {
    let kinds = [
        "roles",
        "rolebindings",
        "clusterroles",
        "clusterrolebindings",
    ];
    rule(&["create", "patch", "delete"], crate::RBAC_GROUP, &kinds)
}

pub(super) fn secrets() -> Json {
    rule(&["get"], "", &["secrets"])
}
