//! What time takes away by itself: deleted accounts after 30 days, deleted roles after 7.

use std::time::Duration;

use super::clock::Moment;
use super::cloud::Cloud;
use super::failure::Failure;
use super::journal::Change;
use super::policy::Policy;

/// How long a deleted service account can be had back.
pub(crate) const ACCOUNT_WINDOW: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Carries out what is due.
pub(crate) fn purge(cloud: &mut Cloud, now: Moment) -> Result<(), Failure> {
    let mut changes: Vec<Change> = cloud
        .accounts()
        .filter(|account| {
            account
                .deleted
                .is_some_and(|at| at.plus(ACCOUNT_WINDOW) <= now)
        })
        .map(|account| Change::AccountPurged(account.unique_id.clone()))
        .collect();
    let freed = cloud.roles().filter(|role| role.frees_its_id(now));
    changes.extend(freed.map(|role| Change::RolePurged(role.name.clone())));
    let purged: Vec<&str> = cloud
        .roles()
        .filter(|role| role.is_purged(now))
        .map(|role| role.name.as_str())
        .collect();
    let mut unbound = Vec::new();
    for (key, policy) in cloud.policies().filter(|_| !purged.is_empty()) {
        let is_purged = |role: &str| purged.contains(&role);
        if policy
            .bindings
            .iter()
            .any(|binding| is_purged(&binding.role))
        {
            let mut policy = Policy::clone(policy);
            policy.bindings.retain(|binding| !is_purged(&binding.role));
            unbound.push((key.clone(), policy));
        }
    }
    for (key, mut policy) in unbound {
        policy.etag = Some(cloud.next_etag(now));
        changes.push(Change::Policy { key, policy });
    }
    if changes.is_empty() {
        return Ok(());
    }
    cloud.commit(changes, now)
}
