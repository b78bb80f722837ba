//! The preflight at Google: one question for each resource whose policy decides over changes.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use rbacform_core::plan::Preflight;
use rbacform_core::{Address, EditKind, Step};
use rbacform_gcp::GcpProvider;
use rbacform_gcp::ident::Ident;
use rbacform_gcp::preflight::{Takes, comes_back, open, refused, takes};
use rbacform_gcp::target::ResourceName;
use rbacform_provider::{ErrorKind, ProviderError};

/// Every change that takes what whoever applies does not hold.
pub(super) async fn at_google(
    google: &GcpProvider,
    identity: Option<&str>,
    steps: &[Step],
) -> Result<Vec<Preflight>, ProviderError> {
    let changes = changes(steps);
    let all = changes.iter();
    let all = all.map(|(_, takes)| (&takes.resource, takes.permissions.clone()));
    let above = Answers::ask(google, all).await?;
    // An account's own policy may give what its project's does not.
    let rest = changes.iter().filter_map(|(_, takes)| {
        let below = takes.below.as_ref()?;
        Some((below, above.lacking(&takes.resource, &takes.permissions)))
    });
    let below = Answers::ask(google, rest).await?;
    let found = changes.iter().filter_map(|(address, takes)| {
        let lacking = above.lacking(&takes.resource, &takes.permissions);
        match &takes.below {
            None => above.told(address, &takes.resource, &lacking, identity),
            Some(account) => {
                let lacking = below.lacking(account, &lacking);
                below.told(address, account, &lacking, identity)
            }
        }
    });
    Ok(found.collect())
}

/// What the writes of each address take, those of one resource together. What this plan makes has
/// no policy yet that could be asked: what it is in is.
fn changes(steps: &[Step]) -> Vec<(&Address, Takes)> {
    let edits = || steps.iter().flat_map(|step| &step.edits);
    let made: BTreeMap<&str, bool> = edits()
        .filter(|edit| matches!(edit.kind, EditKind::Create { .. }))
        .map(|edit| (edit.object.ident.as_str(), comes_back(edit)))
        .collect();
    let mut changes: Vec<(&Address, Takes)> = Vec::new();
    let mut places = BTreeMap::new();
    for edit in edits() {
        let Some(mut takes) = takes(edit) else {
            continue;
        };
        if Ident::of(&edit.object).is_some()
            && let Some(&comes_back) = made.get(takes.resource.as_str())
            && takes.resource.as_str() != edit.object.ident
        {
            let Some(above) = takes.of_what_is_made(comes_back) else {
                continue;
            };
            takes = above;
        }
        let key = (
            &edit.address,
            takes.resource.to_string(),
            takes.below.is_some(),
        );
        let place = *places.entry(key).or_insert(changes.len());
        match changes.get_mut(place) {
            None => changes.push((&edit.address, takes)),
            Some((_, known)) => {
                let new = takes.permissions.into_iter();
                let new: Vec<String> = new.filter(|it| !known.permissions.contains(it)).collect();
                known.permissions.extend(new);
            }
        }
    }
    changes
}

/// What Google says of resources, by name: what is held there, or why it does not say.
struct Answers(BTreeMap<String, Result<Vec<String>, String>>);

impl Answers {
    /// Asks once for each resource.
    async fn ask<'a>(
        google: &GcpProvider,
        questions: impl Iterator<Item = (&'a ResourceName, Vec<String>)>,
    ) -> Result<Self, ProviderError> {
        let mut asked: BTreeMap<String, (&ResourceName, BTreeSet<String>)> = BTreeMap::new();
        for (resource, permissions) in questions.filter(|(_, asked)| !asked.is_empty()) {
            let (_, all) = asked
                .entry(resource.to_string())
                .or_insert_with(|| (resource, BTreeSet::new()));
            all.extend(permissions);
        }
        let answers = asked
            .into_iter()
            .map(async |(name, (resource, permissions))| {
                let permissions: Vec<&str> = permissions.iter().map(String::as_str).collect();
                match google.test_permissions(resource, &permissions).await {
                    Ok(held) => Ok((name, Ok(held))),
                    Err(error) if is_silent(&error) => Ok((name, Err(error.message))),
                    Err(error) => Err(error),
                }
            });
        let answers: Result<_, ProviderError> = join_all(answers).await.into_iter().collect();
        answers.map(Self)
    }

    /// Those of some permissions that are not known to be held.
    fn lacking(&self, resource: &ResourceName, permissions: &[String]) -> Vec<String> {
        let held = match self.0.get(&resource.to_string()) {
            Some(Ok(held)) => held.as_slice(),
            _ => &[],
        };
        let lacking = permissions.iter().filter(|it| !held.contains(it));
        lacking.cloned().collect()
    }

    fn told(
        &self,
        address: &Address,
        resource: &ResourceName,
        lacking: &[String],
        identity: Option<&str>,
    ) -> Option<Preflight> {
        if lacking.is_empty() {
            return None;
        }
        Some(match self.0.get(&resource.to_string()) {
            Some(Err(why)) => open(address, resource, lacking, why, identity),
            _ => refused(address, resource, lacking, identity),
        })
    }
}

/// Whether Google refuses to say, rather than being out of reach.
fn is_silent(error: &ProviderError) -> bool {
    matches!(
        error.kind,
        ErrorKind::Forbidden | ErrorKind::NotFound | ErrorKind::Invalid
    )
}
