//! Decisions: one action for each object, and why.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::plan::Mode;
use rbacform_core::{
    Action, Address, Change, DesiredResource, Diagnostic, Difference, Map, ObjectId,
    ObservedObject, OnDestroy, Reason, StateResource, TypeSchema, Value, compare, mark,
};

use crate::Context;
use crate::edits::{self, Edits};

/// What is to become of one object.
#[derive(Debug)]
pub(crate) struct Decision {
    /// What a person reads.
    pub(crate) change: Change,
    /// What is written.
    pub(crate) edits: Edits,
    /// What it requires now: made before it.
    pub(crate) requires: Vec<ObjectId>,
    /// What it required when it was last applied: deleted after it.
    pub(crate) required: Vec<ObjectId>,
    /// The addresses it depended on then.
    pub(crate) depended_on: Vec<Address>,
}

/// Decides for every object that is declared, in state, or carries our mark.
///
/// Unchanged resources are only counted: in most plans they are nearly all.
pub(crate) fn decide(
    context: &Context<'_>,
    unchanged: &mut usize,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Decision> {
    let prior = &context.input.prior.resources;
    let observed = context.input.observed;
    let ours = observed
        .iter()
        .filter(|object| object.mark.as_ref() == Some(&context.mark));
    let objects: BTreeSet<&ObjectId> = context
        .desired
        .keys()
        .copied()
        .chain(prior.keys())
        .chain(ours.map(|object| &object.object))
        .collect();
    let mut decisions = Vec::new();
    for object in objects {
        let found = observed.get(object);
        let decision = match (context.desired.get(object), prior.get(object)) {
            (Some(desired), prior) => declared(context, desired, prior, found),
            (None, Some(prior)) => no_longer_declared(context, prior, found).map(Some),
            (None, None) => found.map_or_else(
                || Err(Vec::new()),
                |found| leftover(context, found).map(Some),
            ),
        };
        match decision {
            Ok(Some(decision)) => decisions.push(decision),
            Ok(None) => *unchanged += 1,
            Err(errors) => diagnostics.extend(errors),
        }
    }
    decisions
}

/// For `--refresh-only`: state learns what the world is; nothing is sent. Of an object that took
/// the place of ours it learns nothing: a later plan would take that for ours, and delete it.
pub(crate) fn refresh(context: &Context<'_>) -> Vec<Decision> {
    let learn = |prior: &StateResource| {
        let Some(found) = context.input.observed.get(&prior.object) else {
            let edits = Edits::forget(prior);
            return Decision::of_prior(prior, Action::Forget, Reason::DeletedOutside, edits);
        };
        let now = compare::project(&found.attributes, &prior.attributes, &Value::Null);
        let known = compare::same(&now, &prior.attributes) && found.uid == prior.uid;
        let edits = match known || !is_still_ours(found, prior, context) {
            true => Edits::None,
            false => Edits::record(StateResource {
                attributes: without_nulls(&now),
                uid: found.uid.clone(),
                ..prior.clone()
            }),
        };
        Decision::of_prior(prior, Action::NoOp, Reason::Unchanged, edits)
    };
    context.input.prior.resources.values().map(learn).collect()
}

fn declared(
    context: &Context<'_>,
    desired: &DesiredResource,
    prior: Option<&StateResource>,
    found: Option<&ObservedObject>,
) -> Result<Option<Decision>, Vec<Diagnostic>> {
    let Some(found) = found else {
        return Ok(Some(create(context, desired, prior)));
    };
    in_the_way(context, desired, prior, found).map_or(Ok(()), |error| Err(vec![error]))?;
    let owned = prior.map_or(&Value::Null, |prior| &prior.attributes);
    let compared = compare::project(&found.attributes, &desired.attributes, owned);
    let wanted = keep_ignored(desired, &compared);
    let differences = compare::differences(&compared, &wanted);
    let schema = context.schema(&desired.address.type_name);
    let view = View {
        context,
        desired,
        prior,
        found,
        compared,
        wanted,
        differences,
    };
    if view.changes_what_is_immutable(schema) {
        return view.replace().map(Some);
    }
    Ok(match prior {
        None => Some(view.adopt()),
        Some(_) if !view.differences.is_empty() || !view.carries_our_mark() => Some(view.update()),
        Some(prior) if prior.address != desired.address => Some(view.decision(
            Action::Move,
            Reason::AddressChanged,
            Edits::record(view.record()),
        )),
        Some(prior) => view.leave_alone(prior),
    })
}

fn create(
    context: &Context<'_>,
    desired: &DesiredResource,
    prior: Option<&StateResource>,
) -> Decision {
    let reason = if prior.is_some() {
        Reason::DeletedOutside
    } else {
        Reason::Declared
    };
    let record = edits::record(context, desired, &desired.attributes);
    Decision {
        change: Change {
            address: desired.address.clone(),
            previous_address: previous_address(desired, prior),
            type_name: desired.address.type_name.clone(),
            object: desired.object.clone(),
            action: Action::Create,
            reason,
            before: Value::Null,
            after: desired.attributes.clone(),
            differences: compare::differences(&Value::Null, &desired.attributes),
            depends_on: desired.depends_on.clone(),
        },
        edits: Edits::create(context, desired, record),
        requires: desired.requires.clone(),
        required: prior
            .map(|prior| prior.requires.clone())
            .unwrap_or_default(),
        depended_on: Vec::new(),
    }
}

/// A declared object that exists and may not simply be written: another stack's, nobody's that
/// was not asked for, or one on its way out.
fn in_the_way(
    context: &Context<'_>,
    desired: &DesiredResource,
    prior: Option<&StateResource>,
    found: &ObservedObject,
) -> Option<Diagnostic> {
    let error = |code, message: String| {
        Diagnostic::error(code, message)
            .at(desired.span)
            .address(&desired.address)
    };
    if found.terminating {
        let message = format!("`{}` is being deleted", found.object);
        return Some(error("terminating", message).help("wait until it is gone, then plan again"));
    }
    match &found.mark {
        Some(mark) if *mark == context.mark => return None,
        // Told once, for all of them: there is no state.
        Some(mark) if context.input.no_state && mark.stack == context.mark.stack => return None,
        Some(mark) => {
            let message = format!("`{}` is managed by another stack: {mark}", found.object);
            return Some(error("owned-by-another-stack", message).help(
                "declare it in one stack only: remove it here, or remove it there with \
                 `lifecycle = { on_destroy = \"abandon\" }` and apply that first",
            ));
        }
        None if desired.built_in || context.input.adopt => return None,
        // Somebody took the mark off; another object under the same name is not ours.
        None if prior.is_some_and(|prior| prior.uid == found.uid) => return None,
        None => {}
    }
    let whose = match (&found.managed_by, &found.last_writer) {
        (Some(tool), _) => format!("labelled as managed by `{tool}`"),
        (None, Some(writer)) => format!("last written by `{}`", writer.manager),
        (None, None) => "not managed by this stack".to_owned(),
    };
    let message = match prior {
        None => format!("`{}` already exists and is {whose}", found.object),
        Some(_) => format!(
            "`{}` was deleted and made again outside of this stack; it is {whose}",
            found.object
        ),
    };
    let stays = match context.schema_of_kind(&found.object.kind) {
        Some(schema) if schema.abandon_by_default => {
            " (a namespace stays when it is no longer declared)"
        }
        _ => "",
    };
    Some(error("foreign-object", message).help(format!(
        "to take it over, plan with `--adopt` and read what would change; else choose another name{stays}"
    )))
}

/// Attributes in which others may have keys of their own.
const OTHERS_WRITE: [&str; 2] = ["annotations", "labels"];

/// One declared object that exists, seen from all sides.
struct View<'a> {
    context: &'a Context<'a>,
    desired: &'a DesiredResource,
    prior: Option<&'a StateResource>,
    found: &'a ObservedObject,
    compared: Value,
    wanted: Value,
    differences: Vec<Difference>,
}

