//! `state list|show|mv|rm|push`: changes of a state by hand. Pure; the caller takes the lock and
//! commits, which bumps the serial and keeps a backup.

use rbacform_core::{Address, ObjectId, StateResource, StateSnapshot, hint};

use crate::Intent;

/// What cannot be done to a state by hand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SurgeryError {
    /// No resource of that address.
    #[error(
        "state has no resource `{address}`{}",
        suggestion.as_ref().map(|s| format!(", did you mean `{s}`?")).unwrap_or_default()
    )]
    Missing {
        /// The address asked for.
        address: String,
        /// One that state has and that looks alike.
        suggestion: Option<String>,
    },
    /// Another resource has the wanted address.
    #[error("state has a resource `{0}` already")]
    Taken(Address),
    /// A move from one resource type to another.
    #[error("`{from}` cannot become `{to}`: an object does not change its type")]
    OtherType {
        /// From.
        from: Address,
        /// To.
        to: Address,
    },
    /// A state of other descent was pushed.
    #[error("the pushed state has lineage `{pushed}`, the state here `{current}`")]
    OtherLineage {
        /// The pushed one's.
        pushed: String,
        /// The current one's.
        current: String,
    },
    /// An older state was pushed.
    #[error("the pushed state has serial {pushed}, older than serial {current} here")]
    Older {
        /// The pushed one's.
        pushed: u64,
        /// The current one's.
        current: u64,
    },
}

/// The resources, in order of address; only those that `filter` covers, where there is one.
pub fn list<'a>(snapshot: &'a StateSnapshot, filter: Option<&Address>) -> Vec<&'a StateResource> {
    let mut found: Vec<&StateResource> = snapshot
        .resources
        .values()
        .filter(|resource| filter.is_none_or(|address| address.covers(&resource.address)))
        .collect();
    found.sort_by(|a, b| (&a.address, &a.object).cmp(&(&b.address, &b.object)));
    found
}

/// The resources at `address`, never none: one instance, or all those of a `for_each`.
pub fn show<'a>(
    snapshot: &'a StateSnapshot,
    address: &Address,
) -> Result<Vec<&'a StateResource>, SurgeryError> {
    let found = list(snapshot, Some(address));
    if found.is_empty() {
        return Err(missing(snapshot, address));
    }
    Ok(found)
}

/// Gives the resources at `from` the address `to`, also where others depend on them; says how many
/// changed theirs. A whole `for_each` keeps its keys.
pub fn mv(
    snapshot: &mut StateSnapshot,
    from: &Address,
    to: &Address,
) -> Result<usize, SurgeryError> {
    if from.type_name != to.type_name {
        return Err(SurgeryError::OtherType {
            from: from.clone(),
            to: to.clone(),
        });
    }
    let exact = snapshot.resources.values().any(|r| r.address == *from);
    let renamed = |address: &Address| -> Option<Address> {
        if address == from {
            return Some(to.clone());
        }
        // Instances follow their resource only where no single instance is meant.
        (!exact && to.key.is_none() && from.covers(address)).then(|| Address {
            key: address.key.clone(),
            ..to.clone()
        })
    };
    let wanted: Vec<Address> = snapshot
        .resources
        .values()
        .filter_map(|resource| renamed(&resource.address))
        .collect();
    if wanted.is_empty() {
        return Err(missing(snapshot, from));
    }
    let stays = |resource: &&StateResource| renamed(&resource.address).is_none();
    if let Some(taken) = snapshot
        .resources
        .values()
        .filter(stays)
        .find(|resource| wanted.contains(&resource.address))
    {
        return Err(SurgeryError::Taken(taken.address.clone()));
    }
    for resource in snapshot.resources.values_mut() {
        for address in std::iter::once(&mut resource.address).chain(&mut resource.depends_on) {
            if let Some(new) = renamed(address) {
                *address = new;
            }
        }
    }
    Ok(wanted.len())
}

/// Forgets the resources at `address`, and intents about their objects that are still open. The
/// objects stay in the world, with their mark.
pub fn rm(
    snapshot: &mut StateSnapshot,
    open: &mut Vec<Intent>,
    address: &Address,
) -> Result<Vec<StateResource>, SurgeryError> {
    let objects: Vec<ObjectId> = show(snapshot, address)?
        .into_iter()
        .map(|resource| resource.object.clone())
        .collect();
    open.retain(|intent| !objects.contains(&intent.object));
    let mut forgotten = Vec::new();
    for object in objects {
        forgotten.extend(snapshot.resources.remove(&object));
    }
    for resource in snapshot.resources.values_mut() {
        resource
            .depends_on
            .retain(|dependency| !address.covers(dependency));
    }
    Ok(forgotten)
}

/// The state to commit when `pushed` is to take the place of `current`. Refuses another descent
/// and an older serial, unless `force` is given.
pub fn push(
    current: &StateSnapshot,
    pushed: StateSnapshot,
    force: bool,
) -> Result<StateSnapshot, SurgeryError> {
    if current.exists() && !force {
        if pushed.lineage != current.lineage {
            return Err(SurgeryError::OtherLineage {
                pushed: pushed.lineage,
                current: current.lineage.clone(),
            });
        }
        if pushed.serial < current.serial {
            return Err(SurgeryError::Older {
                pushed: pushed.serial,
                current: current.serial,
            });
        }
    }
    Ok(pushed)
}

fn missing(snapshot: &StateSnapshot, address: &Address) -> SurgeryError {
    let wanted = address.to_string();
    let known: Vec<String> = list(snapshot, None)
        .iter()
        .map(|resource| resource.address.to_string())
        .collect();
    SurgeryError::Missing {
        suggestion: hint::closest(&wanted, known.iter().map(String::as_str)).map(str::to_owned),
        address: wanted,
    }
}

#[cfg(test)]
#[path = "surgery_tests.rs"]
mod tests;
