//! Acting as somebody else (`Impersonate-User` and its like), in both generations: what the server
//! asks its authorizer about whoever sends such a request
//! (`k8s.io/apiserver/pkg/endpoints/filters/impersonation`).

use crate::matching::contains;
use crate::subject::{
    ANONYMOUS, AUTHENTICATED, MASTERS, NODES, UNAUTHENTICATED, node_of, service_account_groups,
    split_service_account,
};
use crate::{Evaluator, Grant, Request, ResourceRequest, User, Version};

/// Whom a request is to act as, in the words of its headers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// `Impersonate-User`.
    pub name: String,
    /// Every `Impersonate-Group`.
    pub groups: Vec<String>,
}

/// A way to act as somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// A node, by whoever may (`impersonate:arbitrary-node`).
    ArbitraryNode,
    /// A service account (`impersonate:serviceaccount`).
    ServiceAccount,
    /// Anybody else, with groups (`impersonate:user-info`).
    UserInfo,
    /// The verb `impersonate`, in every version.
    Legacy,
}

impl Mode {
    /// As its verbs spell it: `user-info`; empty for the old kind.
    pub fn name(self) -> &'static str {
        match self {
            Self::ArbitraryNode => "arbitrary-node",
            Self::ServiceAccount => "serviceaccount",
            Self::UserInfo => "user-info",
            Self::Legacy => "",
        }
    }
}

/// One way, and what the server asks before it lets somebody take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Which it is.
    pub mode: Mode,
    /// Every one of these must be allowed.
    pub checks: Vec<Check>,
    /// Who acts from then on: the groups that the server adds are among these.
    pub user: User,
}

/// A question to the authorizer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What is asked.
    pub request: Request,
    /// What answers it as well: all groups at once, where there are many.
    pub or: Option<Request>,
}

/// So many groups are first asked for at once.
const MANY: usize = 4;
const AUTHENTICATION: &str = "authentication.k8s.io";

/// The ways for a request to act as a target, in the server's order. A way that can never be
/// taken, whatever rules say, is left out: constrained ones refuse `system:masters`. The way of a
/// service account to act as the node it runs on is left out as well: nobody here knows where it
/// runs.
pub fn ways(target: &Target, request: &Request, version: Version) -> Vec<Way> {
    let mut ways = Vec::new();
    if version.has_constrained_impersonation()
        && let Some(mode) = constrained(target)
        && !contains(&target.groups, "")
        && !contains(&target.groups, MASTERS)
    {
        ways.push(way(mode, target, Some(request)));
    }
    ways.push(way(Mode::Legacy, target, None));
    ways
}

/// The constrained mode that is for such a target.
fn constrained(target: &Target) -> Option<Mode> {
    let only_name = target.groups.is_empty();
    if node_of(&target.name).is_some() {
        return only_name.then_some(Mode::ArbitraryNode);
    }
    if split_service_account(&target.name).is_some() {
        return only_name.then_some(Mode::ServiceAccount);
    }
    Some(Mode::UserInfo)
}

fn way(mode: Mode, target: &Target, on: Option<&Request>) -> Way {
    let mut checks = Vec::new();
    if let Some(request) = on {
        let verb = format!("impersonate-on:{}:{}", mode.name(), request.verb());
        checks.push(Check::of(with_verb(request, verb)));
    }
    checks.push(Check::of(name_check(mode, target)));
    checks.extend(group_checks(mode, target));
    Way {
        mode,
        checks,
        user: acting(mode, target),
    }
}

impl Check {
    fn of(request: Request) -> Self {
        Self { request, or: None }
    }
}

/// May this name be acted as?
fn name_check(mode: Mode, target: &Target) -> Request {
    let mut asked = impersonate(mode, "users", &target.name);
    if mode != Mode::Legacy
        && let Some(node) = node_of(&target.name)
    {
        asked.resource = "nodes".to_owned();
        asked.name = node.to_owned();
    }
    if let Some((namespace, name)) = split_service_account(&target.name) {
        asked.resource = "serviceaccounts".to_owned();
        asked.namespace = namespace.to_owned();
        asked.name = name.to_owned();
    }
    Request::Resource(asked)
}

