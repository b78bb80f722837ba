//! Rebuilding a lost state from the marks that the objects carry.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::{
    Address, DesiredResource, Diagnostic, Map, Mark, ObjectId, ObservedObject, OnDestroy,
    StateResource, StateSnapshot, Type, TypeSchema, Value, compare,
};

use crate::ignored::without_nulls;
use crate::{Context, PlanInput, edits};

/// A state made from marks.
#[derive(Clone, Debug)]
pub struct Recovered {
    /// The state: of the chosen lineage, not yet numbered, its worlds not yet pinned.
    pub snapshot: StateSnapshot,
    /// Those of its resources that the files do not declare: the next plan removes them.
    pub undeclared: Vec<Address>,
    /// Bridges of interrupted replacements, which state never has.
    pub bridges: Vec<(Address, ObjectId)>,
}

/// Rebuilds the state from what `input.observed` shows of this stack's mark.
///
/// `input.prior` is what is still known of the lost state, such as its last backup, else empty. It
/// is believed only where it has the chosen lineage, and only in what objects cannot tell: the
/// addresses and lifecycles of those that nobody declares any more, and keys that were dropped
/// from the files since.
///
/// # Errors
/// No object carries the mark; or the marks have several lineages, and `lineage` names none of
/// them.
pub fn recover(input: &PlanInput<'_>, lineage: Option<&str>) -> Result<Recovered, Diagnostic> {
    let context = Context::new(input);
    let (lineage, marked) = choose(&context, lineage)?;
    let known = Some(input.prior).filter(|prior| prior.lineage == lineage);
    let mut recovered = Recovered {
        snapshot: StateSnapshot {
            lineage: lineage.to_owned(),
            worlds: BTreeMap::new(),
            resources: BTreeMap::new(),
            outputs: known.map(|known| known.outputs.clone()).unwrap_or_default(),
            ..input.prior.clone()
        },
        undeclared: Vec::new(),
        bridges: Vec::new(),
    };
    let mut names = Names::new(input);
    for found in marked {
        let former = known.and_then(|known| known.resources.get(&found.object));
        let resource = match context.desired.get(&found.object) {
            Some(desired) => declared(&context, desired, found, former),
            None if edits::is_bridge(&found.object) => {
                let address = names.free(&context, &found.object);
                recovered.bridges.push((address, found.object.clone()));
                continue;
            }
            None => {
                let resource = match former {
                    Some(former) => StateResource {
                        uid: found.uid.clone(),
                        ..former.clone()
                    },
                    None => undeclared(&context, found, &mut names),
                };
                recovered.undeclared.push(resource.address.clone());
                resource
            }
        };
        let object = found.object.clone();
        recovered.snapshot.resources.insert(object, resource);
    }
    recovered.undeclared.sort();
    Ok(recovered)
}

/// The lineage to recover, and the objects that carry it and are not on their way out.
fn choose<'a>(
    context: &Context<'a>,
    wanted: Option<&str>,
) -> Result<(&'a str, Vec<&'a ObservedObject>), Diagnostic> {
    let mut lineages: BTreeMap<&str, Vec<&ObservedObject>> = BTreeMap::new();
    for found in context.input.observed.iter() {
        if let Some(Mark { stack, lineage }) = &found.mark
            && *stack == context.mark.stack
            && !found.terminating
        {
            lineages.entry(lineage).or_default().push(found);
        }
    }
    let stack = &context.mark.stack;
    let mut matching: Vec<_> = lineages
        .iter()
        .filter(|(lineage, _)| wanted.is_none_or(|wanted| wanted == **lineage))
        .collect();
    match (matching.pop(), matching.is_empty()) {
        (Some((lineage, marked)), true) => Ok((*lineage, marked.clone())),
        _ if lineages.is_empty() => Err(nothing(stack)),
        _ => Err(several(stack, &lineages, wanted)),
    }
}

fn nothing(stack: &str) -> Diagnostic {
    let message = format!("no object carries the mark of stack `{stack}`");
    Diagnostic::error("nothing-to-recover", message).help(
        "check the context, `--env` and the stack's name; where nothing was ever applied, `apply` \
         begins a state of its own",
    )
}

