//! A small world for planner tests: roles, bindings, and grants that coalesce into policies.

use rbacform_core::plan::Mode;
use rbacform_core::*;
use rbacform_planner::{PlanInput, Planned, plan};
use serde_json::json;

use crate::cloud::Cloud;

pub(crate) const LINEAGE: &str = "11111111-1111-1111-1111-111111111111";

pub(crate) struct Toy;

static TYPES: [TypeSchema; 4] = [
    schema("toy.namespace", "Namespace", &[], true),
    schema("toy.role", "Role", &[], false),
    schema("toy.binding", "Binding", &["role_ref"], false),
    schema("toy.grant", "Grant", &[], false),
];

const LABELS: Argument = Argument::optional("labels", Type::Map(&Type::String), "");

const fn schema(
    name: &'static str,
    kind: &'static str,
    immutable: &'static [&'static str],
    abandon_by_default: bool,
) -> TypeSchema {
    TypeSchema {
        name,
        kind,
        doc: "",
        arguments: &[LABELS],
        immutable,
        abandon_by_default,
    }
}

impl Semantics for Toy {
    fn provider(&self) -> &'static str {
        "toy"
    }
    fn types(&self) -> &'static [TypeSchema] {
        &TYPES
    }
    fn settings(&self) -> &'static [Argument] {
        &[]
    }
    fn resolve(&self, _: &ResourceInput<'_>) -> Result<ResolvedObject, Vec<Diagnostic>> {
        Err(Vec::new())
    }
    fn manifest(
        &self,
        _: &str,
        _: &Node,
        _: &str,
    ) -> Option<Result<ResolvedObject, Vec<Diagnostic>>> {
        None
    }
    fn companions(&self, kind: &str) -> &'static [&'static str] {
        if kind == "Role" || kind == "Namespace" {
            &["Binding"]
        } else {
            &[]
        }
    }
    fn binding(&self, object: &ObjectId, attributes: &Value) -> Option<Binding> {
        let role = attributes.get("role_ref")?.as_str()?;
        let subjects = attributes.get("subjects")?.as_list()?;
        Some(Binding {
            role: ObjectId::namespaced("toy", "Role", object.namespace()?, role),
            subjects: subjects
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            scope: object.namespace()?.to_owned(),
            condition: None,
        })
    }
    /// Grants on one policy share a write: `POLICY/anything`.
    fn group_key(&self, edit: &Edit) -> Option<String> {
        (edit.object.kind == "Grant")
            .then(|| edit.object.namespace().unwrap_or_default().to_owned())
    }
}

/// What the tests plan from.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) desired: Vec<DesiredResource>,
    pub(crate) prior: Vec<StateResource>,
    pub(crate) observed: Vec<ObservedObject>,
    pub(crate) mode: Mode,
    pub(crate) adopt: bool,
    pub(crate) no_state: bool,
    pub(crate) targets: Vec<Address>,
}

impl World {
    pub(crate) fn plan(&self) -> Planned {
        self.with_input(LINEAGE, plan)
    }

