//! Service accounts that were just created, and are not yet seen everywhere.

use std::collections::BTreeMap;

use super::settings::NewAccounts;

/// How much of the script each new account still has before it, by unique id. In memory alone:
/// a sandbox that starts anew has no newcomers.
#[derive(Debug, Default)]
pub(crate) struct Newcomers(BTreeMap<String, Ahead>);

#[derive(Debug)]
struct Ahead {
    reads: std::vec::IntoIter<bool>,
    refusals: u32,
}

impl Newcomers {
    /// Starts the script for an account.
    pub(crate) fn add(&mut self, unique_id: &str, script: &NewAccounts) {
        if script.reads.is_empty() && script.refusals == 0 {
            return;
        }
        let ahead = Ahead {
            reads: script.reads.clone().into_iter(),
            refusals: script.refusals,
        };
        self.0.insert(unique_id.to_owned(), ahead);
    }

    /// Whether this read finds the account.
    pub(crate) fn is_seen(&mut self, unique_id: &str) -> bool {
        let ahead = self.0.get_mut(unique_id);
        ahead.and_then(|ahead| ahead.reads.next()).unwrap_or(true)
    }

    /// Whether this write refuses the account as a member.
    pub(crate) fn is_refused(&mut self, unique_id: &str) -> bool {
        match self.0.get_mut(unique_id) {
            Some(ahead) if ahead.refusals > 0 => {
                ahead.refusals -= 1;
                true
            }
            _ => false,
        }
    }
}
