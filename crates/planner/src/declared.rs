//! What becomes of a resource that is declared.

use rbacform_core::plan::Mode;
use rbacform_core::{
    Action, Address, Adoption, Change, DesiredResource, Diagnostic, Difference, ObjectId,
    ObservedObject, OnDestroy, Reason, StateResource, TypeSchema, Value, compare, mark,
};

use crate::Context;
use crate::adoption::in_the_way;
use crate::decide::Decision;
use crate::edits::{self, Edits};
use crate::ignored::{keep_ignored, without_nulls};

/// One action for it; none where it is as declared and state knows it so.
pub(crate) fn declared(
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
        kept_from: context.endangered_by(&desired.object),
    };
    if view.changes_what_is_immutable(schema) {
        return view.replace().map(Some);
    }
    Ok(match prior {
        None => Some(view.adopt()),
        Some(prior) if view.is_another(prior) => Some(view.adopt()),
        Some(_) if !view.differences.is_empty() || view.lacks_our_mark() => Some(view.update()),
        Some(prior) if prior.address != desired.address => {
            Some(view.decision(Action::Move, Reason::AddressChanged, view.record_or_keep()))
        }
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
        kept_from: context.endangered_by(&desired.object),
    }
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
    kept_from: Vec<ObjectId>,
}

impl View<'_> {
    fn carries_our_mark(&self) -> bool {
        self.found.mark.as_ref() == Some(&self.context.mark)
    }

    fn adoption(&self) -> Adoption {
        self.context.adoption(&self.desired.object)
    }

    fn lacks_our_mark(&self) -> bool {
        self.adoption().is_marked() && !self.carries_our_mark()
    }

    /// Whether it was made anew by somebody since it was applied; a mark would tell by itself.
    fn is_another(&self, prior: &StateResource) -> bool {
        !self.adoption().is_marked() && !self.found.may_be(&prior.uid)
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
        let record = self.record();
        let reason = match self.adoption() {
            _ if self.carries_our_mark() => Reason::MarkedOurs,
            _ if self.desired.built_in => Reason::BuiltIn,
            Adoption::Freely if record.on_destroy == OnDestroy::Abandon => {
                Reason::AlreadyThereAndStays
            }
            Adoption::Freely => Reason::AlreadyThere,
            Adoption::Marked | Adoption::OnRequest => Reason::AdoptRequested,
        };
        let edits = match self.differences.is_empty() && !self.lacks_our_mark() {
            true => self.record_or_keep(),
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
        if *prior == self.record() && self.kept_from.is_empty() {
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
            edits: self.record_or_keep(),
            requires: Vec::new(),
            required: Vec::new(),
            depended_on: Vec::new(),
            kept_from: self.kept_from.clone(),
        })
    }

    /// What is as declared is not sent, unless another change would take it along.
    fn record_or_keep(&self) -> Edits {
        match self.kept_from.is_empty() {
            true => Edits::record(self.record()),
            false => self.write(),
        }
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
            kept_from: self.kept_from.clone(),
        }
    }
}

fn previous_address(desired: &DesiredResource, prior: Option<&StateResource>) -> Option<Address> {
    prior
        .map(|prior| &prior.address)
        .filter(|address| **address != desired.address)
        .cloned()
}
