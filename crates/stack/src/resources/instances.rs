//! Instances: what a declaration comes to, one resource for each key of its `for_each`.

use std::collections::BTreeSet;
use std::sync::Arc;

use rbacform_core::{
    Address, DesiredResource, Diagnostic, Lifecycle, Node, NodeKind, ObjectId, ResourceInput, Text,
    Value,
};

use super::declare::KnownType;
use super::lifecycle::lifecycle;
use super::{Declaration, check_arguments};
use crate::Ids;
use crate::evaluation::{Evaluation, Secrecy};
use crate::expression::{Data, Instance, Key, LaterBody, MapBody};
use crate::link::Links;
use crate::store::{Each, Scope, Store};

/// Past this many problems the other instances of a declaration are not looked at.
const MOST_PROBLEMS: usize = 20;

/// What a declaration comes to.
#[derive(Default)]
pub(crate) struct Instances {
    pub(crate) resources: Vec<DesiredResource>,
    pub(crate) expired: Vec<(Address, ObjectId)>,
    pub(crate) temporary: Vec<(ObjectId, i64)>,
    /// What expressions see of it, where any refers to it.
    pub(crate) data: Option<Data>,
}

/// What a declaration is evaluated with.
pub(crate) struct Surroundings<'a> {
    pub(crate) store: &'a Store,
    pub(crate) links: &'a Links,
    /// The settings of its provider; none where the stack has none.
    pub(crate) settings: Option<&'a Node>,
    /// The server's own ids of objects that exist.
    pub(crate) ids: &'a Ids<'a>,
    /// Resources that its locals refer to.
    pub(crate) through_locals: &'a BTreeSet<Address>,
    /// Whether any expression refers to it.
    pub(crate) referenced: bool,
    pub(crate) now: i64,
}

/// Evaluates, checks and resolves every instance of a declaration.
pub(crate) fn evaluate(
    declaration: Declaration<'_>,
    around: &Surroundings<'_>,
    evaluation: &mut Evaluation<'_>,
) -> Instances {
    let broken = Instances {
        data: around.referenced.then_some(Data::Broken),
        ..Instances::default()
    };
    let Some(known) = declaration.known else {
        return broken;
    };
    if matches!(declaration.arguments.kind, NodeKind::Unknown) {
        return broken;
    }
    let mut run = Run {
        known,
        around,
        found: Instances::default(),
        seen: Vec::new(),
    };
    match &declaration.for_each {
        None => {
            run.instance(declaration, None, evaluation);
            let data = run.seen.pop().map(|(_, data)| data);
            run.found.data = data.filter(|_| around.referenced);
        }
        Some(raw) => {
            let Some(elements) = elements(raw, around.store, evaluation) else {
                return broken;
            };
            let before = evaluation.diagnostics.len();
            for each in elements {
                run.instance(declaration.clone_instance(), Some(each), evaluation);
                if evaluation.diagnostics.len() - before >= MOST_PROBLEMS {
                    return broken;
                }
            }
            run.found.data = around.referenced.then(|| Data::map(run.seen));
        }
    }
    run.found
}

/// The elements of a `for_each`: of a map, or of a list of distinct strings.
pub(crate) fn elements(
    raw: &Node,
    store: &Store,
    evaluation: &mut Evaluation<'_>,
) -> Option<Vec<Each>> {
    let scope = Scope { store, each: None };
    let node = evaluation.node(raw, &scope, Secrecy::Open);
    let element = |key: &Text, value: Data| Each {
        key: Data::String(key.clone()),
        value,
    };
    match &node.kind {
        NodeKind::Unknown => None,
        NodeKind::Map(entries) => Some(
            entries
                .iter()
                .map(|entry| element(&entry.key, store.data(&entry.node)))
                .collect(),
        ),
        NodeKind::List(items) => {
            let mut keys = BTreeSet::new();
            let mut found = Vec::with_capacity(items.len());
            for item in items {
                let problem = match &item.kind {
                    NodeKind::Unknown => return None,
                    NodeKind::String(key) if keys.insert(key.clone()) => {
                        found.push(element(key, Data::String(key.clone())));
                        continue;
                    }
                    NodeKind::String(key) => format!("`{key}` is twice in the list of `for_each`"),
                    _ => format!(
                        "`for_each` takes a map or a list of strings, this list has {}",
                        item.describe()
                    ),
                };
                let error = Diagnostic::error("invalid-for-each", problem).at(item.span);
                evaluation.diagnostics.push(error);
                return None;
            }
            Some(found)
        }
        _ => {
            let message = format!(
                "`for_each` takes a map or a list of strings, this is {}",
                node.describe()
            );
            let error = Diagnostic::error("invalid-for-each", message).at(node.span);
            evaluation.diagnostics.push(error);
            None
        }
    }
}

