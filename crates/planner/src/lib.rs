//! The planner: desired x prior x observed -> plan. Pure; the dependency graph lives here.
//!
//! It reads no clock, file, environment or network, so the same input gives the same bytes. Read
//! it in this order: [`plan`] walks every object once and lets `decide` choose its action;
//! `drift`, `unmanaged` and `dangling` say what else a person should know; `graph` orders the
//! edits into steps that the executor carries out without choices of its own.

mod access;
mod adoption;
mod check;
mod coalesce;
mod dangling;
mod decide;
mod declared;
mod drift;
mod edits;
mod gates;
mod graph;
mod ignored;
mod losers;
mod namespaces;
mod query;
mod recover;
mod revokes;
mod saved;
mod scope;
mod steps;
mod undeclared;
mod unmanaged;
mod world;

pub use check::check_together;
pub use dangling::{dangling_bindings, roles_to_look_up};
pub use edits::{BRIDGE, on_destroy};
pub use gates::{GateInput, Gates, gates};
pub use ignored::wanted;
pub use query::kinds_to_read;
pub use recover::{Recovered, recover};
pub use revokes::{Revocations, revocations};
pub use saved::what_changed;
pub use world::check_worlds;

use std::collections::BTreeMap;

use rbacform_core::plan::{AccessEntry, Mode, Summary, Unmanaged};
use rbacform_core::{
    Action, Address, Adoption, Binding, Change, DesiredResource, Diagnostic, Lifecycle, Mark,
    ObjectId, ObservedSet, OnDestroy, Semantics, StateSnapshot, Step, TypeSchema, Value,
    plan::Drift,
};

/// Everything a plan follows from.
pub struct PlanInput<'a> {
    /// What the stack says, in order of address.
    pub desired: &'a [DesiredResource],
    /// Objects whose `until` is past: declared, but no longer wanted.
    pub expired: &'a [(Address, ObjectId)],
    /// What was last applied. Its lineage is set, freshly made where there was no state.
    pub prior: &'a StateSnapshot,
    /// Whether there was no state at all, so that `prior`'s lineage is new.
    pub no_state: bool,
    /// What was read.
    pub observed: &'a ObservedSet,
    /// The pure halves of the providers.
    pub semantics: &'a [&'a dyn Semantics],
    /// What the plan is for.
    pub mode: Mode,
    /// Whether to take over declared objects that exist and are nobody's.
    pub adopt: bool,
    /// Plan only these and what they need; everything where empty.
    pub targets: &'a [Address],
}

/// What planning comes to. With any error among the diagnostics, the steps are empty.
#[derive(Debug, Default)]
pub struct Planned {
    /// Counts per action.
    pub summary: Summary,
    /// The changes in order of address, no-ops left out.
    pub changes: Vec<Change>,
    /// What happened behind the stack's back.
    pub drift: Vec<Drift>,
    /// Access that nobody declares.
    pub unmanaged: Vec<Unmanaged>,
    /// How many grants of the platform's own service agents stand beside: counted, not listed.
    pub service_agents: usize,
    /// How many subjects of the platform's own bindings there are besides: counted, not listed.
    pub unmanaged_bootstrap: usize,
    /// Grants on resources that the plan gives.
    pub granted: Vec<AccessEntry>,
    /// Grants on resources that the plan takes, whatever else gives the same.
    pub revoked: Vec<AccessEntry>,
    /// What the executor does.
    pub steps: Vec<Step>,
    /// Errors that forbid the plan, and warnings.
    pub diagnostics: Vec<Diagnostic>,
}

