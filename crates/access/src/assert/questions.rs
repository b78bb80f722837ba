//! What a server can be asked about an assertion: access reviews, and the answers they must have.

use rbacform_core::{Asker, Assertion, Claim, Deed, Holders};

use super::asker::user;
use super::groups::to_ask;
use super::region::{Region, Scoped, Sense, What, regions};
use crate::resources::REQUEST_VERBS;
use crate::{Facts, NonResourceRequest, Request, ResourceRequest, User};

/// One question, and the answer by which the assertion holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Who asks, with all groups.
    pub user: User,
    /// For what.
    pub request: Request,
    /// Whether it must be allowed.
    pub allowed: bool,
}

/// The questions that one assertion comes to. A server answers one request at a time: ceilings, and
/// who else can, are not among what it can be asked.
pub fn questions(assertion: &Assertion, facts: &Facts) -> Vec<Question> {
    match &assertion.claim {
        claim if claim.is_on_policies() => Vec::new(),
        Claim::Can(asker, deed) => asked(asker, deed, facts, true),
        Claim::Cannot(asker, deed) => asked(asker, deed, facts, false),
        Claim::WhoCan(deed, Holders::Exactly(holders)) => holders
            .iter()
            .flat_map(|subject| {
                let asker = Asker {
                    subject: subject.clone(),
                    groups: Vec::new(),
                };
                asked(&asker, deed, facts, true)
            })
            .collect(),
        Claim::WhoCan(..) | Claim::CanOnly(..) => Vec::new(),
    }
}

fn asked(asker: &Asker, deed: &Deed, facts: &Facts, allowed: bool) -> Vec<Question> {
    let user = user(asker);
    let sense = if allowed { Sense::All } else { Sense::Any };
    let requests = regions(deed, facts, sense)
        .into_iter()
        .flat_map(|region| requests(&region, deed, facts, allowed));
    requests
        .map(|request| Question {
            user: user.clone(),
            request,
            allowed,
        })
        .collect()
}

fn requests(region: &Region, deed: &Deed, facts: &Facts, allowed: bool) -> Vec<Request> {
    let cell = match &region.what {
        What::Path(verb, path) => {
            return vec![Request::NonResource(NonResourceRequest {
                verb: verb.clone(),
                path: path.clone(),
            })];
        }
        What::Cell(cell) => cell,
    };
    let one = |names: &crate::delta::names::Names| match names.counted() {
        Some(names) => names.iter().cloned().collect(),
        None => vec!["*".to_owned()],
    };
    let verbs = match cell.verbs.counted() {
        Some(verbs) => verbs.iter().cloned().collect(),
        None if allowed => vec!["*".to_owned()],
        None => REQUEST_VERBS.map(str::to_owned).to_vec(),
    };
    let names = match deed.names.is_empty() {
        true => vec![String::new()],
        false => deed.names.iter().map(ToString::to_string).collect(),
    };
    let namespaces = match deed.namespaces.is_empty() || region.scoped != Scoped::Namespaces {
        true => vec![String::new()],
        false => deed.namespaces.iter().map(ToString::to_string).collect(),
    };
    let mut found = Vec::new();
    for verb in &verbs {
        for api_group in to_ask(&cell.groups, &cell.resources, facts) {
            for resource in one(&cell.resources) {
                for subresource in one(&cell.subresources) {
                    for name in &names {
                        for namespace in &namespaces {
                            found.push(Request::Resource(ResourceRequest {
                                verb: verb.clone(),
                                api_group: api_group.clone(),
                                resource: resource.clone(),
                                subresource: match subresource.as_str() {
                                    "*" => String::new(),
                                    subresource => subresource.to_owned(),
                                },
                                // A namespace is asked for in itself.
                                namespace: match region.scoped {
                                    Scoped::Itself => name.clone(),
                                    _ => namespace.clone(),
                                },
                                name: name.clone(),
                            }));
                        }
                    }
                }
            }
        }
    }
    found
}
