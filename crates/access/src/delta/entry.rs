//! Entries: pieces of access in the words that people read.

use std::collections::{BTreeMap, BTreeSet};

use super::cell::Cell;
use super::holdings::{Holding, Through};
use super::names::{Names, of_groups};
use super::url::Paths;

/// One thing a subject gains or loses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Who, as stack files spell it: `user:ana`, `group:dev`, `serviceaccount:NS/NAME`.
    pub subject: String,
    /// Where: a namespace, or `""` for the whole cluster.
    pub scope: String,
    /// Verbs; `*` for every one but those in `except`.
    pub verbs: Vec<String>,
    /// The API group, `""` for core, `*` for every one; none for a URL.
    pub api_group: Option<String>,
    /// `pods`, `pods/log`, `*`, or a URL pattern.
    pub resource: String,
    /// Objects by name; empty for all of them.
    pub names: Vec<String>,
    /// What is not meant, in words: `verbs get, list`; what the subject holds on the other side.
    pub except: Vec<String>,
    /// Namespaces in which it holds the same on the other side, where the scope is the cluster.
    pub but_in: Vec<String>,
    /// Through which bindings.
    pub via: Vec<Through>,
}

/// What is left of some holdings without what is held on the other side.
pub(super) struct Pieces<'a> {
    new: &'a [Holding],
    cells: Vec<Piece>,
    urls: Vec<Paths>,
}

struct Piece {
    cell: Cell,
    /// What of the cell is held on the other side, where it cannot be left out by itself.
    except: Vec<String>,
    but_in: BTreeSet<String>,
}

impl<'a> Pieces<'a> {
    pub(super) fn new(new: &'a [Holding], held: &[&Holding]) -> Self {
        let mut known: Vec<&Cell> = held.iter().flat_map(|held| &held.cells).collect();
        let mut cells = Vec::new();
        for cell in new.iter().flat_map(|holding| &holding.cells) {
            if !known.iter().any(|known| known.covers(cell)) {
                cells.extend(left(cell, &known));
                known.push(cell);
            }
        }
        let mut known: Vec<&Paths> = held.iter().flat_map(|held| &held.paths).collect();
        let mut urls = Vec::new();
        for paths in new.iter().flat_map(|holding| &holding.paths) {
            urls.extend(paths.without(known.iter().copied()));
            known.push(paths);
        }
        Self { new, cells, urls }
    }

    /// Marks what a namespace has on the other side too.
    pub(super) fn already(&mut self, namespace: &str, there: &[&Holding]) {
        for piece in &mut self.cells {
            let mut cells = there.iter().flat_map(|held| &held.cells);
            if cells.any(|held| held.covers(&piece.cell)) {
                piece.but_in.insert(namespace.to_owned());
            }
        }
    }

    /// In words, pieces that differ only in their verbs as one.
    pub(super) fn entries(self, subject: &str, scope: &str) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut places: BTreeMap<Place, Vec<usize>> = BTreeMap::new();
        for piece in &self.cells {
            let gives =
                |holding: &Holding| holding.cells.iter().any(|cell| cell.covers(&piece.cell));
            let entry = Entry {
                via: via(self.new, gives),
                but_in: piece.but_in.iter().cloned().collect(),
                ..of_cell(piece, subject, scope)
            };
            let same = places.entry(Place::of(&entry)).or_default();
            let fits = same.iter().copied().find(|index| {
                entries
                    .get(*index)
                    .is_some_and(|other| alike(other, &entry))
            });
            match fits.and_then(|index| entries.get_mut(index)) {
                Some(other) => {
                    other.verbs.extend(entry.verbs);
                    other.verbs.sort();
                    other.verbs.dedup();
                }
                None => {
                    same.push(entries.len());
                    entries.push(entry);
                }
            }
        }
        entries.extend(self.urls.iter().map(|paths| Entry {
            via: via(self.new, |holding| {
                let mut held = holding.paths.iter();
                held.any(|held| held.verbs.covers(&paths.verbs) && held.pattern == paths.pattern)
            }),
            ..of_paths(paths, subject, scope)
        }));
        entries
    }
}

/// What an entry is about, whatever its verbs.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place(Option<String>, String, Vec<String>, Vec<String>);

impl Place {
    fn of(entry: &Entry) -> Self {
        Self(
            entry.api_group.clone(),
            entry.resource.clone(),
            entry.names.clone(),
            entry.except.clone(),
        )
    }
}

