//! A small cloud beside the toy world: grants on policies that carry no mark. Identities are
//! `RESOURCE ROLE SUBJECT` for one grant, `RESOURCE ROLE` for a whole binding, `RESOURCE` for a
//! whole policy.

use std::collections::BTreeSet;

use rbacform_core::*;
use serde_json::{Value as Json, json};

pub(crate) struct Cloud;

static TYPES: [TypeSchema; 5] = [
    schema("cloud.account", "Account", false),
    schema("cloud.role", "CustomRole", false),
    schema("cloud.member", "Member", false),
    schema("cloud.binding", "Whole", false),
    schema("cloud.policy", "Policy", true),
];

const fn schema(name: &'static str, kind: &'static str, abandon_by_default: bool) -> TypeSchema {
    TypeSchema {
        name,
        kind,
        doc: "",
        arguments: &[],
        immutable: &[],
        abandon_by_default,
    }
}

impl Semantics for Cloud {
    fn provider(&self) -> &'static str {
        "cloud"
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
    fn adoption(&self, kind: &str) -> Adoption {
        match kind {
            "Account" | "CustomRole" => Adoption::OnRequest,
            _ => Adoption::Freely,
        }
    }
    fn grants_on_resources(&self) -> bool {
        true
    }
    fn is_authoritative(&self, kind: &str) -> bool {
        matches!(kind, "Whole" | "Policy")
    }
    fn bindings(&self, object: &ObjectId, attributes: &Value) -> Vec<Binding> {
        let Some(scope) = attributes.get("resource").and_then(Value::as_str) else {
            return Vec::new();
        };
        match object.kind.as_str() {
            "Policy" => attributes
                .get("bindings")
                .and_then(Value::as_list)
                .unwrap_or_default()
                .iter()
                .map(|binding| one(scope, binding))
                .collect(),
            "Member" | "Whole" => vec![one(scope, attributes)],
            _ => Vec::new(),
        }
    }
    fn covered_by(&self, object: &ObjectId) -> Vec<ObjectId> {
        let id = |kind, ident: &str| ObjectId::cluster("cloud", kind, ident);
        let mut parts = object.ident.splitn(3, ' ');
        let (resource, role) = (parts.next().unwrap(), parts.next().unwrap_or_default());
        match object.kind.as_str() {
            "Member" => vec![
                id("Whole", &format!("{resource} {role}")),
                id("Policy", resource),
            ],
            "Whole" => vec![id("Policy", resource)],
            _ => Vec::new(),
        }
    }
    fn is_platform_subject(&self, subject: &str) -> bool {
        subject.starts_with("agent:")
    }
    fn guard(&self, removal: &Removal<'_>) -> Option<Guarded> {
        let guarded = |code, who: &str| Guarded {
            code,
            message: format!(
                "{who} loses `{}` on `{}`",
                removal.role.ident, removal.scope
            ),
            help: "leave it in".to_owned(),
        };
        let own = removal.identity.map(|identity| format!("user:{identity}"));
        match removal.subject {
            _ if removal.object.kind == "Member" => None,
            agent if agent.starts_with("agent:") => Some(guarded("service-agent-removed", agent)),
            subject if own.as_deref() == Some(subject) => {
                Some(guarded("own-access-removed", "whoever runs this"))
            }
            _ => None,
        }
    }
    fn check_together(&self, desired: &[DesiredResource]) -> Vec<Diagnostic> {
        let all: BTreeSet<&ObjectId> = desired.iter().map(|resource| &resource.object).collect();
        let fights = |resource: &&DesiredResource| {
            let covering = self.covered_by(&resource.object);
            covering.iter().any(|object| all.contains(object))
        };
        let error = |resource: &DesiredResource| {
            Diagnostic::error("declared-twice", "two fight").address(&resource.address)
        };
        desired
            .iter()
            .filter(|resource| resource.object.instance == "cloud")
            .filter(fights)
            .map(error)
            .collect()
    }
    fn group_key(&self, edit: &Edit) -> Option<String> {
        let resource = edit.object.ident.split(' ').next()?;
        matches!(edit.object.kind.as_str(), "Member" | "Whole" | "Policy")
            .then(|| resource.to_owned())
    }
}