impl View<'_> {
    fn carries_our_mark(&self) -> bool {
        self.found.mark.as_ref() == Some(&self.context.mark)
    }

    fn changes_what_is_immutable(&self, schema: Option<&'static TypeSchema>) -> bool {
        let immutable = schema.map_or(&[][..], |schema| schema.immutable);
        self.differences.iter().any(|difference| {
            immutable
                .iter()
                .any(|path| compare::path_covers(path, &difference.path))
        })
    }

    fn replace(&self) -> Result<Decision, Vec<Diagnostic>> {
        let protected = self.desired.lifecycle.prevent_destroy
            || self.prior.is_some_and(|prior| prior.prevent_destroy);
        if protected && self.context.input.mode == Mode::Apply {
            let message = format!(
                "`{}` would be replaced, and its lifecycle says `prevent_destroy`",
                self.desired.address
            );
            return Err(vec![
                Diagnostic::error("prevent-destroy", message)
                    .at(self.desired.span)
                    .address(&self.desired.address)
                    .help("undo the change, or set `prevent_destroy = false` and apply that first"),
            ]);
        }
        let edits = Edits::replace(
            self.context,
            self.desired,
            self.found,
            &self.compared,
            &self.wanted,
        );
        let mut decision = self.decision(Action::Replace, Reason::Immutable, edits);
        // The new object has nothing of what others put on the old one: that is shown as lost.
        if let Value::Map(before) = &mut decision.change.before {
            for root in OTHERS_WRITE {
                if let Some(Value::Map(all)) = self.found.attributes.get(root) {
                    let mut all = all.clone();
                    let (label, ours) = mark::MANAGED_BY;
                    if all.get(label).and_then(Value::as_str) == Some(ours) {
                        all.remove(label);
                    }
                    before.insert(root, without_nulls(&Value::Map(all)));
                }
            }
        }
        let change = &mut decision.change;
        change.differences = compare::differences(&change.before, &change.after);
        Ok(decision)
    }

    fn adopt(&self) -> Decision {
        let reason = match () {
            () if self.carries_our_mark() => Reason::MarkedOurs,
            () if self.desired.built_in => Reason::BuiltIn,
            () => Reason::AdoptRequested,
        };
        let edits = match self.carries_our_mark() && self.differences.is_empty() {
            true => Edits::record(self.record()),
            false => self.write(),
        };
        self.decision(Action::Adopt, reason, edits)
    }

    fn update(&self) -> Decision {
        let reason = match self.prior {
            _ if self.differences.is_empty() => Reason::MarkMissing,
            Some(prior) if compare::same(&prior.attributes, &self.wanted) => Reason::Drifted,
            _ => Reason::ArgumentsChanged,
        };
        self.decision(Action::Update, reason, self.write())
    }

    /// Nothing is sent; at most state learns that the world is as declared by now.
    fn leave_alone(&self, prior: &StateResource) -> Option<Decision> {
        let record = self.record();
        if *prior == record {
            return None;
        }
        Some(Decision {
            change: Change {
                address: self.desired.address.clone(),
                previous_address: None,
                type_name: self.desired.address.type_name.clone(),
                object: self.desired.object.clone(),
                action: Action::NoOp,
                reason: Reason::Unchanged,
                before: Value::Null,
                after: Value::Null,
                differences: Vec::new(),
                depends_on: Vec::new(),
            },
            edits: Edits::record(record),
            requires: Vec::new(),
            required: Vec::new(),
            depended_on: Vec::new(),
        })
    }

    fn write(&self) -> Edits {
        Edits::update(
            self.context,
            self.desired,
            self.found,
            &self.compared,
            &self.wanted,
        )
    }

    fn record(&self) -> StateResource {
        let record = edits::record(self.context, self.desired, &self.wanted);
        StateResource {
            uid: self.found.uid.clone(),
            ..record
        }
    }

    fn decision(&self, action: Action, reason: Reason, edits: Edits) -> Decision {
        Decision {
            change: Change {
                address: self.desired.address.clone(),
                previous_address: previous_address(self.desired, self.prior),
                type_name: self.desired.address.type_name.clone(),
                object: self.desired.object.clone(),
                action,
                reason,
                before: without_nulls(&self.compared),
                after: self.wanted.clone(),
                differences: self.differences.clone(),
                depends_on: self.desired.depends_on.clone(),
            },
            edits,
            requires: self.desired.requires.clone(),
            required: self
                .prior
                .map(|prior| prior.requires.clone())
                .unwrap_or_default(),
            depended_on: Vec::new(),
        }
    }
}

