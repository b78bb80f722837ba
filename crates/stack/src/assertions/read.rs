//! Reading one evaluated `[[assert]]`.

use rbacform_core::assertion::Places;
use rbacform_core::{
    Asker, Assertion, Claim, Diagnostic, Holders, Node, NodeKind, Semantics, Span, Text,
};

use super::claim::{Kind, deed, limits};

/// The assertion; none where something is wrong with it or unknown, which was reported.
pub(super) fn read(
    node: &Node,
    key: Option<&Text>,
    span: Span,
    semantics: &[&dyn Semantics],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Assertion> {
    let before = diagnostics.len();
    let mut reading = Reading {
        node,
        span,
        semantics,
        diagnostics,
    };
    let name = reading.name(key);
    let claim = reading.claim();
    let flag = |name: &str| node.get(name).and_then(Node::as_bool).unwrap_or(false);
    let place = |names: &[&str]| {
        let mut found = names.iter().filter_map(|name| node.get(name));
        found.next().map_or(span, |node| node.span)
    };
    let assertion = Assertion {
        name: name?,
        claim: claim?,
        known: flag("known"),
        custom: flag("custom"),
        places: Places {
            whole: span,
            subject: place(&["subject"]),
            groups: place(&["groups"]),
            verbs: place(&Kind::NAMES),
            resource: place(&["resource"]),
            namespace: place(&["namespace"]),
        },
    };
    (reading.diagnostics.len() == before && !has_unknown(node)).then_some(assertion)
}

/// An assertion being read.
pub(super) struct Reading<'r> {
    pub(super) node: &'r Node,
    pub(super) span: Span,
    semantics: &'r [&'r dyn Semantics],
    diagnostics: &'r mut Vec<Diagnostic>,
}

impl<'r> Reading<'r> {
    fn name(&mut self, key: Option<&Text>) -> Option<String> {
        let node = self.node.get("name")?;
        let name = node.as_str()?;
        if name.trim().is_empty() {
            self.wrong(node.span, "`name` is empty", "say in words what is to hold");
            return None;
        }
        Some(match key {
            Some(key) => format!("{name}[{key:?}]"),
            None => name.to_owned(),
        })
    }

    fn claim(&mut self) -> Option<Claim> {
        let kind = self.kind()?;
        self.check_arguments_of(kind);
        if kind == Kind::CanOnly {
            let asker = self.asker(false);
            return Some(Claim::CanOnly(asker?, limits(self)?));
        }
        // Google's permissions have dots, Kubernetes' verbs have none.
        let verbs = self.node.get(kind.name()).map_or(&[][..], Node::items);
        let mut verbs = verbs.iter().filter_map(Node::as_str);
        let on_policies = verbs.any(|verb| verb.contains('.'));
        let deed = deed(self, kind.name(), on_policies);
        if kind == Kind::WhoCan {
            let holders = self.holders(on_policies);
            return Some(Claim::WhoCan(deed?, holders?));
        }
        let (asker, deed) = (self.asker(on_policies), deed);
        Some(match kind {
            Kind::Can => Claim::Can(asker?, deed?),
            _ => Claim::Cannot(asker?, deed?),
        })
    }

    /// Which of the four it is.
    fn kind(&mut self) -> Option<Kind> {
        let given: Vec<Kind> = Kind::ALL
            .into_iter()
            .filter(|kind| self.node.get(kind.name()).is_some())
            .collect();
        match given.as_slice() {
            [kind] => return Some(*kind),
            [] => self.wrong(
                self.span,
                "an assertion says `can`, `cannot`, `can_only` or `who_can`",
                "for example `cannot = [\"get\", \"list\"]`",
            ),
            [first, second, ..] => {
                let message = format!(
                    "an assertion says `{}` or `{}`, not both",
                    first.name(),
                    second.name()
                );
                self.wrong(self.place(second.name()), &message, "write two assertions");
            }
        }
        None
    }

    /// Arguments that the kind needs, and those it has no use for.
    fn check_arguments_of(&mut self, kind: Kind) {
        for entry in self.node.entries() {
            let name = entry.key.as_str();
            if !kind.takes(name) && name != kind.name() {
                let message = format!("`{name}` has no meaning beside `{}`", kind.name());
                self.wrong(entry.key_span, &message, kind.shape());
            }
        }
        for needed in kind.needs() {
            if self.node.get(needed).is_none() {
                let message = format!("`{}` needs `{needed}`", kind.name());
                self.diagnostics.push(
                    Diagnostic::error("missing-argument", message)
                        .at(self.span)
                        .help(kind.shape()),
                );
            }
        }
    }

