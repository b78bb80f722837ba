//! What is left of one thing without others, proven by a request.

use super::region::sample;
use crate::Request;
use crate::delta::cell::Cell;

/// What is left.
pub(super) enum Left {
    /// Nothing: it is covered.
    Nothing,
    /// Something, shown by a request that stands for it.
    Some(Cell),
    /// Sets too intricate to be compared.
    Unclear,
}

/// What is left of `cell` without `others`, in a namespace or the whole cluster. `covered` tells of
/// one request whether they cover it: it is asked of what seems left, so that nothing is said to be
/// left which is not.
pub(super) fn left<'c>(
    cell: &Cell,
    others: impl Iterator<Item = &'c Cell>,
    namespace: &str,
    covered: impl Fn(&Request) -> bool,
) -> Left {
    let pieces = cell.without(others);
    let is_empty = pieces.is_empty();
    let proven = pieces.into_iter().find(|piece| {
        let request = sample(piece, namespace);
        request.is_some_and(|request| !covered(&request))
    });
    match proven {
        Some(piece) => Left::Some(piece),
        None if is_empty => Left::Nothing,
        None => Left::Unclear,
    }
}

/// What two have in common; none where that is nothing.
pub(super) fn common(a: &Cell, b: &Cell) -> Option<Cell> {
    let both = Cell {
        verbs: a.verbs.and(&b.verbs),
        groups: a.groups.and(&b.groups),
        resources: a.resources.and(&b.resources),
        subresources: a.subresources.and(&b.subresources),
        names: a.names.and(&b.names),
    };
    (!both.is_empty()).then_some(both)
}