fn no_longer_declared(
    context: &Context<'_>,
    prior: &StateResource,
    found: Option<&ObservedObject>,
) -> Result<Decision, Vec<Diagnostic>> {
    let Some(found) = found.filter(|found| is_still_ours(found, prior, context)) else {
        let edits = Edits::forget(prior);
        return Ok(Decision::of_prior(
            prior,
            Action::Forget,
            Reason::AlreadyGone,
            edits,
        ));
    };
    let lifecycle = context.lifecycle_in_files(&prior.object);
    let on_destroy = lifecycle
        .and_then(|lifecycle| lifecycle.on_destroy)
        .unwrap_or(prior.on_destroy);
    if on_destroy == OnDestroy::Abandon {
        let edits = Edits::abandon(prior, found);
        return Ok(Decision::of_prior(
            prior,
            Action::Forget,
            Reason::Abandoned,
            edits,
        ));
    }
    let reason = match context.input.mode {
        Mode::Destroy => Reason::Destroy,
        _ if context
            .input
            .expired
            .iter()
            .any(|(_, object)| *object == prior.object) =>
        {
            Reason::Expired
        }
        _ => Reason::NotDeclared,
    };
    if prior.prevent_destroy || lifecycle.is_some_and(|lifecycle| lifecycle.prevent_destroy) {
        let message = format!(
            "`{}` would be deleted, and its lifecycle says `prevent_destroy`",
            prior.address
        );
        return Err(vec![
            Diagnostic::error("prevent-destroy", message).address(&prior.address).help(
                "put the resource back; to let it go, apply it once with `prevent_destroy = false`",
            ),
        ]);
    }
    let mut decision =
        Decision::of_prior(prior, Action::Delete, reason, Edits::delete(prior, found));
    let now = compare::project(&found.attributes, &prior.attributes, &Value::Null);
    decision.change.before = without_nulls(&now);
    decision.change.differences = compare::differences(&decision.change.before, &Value::Null);
    Ok(decision)
}