impl Planned {
    /// Whether the plan may be carried out.
    pub fn is_valid(&self) -> bool {
        !self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Plans.
pub fn plan(input: &PlanInput<'_>) -> Planned {
    let context = Context::new(input);
    let mut planned = Planned {
        drift: drift::drift(&context),
        ..Planned::default()
    };
    (
        planned.unmanaged,
        planned.service_agents,
        planned.unmanaged_bootstrap,
    ) = unmanaged::unmanaged(&context);
    planned
        .diagnostics
        .extend(check_together(input.desired, input.semantics));
    planned
        .diagnostics
        .extend(world::state_is_missing(&context));
    let decisions = match input.mode {
        Mode::RefreshOnly => decide::refresh(&context),
        Mode::Apply | Mode::Destroy => {
            let unchanged = &mut planned.summary.no_op;
            decide::decide(&context, unchanged, &mut planned.diagnostics)
        }
    };
    planned
        .diagnostics
        .extend(dangling::dangling(&context, &decisions));
    if input.mode != Mode::RefreshOnly {
        planned
            .diagnostics
            .extend(namespaces::homeless(&context, &decisions));
    }
    let decisions = in_scope(decisions, &context, &mut planned.diagnostics);
    for decision in &decisions {
        planned.summary.count(decision.change.action);
    }
    if input.mode == Mode::RefreshOnly {
        planned.summary.learn = decisions.iter().filter(|it| it.only_learns()).count();
    }
    if planned.is_valid() {
        match graph::steps(&decisions, &context) {
            Ok(steps) => planned.steps = steps,
            Err(cycle) => planned.diagnostics.push(cycle),
        }
    }
    let changes: Vec<&Change> = decisions
        .iter()
        .map(|decision| &decision.change)
        .filter(|change| gives_or_takes(change.action))
        .collect();
    let touched = access::touched(&changes, &context);
    planned
        .diagnostics
        .extend(losers::named(&changes, &touched.revoked, &context));
    (planned.granted, planned.revoked) = (touched.granted, touched.revoked);
    planned.changes = decisions
        .into_iter()
        .map(|decision| decision.change)
        .filter(|change| change.action != Action::NoOp)
        .collect();
    planned
        .changes
        .sort_by(|a, b| (&a.address, &a.object).cmp(&(&b.address, &b.object)));
    rbacform_core::diagnostic::sort(&mut planned.diagnostics);
    planned
}

/// The decisions that `--target` asks for; what is wrong elsewhere does not forbid them.
fn in_scope(
    decisions: Vec<decide::Decision>,
    context: &Context<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<decide::Decision> {
    let mut unknown = Vec::new();
    let Some(scope) = scope::Scope::of(context, &mut unknown) else {
        return decisions;
    };
    diagnostics.retain(|diagnostic| scope.concerns(diagnostic));
    diagnostics.append(&mut unknown);
    decisions
        .into_iter()
        .filter(|decision| scope.holds(decision))
        .collect()
}

/// Whether an action changes an object in the world.
fn gives_or_takes(action: Action) -> bool {
    match action {
        Action::Create | Action::Update | Action::Replace | Action::Delete | Action::Adopt => true,
        Action::Move | Action::Forget | Action::NoOp => false,
    }
}

/// The input, indexed.
struct Context<'a> {
    input: &'a PlanInput<'a>,
    desired: BTreeMap<&'a ObjectId, &'a DesiredResource>,
    /// What the files declare and a destroy does not want.
    destroyed: BTreeMap<&'a ObjectId, &'a DesiredResource>,
    objects: BTreeMap<&'a Address, &'a ObjectId>,
    mark: Mark,
}

impl<'a> Context<'a> {
    fn new(input: &'a PlanInput<'a>) -> Self {
        let none: &[DesiredResource] = &[];
        let (wanted, destroyed) = match input.mode {
            Mode::Destroy => (none, input.desired),
            Mode::Apply | Mode::RefreshOnly => (input.desired, none),
        };
        let by_object = |resources: &'a [DesiredResource]| {
            let pairs = resources.iter().map(|known| (&known.object, known));
            pairs.collect()
        };
        Self {
            input,
            desired: by_object(wanted),
            destroyed: by_object(destroyed),
            objects: wanted
                .iter()
                .map(|resource| (&resource.address, &resource.object))
                .collect(),
            mark: input.prior.mark(),
        }
    }

    /// What the files say of the life of an object that a destroy takes away, applied or not.
    fn lifecycle_in_files(&self, object: &ObjectId) -> Option<&'a Lifecycle> {
        let resource = self.destroyed.get(object)?;
        Some(&resource.lifecycle)
    }

    fn schema(&self, type_name: &str) -> Option<&'static TypeSchema> {
        self.input.semantics.iter().find_map(|semantics| {
            semantics
                .types()
                .iter()
                .find(|schema| schema.name == type_name)
        })
    }

    fn schema_of(&self, object: &ObjectId) -> Option<&'static TypeSchema> {
        let semantics = self.semantics(object)?;
        semantics
            .types()
            .iter()
            .find(|schema| schema.kind == object.kind)
    }

    fn semantics(&self, object: &ObjectId) -> Option<&'a dyn Semantics> {
        semantics_of(self.input.semantics, object)
    }

    /// Everything that an object binds.
    fn bindings(&self, object: &ObjectId, attributes: &Value) -> Vec<Binding> {
        bindings_of(self.input.semantics, object, attributes)
    }

    fn adoption(&self, object: &ObjectId) -> Adoption {
        self.semantics(object)
            .map_or(Adoption::Marked, |semantics| {
                semantics.adoption(&object.kind)
            })
    }

    fn is_marked(&self, object: &ObjectId) -> bool {
        self.adoption(object).is_marked()
    }

    /// The declared objects that decide over this one too.
    fn covered_by_declared(&self, object: &ObjectId) -> Vec<ObjectId> {
        let mut covering = self.covered_by(object);
        covering.retain(|object| self.desired.contains_key(object));
        covering
    }

    /// Objects about to be deleted that would take this one along.
    fn endangered_by(&self, object: &ObjectId) -> Vec<ObjectId> {
        let mut covering = self.covered_by(object);
        covering.retain(|object| {
            !self.desired.contains_key(object)
                && self.input.observed.get(object).is_some()
                && self
                    .input
                    .prior
                    .resources
                    .get(object)
                    .is_some_and(|prior| prior.on_destroy == OnDestroy::Delete)
        });
        covering
    }

    fn covered_by(&self, object: &ObjectId) -> Vec<ObjectId> {
        self.semantics(object)
            .map(|semantics| semantics.covered_by(object))
            .unwrap_or_default()
    }
}

/// The provider that an object belongs to: the default instance is named after it.
fn semantics_of<'a>(
    semantics: &[&'a dyn Semantics],
    object: &ObjectId,
) -> Option<&'a dyn Semantics> {
    semantics
        .iter()
        .find(|semantics| object.instance == semantics.provider())
        .copied()
}

fn bindings_of(
    semantics: &[&dyn Semantics],
    object: &ObjectId,
    attributes: &Value,
) -> Vec<Binding> {
    semantics_of(semantics, object)
        .map(|semantics| semantics.bindings(object, attributes))
        .unwrap_or_default()
}
