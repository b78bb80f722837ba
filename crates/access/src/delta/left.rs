//! What is left of what a subject holds without what it holds on the other side.

use std::collections::BTreeSet;

use super::cell::Cell;
use super::elsewhere::Elsewhere;
use super::entry::{joined, words};
use super::holdings::Holding;
use super::names::Names;
use super::url::Paths;

/// A part of what is new.
pub(super) struct Piece {
    pub(super) cell: Cell,
    /// What of the cell is held on the other side, where it cannot be left out by itself.
    pub(super) except: Vec<String>,
    /// What of it is held on the other side in namespaces, where it is of the whole cluster.
    pub(super) elsewhere: Elsewhere,
}

/// A part of the paths that are new.
pub(super) struct UrlPiece {
    pub(super) paths: Paths,
    /// What of them is held on the other side, where it cannot be left out by itself.
    pub(super) except: Vec<String>,
}

/// What is left of the cells of some holdings without those that are `held` on the other side and
/// those that are `told` of elsewhere.
pub(super) fn new_cells(new: &[Holding], held: &[&Holding], told: &[&Holding]) -> Vec<Piece> {
    let held: Vec<&Cell> = held.iter().flat_map(|held| &held.cells).collect();
    let mut told: Vec<&Cell> = told.iter().flat_map(|told| &told.cells).collect();
    let own: Vec<&Cell> = new.iter().flat_map(|holding| &holding.cells).collect();
    let mut pieces = Vec::new();
    for (index, cell) in own.iter().copied().enumerate() {
        // Of two that are the same, the first.
        let within = |(other, wide): (usize, &&Cell)| {
            wide.covers(cell) && (other < index || !cell.covers(wide))
        };
        let is_known = held.iter().chain(&told).any(|known| known.covers(cell));
        if !is_known && !own.iter().enumerate().any(within) {
            pieces.extend(left(cell, &held, &told));
            told.push(cell);
        }
    }
    pieces
}

/// What is left of one cell, one group and resource at a time: exactly where it can be said; else
/// as the rule wrote it, with what of it is held anyway beside it.
fn left(cell: &Cell, held: &[&Cell], told: &[&Cell]) -> Vec<Piece> {
    let mut left = Vec::new();
    for atom in atoms(cell) {
        let near = |cells: &[&'_ Cell]| -> Vec<Cell> {
            let near = cells.iter().filter(|other| other.meets(&atom));
            near.map(|near| (*near).clone()).collect()
        };
        let (held, told) = (near(held), near(told));
        if atom.without(held.iter().chain(&told)).is_empty() {
            continue;
        }
        let exact = atom.without(held.iter());
        let (pieces, except) = match exact.iter().all(|piece| can_be_said(piece, &atom, &held)) {
            true => (exact, BTreeSet::new()),
            false => (vec![atom.clone()], held.iter().map(words).collect()),
        };
        for piece in pieces {
            let rest = piece.without(told.iter());
            // An exception would say that it is held on the other side.
            let plain = rest.iter().all(|rest| {
                is_about(rest, &piece)
                    && rest.verbs.shown().1 == piece.verbs.shown().1
                    && rest.names.shown().1 == piece.names.shown().1
            });
            let rest = if plain { rest } else { vec![piece] };
            left.extend(rest.into_iter().map(|cell| Piece {
                cell,
                except: except.iter().cloned().collect(),
                elsewhere: Elsewhere::default(),
            }));
        }
    }
    left
}

/// Whether the words of a piece are true: what it is not about of the atom is all held.
fn can_be_said(piece: &Cell, atom: &Cell, held: &[Cell]) -> bool {
    let said = |piece: &Names, atom: &Names| match piece {
        Names::Only(_) => piece.clone(),
        Names::AllBut(_) => atom.clone(),
    };
    let shown = Cell {
        verbs: said(&piece.verbs, &atom.verbs),
        names: said(&piece.names, &atom.names),
        ..piece.clone()
    };
    let mut excepted = shown.without([piece].into_iter()).into_iter();
    is_about(piece, atom) && excepted.all(|cell| cell.without(held.iter()).is_empty())
}

fn is_about(piece: &Cell, atom: &Cell) -> bool {
    piece.groups == atom.groups
        && piece.resources == atom.resources
        && piece.subresources == atom.subresources
}

/// A cell for each group, resource and subresource, where they can be counted.
fn atoms(cell: &Cell) -> Vec<Cell> {
    let each = |names: &Names| -> Vec<Names> {
        match names.counted() {
            Some(names) => names.iter().map(|name| Names::one(name)).collect(),
            None => vec![names.clone()],
        }
    };
    let mut atoms = Vec::new();
    for groups in each(&cell.groups) {
        for resources in each(&cell.resources) {
            for subresources in each(&cell.subresources) {
                atoms.push(Cell {
                    groups: groups.clone(),
                    resources: resources.clone(),
                    subresources,
                    ..cell.clone()
                });
            }
        }
    }
    atoms
}

/// The same of their paths.
pub(super) fn new_paths(new: &[Holding], held: &[&Holding], told: &[&Holding]) -> Vec<UrlPiece> {
    let held: Vec<&Paths> = held.iter().flat_map(|held| &held.paths).collect();
    let mut told: Vec<&Paths> = told.iter().flat_map(|told| &told.paths).collect();
    let mut left = Vec::new();
    for paths in new.iter().flat_map(|holding| &holding.paths) {
        let known = held.iter().chain(&told).copied();
        if paths.without(known).is_empty() {
            continue;
        }
        let exact = paths.without(held.iter().copied());
        let said = exact.iter().all(|piece| {
            let mut excepted = piece.excepted(paths).into_iter();
            excepted.all(|paths| paths.without(held.iter().copied()).is_empty())
        });
        let (pieces, except) = match said {
            true => (exact, BTreeSet::new()),
            false => {
                let near = held.iter().filter(|held| held.meets(paths));
                (vec![paths.clone()], near.map(|it| url_words(it)).collect())
            }
        };
        for piece in pieces {
            let rest = piece.without(told.iter().copied());
            let plain = rest
                .iter()
                .all(|rest| rest.but == piece.but && rest.verbs.shown().1 == piece.verbs.shown().1);
            let rest = if plain { rest } else { vec![piece] };
            left.extend(rest.into_iter().map(|paths| UrlPiece {
                paths,
                except: except.iter().cloned().collect(),
            }));
        }
        told.push(paths);
    }
    left
}

fn url_words(paths: &Paths) -> String {
    format!("{} {}", joined(&paths.verbs), paths.pattern)
}