    fn asker(&mut self, on_policies: bool) -> Option<Asker> {
        let subject = self.principal(self.node.get("subject")?, on_policies);
        let groups = self.texts("groups")?;
        Some(Asker {
            subject: subject?,
            groups,
        })
    }

    fn holders(&mut self, on_policies: bool) -> Option<Holders> {
        let (exactly, at_most) = (self.node.get("exactly"), self.node.get("at_most"));
        let node = match (exactly, at_most) {
            (Some(node), None) | (None, Some(node)) => node,
            (None, None) => {
                let message = "`who_can` needs `exactly` or `at_most`";
                self.wrong(self.span, message, Kind::WhoCan.shape());
                return None;
            }
            (Some(_), Some(node)) => {
                let message = "`exactly` and `at_most` exclude each other";
                self.wrong(node.span, message, "keep one of them");
                return None;
            }
        };
        let items = node.items().iter();
        let found: Vec<Option<Text>> = items
            .map(|item| self.principal(item, on_policies))
            .collect();
        let found = found.into_iter().collect::<Option<Vec<Text>>>()?;
        Some(match exactly.is_some() {
            true => Holders::Exactly(found),
            false => Holders::AtMost(found),
        })
    }

    /// Somebody. A workload of the cluster may be meant on Google's resources too.
    fn principal(&mut self, node: &Node, on_policies: bool) -> Option<Text> {
        if matches!(node.kind, NodeKind::Unknown) {
            return None;
        }
        let of_cluster = match &node.kind {
            NodeKind::Reference(found) => found.type_name == "kubernetes.service_account",
            _ => node
                .as_str()
                .is_some_and(|text| text.starts_with("serviceaccount:")),
        };
        let semantics = self.provider(on_policies && !of_cluster)?;
        match semantics.principal(node) {
            Ok(text) => Some(text),
            Err(errors) => {
                self.diagnostics.extend(errors);
                None
            }
        }
    }

    /// What `resource` holds.
    pub(super) fn resources(&self) -> &'r [Node] {
        match self.node.get("resource") {
            Some(Node {
                kind: NodeKind::List(items),
                ..
            }) => items,
            Some(node) => std::slice::from_ref(node),
            None => &[],
        }
    }

    /// The canonical name of a resource with a policy of its own, where it is one.
    pub(super) fn at_google(&self, node: &Node) -> Option<Text> {
        self.provider(true)?.policy_resource(node).ok()
    }

    /// The same; what is wrong with it is reported.
    pub(super) fn policy_resource(&mut self, node: &Node) -> Option<Text> {
        if matches!(node.kind, NodeKind::Unknown) {
            return None;
        }
        match self.provider(true)?.policy_resource(node) {
            Ok(name) => Some(name),
            Err(errors) => {
                self.diagnostics.extend(errors);
                None
            }
        }
    }

    fn provider(&self, on_policies: bool) -> Option<&dyn Semantics> {
        let mut all = self.semantics.iter();
        let found = all.find(|known| known.grants_on_resources() == on_policies)?;
        Some(*found)
    }

    /// A list of texts, or one; empty where left out, none where it is not known.
    pub(super) fn texts(&mut self, name: &str) -> Option<Vec<Text>> {
        let Some(node) = self.node.get(name) else {
            return Some(Vec::new());
        };
        let nodes = match &node.kind {
            NodeKind::List(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        let mut found = Vec::with_capacity(nodes.len());
        for item in nodes {
            let text = item.as_str()?;
            if text.is_empty() {
                let message = format!("`{name}` holds an empty name");
                self.wrong(item.span, &message, "name it, or leave it out");
                return None;
            }
            if !found.iter().any(|known| known == text) {
                found.push(Text::from(text));
            }
        }
        if nodes.is_empty() && name != "groups" {
            let message = format!("`{name}` is empty");
            self.wrong(node.span, &message, "name at least one, or leave it out");
            return None;
        }
        Some(found)
    }

    pub(super) fn wrong(&mut self, span: Span, message: &str, help: &str) {
        let error = Diagnostic::error("invalid-assertion", message);
        self.diagnostics.push(error.at(span).help(help));
    }

    /// Where an argument is written.
    pub(super) fn place(&self, name: &str) -> Span {
        self.node.get(name).map_or(self.span, |node| node.span)
    }
}

fn has_unknown(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Unknown => true,
        NodeKind::List(items) => items.iter().any(has_unknown),
        NodeKind::Map(entries) => entries.iter().any(|entry| has_unknown(&entry.node)),
        _ => false,
    }
}