fn one(scope: &str, attributes: &Value) -> Binding {
    let text = |key| attributes.get(key).and_then(Value::as_str);
    let role = text("role").unwrap_or_default();
    let members = attributes.get("members").and_then(Value::as_list);
    let subjects = match text("member") {
        Some(member) => vec![member.to_owned()],
        None => members
            .unwrap_or_default()
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
    };
    let kind = if role.starts_with("custom/") {
        "CustomRole"
    } else {
        "Role"
    };
    Binding {
        role: ObjectId::cluster("cloud", kind, role),
        subjects,
        scope: scope.to_owned(),
        condition: text("condition").map(str::to_owned),
    }
}

fn declared(kind: &str, name: &str, ident: &str, attributes: Json) -> DesiredResource {
    let type_name = TYPES
        .iter()
        .find(|schema| schema.kind == kind)
        .unwrap()
        .name;
    DesiredResource {
        address: Address::new(type_name, name, None),
        object: ObjectId::cluster("cloud", kind, ident),
        attributes: Value::from_json(&attributes),
        requires: Vec::new(),
        depends_on: Vec::new(),
        lifecycle: Lifecycle::default(),
        built_in: false,
        span: Span::default(),
    }
}

pub(crate) fn account(name: &str) -> DesiredResource {
    declared("Account", name, name, json!({ "title": name }))
}

/// One grant; it needs its service account, where the subject is one.
pub(crate) fn member(resource: &str, role: &str, subject: &str) -> DesiredResource {
    let name = format!(
        "{resource}_{role}_{}",
        subject.split(':').next_back().unwrap()
    );
    let mut member = declared(
        "Member",
        &name.replace('/', "_"),
        &format!("{resource} {role} {subject}"),
        json!({ "resource": resource, "role": role, "member": subject }),
    );
    if let Some(account) = subject.strip_prefix("account:") {
        let account = ObjectId::cluster("cloud", "Account", account);
        member.requires.push(account);
    }
    member
}

pub(crate) fn whole(resource: &str, role: &str, subjects: &[&str]) -> DesiredResource {
    declared(
        "Whole",
        &format!("{resource}_{role}").replace('/', "_"),
        &format!("{resource} {role}"),
        json!({ "resource": resource, "role": role, "members": subjects }),
    )
}

pub(crate) fn policy(resource: &str, bindings: Json) -> DesiredResource {
    let attributes = json!({ "resource": resource, "bindings": bindings });
    declared("Policy", resource, resource, attributes)
}

/// As the provider reads it: without a mark, and a grant without a uid.
pub(crate) fn stands(resource: &DesiredResource) -> ObservedObject {
    let uid = match resource.object.kind.as_str() {
        "Account" => format!("uid-{}", resource.object),
        _ => "-".to_owned(),
    };
    ObservedObject {
        uid: uid.into(),
        mark: None,
        ..crate::support::live(resource)
    }
}

/// Applied, and standing.
pub(crate) fn applied(resource: &DesiredResource) -> (StateResource, ObservedObject) {
    let observed = stands(resource);
    let prior = StateResource {
        uid: observed.uid.clone(),
        ..crate::support::in_state(resource)
    };
    (prior, observed)
}

impl crate::support::World {
    /// Declared, applied and standing.
    pub(crate) fn granted(self, resource: DesiredResource) -> Self {
        self.once_granted(&resource).declared(resource)
    }

    /// Applied and standing, and no longer declared.
    pub(crate) fn once_granted(mut self, resource: &DesiredResource) -> Self {
        let (prior, observed) = applied(resource);
        self.prior.push(prior);
        self.observed.push(observed);
        self
    }

    /// Standing, and nobody's.
    pub(crate) fn standing(mut self, resource: &DesiredResource) -> Self {
        self.observed.push(stands(resource));
        self
    }
}
