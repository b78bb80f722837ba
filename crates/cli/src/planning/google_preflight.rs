//! The preflight at Google: one question for each policy that the plan changes.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use rbacform_core::plan::Preflight;
use rbacform_core::{Address, EditKind, Step};
use rbacform_gcp::GcpProvider;
use rbacform_gcp::ident::Ident;
use rbacform_gcp::preflight::{open, policy_permissions, refused};
use rbacform_gcp::target::ResourceName;
use rbacform_provider::{ErrorKind, ProviderError};

/// Of the policies that whoever applies may not set, every change.
pub(super) async fn at_google(
    google: &GcpProvider,
    identity: Option<&str>,
    steps: &[Step],
) -> Result<Vec<Preflight>, ProviderError> {
    let policies = policies(steps);
    let asked = policies
        .iter()
        .map(|(resource, addresses)| of_policy(google, identity, resource, addresses));
    let answers: Vec<Result<Vec<Preflight>, ProviderError>> = join_all(asked).await;
    let found: Result<Vec<Vec<Preflight>>, ProviderError> = answers.into_iter().collect();
    Ok(found?.into_iter().flatten().collect())
}

/// The resources whose policies are written, with what is written there. One that this plan makes
/// cannot be asked yet.
fn policies(steps: &[Step]) -> BTreeMap<&str, BTreeSet<&Address>> {
    let edits = || steps.iter().flat_map(|step| &step.edits);
    let made: BTreeSet<&str> = edits()
        .filter(|edit| matches!(edit.kind, EditKind::Create { .. }))
        .map(|edit| edit.object.ident.as_str())
        .collect();
    let mut policies: BTreeMap<&str, BTreeSet<&Address>> = BTreeMap::new();
    for edit in edits().filter(|edit| edit.kind != EditKind::Record) {
        match Ident::of(&edit.object) {
            Some(ident)
                if ident.resource == edit.object.ident || !made.contains(ident.resource) =>
            {
                let addresses = policies.entry(ident.resource).or_default();
                addresses.insert(&edit.address);
            }
            _ => {}
        }
    }
    policies
}

async fn of_policy(
    google: &GcpProvider,
    identity: Option<&str>,
    resource: &str,
    addresses: &BTreeSet<&Address>,
) -> Result<Vec<Preflight>, ProviderError> {
    let Ok(resource) = ResourceName::parse(resource) else {
        return Ok(Vec::new());
    };
    let Some([_, set]) = policy_permissions(&resource) else {
        return Ok(Vec::new());
    };
    let told: Box<dyn Fn(&Address) -> Preflight> =
        match google.test_permissions(&resource, &[&set]).await {
            Ok(held) if !held.is_empty() => return Ok(Vec::new()),
            Ok(_) => Box::new(|address| refused(address, &resource, &set, identity)),
            Err(error) if is_silent(&error) => {
                Box::new(move |address| open(address, &resource, &set, &error.message, identity))
            }
            Err(error) => return Err(error),
        };
    Ok(addresses.iter().map(|address| told(address)).collect())
}

/// Whether Google refuses to say, rather than being out of reach.
fn is_silent(error: &ProviderError) -> bool {
    matches!(
        error.kind,
        ErrorKind::Forbidden | ErrorKind::NotFound | ErrorKind::Invalid
    )
}
