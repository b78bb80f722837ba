//! What of an entry about the whole cluster is held in some namespaces on the other side.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::plan::ExceptIn;

use super::cell::Cell;
use super::entry::words;
use super::left::Piece;
use super::names::Names;

/// What is held on the other side, and in which namespaces: most hold the same as others.
pub(super) type There<'a> = BTreeMap<Vec<&'a Cell>, BTreeSet<&'a str>>;

/// What of one piece is held in which namespaces.
#[derive(Default, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Elsewhere {
    /// Where all of it is.
    pub(super) all: BTreeSet<String>,
    /// What of it is somewhere, whichever of the piece's verbs, and where.
    some: BTreeMap<BTreeSet<Cell>, BTreeSet<String>>,
}

/// Lays a piece apart by its verbs, where they are not held in the same namespaces.
pub(super) fn apart(piece: Piece, there: &There<'_>) -> Vec<Piece> {
    let near: Near<'_> = there
        .iter()
        .map(|(cells, namespaces)| (shared(&piece.cell, cells.iter().copied()), namespaces))
        .filter(|(cells, _)| !cells.is_empty())
        .collect();
    if near.is_empty() {
        return vec![piece];
    }
    let verbs: Vec<Names> = match piece.cell.verbs.counted() {
        Some(verbs) => verbs.iter().map(|verb| Names::one(verb)).collect(),
        None => vec![piece.cell.verbs.clone()],
    };
    let mut alike: BTreeMap<Elsewhere, Names> = BTreeMap::new();
    for verbs in verbs {
        let cell = Cell {
            verbs: verbs.clone(),
            ..piece.cell.clone()
        };
        let same = alike.entry(Elsewhere::of(&cell, &near));
        same.and_modify(|known| *known = known.or(&verbs))
            .or_insert(verbs);
    }
    let parts = alike.into_iter().map(|(elsewhere, verbs)| Piece {
        cell: Cell {
            verbs,
            ..piece.cell.clone()
        },
        except: piece.except.clone(),
        elsewhere,
    });
    parts.collect()
}

/// What of one piece is held, and where.
type Near<'a> = Vec<(Vec<Cell>, &'a BTreeSet<&'a str>)>;

/// What of some cells lies within one.
fn shared<'a>(cell: &Cell, others: impl Iterator<Item = &'a Cell>) -> Vec<Cell> {
    let near = others.filter(|other| other.meets(cell));
    near.map(|other| other.and(cell)).collect()
}

impl Elsewhere {
    fn of(cell: &Cell, near: &Near<'_>) -> Self {
        let mut found = Self::default();
        for (cells, namespaces) in near {
            let held = shared(cell, cells.iter());
            if held.is_empty() {
                continue;
            }
            let namespaces = namespaces.iter().map(|name| (*name).to_owned());
            if cell.without(held.iter()).is_empty() {
                found.all.extend(namespaces);
            } else {
                let whole = |it: &Cell| match cell.verbs.counted() {
                    // The one verb that the cell is about; it is put back with those beside it.
                    Some(_) => Cell {
                        verbs: Names::all(),
                        ..it.clone()
                    },
                    None => it.clone(),
                };
                let some = held.iter().map(whole).collect();
                found.some.entry(some).or_default().extend(namespaces);
            }
        }
        found
    }

    /// What a piece with these verbs says of the namespaces where some of it is held, those that
    /// hold the same together.
    pub(super) fn said(&self, verbs: &Names) -> Vec<ExceptIn> {
        let mut alike: BTreeMap<Vec<String>, BTreeSet<String>> = BTreeMap::new();
        for (cells, namespaces) in &self.some {
            let same = alike.entry(one_by_one(cells, verbs)).or_default();
            same.extend(namespaces.iter().cloned());
        }
        let said = alike.into_iter().map(|(except, namespaces)| ExceptIn {
            namespaces: namespaces.into_iter().collect(),
            except,
        });
        let mut said: Vec<ExceptIn> = said.collect();
        said.sort();
        said
    }
}

/// Cells in words: none that another one covers, and those that differ in their verbs only as one.
fn one_by_one(cells: &BTreeSet<Cell>, verbs: &Names) -> Vec<String> {
    let mut merged: BTreeMap<Cell, Names> = BTreeMap::new();
    for cell in cells {
        let wider = |other: &&Cell| *other != cell && other.covers(cell) && !cell.covers(other);
        if cells.iter().any(|other| wider(&other)) {
            continue;
        }
        let meant = match verbs.counted() {
            Some(_) => verbs.clone(),
            None => cell.verbs.clone(),
        };
        let thing = Cell {
            verbs: Names::all(),
            ..cell.clone()
        };
        let known = merged.entry(thing);
        known
            .and_modify(|known| *known = known.or(&meant))
            .or_insert(meant);
    }
    let told = merged
        .into_iter()
        .map(|(thing, verbs)| words(&Cell { verbs, ..thing }));
    let told: BTreeSet<String> = told.collect();
    told.into_iter().collect()
}
