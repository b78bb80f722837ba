//! What the Google types mean, without talking to anybody.

use rbacform_core::{
    Adoption, Argument, Binding, DesiredResource, Diagnostic, Edit, EditKind, Guarded, Map, Node,
    ObjectId, Removal, ResolvedObject, ResourceInput, Semantics, Text, TypeSchema, Value,
};

use crate::ident::{
    self, CUSTOM_ROLE, IAM_BINDING, IAM_MEMBER, IAM_POLICY, Ident, SERVICE_ACCOUNT,
};
use crate::input::Input;
use crate::settings::SETTINGS;
use crate::types::{self, SCHEMAS};
use crate::{PROVIDER, assertion, member, policy, roles, together};

/// The pure half of the provider.
///
/// Canonical attributes:
///
/// | kind | attributes | uid |
/// |---|---|---|
/// | `ServiceAccount` | `account_id`, `project`, and where set `display_name`, `description`, `disabled` | Google's unique id |
/// | `CustomRole` | `role_id`, `project` or `organization`, `stage`, `permissions` sorted, and where set `title`, `description` | `-` |
/// | `IamMember` | `resource`, `role`, `member`, `condition` where there is one | `-` |
/// | `IamBinding` | `resource`, `role`, `members` sorted, `condition` where there is one | `-` |
/// | `IamPolicy` | `resource`, `bindings` sorted, `audit_configs` where set | `-` |
#[derive(Clone, Copy, Debug, Default)]
pub struct GcpSemantics;

impl Semantics for GcpSemantics {
    fn provider(&self) -> &'static str {
        PROVIDER
    }

    fn types(&self) -> &'static [TypeSchema] {
        &SCHEMAS
    }

    fn settings(&self) -> &'static [Argument] {
        &SETTINGS
    }

    fn resolve(&self, resource: &ResourceInput<'_>) -> Result<ResolvedObject, Vec<Diagnostic>> {
        let Some(known) = types::named(resource.schema.name) else {
            let message = format!("`{}` is no Google type", resource.schema.name);
            return Err(vec![
                Diagnostic::error("unknown-type", message).at(resource.span),
            ]);
        };
        let mut input = Input::new(resource);
        let resolved = (known.resolve)(&mut input, resource.arguments);
        input.finish(resolved)
    }

    fn manifest(
        &self,
        _instance: &str,
        _document: &Node,
        _default_namespace: &str,
    ) -> Option<Result<ResolvedObject, Vec<Diagnostic>>> {
        None
    }

    fn exported(&self, schema: &TypeSchema) -> &'static [Argument] {
        types::named(schema.name).map_or(&[], |known| known.exported)
    }

    fn exports(
        &self,
        schema: &TypeSchema,
        _instance: &str,
        arguments: &Node,
        settings: &Node,
    ) -> Map {
        types::named(schema.name)
            .map_or_else(Map::new, |known| (known.exports)(arguments, settings))
    }

    fn adoption(&self, kind: &str) -> Adoption {
        match kind {
            IAM_MEMBER | IAM_BINDING | IAM_POLICY => Adoption::Freely,
            SERVICE_ACCOUNT | CUSTOM_ROLE => Adoption::OnRequest,
            _ => Adoption::Marked,
        }
    }

    fn check_together(&self, desired: &[DesiredResource]) -> Vec<Diagnostic> {
        together::check(desired)
    }

    fn bindings(&self, object: &ObjectId, attributes: &Value) -> Vec<Binding> {
        let Some(about) = Ident::of(object) else {
            return Vec::new();
        };
        let one = |attributes: &Value, members: Vec<&str>| {
            let role = attributes.get("role")?.as_str()?;
            let condition = attributes
                .get("condition")
                .and_then(|it| it.get("expression")?.as_str());
            Some(Binding {
                role: ident::role(&object.instance, role),
                subjects: members.into_iter().map(str::to_owned).collect(),
                scope: about.resource.to_owned(),
                condition: condition.map(str::to_owned),
            })
        };
        let texts = |value: &'_ Value, key: &str| -> Vec<String> {
            let list = value.get(key).and_then(Value::as_list).unwrap_or_default();
            list.iter()
                .filter_map(|item| item.as_str().map(str::to_owned))
                .collect()
        };
        let many = |attributes: &Value| {
            let members = texts(attributes, "members");
            one(attributes, members.iter().map(String::as_str).collect())
        };
        match object.kind.as_str() {
            IAM_MEMBER => one(attributes, vec![about.member]).into_iter().collect(),
            IAM_BINDING => many(attributes).into_iter().collect(),
            _ => {
                let bindings = attributes.get("bindings").and_then(Value::as_list);
                bindings
                    .unwrap_or_default()
                    .iter()
                    .filter_map(many)
                    .collect()
            }
        }
    }

    fn grants_on_resources(&self) -> bool {
        true
    }

    fn is_authoritative(&self, kind: &str) -> bool {
        matches!(kind, IAM_BINDING | IAM_POLICY)
    }

    fn covered_by(&self, object: &ObjectId) -> Vec<ObjectId> {
        together::covered_by(object)
    }

    fn is_platform_subject(&self, subject: &str) -> bool {
        member::is_service_agent(subject)
    }

    fn guard(&self, removal: &Removal<'_>) -> Option<Guarded> {
        guard(removal)
    }

    fn principal(&self, node: &Node) -> Result<Text, Vec<Diagnostic>> {
        assertion::principal(node)
    }

    fn policy_resource(&self, node: &Node) -> Result<Text, Vec<Diagnostic>> {
        assertion::resource(node)
    }

    fn is_bootstrap(&self, object: &ObjectId) -> bool {
        object.kind == "Role" && roles::exists(&object.ident)
    }

    fn group_key(&self, edit: &Edit) -> Option<String> {
        match edit.kind {
            EditKind::Create { .. } | EditKind::Update { .. } | EditKind::Delete => {
                Some(Ident::of(&edit.object)?.resource.to_owned())
            }
            // Grants carry no mark: nothing is sent.
            EditKind::Abandon { .. } | EditKind::Record => None,
        }
    }

    fn fold(&self, observed: &Value, edits: &[Edit]) -> Value {
        policy::fold(observed, edits)
    }
}

/// A whole binding or policy that takes access from a service agent, or from whoever carries the
/// plan out. A single grant is taken away by name: nobody loses it by accident.
fn guard(removal: &Removal<'_>) -> Option<Guarded> {
    if !matches!(removal.object.kind.as_str(), IAM_BINDING | IAM_POLICY) {
        return None;
    }
    let Removal {
        role,
        scope,
        subject,
        ..
    } = removal;
    let role = &role.ident;
    if member::is_service_agent(subject) {
        return Some(Guarded {
            code: "service-agent-removed",
            message: format!(
                "the service agent `{subject}` would lose `{role}` on `{scope}`, and the service \
                 it works for would stop working there"
            ),
            help: format!("name `{subject}` among the members of `{role}`"),
        });
    }
    let (_, email) = subject.split_once(':')?;
    let identity = removal.identity?;
    email.eq_ignore_ascii_case(identity).then(|| Guarded {
        code: "own-access-removed",
        message: format!("`{subject}`, who applies this, would lose `{role}` on `{scope}`"),
        help: format!("name `{subject}` among the members of `{role}`, or let somebody else apply"),
    })
}
