//! Where the parts of a role or binding are written: in its table of a stack file, no `${...}`
//! evaluated, or in its manifest.
//!
//! What an expression comes to is not known here. Where only one part can be meant, it is taken to
//! be the one; else the place is that of the list, since a wrong place is worse than a wide one.

use std::collections::BTreeSet;

use rbacform_core::{Entry, Node, NodeKind, Span};

use crate::input::in_manifests;
use crate::rule::LISTS;

/// What a rule holds.
#[derive(Clone, Copy, Debug)]
pub struct RuleLists<'a> {
    /// `verbs`.
    pub verbs: &'a [String],
    /// `api_groups`.
    pub api_groups: &'a [String],
    /// `resources`.
    pub resources: &'a [String],
    /// `resource_names`.
    pub resource_names: &'a [String],
    /// `non_resource_urls`.
    pub non_resource_urls: &'a [String],
}

/// A rule and where it is written, as closely as that can be told.
#[derive(Clone, Copy, Debug)]
pub struct WrittenRule<'n> {
    /// The rule; the list of rules where none of them is known to be the one.
    pub span: Span,
    rule: Option<&'n Node>,
}

/// Where a rule of a role is written; `None` where the role has no rules of its own.
pub fn rule_place<'n>(role: &'n Node, lists: RuleLists<'_>) -> Option<WrittenRule<'n>> {
    let rules = role.entry("rules")?;
    let rule = the_one(rules.node.items(), |rule| lists.fit(rule));
    Some(WrittenRule {
        span: rule.map_or_else(|| whole(rules), start),
        rule,
    })
}

impl WrittenRule<'_> {
    /// Where an item of one of its lists is written, the list named as in stack files.
    pub fn item(&self, list: &str, item: &str) -> Span {
        let Some(held) = self.rule.and_then(|rule| list_of(rule, list)) else {
            return self.span;
        };
        let found = held.node.item(item);
        found.map_or_else(|| whole(held), |node| node.span)
    }
}

/// Where a subject of a binding is written, `subject` as stack files spell it and `declared` the
/// dotted name of the service account where it is one of the stack's. `None` where the binding
/// has no subjects.
pub fn subject_place(binding: &Node, subject: &str, declared: Option<&str>) -> Option<Span> {
    let subjects = binding.entry("subjects")?;
    let items = subjects.node.items();
    let names_it = |item: &&Node| {
        let text = item.as_str().unwrap_or_default();
        is_open(text) && declared.is_some_and(|name| mentions(text, name))
    };
    let named: Vec<&Node> = items.iter().filter(names_it).collect();
    let fit = |item: &Node| fit_subject(item, subject, binding);
    let found = match named.as_slice() {
        [only] if !items.iter().any(|item| fit(item) == Fit::Surely) => Some(*only),
        _ => the_one(items, fit),
    };
    Some(found.map_or_else(|| whole(subjects), subject_start))
}

/// Whether an expression speaks of a name, and not of one that only begins like it.
fn mentions(text: &str, name: &str) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let mut after = text
        .match_indices(name)
        .filter_map(|(at, _)| text.get(at + name.len()..));
    after.any(|rest| !rest.starts_with(goes_on))
}

/// How well something written fits what is looked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Not,
    /// It depends on what an expression comes to.
    Maybe,
    Surely,
}

impl Fit {
    fn sure(is: bool) -> Self {
        if is { Self::Surely } else { Self::Not }
    }
}

/// The first that surely fits, else the only one that may.
fn the_one(items: &[Node], fit: impl Fn(&Node) -> Fit) -> Option<&Node> {
    let surely = items.iter().find(|item| fit(item) == Fit::Surely);
    let mut maybe = items.iter().filter(|item| fit(item) == Fit::Maybe);
    surely.or_else(|| maybe.next().filter(|_| maybe.next().is_none()))
}

impl RuleLists<'_> {
    fn fit(&self, rule: &Node) -> Fit {
        if rule.as_str().is_some_and(is_open) {
            return Fit::Maybe;
        }
        let held = [
            self.verbs,
            self.api_groups,
            self.resources,
            self.resource_names,
            self.non_resource_urls,
        ];
        let lists = LISTS.into_iter().zip(held);
        let fits = lists.map(|(name, items)| fit_list(list_of(rule, name), items));
        fits.min().unwrap_or(Fit::Not)
    }
}

/// A list of a rule, as stack files or as manifests name it.
fn list_of<'n>(rule: &'n Node, name: &str) -> Option<&'n Entry> {
    rule.entry(name).or_else(|| rule.entry(in_manifests(name)))
}

fn fit_list(list: Option<&Entry>, wanted: &[String]) -> Fit {
    let Some(list) = list else {
        return Fit::sure(wanted.is_empty());
    };
    if list.node.as_str().is_some_and(is_open) {
        return Fit::Maybe;
    }
    let wanted: BTreeSet<&str> = wanted.iter().map(String::as_str).collect();
    let items = list.node.items().iter().filter_map(Node::as_str);
    let written: BTreeSet<&str> = items.collect();
    if written == wanted {
        return Fit::Surely;
    }
    let (open, plain): (Vec<&str>, Vec<&str>) = written.into_iter().partition(|text| is_open(text));
    match !open.is_empty() && plain.iter().all(|text| wanted.contains(text)) {
        true => Fit::Maybe,
        false => Fit::Not,
    }
}

fn fit_subject(item: &Node, subject: &str, binding: &Node) -> Fit {
    if let Some(text) = item.as_str() {
        return match text == subject {
            true => Fit::Surely,
            false if is_open(text) => Fit::Maybe,
            false => Fit::Not,
        };
    }
    let text = |node: &Node, key: &str| node.get(key)?.as_str().map(str::to_owned);
    let part = |key: &str| text(item, key).filter(|text| !text.is_empty());
    let home = || {
        let of_binding = binding.get("metadata").unwrap_or(binding);
        part("namespace").or_else(|| text(of_binding, "namespace"))
    };
    let parts = match part("kind").as_deref() {
        Some("User") => vec![Some("user:".to_owned()), part("name")],
        Some("Group") => vec![Some("group:".to_owned()), part("name")],
        _ => vec![
            Some("serviceaccount:".to_owned()),
            home(),
            Some("/".to_owned()),
            part("name"),
        ],
    };
    let parts: Option<String> = parts.into_iter().collect();
    match parts {
        Some(spelled) if spelled == subject => Fit::Surely,
        Some(spelled) if !is_open(&spelled) => Fit::Not,
        _ => Fit::Maybe,
    }
}

/// Whether a text holds an expression.
fn is_open(text: &str) -> bool {
    text.contains("${")
}

/// A list, where none of its items is known to be the one: the expression that gives it, or its
/// name, since it may be many lines long.
fn whole(list: &Entry) -> Span {
    match list.node.kind {
        NodeKind::String(_) => list.node.span,
        _ => list.key_span,
    }
}

/// A map without brackets begins at its first key.
fn start(node: &Node) -> Span {
    without_brackets(node).map_or(node.span, |first| first.key_span)
}

/// A subject without brackets is told by its name.
fn subject_start(node: &Node) -> Span {
    let name = node
        .get("name")
        .filter(|_| without_brackets(node).is_some());
    name.map_or(node.span, |name| name.span)
}

/// The first key of a map that begins there.
fn without_brackets(node: &Node) -> Option<&Entry> {
    let first = node.entries().first()?;
    (node.span.start >= first.key_span.start).then_some(first)
}
