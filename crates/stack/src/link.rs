//! Linking: compiling every string of a block once and settling what it refers to.
//!
//! Whatever can be said without evaluating is said here, once a block, however many instances it
//! has. A string that is wrong becomes unknown, so that nothing else is said about it.

use std::collections::{BTreeSet, HashMap, HashSet};

use rbacform_core::{
    Argument, Diagnostic, Node, NodeKind, SourceMap, Span, Text, TypeSchema, hint,
};

use crate::expression::{CompileError, Compiler, Key, Mention, Target, has_expression};
use crate::place::within;

/// Everything that expressions can name, by its dotted name.
#[derive(Default)]
pub(crate) struct Known {
    /// `vars.NAME`
    pub(crate) variables: BTreeSet<Text>,
    /// `local.NAME` and `kubernetes.TYPE.NAME`, with their blocks.
    pub(crate) blocks: HashMap<Text, usize>,
    /// What is known of those blocks that are resources.
    pub(crate) resources: HashMap<usize, ResourceFacts>,
    /// `vars.NAME` and `local.NAME` whose values must not be shown.
    pub(crate) sensitive: HashSet<Text>,
}

/// What can be said of a resource before it is evaluated.
pub(crate) struct ResourceFacts {
    /// `None` where its type is unknown.
    pub(crate) schema: Option<&'static TypeSchema>,
    /// What can be read of it besides its arguments.
    pub(crate) exported: &'static [Argument],
    pub(crate) keyed: bool,
}

/// What an expression may refer to where it stands.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Allowed {
    pub(crate) each: bool,
    pub(crate) blocks: bool,
    pub(crate) sensitive: bool,
}

/// What a block refers to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Links {
    /// Locals and resources.
    pub(crate) blocks: BTreeSet<usize>,
    /// Resources, with the instance that is meant.
    pub(crate) resources: Vec<(Text, Text, Key)>,
    /// Whether any of its strings has an expression.
    pub(crate) expressions: bool,
    /// The strings that refer to sensitive values.
    pub(crate) sensitive: BTreeSet<Span>,
}

pub(crate) struct Linker<'a> {
    pub(crate) compiler: &'a mut Compiler,
    pub(crate) sources: &'a SourceMap,
    pub(crate) known: &'a Known,
    pub(crate) diagnostics: &'a mut Vec<Diagnostic>,
}

impl Linker<'_> {
    /// Links every string of a tree.
    pub(crate) fn link(&mut self, node: &mut Node, allowed: Allowed, links: &mut Links) {
        match &mut node.kind {
            NodeKind::String(text) => {
                if has_expression(text)
                    && let Some(kind) = self.link_string(text, node.span, allowed, links)
                {
                    node.kind = kind;
                }
            }
            NodeKind::List(items) => {
                for item in items {
                    self.link(item, allowed, links);
                }
            }
            NodeKind::Map(entries) => {
                for entry in entries {
                    self.link(&mut entry.node, allowed, links);
                }
            }
            _ => {}
        }
    }

    /// What to put in the string's place, where it does not stay as it is.
    fn link_string(
        &mut self,
        text: &str,
        span: Span,
        allowed: Allowed,
        links: &mut Links,
    ) -> Option<NodeKind> {
        let template = match self.compiler.template(text) {
            Ok(template) => template,
            Err(error) => {
                self.compile_error(error, span);
                return Some(NodeKind::Unknown);
            }
        };
        links.expressions = true;
        let before = self.diagnostics.len();
        for program in template.programs() {
            for mention in &program.mentions {
                if let Some(error) = self.check(mention, span, allowed, links) {
                    let place = within(self.sources, span, program.place(mention));
                    self.diagnostics.push(error.at(place));
                }
            }
        }
        (self.diagnostics.len() > before).then_some(NodeKind::Unknown)
    }

    fn compile_error(&mut self, error: CompileError, span: Span) {
        let place = within(self.sources, span, error.range);
        self.diagnostics.push(
            Diagnostic::error(error.code, error.message)
                .at(place)
                .maybe_help(error.help.map(str::to_owned)),
        );
    }

    /// Settles one mention, or says why it leads nowhere.
    fn check(
        &mut self,
        mention: &Mention,
        string: Span,
        allowed: Allowed,
        links: &mut Links,
    ) -> Option<Diagnostic> {
        let known = self.known;
        match &mention.target {
            Target::Wrong { path, help } => {
                let message = format!("nothing is called `{path}`");
                Some(Diagnostic::error("undeclared-reference", message).help(*help))
            }
            Target::Each if allowed.each => None,
            Target::Each => Some(
                Diagnostic::error("undeclared-reference", "there is no `each` here")
                    .help("`each` is known in a resource or assertion with `for_each`"),
            ),
            Target::Variable(name) => {
                let dotted = Text::from(format!("vars.{name}"));
                if known.variables.contains(&dotted) {
                    return self.check_sensitive(&dotted, string, allowed, links);
                }
                let names = known.variables.iter().map(Text::as_str);
                Some(undeclared(&dotted, names, "variables"))
            }
            Target::Local(name) => {
                let dotted = Text::from(format!("local.{name}"));
                if !allowed.blocks {
                    return Some(out_of_place(&dotted));
                }
                let Some(block) = known.blocks.get(&dotted) else {
                    let names = known
                        .blocks
                        .keys()
                        .filter(|name| name.starts_with("local."));
                    return Some(undeclared(&dotted, sorted(names), "locals"));
                };
                links.blocks.insert(*block);
                self.check_sensitive(&dotted, string, allowed, links)
            }
            Target::Resource {
                type_name,
                name,
                key,
                attribute,
            } => {
                let dotted = Text::from(format!("{type_name}.{name}"));
                if !allowed.blocks {
                    return Some(out_of_place(&dotted));
                }
                let Some(block) = known.blocks.get(&dotted) else {
                    let names = known
                        .blocks
                        .keys()
                        .filter(|name| !name.starts_with("local."));
                    return Some(undeclared(&dotted, sorted(names), ""));
                };
                links.blocks.insert(*block);
                let mentioned = (type_name.clone(), name.clone(), key.clone());
                if !links.resources.contains(&mentioned) {
                    links.resources.push(mentioned);
                }
                let facts = known.resources.get(block)?;
                facts.check(&dotted, key, attribute.as_deref())
            }
        }
    }

    fn check_sensitive(
        &self,
        dotted: &Text,
        string: Span,
        allowed: Allowed,
        links: &mut Links,
    ) -> Option<Diagnostic> {
        if !self.known.sensitive.contains(dotted) {
            return None;
        }
        links.sensitive.insert(string);
        (!allowed.sensitive).then(|| {
            let message =
                format!("`{dotted}` is sensitive and may flow only into provider settings");
            Diagnostic::error("sensitive-value", message)
                .help("anything else would be stored in state and shown in plans")
        })
    }
}

