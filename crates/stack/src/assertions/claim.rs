//! What an assertion claims: its kind, what is done to what, and ceilings.

use rbacform_core::assertion::Target;
use rbacform_core::{Deed, Limit, Node, Text};

use super::read::Reading;

/// The four things an assertion can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Can,
    Cannot,
    CanOnly,
    WhoCan,
}

impl Kind {
    pub(super) const ALL: [Self; 4] = [Self::Can, Self::Cannot, Self::CanOnly, Self::WhoCan];
    pub(super) const NAMES: [&'static str; 4] = ["can", "cannot", "can_only", "who_can"];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Can => "can",
            Self::Cannot => "cannot",
            Self::CanOnly => "can_only",
            Self::WhoCan => "who_can",
        }
    }

    /// Whether an argument has a meaning beside it.
    pub(super) fn takes(self, argument: &str) -> bool {
        let of_deed = [
            "resource",
            "api_group",
            "resource_names",
            "namespace",
            "custom",
        ];
        let of_subject = ["subject", "groups", "known"];
        match argument {
            // Two claims are told of as such.
            "name" | "can" | "cannot" | "can_only" | "who_can" => true,
            "exactly" | "at_most" => self == Self::WhoCan,
            _ if of_deed.contains(&argument) => self != Self::CanOnly,
            _ if of_subject.contains(&argument) => self != Self::WhoCan,
            // Unknown arguments were reported already.
            _ => true,
        }
    }

    pub(super) fn needs(self) -> &'static [&'static str] {
        match self {
            Self::Can | Self::Cannot => &["subject", "resource"],
            Self::CanOnly => &["subject"],
            Self::WhoCan => &["resource"],
        }
    }

    /// What it looks like.
    pub(super) fn shape(self) -> &'static str {
        match self {
            Self::Can | Self::Cannot => {
                "it takes `subject`, `groups`, `resource`, `api_group`, `resource_names`, \
                 `namespace`, `known` and `custom`"
            }
            Self::CanOnly => "it takes `subject`, `groups` and `known`",
            Self::WhoCan => {
                "it takes `exactly` or `at_most`, `resource`, `api_group`, `resource_names`, \
                 `namespace` and `custom`"
            }
        }
    }
}

/// What is done to what; `verbs` is the argument with the verbs.
pub(super) fn deed(reading: &mut Reading<'_>, verbs: &str, on_policies: bool) -> Option<Deed> {
    let found = reading.texts(verbs);
    let (names, namespaces) = (reading.texts("resource_names"), reading.texts("namespace"));
    let found = found?;
    let resources = match on_policies {
        true => policies(reading, verbs, &found)?,
        false => {
            not_googles(reading, verbs, &found)?;
            let named = reading.texts("resource")?;
            kinds(reading, named)?
        }
    };
    Some(Deed {
        verbs: found,
        resources,
        names: names?,
        namespaces: namespaces?,
        on_policies,
    })
}

/// Resources with policies of their own, for permissions.
fn policies(reading: &mut Reading<'_>, verbs: &str, found: &[Text]) -> Option<Vec<Target>> {
    if let Some(verb) = found.iter().find(|verb| !verb.contains('.')) {
        let message = format!("`{verbs}` holds permissions and the verb `{verb}`");
        let help = "a permission is like `storage.objects.get`; write two assertions";
        reading.wrong(reading.place(verbs), &message, help);
        return None;
    }
    meaningless(
        reading,
        "permissions",
        "the resource's full name says it, like `projects/P/locations/L/endpoints/E`",
    );
    let nodes = reading.resources();
    if nodes.is_empty() {
        let help = "name at least one";
        reading.wrong(reading.place("resource"), "`resource` is empty", help);
    }
    let named: Vec<Option<Text>> = nodes
        .iter()
        .map(|node| reading.policy_resource(node))
        .collect();
    let target = |name: Option<Text>| {
        Some(Target {
            name: name?,
            api_group: None,
        })
    };
    named.into_iter().map(target).collect()
}

/// Refuses verbs of a cluster for a resource at Google. What may be a kind of the cluster's own is one
/// where its API group is said, or that it is custom.
fn not_googles(reading: &mut Reading<'_>, verbs: &str, found: &[Text]) -> Option<()> {
    let is_custom = reading.node.get("custom").and_then(Node::as_bool) == Some(true);
    if is_custom || reading.node.get("api_group").is_some() {
        return Some(());
    }
    let mut nodes = reading.resources().iter();
    let Some(name) = nodes.find_map(|node| reading.at_google(node)) else {
        return Some(());
    };
    let verb = found.first()?;
    let message =
        format!("`{verb}` is no permission of Google's, and `{name}` is a resource there");
    let help = "a permission is like `storage.objects.get`; if the cluster has such a kind, say its \
                `api_group`";
    reading.wrong(reading.place(verbs), &message, help);
    None
}