struct Run<'a, 's> {
    known: KnownType<'s>,
    around: &'a Surroundings<'a>,
    found: Instances,
    /// What expressions see, by key.
    seen: Vec<(Text, Data)>,
}

impl Run<'_, '_> {
    fn instance(
        &mut self,
        declaration: Declaration<'_>,
        each: Option<Each>,
        evaluation: &mut Evaluation<'_>,
    ) {
        let key = match each.as_ref().map(|each| &each.key) {
            Some(Data::String(key)) => Some(key.clone()),
            _ => None,
        };
        let address = Address {
            key: key.clone(),
            ..declaration.address()
        };
        let scope = Scope {
            store: self.around.store,
            each: each.as_ref(),
        };
        let before = evaluation.diagnostics.len();
        let data = match is_declared(declaration.when.as_ref(), &scope, evaluation) {
            Some(true) => self.declared(&address, declaration, &scope, evaluation),
            Some(false) if key.is_none() => Some(Data::Absent(Arc::new(address.clone()))),
            Some(false) => None,
            None => Some(Data::Broken),
        };
        for diagnostic in evaluation.diagnostics.iter_mut().skip(before) {
            diagnostic
                .address
                .get_or_insert_with(|| address.to_string());
        }
        self.seen
            .extend(data.map(|data| (key.unwrap_or_default(), data)));
    }

    fn declared(
        &mut self,
        address: &Address,
        declaration: Declaration<'_>,
        scope: &Scope<'_>,
        evaluation: &mut Evaluation<'_>,
    ) -> Option<Data> {
        let schema = self.known.schema;
        let before = evaluation.diagnostics.len();
        let life = match &declaration.lifecycle {
            Some(raw) => {
                let node = evaluation.node(raw, scope, Secrecy::Open);
                lifecycle(&node, &self.known, evaluation.diagnostics)
            }
            None => Lifecycle::default(),
        };
        let mut depends_on = self.depends_on(address, &declaration, scope);
        let span = declaration.span;
        let mut arguments = match self.around.links.expressions {
            true => evaluation.node(&declaration.arguments, scope, Secrecy::Open),
            false => declaration.arguments,
        };
        let what = format!("`{}`", schema.name);
        check_arguments(
            &mut arguments,
            schema.arguments,
            &what,
            span,
            evaluation.diagnostics,
        );
        let fine = evaluation.diagnostics.len() == before && !has_unknown(&arguments);
        let mut object = None;
        if fine {
            let input = ResourceInput {
                instance: self.known.semantics.provider(),
                schema,
                arguments: &arguments,
                settings: self.around.settings,
                span,
            };
            match self.known.semantics.resolve(&input) {
                Err(errors) => evaluation.diagnostics.extend(errors),
                Ok(mut resolved) => {
                    evaluation.diagnostics.extend(resolved.warnings);
                    // A list of one grows to room for four, and there are ten thousand of each.
                    resolved.requires.shrink_to_fit();
                    depends_on.shrink_to_fit();
                    object = self.around.referenced.then(|| resolved.object.clone());
                    let past = |end: i64| end <= self.around.now;
                    let ends = resolved.expires.map(|end| (resolved.object.clone(), end));
                    self.found.temporary.extend(ends);
                    match resolved.expires.is_some_and(past) {
                        true => self.found.expired.push((address.clone(), resolved.object)),
                        false => self.found.resources.push(DesiredResource {
                            address: address.clone(),
                            object: resolved.object,
                            attributes: resolved.attributes,
                            requires: resolved.requires,
                            depends_on,
                            lifecycle: life,
                            built_in: resolved.built_in,
                            span,
                        }),
                    }
                }
            }
        }
        let referenced = self.around.referenced;
        referenced.then(|| self.seen_as(address, &arguments, object.as_ref()))
    }

