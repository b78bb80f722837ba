//! Answers, in the shapes of `rbacform.access/1`.

use rbacform_access::impersonation::Target;
use rbacform_access::{Grant, PolicyRule, Request, User};
use rbacform_core::{Location, ObjectId};
use serde::Serialize;

use super::world::World;
use crate::analysis::binding_and_role;
use crate::load::SEMANTICS;
use crate::render::text::safe;

pub(super) const FORMAT: &str = "rbacform.access/1";

/// What was asked.
#[derive(Serialize)]
pub(super) struct Question {
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    groups: Vec<String>,
    /// Whom the request acts as.
    #[serde(skip_serializing_if = "Option::is_none")]
    impersonate: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    impersonate_groups: Vec<String>,
    verb: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_group: Option<String>,
    resource: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    namespace: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
}

impl Question {
    pub(super) fn new(user: Option<&User>, target: Option<&Target>, request: &Request) -> Self {
        let (api_group, resource, namespace, name) = match request {
            Request::Resource(asked) => (
                Some(asked.api_group.clone()),
                asked.full_resource(),
                asked.namespace.clone(),
                asked.name.clone(),
            ),
            Request::NonResource(asked) => (None, asked.path.clone(), String::new(), String::new()),
        };
        Self {
            user: user
                .map(|user| user.name.clone())
                .filter(|name| !name.is_empty()),
            groups: user.map(|user| user.groups.clone()).unwrap_or_default(),
            impersonate: target.map(|target| target.name.clone()),
            impersonate_groups: target
                .map(|target| target.groups.clone())
                .unwrap_or_default(),
            verb: request.verb().to_owned(),
            api_group,
            resource,
            namespace,
            name,
        }
    }

    /// Who asks, in words: `May ana, acting as bo,`.
    pub(super) fn asker(&self) -> String {
        let groups = self.groups.iter().map(|group| format!("group:{group}"));
        let who = match &self.user {
            Some(user) => user.clone(),
            None => groups.collect::<Vec<_>>().join(" and "),
        };
        match &self.impersonate {
            Some(target) => format!("May {who}, acting as {target},"),
            None => format!("May {who}"),
        }
    }

    /// In words: `get pods in namespace default`.
    pub(super) fn words(&self) -> String {
        let group = match self.api_group.as_deref() {
            None | Some("") => String::new(),
            Some(group) => format!(".{group}"),
        };
        let name = match self.name.as_str() {
            "" => String::new(),
            name => format!(" `{name}`"),
        };
        let place = match (self.api_group.is_some(), self.namespace.as_str()) {
            (false, _) => String::new(),
            (true, "") => " in the whole cluster".to_owned(),
            (true, namespace) => format!(" in namespace {namespace}"),
        };
        format!("{} {}{group}{name}{place}", self.verb, self.resource)
    }
}

/// One binding that grants something.
#[derive(Serialize)]
pub(super) struct Chain {
    pub(super) binding: String,
    pub(super) role: String,
    pub(super) rule: Rule,
    /// Where the binding is written.
    #[serde(flatten)]
    place: Option<Place>,
    /// Where the rule is written, or its role.
    #[serde(flatten)]
    rule_place: Option<RulePlace>,
    #[serde(skip)]
    ids: (ObjectId, ObjectId),
}

#[derive(Serialize)]
struct Place {
    file: String,
    line: u32,
}

#[derive(Serialize)]
struct RulePlace {
    rule_file: String,
    rule_line: u32,
}

impl Chain {
    /// Whether its binding is one that every cluster makes by itself.
    pub(super) fn is_platform(&self) -> bool {
        let (binding, _) = &self.ids;
        SEMANTICS
            .iter()
            .any(|semantics| semantics.is_bootstrap(binding))
    }

    /// Whether it is known where the binding or its role is written.
    pub(super) fn is_written(&self) -> bool {
        self.place.is_some() || self.rule_place.is_some()
    }

    /// The name of its binding.
    pub(super) fn binding_name(&self) -> &str {
        self.ids.0.name()
    }