/// Whether what stands there is what was applied: not another stack's by now, not another object
/// of the same name that nobody marked, and not on its way out already.
fn is_still_ours(found: &ObservedObject, prior: &StateResource, context: &Context<'_>) -> bool {
    let ours = match &found.mark {
        Some(mark) => *mark == context.mark,
        None => found.uid == prior.uid,
    };
    ours && !found.terminating
}

/// An object that carries our mark and that neither stack nor state knows. The bridge of an
/// interrupted replacement goes. Anything else is only told of: `state rm` promised that it stays.
fn leftover(context: &Context<'_>, found: &ObservedObject) -> Result<Decision, Vec<Diagnostic>> {
    if !edits::is_bridge(&found.object) {
        let message = format!(
            "`{}` carries this stack's mark, but neither the stack nor its state knows it",
            found.object
        );
        return Err(vec![
            Diagnostic::warning("unknown-marked-object", message).help(
                "declare it, and it is adopted as it is; or delete it, or take its annotations \
             `rbacform.io/stack` and `rbacform.io/lineage` off",
            ),
        ]);
    }
    let type_name = context
        .schema_of_kind(&found.object.kind)
        .map_or("object", |schema| schema.name);
    let prior = StateResource {
        address: Address::new(type_name, "leftover", Some(found.object.ident.clone())),
        object: found.object.clone(),
        uid: found.uid.clone(),
        attributes: found.attributes.clone(),
        requires: Vec::new(),
        depends_on: Vec::new(),
        prevent_destroy: false,
        on_destroy: OnDestroy::Delete,
        ignore_changes: Vec::new(),
    };
    let edits = Edits::delete(&prior, found);
    let mut decision = Decision::of_prior(&prior, Action::Delete, Reason::MarkedOurs, edits);
    decision.change.before = found.attributes.clone();
    Ok(decision)
}

impl Decision {
    /// Whether state learns something of an object that stays as it is.
    pub(crate) fn only_learns(&self) -> bool {
        self.change.action == Action::NoOp && !matches!(self.edits, Edits::None)
    }

    fn of_prior(prior: &StateResource, action: Action, reason: Reason, edits: Edits) -> Self {
        Self {
            change: Change {
                address: prior.address.clone(),
                previous_address: None,
                type_name: prior.address.type_name.clone(),
                object: prior.object.clone(),
                action,
                reason,
                before: prior.attributes.clone(),
                after: Value::Null,
                differences: Vec::new(),
                depends_on: Vec::new(),
            },
            edits,
            requires: Vec::new(),
            required: prior.requires.clone(),
            depended_on: prior.depends_on.clone(),
        }
    }
}

fn previous_address(desired: &DesiredResource, prior: Option<&StateResource>) -> Option<Address> {
    prior
        .map(|prior| &prior.address)
        .filter(|address| **address != desired.address)
        .cloned()
}

/// What is wanted, with ignored attributes as they are in the world.
fn keep_ignored(desired: &DesiredResource, compared: &Value) -> Value {
    let mut wanted = desired.attributes.clone();
    for path in &desired.lifecycle.ignore_changes {
        let (root, key) = compare::split_path(path);
        let observed = compared.get(root).cloned().unwrap_or_default();
        let Value::Map(attributes) = &mut wanted else {
            continue;
        };
        let Some(key) = key else {
            set(attributes, root, &observed);
            continue;
        };
        let leaf = observed.get(key).cloned().unwrap_or_default();
        let mut inner = match attributes.get(root) {
            Some(Value::Map(inner)) => inner.clone(),
            Some(_) => continue,
            None => Map::new(),
        };
        set(&mut inner, key, &leaf);
        attributes.insert(root, Value::Map(inner));
    }
    wanted
}

fn set(map: &mut Map, key: &str, value: &Value) {
    if value.is_null() {
        map.remove(key);
    } else {
        map.insert(key, without_nulls(value));
    }
}

/// A projection marks what is missing with null; people and state leave it out.
pub(crate) fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Map(map) => Value::Map(
            map.iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (key, without_nulls(value)))
                .collect::<Map>(),
        ),
        other => other.clone(),
    }
}

/// Every decision by object, for the graph.
pub(crate) fn by_object(decisions: &[Decision]) -> BTreeMap<&ObjectId, usize> {
    decisions
        .iter()
        .enumerate()
        .map(|(index, decision)| (&decision.change.object, index))
        .collect()
}