/// Kinds of resources, or paths.
fn kinds(reading: &mut Reading<'_>, named: Vec<Text>) -> Option<Vec<Target>> {
    let paths = named.iter().filter(|name| name.starts_with('/')).count();
    if paths > 0 && paths < named.len() {
        let message = "`resource` holds paths and resources";
        reading.wrong(reading.place("resource"), message, "write two assertions");
        return None;
    }
    if paths > 0 {
        meaningless(
            reading,
            "a path",
            "a path belongs to no namespace: leave it out",
        );
    }
    let group = reading.node.get("api_group").and_then(Node::as_str);
    let mut targets = Vec::with_capacity(named.len());
    for name in named {
        let target = target(&name, group);
        if group.is_some_and(|group| target.api_group.as_deref() != Some(group)) {
            let message = format!("`{name}` is of another API group than `api_group` says");
            reading.wrong(reading.place("resource"), &message, "say it once");
            return None;
        }
        targets.push(target);
    }
    Some(targets)
}

/// `deployments.apps/scale` is `deployments/scale` of the group `apps`.
fn target(written: &str, group: Option<&str>) -> Target {
    let (full, subresource) = match written.split_once('/') {
        Some((full, subresource)) if !full.is_empty() => (full, format!("/{subresource}")),
        _ => (written, String::new()),
    };
    let (name, own) = match full.split_once('.') {
        Some((name, own)) if !full.starts_with('/') => (name, Some(own)),
        _ => (full, group),
    };
    Target {
        name: format!("{name}{subresource}").into(),
        api_group: own.map(Text::from),
    }
}

/// Arguments that are for kinds of resources only.
fn meaningless(reading: &mut Reading<'_>, what: &str, help: &str) {
    for name in ["api_group", "resource_names", "namespace"] {
        if let Some(node) = reading.node.get(name) {
            let message = format!("`{name}` has no meaning for {what}");
            reading.wrong(node.span, &message, help);
        }
    }
}

/// The ceiling of `can_only`.
pub(super) fn limits(reading: &mut Reading<'_>) -> Option<Vec<Limit>> {
    let node = reading.node.get("can_only")?;
    let found: Vec<Option<Limit>> = node
        .items()
        .iter()
        .map(|item| limit(reading, item))
        .collect();
    found.into_iter().collect()
}

fn limit(reading: &mut Reading<'_>, node: &Node) -> Option<Limit> {
    let texts = |name: &str| -> Option<Vec<Text>> {
        let Some(list) = node.get(name) else {
            return Some(Vec::new());
        };
        list.items()
            .iter()
            .map(|item| item.as_str().map(Text::from))
            .collect()
    };
    let limit = Limit {
        verbs: texts("verbs")?,
        api_groups: texts("api_groups")?,
        resources: texts("resources")?,
        resource_names: texts("resource_names")?,
        non_resource_urls: texts("non_resource_urls")?,
        namespaces: texts("namespaces")?,
    };
    if limit.verbs.iter().any(|verb| verb.contains('.')) {
        let message = "a rule of `can_only` holds verbs of a cluster, not Google's permissions";
        let help = "what somebody holds at Google is bounded by `cannot`, or with `who_can`";
        reading.wrong(node.span, message, help);
        return None;
    }
    let on_kinds = !limit.resources.is_empty();
    let on_paths = !limit.non_resource_urls.is_empty();
    let message = match (on_kinds, on_paths) {
        _ if limit.verbs.is_empty() => "a rule of `can_only` without verbs allows nothing",
        (false, false) => "a rule of `can_only` names `resources` or `non_resource_urls`",
        (true, true) => "a rule of `can_only` names `resources` or `non_resource_urls`, not both",
        (true, false) if limit.api_groups.is_empty() => {
            "a rule of `can_only` names the `api_groups` of its resources"
        }
        (false, true) if !limit.namespaces.is_empty() => "a path belongs to no namespace",
        _ => return Some(limit),
    };
    reading.wrong(node.span, message, "write it like a rule of a role");
    None
}
