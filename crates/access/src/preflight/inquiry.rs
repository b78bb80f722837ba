//! What to ask the server about doubts, as little as it takes, and what they come to.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::Address;
use rbacform_core::plan::{Preflight, Verdict};

use super::doubt::{Doubt, Way};
use super::rules::{Needed, lines};
use crate::{Request, ResourceRequest};

/// What the server says to a question about ourselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// No authorizer allows it.
    No,
    /// RBAC allows it.
    ByRbac,
    /// It is allowed; by what, the server did not say, or by another authorizer.
    ByAnother,
    /// It could not be asked.
    Unknown,
}

/// Doubts, and what was learned about them.
///
/// Where several objects of a kind are in doubt, the server is first asked for all of them at once:
/// in the whole cluster, then in each namespace, then one by one, since a yes to more is a yes to
/// less.
#[derive(Debug, Default)]
pub struct Inquiry {
    doubts: Vec<Doubt>,
    answers: BTreeMap<Request, Answer>,
}

/// How far a way leads.
#[derive(PartialEq, Eq)]
enum Standing {
    Clears,
    Open,
    Unknown,
    Fails,
}

impl Inquiry {
    /// About these doubts.
    pub fn new(doubts: Vec<Doubt>) -> Self {
        Self {
            doubts,
            answers: BTreeMap::new(),
        }
    }

    /// What to ask now, all at once; nothing once enough is known.
    pub fn next(&self) -> BTreeSet<Request> {
        let mut exact = BTreeSet::new();
        let mut open: BTreeSet<&ResourceRequest> = BTreeSet::new();
        for way in self.doubts.iter().filter_map(|doubt| self.next_way(doubt)) {
            let unanswered = way
                .requests
                .iter()
                .filter(|request| self.answer(request, way.by_rbac).is_none());
            for request in unanswered {
                match request {
                    Request::Resource(request) if !way.by_rbac => {
                        open.insert(request);
                    }
                    request => {
                        exact.insert(request.clone());
                    }
                }
            }
        }
        let mut sizes: BTreeMap<ResourceRequest, usize> = BTreeMap::new();
        for wider in open.iter().flat_map(|request| wider(request)) {
            *sizes.entry(wider).or_default() += 1;
        }
        exact.extend(open.iter().map(|request| {
            let wide = wider(request).into_iter().find(|wide| {
                let is_new = !self.answers.contains_key(&Request::Resource(wide.clone()));
                is_new && sizes.get(wide).is_some_and(|size| *size > 1)
            });
            Request::Resource(wide.unwrap_or_else(|| (*request).clone()))
        }));
        exact
    }

    /// Takes in an answer.
    pub fn learn(&mut self, request: Request, answer: Answer) {
        self.answers.insert(request, answer);
    }

    /// What the doubts come to: one entry for each resource whose writes will or may be refused, in
    /// order of address.
    pub fn verdicts(&self) -> Vec<Preflight> {
        let mut told: BTreeMap<&Address, Told<'_>> = BTreeMap::new();
        for doubt in &self.doubts {
            let Some(verdict) = self.verdict(doubt) else {
                continue;
            };
            let told = told.entry(&doubt.address).or_default();
            told.found.push((verdict, doubt));
        }
        told.into_iter()
            .map(|(address, told)| told.entry(address))
            .collect()
    }

    /// The way to ask about: the first that does not fail.
    fn next_way<'d>(&self, doubt: &'d Doubt) -> Option<&'d Way> {
        let mut ways = doubt
            .ways
            .iter()
            .filter(|way| self.standing(way) != Standing::Fails);
        ways.next()
            .filter(|way| self.standing(way) == Standing::Open)
    }

    fn verdict(&self, doubt: &Doubt) -> Option<Verdict> {
        let standings: Vec<Standing> = doubt.ways.iter().map(|way| self.standing(way)).collect();
        match () {
            () if standings.contains(&Standing::Clears) => None,
            () if standings.iter().all(|one| *one == Standing::Fails) => Some(doubt.verdict),
            () => Some(Verdict::CannotTell),
        }
    }

    fn standing(&self, way: &Way) -> Standing {
        let mut unknown = false;
        let mut open = false;
        for request in &way.requests {
            match self.answer(request, way.by_rbac) {
                None => open = true,
                Some(Answer::No) => return Standing::Fails,
                Some(Answer::ByRbac) => {}
                Some(Answer::ByAnother) => unknown |= way.by_rbac,
                Some(Answer::Unknown) => unknown = true,
            }
        }
        match (open, unknown) {
            (true, _) => Standing::Open,
            (false, true) => Standing::Unknown,
            (false, false) => Standing::Clears,
        }
    }

    /// The answer to a question, or the yes to a wider one.
    fn answer(&self, request: &Request, exactly: bool) -> Option<Answer> {
        let asked = self.answers.get(request).copied();
        let Request::Resource(resource) = request else {
            return asked;
        };
        let wide = wider(resource).into_iter().filter(|_| !exactly);
        let mut answers = wide.filter_map(|wide| self.answers.get(&Request::Resource(wide)));
        let yes = answers.find(|answer| matches!(answer, Answer::ByRbac | Answer::ByAnother));
        yes.copied().or(asked)
    }
}

/// The questions to which a yes is a yes to this one, the widest first.
fn wider(request: &ResourceRequest) -> Vec<ResourceRequest> {
    let nameless = ResourceRequest {
        name: String::new(),
        ..request.clone()
    };
    let everywhere = ResourceRequest {
        namespace: String::new(),
        ..nameless.clone()
    };
    // A namespace is asked for in itself, so there is nothing between it and all of them.
    let wider = match request.resource.as_str() {
        "namespaces" => vec![everywhere],
        _ => vec![everywhere, nameless],
    };
    let mut seen = BTreeSet::new();
    wider
        .into_iter()
        .filter(|wide| wide != request && seen.insert(wide.clone()))
        .collect()
}

/// What is in doubt of one resource.
#[derive(Default)]
struct Told<'d> {
    found: Vec<(Verdict, &'d Doubt)>,
}

impl Told<'_> {
    fn entry(mut self, address: &Address) -> Preflight {
        // What is certain goes first; the order of the steps stays.
        self.found.sort_by_key(|(verdict, _)| *verdict);
        let (verdict, reason) = match self.found.first() {
            Some((verdict, doubt)) => (*verdict, doubt.reason.clone()),
            None => (Verdict::CannotTell, String::new()),
        };
        let mut missing: Vec<String> = Vec::new();
        for text in self.found.iter().flat_map(|(_, doubt)| &doubt.missing) {
            if !missing.contains(text) {
                missing.push(text.clone());
            }
        }
        let grant: Vec<Needed> = self
            .found
            .iter()
            .flat_map(|(_, doubt)| doubt.grant.iter().cloned())
            .collect();
        Preflight {
            address: address.clone(),
            verdict,
            reason,
            missing,
            grant: lines(grant),
        }
    }
}