/// May each of these groups be acted as?
fn group_checks(mode: Mode, target: &Target) -> impl Iterator<Item = Check> {
    let group = move |name: &str| Request::Resource(impersonate(mode, "groups", name));
    let all = mode != Mode::Legacy && target.groups.len() >= MANY;
    target.groups.iter().map(move |name| Check {
        request: group(name),
        or: all.then(|| group("*")),
    })
}

fn impersonate(mode: Mode, resource: &str, name: &str) -> ResourceRequest {
    let (verb, api_group) = match mode {
        Mode::Legacy => ("impersonate".to_owned(), ""),
        mode => (format!("impersonate:{}", mode.name()), AUTHENTICATION),
    };
    ResourceRequest {
        verb,
        api_group: api_group.to_owned(),
        resource: resource.to_owned(),
        name: name.to_owned(),
        ..ResourceRequest::default()
    }
}

fn with_verb(request: &Request, verb: String) -> Request {
    let mut request = request.clone();
    match &mut request {
        Request::Resource(asked) => asked.verb = verb,
        Request::NonResource(asked) => asked.verb = verb,
    }
    request
}

/// Who acts, with the groups that the server adds. Unlike a login, a node gets its group only in
/// the constrained modes.
fn acting(mode: Mode, target: &Target) -> User {
    let mut groups = target.groups.clone();
    if groups.is_empty() {
        groups = match split_service_account(&target.name) {
            Some((namespace, _)) => service_account_groups(namespace).into(),
            None if mode == Mode::ArbitraryNode => vec![NODES.to_owned()],
            None => groups,
        };
    }
    let added = match target.name.as_str() {
        ANONYMOUS => Some(UNAUTHENTICATED),
        _ if contains(&groups, UNAUTHENTICATED) => None,
        _ => Some(AUTHENTICATED),
    };
    if let Some(added) = added
        && !contains(&groups, added)
    {
        groups.push(added.to_owned());
    }
    User {
        name: target.name.clone(),
        groups,
    }
}

/// What became of a request to act as somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acting {
    /// It is let through, in one of these ways: the first, unless the server remembers that this
    /// caller last took another, which it then tries before. Only the groups of who acts may differ,
    /// and only for nodes. Never empty.
    Allowed(Vec<Taken>),
    /// It is refused: for each way what nothing grants.
    Refused(Vec<(Mode, Request)>),
}

/// A way that is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Which it is.
    pub mode: Mode,
    /// Who acts from then on.
    pub user: User,
    /// What allows each check; none for `system:masters`.
    pub via: Vec<Grant>,
}

impl Evaluator<'_> {
    /// Whether somebody may send a request as somebody else.
    pub fn acts_as(
        &self,
        user: &User,
        target: &Target,
        request: &Request,
        version: Version,
    ) -> Acting {
        let (mut allowed, mut refused) = (Vec::new(), Vec::new());
        for way in ways(target, request, version) {
            let lacks = way.checks.iter().find(|check| {
                let any = check.or.as_ref().is_some_and(|or| self.allows(user, or));
                !any && !self.allows(user, &check.request)
            });
            match lacks {
                Some(lacks) => refused.push((way.mode, lacks.request.clone())),
                None => allowed.push(self.taken(user, way)),
            }
        }
        match allowed.is_empty() {
            true => Acting::Refused(refused),
            false => Acting::Allowed(allowed),
        }
    }

    fn taken(&self, user: &User, way: Way) -> Taken {
        let first = |request| self.every_grant(user, request).into_iter().next();
        let grants = way
            .checks
            .iter()
            .filter_map(|check| first(&check.request).or_else(|| first(check.or.as_ref()?)));
        Taken {
            via: grants.collect(),
            mode: way.mode,
            user: way.user,
        }
    }
}

#[cfg(test)]
#[path = "impersonation_tests.rs"]
mod tests;
