//! Verdicts as plans and diagnostics tell them.

use std::cell::RefCell;
use std::collections::BTreeMap;

use rbacform_access::PolicyRule;
use rbacform_access::assert::{Chain, Part, Status, Verdict};
use rbacform_access::google::Grant;
use rbacform_core::plan::{AssertionResult, AssertionStatus, AssertionVia};
use rbacform_core::{Assertion, DesiredResource, Diagnostic, Location, ObjectId, SourceMap, Span};
use rbacform_gcp::ident::{self, Ident};

use crate::analysis::binding_and_role;
use crate::planning::GOOGLE;
use crate::written::Written;

/// How many chains a diagnostic tells of.
const CHAINS: usize = 3;

/// Tells verdicts, with the places of what the stack declares.
pub(super) struct Teller<'a> {
    places: BTreeMap<&'a ObjectId, Span>,
    sources: &'a SourceMap,
    written: RefCell<Written>,
}

impl<'a> Teller<'a> {
    pub(super) fn new(declared: &'a [DesiredResource], sources: &'a SourceMap) -> Self {
        let places = declared.iter().map(|it| (&it.object, it.span));
        Self {
            places: places.collect(),
            sources,
            written: RefCell::default(),
        }
    }

    /// As `rbacform.plan/1` lists it.
    pub(super) fn result(&self, assertion: &Assertion, verdict: &Verdict) -> AssertionResult {
        let place = self.sources.locate(assertion.places.whole);
        AssertionResult {
            name: assertion.name.clone(),
            status: match verdict.status {
                Status::Pass => AssertionStatus::Pass,
                Status::Fail => AssertionStatus::Fail,
                Status::CannotTell => AssertionStatus::CannotTell,
            },
            message: verdict.message.clone(),
            via: self.chains(verdict),
            line: place.as_ref().map_or(0, |place| place.line),
            file: place.map(|place| place.file).unwrap_or_default(),
        }
    }

    /// An assertion that does not hold: an error, with the chains that grant what must not be.
    pub(super) fn failure(&self, assertion: &Assertion, verdict: &Verdict) -> Diagnostic {
        let places = assertion.places;
        let part = match verdict.part {
            Part::Whole => places.whole,
            Part::Subject => places.subject,
            Part::Groups => places.groups,
            Part::Verbs => places.verbs,
            Part::Resource => places.resource,
            Part::Namespace => places.namespace,
        };
        let (code, says) = match verdict.is_nowhere {
            true => ("assertion-about-nothing", "is about nothing"),
            false => ("assertion-failed", "does not hold"),
        };
        let message = format!("`{}` {says}: {}", assertion.name, verdict.message);
        let mut error = Diagnostic::error(code, message).at(part);
        let through = verdict.via.iter().map(objects);
        let through = through
            .flat_map(|(binding, role)| [(Some(binding), "the binding"), (Some(role), "the role")]);
        let grants = verdict.grants.iter();
        let grants = grants.map(|grant| (grant.object.clone(), "the grant"));
        for (object, what) in through.chain(grants).take(2 * CHAINS) {
            let span = object.and_then(|object| self.places.get(&object));
            if let Some(span) = span
                && !error.related.iter().any(|(known, _)| known == span)
            {
                error = error.related(*span, what);
            }
        }
        let granted = granted(&self.chains(verdict));
        error.maybe_help(granted.or(verdict.help.clone()))
    }

    /// An assertion of which nobody here can tell.
    pub(super) fn warning(&self, assertion: &Assertion, verdict: &Verdict) -> Diagnostic {
        let message = format!(
            "cannot tell whether `{}` holds: {}",
            assertion.name, verdict.message
        );
        Diagnostic::warning("assertion-untold", message).at(assertion.places.whole)
    }

    /// What grants it.
    fn chains(&self, verdict: &Verdict) -> Vec<AssertionVia> {
        let chains = verdict.via.iter();
        let chains = chains.map(|chain| self.via(chain, verdict.status));
        chains
            .chain(verdict.grants.iter().map(|grant| self.grant(grant)))
            .collect()
    }

