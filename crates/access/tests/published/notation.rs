//! Rules, requests and worlds in few words.

use rbacform_access::{
    Evaluator, Facts, NonResourceRequest, PolicyRule, Request, ResourceRequest, User, authorize,
};
use serde_json::{Value, json};

/// `get,list apps deployments/scale name-a,name-b`, lists with commas, `-` for the core group or
/// nothing; `get url /healthz,/healthz/*`.
pub(crate) fn rule(text: &str) -> PolicyRule {
    let words: Vec<&str> = text.split(' ').collect();
    let list = |text: &str| -> Vec<String> {
        let blank = |word: &str| if word == "-" { "" } else { word }.to_owned();
        text.split(',').map(blank).collect()
    };
    match words.as_slice() {
        [verbs, "url", urls] => PolicyRule {
            verbs: list(verbs),
            non_resource_urls: list(urls),
            ..PolicyRule::default()
        },
        [verbs, groups, resources, names @ ..] => PolicyRule {
            verbs: list(verbs),
            api_groups: list(groups),
            resources: list(resources),
            resource_names: names.first().map(|names| list(names)).unwrap_or_default(),
            ..PolicyRule::default()
        },
        _ => panic!("no rule: {text}"),
    }
}

pub(crate) fn rules(texts: &[&str]) -> Vec<PolicyRule> {
    texts.iter().map(|text| rule(text)).collect()
}

/// `get apps deployments/scale in ns named x`, or `get /path`.
pub(crate) fn request(text: &str) -> Request {
    let mut words = text.split(' ');
    let verb = words.next().unwrap().to_owned();
    let group = words.next().unwrap();
    if group.starts_with('/') || group.is_empty() {
        let path = group.to_owned();
        return Request::NonResource(NonResourceRequest { verb, path });
    }
    let resource = words.next().unwrap();
    let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
    let mut asked = ResourceRequest {
        verb,
        api_group: if group == "-" { "" } else { group }.to_owned(),
        resource: resource.to_owned(),
        subresource: subresource.to_owned(),
        ..ResourceRequest::default()
    };
    while let (Some(key), Some(value)) = (words.next(), words.next()) {
        match key {
            "in" => asked.namespace = value.to_owned(),
            "named" => asked.name = value.to_owned(),
            _ => panic!("no request: {text}"),
        }
    }
    Request::Resource(asked)
}

/// `name`, or `name of group,group`.
pub(crate) fn user(text: &str) -> User {
    let (name, groups) = text.split_once(" of ").unwrap_or((text, ""));
    User {
        name: name.to_owned(),
        groups: groups.split(',').map(str::to_owned).collect(),
    }
}

/// Objects of one world.
#[derive(Default)]
pub(crate) struct World(pub(crate) Facts);

impl World {
    /// A role in a namespace, or (`""`) a cluster role.
    pub(crate) fn role(mut self, namespace: &str, name: &str, texts: &[&str]) -> Self {
        let kind = if namespace.is_empty() {
            "ClusterRole"
        } else {
            "Role"
        };
        let body = json!({"rules": rules(texts)});
        self.put(kind, namespace, name, body);
        self
    }

    /// A binding in a namespace, or (`""`) for the whole cluster, of `Role/x` or `ClusterRole/x` to
    /// `User:x`, `Group:x` or `ServiceAccount:ns/x`.
    pub(crate) fn bind(mut self, namespace: &str, role: &str, subjects: &[&str]) -> Self {
        let (kind, name) = role.split_once('/').unwrap();
        let subjects: Vec<Value> = subjects
            .iter()
            .map(|subject| {
                let (kind, name) = subject.split_once(':').unwrap();
                match (kind, name.split_once('/')) {
                    ("ServiceAccount", Some((namespace, name))) => {
                        json!({"kind": kind, "namespace": namespace, "name": name})
                    }
                    _ => json!({"kind": kind, "name": name}),
                }
            })
            .collect();
        let group = "rbac.authorization.k8s.io";
        let body = json!({
            "roleRef": {"apiGroup": group, "kind": kind, "name": name},
            "subjects": subjects,
        });
        let binding = if namespace.is_empty() {
            "ClusterRoleBinding"
        } else {
            "RoleBinding"
        };
        self.put(binding, namespace, &format!("{kind}-{name}"), body);
        self
    }

    fn put(&mut self, kind: &str, namespace: &str, name: &str, mut object: Value) {
        object["apiVersion"] = json!("rbac.authorization.k8s.io/v1");
        object["kind"] = json!(kind);
        object["metadata"] = json!({"name": name, "namespace": namespace});
        self.0.put_manifest(&object).unwrap();
    }

    /// Whether somebody may do something, by both ways of asking.
    pub(crate) fn allows(&self, who: &str, asked: &str) -> bool {
        let (user, request) = (user(who), request(asked));
        let decision = authorize(&self.0, &user, &request);
        assert_eq!(
            Evaluator::new(&self.0).decide(&user, &request),
            decision,
            "{who}: {asked}"
        );
        decision.is_allowed()
    }

    pub(crate) fn may(&self, who: &str, asked: &[&str]) {
        for asked in asked {
            assert!(self.allows(who, asked), "{who} may {asked}");
        }
    }

    pub(crate) fn may_not(&self, who: &str, asked: &[&str]) {
        for asked in asked {
            assert!(!self.allows(who, asked), "{who} may not {asked}");
        }
    }
}
