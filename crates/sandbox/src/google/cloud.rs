//! Everything that exists in the sandbox's Google, and the one way to change it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::account::Account;
use super::clock::Moment;
use super::etag;
use super::failure::Failure;
use super::journal::{Change, Journal};
use super::name;
use super::policy::Policy;
use super::role::CustomRole;
use crate::persist::PersistError;

/// The stored things. With a journal, every change is in it before it is here.
#[derive(Debug, Default)]
pub(crate) struct Cloud {
    /// Canonical name to the moment it came to be.
    resources: BTreeMap<String, Moment>,
    /// Project number to id.
    numbers: BTreeMap<String, String>,
    /// By unique id.
    accounts: BTreeMap<String, Account>,
    /// Email of a living account to its unique id.
    emails: BTreeMap<String, String>,
    roles: BTreeMap<String, CustomRole>,
    policies: BTreeMap<String, Arc<Policy>>,
    /// Policies that were overwritten and are still in effect, oldest first, each until its moment.
    fading: BTreeMap<String, Vec<(Moment, Arc<Policy>)>>,
    propagation: Duration,
    last_stamp: i64,
    journal: Option<Journal>,
}

impl Cloud {
    /// As a journal tells it; every change from now on is written there.
    pub(crate) fn restore(
        known: Vec<Change>,
        journal: Option<Journal>,
    ) -> Result<Self, PersistError> {
        let mut cloud = Self::default();
        for change in known {
            cloud.apply(change);
        }
        cloud.journal = journal;
        let standing = cloud.standing();
        if let Some(journal) = &mut cloud.journal {
            journal.compact(&standing)?;
        }
        Ok(cloud)
    }

    /// How long an overwritten policy stays in effect from now on.
    pub(crate) fn set_propagation(&mut self, window: Duration) {
        self.propagation = window;
    }

    /// Changes several things as one.
    pub(crate) fn commit(&mut self, changes: Vec<Change>, now: Moment) -> Result<(), Failure> {
        if let Some(journal) = &mut self.journal {
            let kept = journal.commit(&changes);
            kept.map_err(|error| Failure::internal(format!("sandbox: {error}")))?;
        }
        for change in changes {
            if let (Change::Policy { key, .. }, false) = (&change, self.propagation.is_zero()) {
                let old = self.policy(key);
                let fading = self.fading.entry(key.clone()).or_default();
                fading.retain(|(until, _)| *until > now);
                fading.push((now.plus(self.propagation), old));
            }
            self.apply(change);
        }
        Ok(())
    }

    /// An etag that no write had before.
    pub(crate) fn next_etag(&mut self, now: Moment) -> String {
        self.last_stamp = now.0.max(self.last_stamp + 1);
        etag::etag(self.last_stamp)
    }

    pub(crate) fn created(&self, resource: &str) -> Option<Moment> {
        self.resources.get(resource).copied()
    }

    pub(crate) fn resources(&self) -> impl Iterator<Item = (&String, Moment)> {
        self.resources
            .iter()
            .map(|(name, created)| (name, *created))
    }

    /// The id of a project, by id or number; `None` where there is no such project.
    pub(crate) fn project(&self, spelling: &str) -> Option<&str> {
        let id = self.numbers.get(spelling).map_or(spelling, String::as_str);
        let (known, _) = self.resources.get_key_value(&format!("projects/{id}"))?;
        known.strip_prefix("projects/")
    }

    pub(crate) fn account(&self, unique_id: &str) -> Option<&Account> {
        self.accounts.get(unique_id)
    }

    /// A living account, by email or unique id.
    pub(crate) fn living(&self, spelling: &str) -> Option<&Account> {
        let id = self.emails.get(spelling).map_or(spelling, String::as_str);
        self.accounts
            .get(id)
            .filter(|account| account.deleted.is_none())
    }

    /// All accounts, the deleted ones too.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values()
    }

    pub(crate) fn role(&self, name: &str) -> Option<&CustomRole> {
        self.roles.get(name)
    }

    /// The custom roles of a project or organization, in order of names.
    pub(crate) fn roles_of(&self, parent: &str) -> impl Iterator<Item = &CustomRole> {
        let prefix = format!("{parent}/roles/");
        let from = self.roles.range(prefix.clone()..);
        from.take_while(move |(name, _)| name.starts_with(&prefix))
            .map(|(_, role)| role)
    }

    pub(crate) fn roles(&self) -> impl Iterator<Item = &CustomRole> {
        self.roles.values()
    }

    pub(crate) fn policies(&self) -> impl Iterator<Item = (&String, &Arc<Policy>)> {
        self.policies.iter()
    }

    /// The policy under a key as it was last written.
    pub(crate) fn policy(&self, key: &str) -> Arc<Policy> {
        self.policies.get(key).cloned().unwrap_or_default()
    }

    /// The policy under a key that decides at this moment.
    pub(crate) fn effective(&self, key: &str, now: Moment) -> Arc<Policy> {
        let fading = self.fading.get(key).into_iter().flatten();
        let oldest = fading
            .filter(|(until, _)| *until > now)
            .map(|(_, policy)| policy)
            .next();
        oldest.cloned().unwrap_or_else(|| self.policy(key))
    }

    fn apply(&mut self, change: Change) {
        match change {
            Change::Resource { name, created } => {
                if let Some(id) = name
                    .strip_prefix("projects/")
                    .filter(|id| !id.contains('/'))
                {
                    self.numbers.insert(name::project_number(id), id.to_owned());
                }
                self.resources.insert(name, created);
            }
            Change::Account(account) => {
                if account.deleted.is_none() {
                    self.emails
                        .insert(account.email.clone(), account.unique_id.clone());
                } else if self.emails.get(&account.email) == Some(&account.unique_id) {
                    self.emails.remove(&account.email);
                }
                self.accounts.insert(account.unique_id.clone(), account);
            }
            Change::AccountPurged(unique_id) => {
                if let Some(account) = self.accounts.remove(&unique_id) {
                    self.policies.remove(&account.policy_key());
                }
            }
            Change::Role(role) => {
                self.roles.insert(role.name.clone(), role);
            }
            Change::RolePurged(name) => {
                self.roles.remove(&name);
            }
            Change::Policy { key, policy } => {
                self.policies.insert(key, Arc::new(policy));
            }
        }
    }

    /// All as it stands, in few changes.
    fn standing(&self) -> Vec<Change> {
        let resources = self
            .resources
            .iter()
            .map(|(name, created)| Change::Resource {
                name: name.clone(),
                created: *created,
            });
        let accounts = self.accounts.values().cloned().map(Change::Account);
        let roles = self.roles.values().cloned().map(Change::Role);
        let policies = self.policies.iter().map(|(key, policy)| Change::Policy {
            key: key.clone(),
            policy: Policy::clone(policy),
        });
        resources
            .chain(accounts)
            .chain(roles)
            .chain(policies)
            .collect()
    }
}
