//! `who_can` at Google: who all holds a permission.

use std::collections::BTreeSet;

use rbacform_core::{Deed, Holders, Text};

use super::{Judge, alone, principal, resource};
use crate::assert::told::{Status, Verdict, fail, listed, pass};
use crate::google::{Grant, Missing};

impl Judge<'_> {
    /// These have it, and nobody else.
    pub(super) fn who_can(&self, deed: &Deed, holders: &Holders) -> Verdict {
        let (Holders::Exactly(listed_ones) | Holders::AtMost(listed_ones)) = holders;
        let others = match self.others(deed, listed_ones) {
            Ok(others) => others,
            Err(verdict) => return *verdict,
        };
        if !others.names.is_empty() {
            let names: Vec<String> = others.names.into_iter().collect();
            let verb = match names.len() {
                1 => "has",
                _ => "have",
            };
            let message = format!("{} {verb} {} too", listed(&names), listed(&others.told));
            return Verdict {
                grants: others.grants,
                ..fail(message, vec![])
            };
        }
        if let Holders::Exactly(all) = holders {
            for subject in all {
                let verdict = self.can(&alone(subject), deed);
                if verdict.status != Status::Pass {
                    return verdict;
                }
            }
        }
        match others.missing.is_empty() {
            true => pass("nobody else has it", vec![]),
            false => self.lacks(others.missing),
        }
    }

    /// Who holds any of it and is not listed.
    fn others(&self, deed: &Deed, allowed: &[Text]) -> Result<Others, Box<Verdict>> {
        let allowed: BTreeSet<String> = allowed.iter().map(|it| self.member(it)).collect();
        let mut others = Others::default();
        let mut emails = BTreeSet::new();
        for target in &deed.resources {
            let resource = resource(&target.name)?;
            for permission in &deed.verbs {
                others.told.push(format!("{permission} on {}", target.name));
                let evaluator = &self.policies.bridge.google;
                let found = evaluator.who_can_within(permission, &resource);
                let listed = |name: &String| allowed.contains(name);
                // A deny policy only takes away: whoever it leaves is among those found.
                let unread = found.missing.into_iter();
                let unread = unread.filter(|it| !matches!(it, Missing::DenyPolicies(_)));
                others.missing.extend(unread);
                for holder in found.holders.into_iter().chain(found.perhaps) {
                    if listed(&holder.member) || holder.group.as_ref().is_some_and(listed) {
                        continue;
                    }
                    if !holder.missing.is_empty() {
                        others.missing.extend(holder.missing);
                        continue;
                    }
                    others.names.insert(format!("`{}`", holder.member));
                    let email = holder.member.strip_prefix("serviceAccount:");
                    emails.extend(email.map(str::to_owned));
                    others.grants.extend(holder.via);
                }
            }
        }
        // Whoever acts as one that is listed is meant with it.
        let pods = self.policies.bridge.pods_of_accounts(&emails).into_iter();
        let pods = pods.filter(|pods| !allowed.contains(&self.member(&pods.as_str().into())));
        others.names.extend(pods.map(|pods| format!("`{pods}`")));
        Ok(others)
    }

    fn member(&self, subject: &Text) -> String {
        match principal(self.policies, &alone(subject)) {
            Some(principal) => principal.member,
            None => subject.to_string(),
        }
    }
}

/// Holders that are not listed.
#[derive(Default)]
struct Others {
    names: BTreeSet<String>,
    grants: Vec<Grant>,
    /// What they hold, in words.
    told: Vec<String>,
    missing: BTreeSet<Missing>,
}
