//! URLs: what a rule allows outside of the resource tree.

use super::names::Names;
use crate::PolicyRule;
use crate::matching::url_matches;

/// Verbs on the paths of one pattern, without those of others that lie within it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Paths {
    pub(crate) verbs: Names,
    /// A path, or a prefix before stars.
    pub(crate) pattern: String,
    /// Patterns within it that are not meant.
    pub(crate) but: Vec<String>,
}

impl Paths {
    pub(crate) fn of(rule: &PolicyRule) -> Vec<Self> {
        let verbs = Names::of_rule(&rule.verbs);
        let paths = rule.non_resource_urls.iter().map(|pattern| Self {
            verbs: verbs.clone(),
            pattern: pattern.clone(),
            but: Vec::new(),
        });
        paths.filter(|paths| !paths.verbs.is_empty()).collect()
    }

    /// What is left of it without `others`, which have no exceptions of their own. Two patterns
    /// either lie one within the other or share no path.
    pub(crate) fn without<'a>(&self, others: impl Iterator<Item = &'a Self>) -> Vec<Self> {
        let mut pieces = vec![self.clone()];
        for other in others {
            pieces = pieces
                .iter()
                .flat_map(|piece| piece.without_one(other))
                .collect();
        }
        pieces
    }

    pub(super) fn meets(&self, other: &Self) -> bool {
        self.verbs.meets(&other.verbs)
            && (covers(&self.pattern, &other.pattern) || covers(&other.pattern, &self.pattern))
    }

    /// What of `whole` the words of this piece of it leave out.
    pub(super) fn excepted(&self, whole: &Self) -> Vec<Self> {
        let said = match &self.verbs {
            Names::Only(verbs) => Names::Only(verbs.clone()),
            Names::AllBut(_) => whole.verbs.clone(),
        };
        let of = |verbs: &Names, pattern: &str| Self {
            verbs: verbs.clone(),
            pattern: pattern.to_owned(),
            but: Vec::new(),
        };
        let mut excepted: Vec<Self> = self.but.iter().map(|but| of(&said, but)).collect();
        let verbs = said.minus(&self.verbs);
        if !verbs.is_empty() {
            excepted.push(of(&verbs, &self.pattern));
        }
        excepted
    }

    fn without_one(&self, other: &Self) -> Vec<Self> {
        let (left, shared) = (self.verbs.minus(&other.verbs), self.verbs.and(&other.verbs));
        let within = covers(&self.pattern, &other.pattern);
        if shared.is_empty() || !(within || covers(&other.pattern, &self.pattern)) {
            return vec![self.clone()];
        }
        let mut pieces = Vec::new();
        if !left.is_empty() {
            pieces.push(Self {
                verbs: left,
                ..self.clone()
            });
        }
        if !covers(&other.pattern, &self.pattern) {
            let mut but = self.but.clone();
            but.push(other.pattern.clone());
            pieces.push(Self {
                verbs: shared,
                pattern: self.pattern.clone(),
                but,
            });
        }
        pieces
    }
}

/// Whether every path of `inner` is one of `outer`.
fn covers(outer: &str, inner: &str) -> bool {
    // What stands before the stars is the shortest path that a prefix matches; the stars
    // themselves are a path too, but of no server.
    match outer.ends_with('*') {
        true => url_matches(outer, inner.trim_end_matches('*')),
        false => outer == inner,
    }
}