    fn grant(&self, grant: &Grant) -> AssertionVia {
        let at = grant.object.as_ref().and_then(|object| self.place(object));
        AssertionVia {
            subject: grant.member.clone(),
            binding: match &grant.object {
                Some(object) => object.clone(),
                None => ident::iam_policy(GOOGLE, &grant.resource),
            },
            role: ident::role(GOOGLE, &grant.role),
            rule: None,
            line: at.as_ref().map(|place| place.line),
            file: at.map(|place| place.file),
            role_line: None,
            role_file: None,
        }
    }

    fn via(&self, chain: &Chain, status: Status) -> AssertionVia {
        let (binding, role) = objects(chain);
        let at = self.place(&binding);
        let role_at = match status {
            Status::Fail => self.rule(&role, &chain.rule),
            // To read files again for what is right would cost every plan its time.
            Status::Pass | Status::CannotTell => self.place(&role),
        };
        AssertionVia {
            subject: subject(chain),
            binding,
            role,
            rule: Some(chain.rule.to_string()),
            line: at.as_ref().map(|place| place.line),
            file: at.map(|place| place.file),
            role_line: role_at.as_ref().map(|place| place.line),
            role_file: role_at.map(|place| place.file),
        }
    }

    /// Where a rule of a role is written; where that is not known, the role.
    fn rule(&self, role: &ObjectId, rule: &PolicyRule) -> Option<Location> {
        let role = *self.places.get(role)?;
        let mut written = self.written.borrow_mut();
        self.sources.locate(written.rule(self.sources, role, rule))
    }

    fn place(&self, object: &ObjectId) -> Option<Location> {
        self.sources.locate(*self.places.get(object)?)
    }
}

/// What grants it, in one sentence.
fn granted(via: &[AssertionVia]) -> Option<String> {
    let told: Vec<String> = via.iter().take(CHAINS).map(chain_in_words).collect();
    let more = match via.len().saturating_sub(CHAINS) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    (!told.is_empty()).then(|| format!("granted by {}{more}", told.join("; ")))
}

/// `RoleBinding bob/x (stack.toml:12) of Role bob/y (stack.toml:5) with {Verbs:["get"], ...}`; at
/// Google `roles/viewer for user:bo@example.com in the policy of projects/p (stack.toml:12)`.
pub(crate) fn chain_in_words(via: &AssertionVia) -> String {
    let place = |file: &Option<String>, line: Option<u32>| match (file, line) {
        (Some(file), Some(line)) => format!(" ({file}:{line})"),
        _ => String::new(),
    };
    let at = place(&via.file, via.line);
    let Some(rule) = via.rule.as_deref().map(shortened) else {
        let resource = Ident::of(&via.binding).map_or(via.binding.ident.as_str(), |it| it.resource);
        let role = &via.role.ident;
        return format!("{role} for {} in the policy of {resource}{at}", via.subject);
    };
    let named = |object: &ObjectId| format!("{} {}", object.kind, object.ident);
    format!(
        "{}{at} of {}{} with {rule}",
        named(&via.binding),
        named(&via.role),
        place(&via.role_file, via.role_line),
    )
}

/// A rule, as far as it helps to see which one it is.
fn shortened(rule: &str) -> String {
    const MOST: usize = 120;
    match rule.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", rule.get(..end).unwrap_or(rule)),
        None => rule.to_owned(),
    }
}

/// The binding and the role of a chain.
fn objects(chain: &Chain) -> (ObjectId, ObjectId) {
    let grant = &chain.grant;
    binding_and_role(
        &grant.binding_namespace,
        &grant.binding,
        &grant.role_ref.kind,
        &grant.role_ref.name,
    )
}

fn subject(chain: &Chain) -> String {
    let subject = &chain.grant.subject;
    match subject.kind.as_str() {
        "User" => format!("user:{}", subject.name),
        "Group" => format!("group:{}", subject.name),
        _ => {
            let home = match subject.namespace.as_str() {
                "" => &chain.grant.binding_namespace,
                home => home,
            };
            format!("serviceaccount:{home}/{}", subject.name)
        }
    }
}
