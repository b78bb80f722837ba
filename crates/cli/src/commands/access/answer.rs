//! Answers, in the shapes of `rbacform.access/1`.

use rbacform_access::{
    Decision, Evaluator, Grant, NearMiss, PolicyRule, Request, User, Via, near_misses,
};
use serde::Serialize;

use super::world::{World, object};

pub(super) const FORMAT: &str = "rbacform.access/1";

/// What was asked.
#[derive(Serialize)]
pub(super) struct Question {
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    groups: Vec<String>,
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
    pub(super) fn new(user: Option<&User>, request: &Request) -> Self {
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
            verb: request.verb().to_owned(),
            api_group,
            resource,
            namespace,
            name,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) line: Option<u32>,
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

    /// In words: `get, list pods, pods/log`.
    pub(super) fn words(&self) -> String {
        let mut words = self.verbs.join(", ");
        let quoted: Vec<String> = self
            .resources
            .iter()
            .chain(&self.non_resource_urls)
            .cloned()
            .collect();
        words.push_str(&format!(" {}", quoted.join(", ")));
        let groups: Vec<&str> = self
            .api_groups
            .iter()
            .map(String::as_str)
            .filter(|g| !g.is_empty())
            .collect();
        if !groups.is_empty() {
            words.push_str(&format!(" of {}", groups.join(", ")));
        }
        if !self.resource_names.is_empty() {
            words.push_str(&format!(" named {}", self.resource_names.join(", ")));
        }
        words
    }
}

impl World {
    /// A grant with its rule and the place of its binding.
    pub(super) fn chain(&self, grant: &Grant) -> Chain {
        let kind = match grant.binding_namespace.as_str() {
            "" => "ClusterRoleBinding",
            _ => "RoleBinding",
        };
        let binding = object(kind, &grant.binding_namespace, &grant.binding);
        let role_namespace = match grant.role_ref.kind.as_str() {
            "Role" => grant.binding_namespace.as_str(),
            _ => "",
        };
        let role = object(&grant.role_ref.kind, role_namespace, &grant.role_ref.name);
        let rules = match grant.role_ref.kind.as_str() {
            "Role" => self
                .facts
                .role(role_namespace, &grant.role_ref.name)
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
        let place = self.place(kind, &grant.binding_namespace, &grant.binding);
        Chain {
            binding: binding.to_string(),
            role: role.to_string(),
            rule: Rule::of(&rule),
            file: place.map(|place| place.file.clone()),
            line: place.map(|place| place.line),
        }
    }
}

/// The answer to one question.
#[derive(Serialize)]
pub(super) struct Answer {
    format: &'static str,
    pub(super) question: Question,
    pub(super) answer: &'static str,
    pub(super) reason: String,
    pub(super) via: Vec<Chain>,
    pub(super) near_misses: Vec<Near>,
    pub(super) missing: Vec<String>,
}

/// A rule that would allow it but for one field.
#[derive(Serialize)]
pub(super) struct Near {
    pub(super) field: &'static str,
    pub(super) wanted: String,
    pub(super) has: Vec<String>,
    #[serde(flatten)]
    pub(super) chain: Chain,
}

/// As many near misses as one can still read.
const NEAR: usize = 5;

impl Answer {
    pub(super) fn to(
        world: &World,
        evaluator: &Evaluator<'_>,
        user: &User,
        request: &Request,
    ) -> Self {
        let decision = evaluator.decide(user, request);
        let missing: Vec<String> = match &decision {
            Decision::NoGrant { missing } => missing.iter().map(ToString::to_string).collect(),
            Decision::Allowed { .. } => Vec::new(),
        };
        let (answer, reason) = match &decision {
            Decision::Allowed {
                via: Via::SystemMasters,
            } => (
                "allowed",
                "members of system:masters are refused nothing".to_owned(),
            ),
            Decision::Allowed { .. } => ("allowed", decision.reason()),
            // What a stack does not declare may be there all the same.
            Decision::NoGrant { missing } if !missing.is_empty() && !world.whole => (
                "cannot_tell",
                "bindings of this subject name roles that are not known here".to_owned(),
            ),
            Decision::NoGrant { .. } => (
                "no_grant",
                match decision.reason() {
                    reason if reason.is_empty() => "nothing grants this".to_owned(),
                    reason => reason,
                },
            ),
        };
        let grants = evaluator.every_grant(user, request);
        let near = match decision.is_allowed() {
            true => Vec::new(),
            false => near_misses(evaluator, user, request, NEAR),
        };
        Self {
            format: FORMAT,
            question: Question::new(Some(user), request),
            answer,
            reason,
            via: grants.iter().map(|grant| world.chain(grant)).collect(),
            near_misses: near.iter().map(|near| world.near(near)).collect(),
            missing,
        }
    }
}

impl World {
    fn near(&self, near: &NearMiss) -> Near {
        Near {
            field: near.field,
            wanted: near.wanted.clone(),
            has: near.has.clone(),
            chain: self.chain(&near.grant),
        }
    }
}