impl ResourceFacts {
    fn check(&self, dotted: &str, key: &Key, attribute: Option<&str>) -> Option<Diagnostic> {
        match (self.keyed, key, attribute) {
            (true, Key::None, Some(attribute)) => {
                let message = format!("`{dotted}` has `for_each`: say which instance is meant");
                let help = format!(
                    "write `{dotted}[each.key].{attribute}` or `{dotted}[\"...\"].{attribute}`"
                );
                return Some(Diagnostic::error("missing-key", message).help(help));
            }
            (false, Key::Literal(_) | Key::Each | Key::Computed, _) => {
                let message = format!("`{dotted}` has no `for_each`, so it takes no key");
                let help = format!("write `{dotted}`");
                return Some(Diagnostic::error("unexpected-key", message).help(help));
            }
            _ => {}
        }
        let (schema, attribute) = (self.schema?, attribute?);
        let attributes = schema.arguments.iter().chain(self.exported);
        let names = attributes.map(|argument| argument.name);
        if names.clone().any(|name| name == attribute) {
            return None;
        }
        let message = format!("`{}` has no attribute `{attribute}`", schema.name);
        let help = match hint::closest(attribute, names.clone()) {
            Some(closest) => format!("did you mean `{closest}`?"),
            None => format!("it has `{}`", names.collect::<Vec<_>>().join("`, `")),
        };
        Some(Diagnostic::error("unknown-attribute", message).help(help))
    }
}

fn sorted<'n>(names: impl Iterator<Item = &'n Text>) -> Vec<&'n str> {
    let mut names: Vec<&str> = names.map(Text::as_str).collect();
    names.sort_unstable();
    names
}

fn undeclared<'n>(
    dotted: &str,
    names: impl IntoIterator<Item = &'n str>,
    what: &str,
) -> Diagnostic {
    let names: Vec<&str> = names.into_iter().collect();
    let error = Diagnostic::error(
        "undeclared-reference",
        format!("nothing is called `{dotted}`"),
    );
    match hint::closest(dotted, names.iter().copied()) {
        Some(closest) => error.help(format!("did you mean `{closest}`?")),
        None if names.is_empty() && !what.is_empty() => {
            error.help(format!("this stack declares no {what}"))
        }
        None if !what.is_empty() && names.len() <= 10 => {
            error.help(format!("declared are `{}`", names.join("`, `")))
        }
        None => error.help("declare it, or mend the name"),
    }
}

fn out_of_place(dotted: &str) -> Diagnostic {
    let message = format!("`{dotted}` cannot be used here");
    Diagnostic::error("undeclared-reference", message).help("only `vars.NAME` is known here")
}