    /// What is asked of the planner, where the state has that lineage.
    pub(crate) fn with_input<T>(&self, lineage: &str, ask: impl FnOnce(&PlanInput<'_>) -> T) -> T {
        let mut prior = StateSnapshot::empty("s", None);
        prior.lineage = lineage.to_owned();
        prior.resources = self
            .prior
            .iter()
            .map(|resource| (resource.object.clone(), resource.clone()))
            .collect();
        let mut observed: ObservedSet = self.observed.iter().cloned().collect();
        for kind in ["Namespace", "Role", "Binding", "Grant"] {
            observed.complete.insert(("toy".into(), kind.into()));
        }
        ask(&PlanInput {
            desired: &self.desired,
            expired: &[],
            prior: &prior,
            no_state: self.no_state,
            observed: &observed,
            semantics: &[&Toy, &Cloud],
            mode: self.mode,
            adopt: self.adopt,
            targets: &self.targets,
        })
    }

    /// Declares a resource, and has it applied already.
    pub(crate) fn applied(mut self, resource: DesiredResource) -> Self {
        self.prior.push(in_state(&resource));
        self.observed.push(live(&resource));
        self.desired.push(resource);
        self
    }

    /// Has it applied, and no longer declares it.
    pub(crate) fn abandoned(mut self, resource: DesiredResource) -> Self {
        self.prior.push(in_state(&resource));
        self.observed.push(live(&resource));
        self
    }

    pub(crate) fn declared(mut self, resource: DesiredResource) -> Self {
        self.desired.push(resource);
        self
    }
}

pub(crate) fn resource(kind: &str, ident: &str, attributes: serde_json::Value) -> DesiredResource {
    let type_name = format!("toy.{}", kind.to_lowercase());
    let object = ObjectId {
        instance: "toy".into(),
        kind: kind.into(),
        ident: ident.into(),
    };
    let requires = object
        .namespace()
        .map(|ns| ObjectId::cluster("toy", "Namespace", ns));
    DesiredResource {
        address: Address::new(type_name, ident.replace('/', "_"), None),
        object,
        attributes: Value::from_json(&attributes),
        requires: requires.into_iter().collect(),
        depends_on: Vec::new(),
        lifecycle: Lifecycle::default(),
        built_in: false,
        span: Span::default(),
    }
}

pub(crate) fn role(ident: &str, rules: &[&str]) -> DesiredResource {
    resource("Role", ident, json!({ "rules": rules }))
}

pub(crate) fn binding(ident: &str, role: &str, subjects: &[&str]) -> DesiredResource {
    let mut binding = resource(
        "Binding",
        ident,
        json!({ "role_ref": role, "subjects": subjects }),
    );
    let namespace = binding.object.namespace().unwrap_or_default().to_owned();
    binding
        .requires
        .push(ObjectId::namespaced("toy", "Role", &namespace, role));
    binding
}

pub(crate) fn in_state(resource: &DesiredResource) -> StateResource {
    StateResource {
        address: resource.address.clone(),
        object: resource.object.clone(),
        uid: format!("uid-{}", resource.object).into(),
        attributes: resource.attributes.clone(),
        requires: resource.requires.clone(),
        depends_on: resource.depends_on.clone(),
        prevent_destroy: resource.lifecycle.prevent_destroy,
        on_destroy: match resource.object.kind.as_str() {
            "Namespace" => OnDestroy::Abandon,
            "Policy" => resource.lifecycle.on_destroy.unwrap_or(OnDestroy::Abandon),
            _ => resource.lifecycle.on_destroy.unwrap_or_default(),
        },
        ignore_changes: resource.lifecycle.ignore_changes.clone(),
    }
}

pub(crate) fn live(resource: &DesiredResource) -> ObservedObject {
    ObservedObject {
        object: resource.object.clone(),
        uid: format!("uid-{}", resource.object).into(),
        version: "7".into(),
        attributes: resource.attributes.clone(),
        mark: Some(Mark::new("s", None, LINEAGE)),
        managed_by: None,
        last_writer: None,
        terminating: false,
        bootstrap: false,
    }
}

/// Each change as `action reason address`.
pub(crate) fn told(planned: &Planned) -> Vec<String> {
    planned
        .changes
        .iter()
        .map(|change| {
            let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
            let action = word(json!(change.action));
            let reason = word(json!(change.reason));
            format!("{action} {reason} {}", change.address)
        })
        .collect()
}

/// Each step as `verb object`, with a `+` between coalesced edits, in order.
pub(crate) fn steps(planned: &Planned) -> Vec<String> {
    let verb = |edit: &Edit| match edit.kind {
        EditKind::Create { .. } => "create",
        EditKind::Update { .. } => "update",
        EditKind::Abandon { .. } => "abandon",
        EditKind::Delete => "delete",
        EditKind::Record => "record",
    };
    planned
        .steps
        .iter()
        .map(|step| {
            let edits: Vec<String> = step
                .edits
                .iter()
                .map(|edit| format!("{} {} {}", verb(edit), edit.object.kind, edit.object.ident))
                .collect();
            edits.join(" + ")
        })
        .collect()
}

pub(crate) fn codes(planned: &Planned) -> Vec<&'static str> {
    planned
        .diagnostics
        .iter()
        .map(|diagnostic| diagnostic.code)
        .collect()
}