/// Whether two entries may be one with the verbs of both.
fn alike(a: &Entry, b: &Entry) -> bool {
    let counted = |entry: &Entry| !entry.verbs.iter().any(|verb| verb == "*");
    a.via == b.via && a.but_in == b.but_in && counted(a) && counted(b)
}

/// What is left of one cell. Where its groups and resources can be counted, exactly, resource by
/// resource; else the cell as its rule wrote it, with what of it is held anyway beside it.
fn left(cell: &Cell, known: &[&Cell]) -> Vec<Piece> {
    let near: Vec<&Cell> = known
        .iter()
        .copied()
        .filter(|other| other.meets(cell))
        .collect();
    let piece = |cell: Cell| Piece {
        cell,
        except: Vec::new(),
        but_in: BTreeSet::new(),
    };
    let (Some(groups), Some(resources), Some(subresources)) = (
        cell.groups.counted(),
        cell.resources.counted(),
        cell.subresources.counted(),
    ) else {
        if cell.without(near.iter().copied()).is_empty() {
            return Vec::new();
        }
        let except: BTreeSet<String> = near.iter().map(|held| words(held)).collect();
        let except = except.into_iter().collect();
        return vec![Piece {
            except,
            ..piece(cell.clone())
        }];
    };
    let mut pieces = Vec::new();
    for group in groups {
        for resource in resources {
            for subresource in subresources {
                let atom = Cell {
                    groups: Names::one(group),
                    resources: Names::one(resource),
                    subresources: Names::one(subresource),
                    ..cell.clone()
                };
                pieces.extend(atom.without(near.iter().copied()).into_iter().map(piece));
            }
        }
    }
    pieces
}

fn of_cell(piece: &Piece, subject: &str, scope: &str) -> Entry {
    let cell = &piece.cell;
    let (verbs, verbs_but) = cell.verbs.shown();
    let (names, names_but) = match &cell.names {
        Names::AllBut(without) => (Vec::new(), without.iter().cloned().collect()),
        Names::Only(names) => (names.iter().cloned().collect(), Vec::new()),
    };
    let mut except = piece.except.clone();
    except.extend(listed("verbs", &verbs_but));
    except.extend(listed("names", &names_but));
    Entry {
        subject: subject.to_owned(),
        scope: scope.to_owned(),
        verbs,
        api_group: Some(joined(&cell.groups)),
        resource: resource(cell),
        names,
        except,
        but_in: Vec::new(),
        via: Vec::new(),
    }
}

fn of_paths(paths: &Paths, subject: &str, scope: &str) -> Entry {
    let (verbs, verbs_but) = paths.verbs.shown();
    // Several holdings may give one path.
    let paths_but: BTreeSet<String> = paths.but.iter().cloned().collect();
    let paths_but: Vec<String> = paths_but.into_iter().collect();
    let except = [listed("verbs", &verbs_but), listed("paths", &paths_but)];
    Entry {
        subject: subject.to_owned(),
        scope: scope.to_owned(),
        verbs,
        api_group: None,
        resource: paths.pattern.clone(),
        names: Vec::new(),
        except: except.into_iter().flatten().collect(),
        but_in: Vec::new(),
        via: Vec::new(),
    }
}

/// What a cell is about: `pods`, `pods/log`, `*/scale`, `*`.
fn resource(cell: &Cell) -> String {
    let parents = joined(&cell.resources);
    match cell.subresources.counted() {
        None => parents,
        Some(subs) if subs.len() == 1 && subs.contains("") => parents,
        Some(_) => format!("{parents}/{}", joined(&cell.subresources)),
    }
}

fn joined(names: &Names) -> String {
    names.shown().0.join(",")
}

fn words(cell: &Cell) -> String {
    let thing = of_groups(&resource(cell), &cell.groups.shown().0);
    let names = match cell.names.counted() {
        Some(names) => {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            format!(" named {}", names.join(", "))
        }
        None => String::new(),
    };
    format!("{} {thing}{names}", joined(&cell.verbs))
}

fn listed(what: &str, items: &[String]) -> Option<String> {
    (!items.is_empty()).then(|| format!("{what} {}", items.join(", ")))
}

fn via(holdings: &[Holding], gives: impl Fn(&Holding) -> bool) -> Vec<Through> {
    let through = holdings.iter().filter(|holding| gives(holding));
    let found: BTreeSet<Through> = through.map(|holding| holding.through.clone()).collect();
    found.into_iter().collect()
}
