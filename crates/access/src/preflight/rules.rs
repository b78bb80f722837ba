//! Rules to grant: the least that lets something pass, put together and as lines to paste.

use std::collections::{BTreeMap, BTreeSet};

use crate::{PolicyRule, ResourceRequest};

/// Where a rule must hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// In the whole cluster: a ClusterRole, bound by a ClusterRoleBinding.
    Cluster,
    /// In one namespace: a Role there, bound by a RoleBinding.
    Namespace(String),
}

/// A rule, and where it must hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Needed {
    /// Where.
    pub place: Place,
    verb: String,
    api_group: String,
    resource: String,
    /// Empty for every name.
    name: String,
}

/// The order in which people write verbs; others follow by name.
const VERBS: [&str; 8] = [
    "get", "list", "watch", "create", "update", "patch", "delete", "bind",
];

impl Needed {
    /// What allows a request. Whoever may write a namespace before it exists needs it cluster-wide.
    pub fn of(request: &ResourceRequest) -> Self {
        let place = match request.namespace.as_str() {
            "" => Place::Cluster,
            _ if request.resource == "namespaces" => Place::Cluster,
            namespace => Place::Namespace(namespace.to_owned()),
        };
        Self {
            place,
            verb: request.verb.clone(),
            api_group: request.api_group.clone(),
            resource: request.full_resource(),
            name: request.name.clone(),
        }
    }

    /// The same wherever it is bound cluster-wide.
    #[must_use]
    pub fn everywhere(self) -> Self {
        Self {
            place: Place::Cluster,
            ..self
        }
    }

    /// Each of those that hold it among others.
    fn wider(&self) -> impl Iterator<Item = Self> {
        let everywhere = self.clone().everywhere();
        let nameless = |one: &Self| Self {
            name: String::new(),
            ..one.clone()
        };
        let wider = [nameless(self), nameless(&everywhere), everywhere];
        wider.into_iter().filter(move |wider| wider != self)
    }
}

/// The fewest rules that hold all of these and nothing else, by place: what holds in the whole cluster
/// or for every name is not said again, verbs of one thing are put together, then names of one kind,
/// then kinds.
pub fn merged(needed: impl IntoIterator<Item = Needed>) -> BTreeMap<Place, Vec<PolicyRule>> {
    let needed: BTreeSet<Needed> = needed.into_iter().collect();
    let told = needed
        .iter()
        .filter(|one| !one.wider().any(|wider| needed.contains(&wider)));
    let mut verbs: BTreeMap<_, BTreeSet<(usize, String)>> = BTreeMap::new();
    for one in told.cloned() {
        let rank = VERBS.iter().position(|verb| *verb == one.verb);
        let thing = (one.place, one.api_group, one.resource, one.name);
        let verb = (rank.unwrap_or(VERBS.len()), one.verb);
        verbs.entry(thing).or_default().insert(verb);
    }
    let mut names: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for ((place, group, resource, name), verbs) in verbs {
        // What every name may be asked for is a rule apart: a rule's names narrow it.
        let kind = (place, group, verbs, name.is_empty(), resource);
        names.entry(kind).or_default().insert(name);
    }
    let mut kinds: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for ((place, group, verbs, _, resource), names) in names {
        kinds
            .entry((place, group, verbs, names))
            .or_default()
            .insert(resource);
    }
    let mut rules: BTreeMap<Place, Vec<PolicyRule>> = BTreeMap::new();
    for ((place, group, verbs, names), resources) in kinds {
        rules.entry(place).or_default().push(PolicyRule {
            verbs: verbs.into_iter().map(|(_, verb)| verb).collect(),
            api_groups: vec![group],
            resources: resources.into_iter().collect(),
            resource_names: names.into_iter().filter(|name| !name.is_empty()).collect(),
            non_resource_urls: Vec::new(),
        });
    }
    rules
}

/// Rules as lines of YAML, each place named in a comment before its own.
pub fn lines(needed: impl IntoIterator<Item = Needed>) -> Vec<String> {
    let mut lines = Vec::new();
    for (place, rules) in merged(needed) {
        lines.push(match place {
            Place::Cluster => "# in a ClusterRole, bound by a ClusterRoleBinding".to_owned(),
            Place::Namespace(name) => {
                format!("# in a Role of namespace {name}, bound by a RoleBinding there")
            }
        });
        lines.extend(rules.iter().flat_map(rule_lines));
    }
    lines
}

/// One rule of a role, as an item of a YAML list.
pub fn rule_lines(rule: &PolicyRule) -> Vec<String> {
    let fields = [
        ("apiGroups", &rule.api_groups),
        ("resources", &rule.resources),
        ("resourceNames", &rule.resource_names),
        ("nonResourceURLs", &rule.non_resource_urls),
        ("verbs", &rule.verbs),
    ];
    let lines = fields.iter().filter(|(_, items)| !items.is_empty());
    lines
        .enumerate()
        .map(|(index, (field, items))| {
            let lead = if index == 0 { "- " } else { "  " };
            // JSON's lists of texts are YAML's.
            let items: Vec<String> = items
                .iter()
                .map(|item| serde_json::Value::from(item.as_str()).to_string())
                .collect();
            format!("{lead}{field}: [{}]", items.join(", "))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needed(verb: &str, resource: &str, namespace: &str, name: &str) -> Needed {
        Needed::of(&ResourceRequest {
            verb: verb.into(),
            api_group: String::new(),
            resource: resource.into(),
            subresource: String::new(),
            namespace: namespace.into(),
            name: name.into(),
        })
    }

    #[test]
    fn what_holds_in_more_places_is_said_once() {
        let lines = lines([
            needed("list", "serviceaccounts", "a", ""),
            needed("list", "serviceaccounts", "", ""),
            needed("list", "serviceaccounts", "a", "one"),
            needed("get", "serviceaccounts", "a", "one"),
        ]);
        assert_eq!(
            lines,
            [
                "# in a ClusterRole, bound by a ClusterRoleBinding",
                "- apiGroups: [\"\"]",
                "  resources: [\"serviceaccounts\"]",
                "  verbs: [\"list\"]",
                "# in a Role of namespace a, bound by a RoleBinding there",
                "- apiGroups: [\"\"]",
                "  resources: [\"serviceaccounts\"]",
                "  resourceNames: [\"one\"]",
                "  verbs: [\"get\"]",
            ]
        );
    }

    #[test]
    fn what_goes_together_is_one_rule() {
        let lines = lines([
            needed("patch", "serviceaccounts", "a", "two"),
            needed("create", "serviceaccounts", "a", "one"),
            needed("create", "serviceaccounts", "a", "two"),
            needed("patch", "serviceaccounts", "a", "one"),
            needed("list", "serviceaccounts", "a", ""),
            needed("list", "roles", "a", ""),
            needed("patch", "namespaces", "a", "a"),
        ]);
        assert_eq!(
            lines,
            [
                "# in a ClusterRole, bound by a ClusterRoleBinding",
                "- apiGroups: [\"\"]",
                "  resources: [\"namespaces\"]",
                "  resourceNames: [\"a\"]",
                "  verbs: [\"patch\"]",
                "# in a Role of namespace a, bound by a RoleBinding there",
                "- apiGroups: [\"\"]",
                "  resources: [\"roles\", \"serviceaccounts\"]",
                "  verbs: [\"list\"]",
                "- apiGroups: [\"\"]",
                "  resources: [\"serviceaccounts\"]",
                "  resourceNames: [\"one\", \"two\"]",
                "  verbs: [\"create\", \"patch\"]",
            ]
        );
    }
}