    /// On one line, with the places: `RoleBinding a/b (f.yaml:9) of Role a/r (f.yaml:3): get pods`.
    pub(super) fn words(&self) -> String {
        let (_, role) = &self.ids;
        let at = |file: &str, line: u32| format!(" ({}:{line})", safe(file));
        let rule = self.rule_place.as_ref();
        let rule = rule.map(|at_| at(&at_.rule_file, at_.rule_line));
        format!(
            "{} of {}{}: {}",
            self.binding_words(),
            named(role),
            rule.unwrap_or_default(),
            safe(&self.rule.words())
        )
    }

    /// The binding alone: `RoleBinding a/b (f.yaml:9)`.
    pub(super) fn binding_words(&self) -> String {
        let (binding, _) = &self.ids;
        let place = self.place.as_ref();
        let place = place.map(|at| format!(" ({}:{})", safe(&at.file), at.line));
        format!("{}{}", named(binding), place.unwrap_or_default())
    }
}

fn named(id: &ObjectId) -> String {
    safe(&format!("{} {}", id.kind, id.ident)).into_owned()
}

/// A rule, its empty lists left out.
#[derive(Serialize)]
pub(super) struct Rule {
    verbs: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    api_groups: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resources: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resource_names: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    non_resource_urls: Vec<String>,
}

impl Rule {
    pub(super) fn of(rule: &PolicyRule) -> Self {
        Self {
            verbs: rule.verbs.clone(),
            api_groups: rule.api_groups.clone(),
            resources: rule.resources.clone(),
            resource_names: rule.resource_names.clone(),
            non_resource_urls: rule.non_resource_urls.clone(),
        }
    }

    /// In words: `get, list pods, pods/log`. Long lists are cut: `--json` has them whole.
    fn words(&self) -> String {
        let on: Vec<&String> = self
            .resources
            .iter()
            .chain(&self.non_resource_urls)
            .collect();
        let mut words = format!("{} {}", few(&self.verbs), few(&on));
        let core = |group: &String| match group.as_str() {
            "" => "the core group".to_owned(),
            group => group.to_owned(),
        };
        let groups: Vec<String> = self.api_groups.iter().map(core).collect();
        if self.api_groups.iter().any(|group| !group.is_empty()) {
            words.push_str(&format!(" of {}", few(&groups)));
        }
        if !self.resource_names.is_empty() {
            words.push_str(&format!(" named {}", few(&self.resource_names)));
        }
        words
    }
}

/// The first of some words, and how many more there are.
fn few(words: &[impl AsRef<str>]) -> String {
    const SHOWN: usize = 6;
    let mut shown: Vec<&str> = words.iter().take(SHOWN).map(AsRef::as_ref).collect();
    let rest = words.len().saturating_sub(SHOWN);
    let rest = format!("{rest} more");
    if words.len() > SHOWN {
        shown.push(&rest);
    }
    shown.join(", ")
}

impl World {
    /// A grant with its rule and the place of its binding.
    pub(super) fn chain(&self, grant: &Grant) -> Chain {
        let (binding, role) = binding_and_role(
            &grant.binding_namespace,
            &grant.binding,
            &grant.role_ref.kind,
            &grant.role_ref.name,
        );
        let rules = match grant.role_ref.kind.as_str() {
            "Role" => self
                .facts
                .role(&grant.binding_namespace, &grant.role_ref.name)
                .map(|role| &role.rules),
            _ => self
                .facts
                .cluster_role(&grant.role_ref.name)
                .map(|role| &role.rules),
        };
        let rule = rules
            .and_then(|rules| rules.get(grant.rule))
            .cloned()
            .unwrap_or_default();
        let place = self.places.of(&binding);
        let rule_place = self.places.of_rule(&role, grant.rule, &rule);
        Chain {
            binding: binding.to_string(),
            role: role.to_string(),
            rule: Rule::of(&rule),
            place: place.map(|Location { file, line, .. }| Place { file, line }),
            rule_place: rule_place.map(|Location { file, line, .. }| RulePlace {
                rule_file: file,
                rule_line: line,
            }),
            ids: (binding, role),
        }
    }
}

/// Lines of an answer; more than fit a screen are counted.
pub(super) fn lines(lines: impl ExactSizeIterator<Item = String>) -> String {
    const SHOWN: usize = 20;
    let rest = lines.len().saturating_sub(SHOWN);
    let mut text: String = lines
        .take(SHOWN)
        .map(|line| format!("  {line}\n"))
        .collect();
    if rest > 0 {
        text.push_str(&format!("  and {rest} more; `--json` lists them all\n"));
    }
    text
}
