//! Entries: pieces of access in the words that people read.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::plan::ExceptIn;

use super::cell::Cell;
use super::elsewhere::{There, apart};
use super::holdings::{Holding, Through};
use super::left::{Piece, UrlPiece, new_cells, new_paths};
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
    /// What of it it holds in some namespaces on the other side, where the scope is the cluster.
    pub except_in: Vec<ExceptIn>,
    /// Through which bindings.
    pub via: Vec<Through>,
}

/// What is left of some holdings without what is held on the other side.
pub(super) struct Pieces<'a> {
    new: &'a [Holding],
    cells: Vec<Piece>,
    urls: Vec<UrlPiece>,
}

impl<'a> Pieces<'a> {
    /// `held` is what there is on the other side; `told` is new as well, and told of elsewhere.
    pub(super) fn new(new: &'a [Holding], held: &[&Holding], told: &[&Holding]) -> Self {
        Self {
            new,
            cells: new_cells(new, held, told),
            urls: new_paths(new, held, told),
        }
    }

    /// Says of pieces of the whole cluster what namespaces have on the other side too.
    pub(super) fn but<'h>(&mut self, held: impl Iterator<Item = (&'h str, Vec<&'h Holding>)>) {
        let mut there: There<'h> = There::new();
        for (namespace, held) in held {
            let cells = held.into_iter().flat_map(|held| &held.cells);
            there.entry(cells.collect()).or_default().insert(namespace);
        }
        let whole = std::mem::take(&mut self.cells);
        let parts = whole.into_iter().flat_map(|piece| apart(piece, &there));
        self.cells = parts.collect();
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
                but_in: piece.elsewhere.all.iter().cloned().collect(),
                except_in: piece.elsewhere.said(&piece.cell.verbs),
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
        entries.extend(self.urls.iter().map(|UrlPiece { paths, except }| Entry {
            via: via(self.new, |holding| {
                let mut held = holding.paths.iter();
                held.any(|held| held.verbs.covers(&paths.verbs) && held.pattern == paths.pattern)
            }),
            ..of_paths(paths, except, subject, scope)
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
    a.via == b.via && a.but_in == b.but_in && a.except_in == b.except_in && counted(a) && counted(b)
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
        except_in: Vec::new(),
        via: Vec::new(),
    }
}

fn of_paths(paths: &Paths, except: &[String], subject: &str, scope: &str) -> Entry {
    let (verbs, verbs_but) = paths.verbs.shown();
    // Several holdings may give one path.
    let paths_but: BTreeSet<String> = paths.but.iter().cloned().collect();
    let paths_but: Vec<String> = paths_but.into_iter().collect();
    let mut except = except.to_vec();
    except.extend(listed("verbs", &verbs_but));
    except.extend(listed("paths", &paths_but));
    Entry {
        subject: subject.to_owned(),
        scope: scope.to_owned(),
        verbs,
        api_group: None,
        resource: paths.pattern.clone(),
        names: Vec::new(),
        except,
        but_in: Vec::new(),
        except_in: Vec::new(),
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

pub(super) fn joined(names: &Names) -> String {
    names.shown().0.join(",")
}

/// What a cell gives, in words.
pub(super) fn words(cell: &Cell) -> String {
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