fn several(
    stack: &str,
    lineages: &BTreeMap<&str, Vec<&ObservedObject>>,
    wanted: Option<&str>,
) -> Diagnostic {
    let list: Vec<String> = lineages
        .iter()
        .map(|(lineage, marked)| {
            let example = marked.first().map(|found| found.object.to_string());
            let example = example.unwrap_or_default();
            match marked.len() {
                1 => format!("`{lineage}` (`{example}`)"),
                several => format!("`{lineage}` ({several} objects, `{example}` among them)"),
            }
        })
        .collect();
    let message = match wanted {
        Some(wanted) => format!(
            "no object carries the mark of stack `{stack}` with lineage `{wanted}`, but with {}",
            list.join(", ")
        ),
        None => format!(
            "objects carry the mark of stack `{stack}` with several lineages: {}",
            list.join(", ")
        ),
    };
    Diagnostic::error("several-lineages", message).help(
        "each lineage is another state: two repositories may use one name. Choose yours with \
         `--lineage ID`; any backup of the state tells its lineage",
    )
}

/// What stands there of what is declared, so that only real differences are planned.
fn declared(
    context: &Context<'_>,
    desired: &DesiredResource,
    found: &ObservedObject,
    former: Option<&StateResource>,
) -> StateResource {
    let owned = former.map_or(&Value::Null, |former| &former.attributes);
    let now = compare::project(&found.attributes, &desired.attributes, owned);
    StateResource {
        uid: found.uid.clone(),
        ..edits::record(context, desired, &without_nulls(&now))
    }
}

/// What only the mark tells of. What the platform itself makes is never deleted.
fn undeclared(
    context: &Context<'_>,
    found: &ObservedObject,
    names: &mut Names<'_>,
) -> StateResource {
    let schema = context.schema_of(&found.object);
    let semantics = context.input.semantics;
    let stays = schema.is_some_and(|schema| schema.abandon_by_default)
        || found.bootstrap
        || semantics.iter().any(|one| one.is_bootstrap(&found.object));
    let binding = semantics
        .iter()
        .find_map(|one| one.binding(&found.object, &found.attributes));
    StateResource {
        address: expired(context, &found.object)
            .unwrap_or_else(|| names.free(context, &found.object)),
        object: found.object.clone(),
        uid: found.uid.clone(),
        attributes: surely_ours(&found.attributes, schema),
        requires: binding.into_iter().map(|binding| binding.role).collect(),
        depends_on: Vec::new(),
        prevent_destroy: false,
        on_destroy: if stays {
            OnDestroy::Abandon
        } else {
            OnDestroy::Delete
        },
        ignore_changes: Vec::new(),
    }
}

/// The address of what is declared, and no longer wanted.
fn expired(context: &Context<'_>, object: &ObjectId) -> Option<Address> {
    let known = context.input.expired.iter();
    let mut matching = known.filter(|(_, expired)| expired == object);
    matching.next().map(|(address, _)| address.clone())
}

/// Without maps in which every key has an owner of its own: whose a label is, nobody can tell.
fn surely_ours(attributes: &Value, schema: Option<&TypeSchema>) -> Value {
    let shared = |name: &str| {
        let argument = schema.and_then(|schema| schema.argument(name));
        argument.is_some_and(|argument| matches!(argument.ty, Type::Map(_)))
    };
    let entries = attributes.as_map().into_iter().flat_map(Map::iter);
    let ours = entries.filter(|(name, value)| !shared(name) && !value.is_null());
    Value::Map(ours.map(|(name, value)| (name, value.clone())).collect())
}

/// Addresses for what nobody declares: after the object's name, numbered where one is taken.
struct Names<'a> {
    taken: BTreeSet<(&'a str, String)>,
}

impl<'a> Names<'a> {
    fn new(input: &PlanInput<'a>) -> Self {
        let declared = input.desired.iter().map(|resource| &resource.address);
        let expired = input.expired.iter().map(|(address, _)| address);
        let former = input.prior.resources.values().map(|known| &known.address);
        let taken = declared
            .chain(expired)
            .chain(former)
            .map(|address| (address.type_name.as_str(), address.name.to_string()));
        Self {
            taken: taken.collect(),
        }
    }

    fn free(&mut self, context: &Context<'_>, object: &ObjectId) -> Address {
        let schema = context.schema_of(object);
        let type_name = schema.map_or("object", |schema| schema.name);
        let legal = |c: char| match c.is_ascii_alphanumeric() || c == '_' {
            true => c,
            false => '_',
        };
        let base: String = object.name().chars().map(legal).collect();
        let candidates =
            std::iter::once(base.clone()).chain((2_u32..).map(|number| format!("{base}_{number}")));
        let name = candidates
            .into_iter()
            .find(|name| self.taken.insert((type_name, name.clone())))
            .unwrap_or(base);
        Address::new(type_name, name, None)
    }
}
