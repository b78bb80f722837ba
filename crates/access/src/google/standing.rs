//! A world's grants, to be looked up by who holds them.

use std::collections::BTreeMap;

use super::principal::canonical;
use super::{Binding, Evaluator, Grant, Principal, Resource, member};

/// The grants of a world.
pub(crate) struct Standing<'w> {
    pub(super) world: Evaluator<'w>,
    /// By the resource and the member that a policy names.
    named: BTreeMap<(&'w str, String), Vec<&'w Binding>>,
    /// Members that may mean others too, by resource: everybody, groups, pools.
    sets: BTreeMap<&'w str, Vec<(&'w str, &'w Binding)>>,
}

impl<'w> Standing<'w> {
    pub(crate) fn of(world: &Evaluator<'w>) -> Self {
        let mut standing = Self {
            world: *world,
            named: BTreeMap::new(),
            sets: BTreeMap::new(),
        };
        for (node, bindings) in world.facts.policies() {
            for binding in bindings {
                let members = binding.members.iter();
                for member in members.filter(|member| world.facts.is_alive(member)) {
                    let key = (node, canonical(member));
                    standing.named.entry(key).or_default().push(binding);
                    if !is_one(member) {
                        let sets = standing.sets.entry(node).or_default();
                        sets.push((member.as_str(), binding));
                    }
                }
            }
        }
        standing
    }

    /// Whether the same is granted here to any of `who` by name.
    pub(super) fn has<'p>(
        &self,
        grant: &Grant,
        who: impl IntoIterator<Item = &'p Principal>,
    ) -> bool {
        let named = |who: &Principal| self.named.get(&(&grant.resource, who.member.clone()));
        let mut held = who.into_iter().filter_map(named).flatten();
        held.any(|held| held.role == grant.role && lasts(held, grant))
    }

    /// The bindings that give any of `who` something where a grant of `world` is in effect, for as
    /// long as that one, nearest first, each with its resource and the member that means them.
    pub(super) fn covering(
        &self,
        grant: &Grant,
        world: &Evaluator<'_>,
        who: &[Principal],
    ) -> Vec<(String, &'w Binding, String)> {
        let who: Vec<&Principal> = who.iter().collect();
        let reaching = self.reaching(grant, world, &who).into_iter();
        let lasting = reaching.filter(|reaching| lasts(reaching.binding, grant));
        lasting.map(|it| (it.node, it.binding, it.member)).collect()
    }

    /// The bindings that give any of `who` something where a grant of `world` is in effect, whenever
    /// they do so, nearest first.
    pub(super) fn reaching(
        &self,
        grant: &Grant,
        world: &Evaluator<'_>,
        who: &[&Principal],
    ) -> Vec<Reaching<'w>> {
        let Ok(resource) = Resource::parse(&grant.resource) else {
            return Vec::new();
        };
        // What a resource is in is so in both worlds, whichever of them knows it.
        let [here, there] = [self.world, *world].map(|world| world.facts.lineage(&resource).0);
        let nodes = if there.len() > here.len() {
            there
        } else {
            here
        };
        let mut found = Vec::new();
        for node in nodes {
            for (place, who) in who.iter().enumerate() {
                let held = self.held(&node, who).into_iter();
                found.extend(held.map(|(member, binding)| Reaching {
                    node: node.clone(),
                    binding,
                    member,
                    who: place,
                }));
            }
        }
        found
    }

    /// What the policy of one resource gives somebody.
    fn held(&self, node: &str, who: &Principal) -> Vec<(String, &'w Binding)> {
        let named = self.named.get(&(node, who.member.clone())).into_iter();
        let named = named.flatten().map(|held| (who.member.clone(), *held));
        let sets = self.sets.get(node).into_iter().flatten();
        let sets = sets.filter(|(member, _)| {
            canonical(member) != who.member && member::means(self.world.facts, member, who).is_yes()
        });
        named
            .chain(sets.map(|(member, held)| ((*member).to_owned(), *held)))
            .collect()
    }
}

/// A binding that gives somebody something.
pub(super) struct Reaching<'w> {
    /// The resource whose policy has it.
    pub(super) node: String,
    pub(super) binding: &'w Binding,
    /// The member that means them.
    pub(super) member: String,
    /// Whom, by their place among those asked about.
    pub(super) who: usize,
}

/// Whether a binding is in effect whenever a grant is.
pub(super) fn lasts(binding: &Binding, grant: &Grant) -> bool {
    binding.condition.as_ref().is_none_or(|held| {
        let own = grant.condition.as_ref();
        own.is_some_and(|own| own.expression == held.expression)
    })
}

/// Whether a member means nobody but itself.
fn is_one(member: &str) -> bool {
    let plain = member.starts_with("user:") || member.starts_with("serviceAccount:");
    plain && !member.ends_with(']')
}