    /// What expressions see of it: what was written, and what it exports besides.
    fn seen_as(&self, address: &Address, arguments: &Node, object: Option<&ObjectId>) -> Data {
        let store = self.around.store;
        let written = arguments.entries().iter();
        let mut attributes: Vec<(Text, Data)> = written
            .map(|entry| (entry.key.clone(), store.data(&entry.node)))
            .collect();
        let KnownType { schema, semantics } = self.known;
        let none = Node {
            kind: NodeKind::Map(Vec::new()),
            span: arguments.span,
        };
        let settings = self.around.settings.unwrap_or(&none);
        let exports = semantics.exports(schema, semantics.provider(), arguments, settings);
        for (name, value) in exports.iter() {
            if arguments.entry(name).is_some() {
                continue;
            }
            let data = match value {
                // What only the server can tell is its own id of the object.
                Value::Unknown => match object.and_then(self.around.ids) {
                    Some(id) => Data::String(id),
                    None => Data::Later(Arc::new(LaterBody {
                        address: address.clone(),
                        attribute: name.into(),
                    })),
                },
                value => Data::from_node(&Node::from_value(value, arguments.span)),
            };
            attributes.push((name.into(), data));
        }
        // What an export would be but for an argument that was reported is left out silently.
        for argument in semantics.exported(schema) {
            if !attributes.iter().any(|(name, _)| name == argument.name) {
                attributes.push((argument.name.into(), Data::Broken));
            }
        }
        Data::Resource(Arc::new(Instance {
            address: address.clone(),
            schema,
            attributes: MapBody::new(attributes),
        }))
    }

    /// What this instance refers to, and what `depends_on` names.
    fn depends_on(
        &self,
        address: &Address,
        declaration: &Declaration<'_>,
        scope: &Scope<'_>,
    ) -> Vec<Address> {
        let mentioned = self.around.links.resources.iter();
        let mut found: Vec<Address> = mentioned
            .map(|(type_name, name, key)| {
                let key = match (key, scope.each.map(|each| &each.key)) {
                    (Key::Literal(key), _) => Some(key.clone()),
                    (Key::Each, Some(Data::String(key))) => Some(key.clone()),
                    _ => None,
                };
                Address::new(type_name.clone(), name.clone(), key)
            })
            .collect();
        found.extend(self.around.through_locals.iter().cloned());
        found.extend(
            declaration
                .depends_on
                .iter()
                .map(|(named, _)| named.clone()),
        );
        found.retain(|named| named != address);
        found.sort();
        found.dedup();
        found.shrink_to_fit();
        found
    }
}

/// Whether `when` is true. `None` where that was reported as wrong.
pub(crate) fn is_declared(
    when: Option<&Node>,
    scope: &Scope<'_>,
    evaluation: &mut Evaluation<'_>,
) -> Option<bool> {
    let Some(raw) = when else { return Some(true) };
    let node = evaluation.node(raw, scope, Secrecy::Open);
    match node.kind {
        NodeKind::Bool(flag) => Some(flag),
        NodeKind::Unknown => None,
        _ => {
            let message = format!("`when` is a boolean, this is {}", node.describe());
            let error = Diagnostic::error("wrong-type", message).at(node.span);
            evaluation.diagnostics.push(error);
            None
        }
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
