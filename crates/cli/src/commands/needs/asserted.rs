//! What testing a stack's assertions reads besides what its objects take.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_access::assert::{Policies, Sight};
use rbacform_access::bridge::Bridge;
use rbacform_access::google::Resource;
use rbacform_core::{Assertion, Claim, Text};
use rbacform_gcp::ident;
use rbacform_gcp::needs::{TO_SEE_AN_ACCOUNT, to_tell};
use rbacform_stack::Stack;

use crate::analysis::RBAC_KINDS;
use crate::assertions::{self, World, granted, granted_at_google, of_stack};
use crate::failure::Failure;
use crate::google_roles;
use crate::load::{LoadedStack, SEMANTICS};
use crate::planning::{GOOGLE, KUBERNETES, asserted_resources};

const ACCOUNT: &str = "ServiceAccount";

/// The kinds of the cluster that testing a stack's assertions reads whole: all of RBAC where they are
/// about the cluster, and what tells that those exist whom the stack does not declare.
pub(super) fn kinds(loaded: &LoadedStack) -> Result<BTreeSet<String>, Failure> {
    let stack = &loaded.stack;
    let mut assertions = stack.assertions.iter();
    let about_cluster = assertions.any(|it| !it.claim.is_on_policies());
    let mut declared = stack.resources.iter();
    let has_cluster = declared.any(|it| it.object.instance == KUBERNETES);
    if stack.assertions.is_empty() || !(about_cluster || has_cluster) {
        return Ok(BTreeSet::new());
    }
    let facts = granted(&stack.resources).map_err(Failure::of_own_roles)?;
    let at_google = granted_at_google(&stack.resources);
    let (absent, workloads) = (BTreeSet::new(), loaded.workloads());
    let rbac = RBAC_KINDS.iter().filter(|_| about_cluster);
    let mut sight = Sight {
        partial: None,
        whole: rbac.map(|kind| (*kind).to_owned()).collect(),
        ..of_stack(&stack.resources)
    };
    let named = stack.assertions.iter().flat_map(|it| namespaces(&it.claim));
    let named: BTreeSet<String> = named.map(ToString::to_string).collect();
    // Whether there is a namespace comes before whether there is somebody in it.
    loop {
        let world = World {
            facts: &facts,
            sight: &sight,
            policies: Some(Policies {
                bridge: Bridge {
                    google: google_roles::evaluator(&at_google, 0),
                    kubernetes: &facts,
                    workloads: &workloads,
                },
                absent: &absent,
            }),
            is_part: false,
        };
        let tested = assertions::test(stack, &world, &loaded.sources);
        let missing = tested.map_err(Failure::of_own_roles)?.missing;
        if missing.is_subset(&sight.whole) {
            let mut declared = stack.resources.iter();
            if sight.whole.contains(ACCOUNT) && declared.any(|it| it.object.kind == ACCOUNT) {
                // They are listed first, and each namespace has one.
                sight.whole.remove("Namespace");
            }
            return Ok(sight.whole);
        }
        if missing.contains("Namespace") {
            sight.namespaces.extend(named.iter().cloned());
        }
        sight.whole.extend(missing);
    }
}

/// The namespaces that a claim is about.
fn namespaces(claim: &Claim) -> &[Text] {
    match claim {
        Claim::Can(_, deed) | Claim::Cannot(_, deed) | Claim::WhoCan(deed, _) => &deed.namespaces,
        Claim::CanOnly(..) => &[],
    }
}

/// What testing a stack's assertions reads at Google, where it asks Google at all. What a project is in
/// no file tells, so that what is needed there is not among it.
pub(super) fn permissions(stack: &Stack) -> BTreeMap<String, BTreeSet<String>> {
    if !stack.providers.contains_key(GOOGLE) {
        return BTreeMap::new();
    }
    let resources = asserted_resources(&stack.assertions);
    let holders: BTreeSet<String> = resources.iter().flat_map(Resource::holders).collect();
    // What the stack makes is not there before it.
    let is_declared = |name: &String| {
        let mut declared = stack.resources.iter();
        declared.any(|it| it.object.instance == GOOGLE && *it.object.ident == **name)
    };
    let read = holders.iter().filter(|name| !is_declared(name));
    let mut permissions = to_tell(read.map(String::as_str));
    let subjects = stack.assertions.iter().filter(|it| !it.known);
    for email in subjects.filter_map(absentee) {
        let Some(account) = ident::service_account(GOOGLE, email) else {
            continue;
        };
        let name = account.ident.to_string();
        if !is_declared(&name) && !is_named(stack, email) {
            let permission = TO_SEE_AN_ACCOUNT.to_owned();
            permissions.entry(name).or_default().insert(permission);
        }
    }
    permissions
}

/// The service account at Google that a claim says holds nothing: it must exist.
fn absentee(assertion: &Assertion) -> Option<&str> {
    match &assertion.claim {
        Claim::Cannot(asker, deed) if deed.on_policies => {
            let email = asker.subject.strip_prefix("serviceAccount:")?;
            (!email.contains('[')).then_some(email)
        }
        _ => None,
    }
}

/// Whether a stack's own grants name an account: then nobody is asked for it.
fn is_named(stack: &Stack, email: &str) -> bool {
    let member = format!("serviceAccount:{email}");
    let mut bindings = stack.resources.iter().flat_map(|resource| {
        let known = SEMANTICS.iter();
        let mut known = known.filter(|it| it.provider() == resource.object.instance.as_str());
        let semantics = known.next();
        semantics.map_or_else(Vec::new, |it| {
            it.bindings(&resource.object, &resource.attributes)
        })
    });
    bindings.any(|binding| binding.subjects.contains(&member))
}
