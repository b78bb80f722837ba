//! Waiting until a new service account is seen everywhere.

use std::time::Duration;

use rbacform_core::ObjectId;

use crate::client::http::Http;
use crate::client::retry::Patience;

/// How many reads in a row must find it. Google's replicas were seen to take turns for a while:
/// found, not found, found.
const HITS: usize = 3;
const BOUND: Duration = Duration::from_secs(60);

impl Http {
    /// Waits, within a bound, until an account is found by its unique id several times in a row.
    /// It was made: where it stays hidden, whatever needs it says so.
    pub(super) async fn until_visible(&self, object: &ObjectId, unique_id: &str) {
        let mut patience = Patience::within(BOUND);
        let mut hits = 0;
        while hits < HITS {
            match self.service_account(object, Some(unique_id)).await {
                Ok(Some(_)) => hits += 1,
                Ok(None) => {
                    hits = 0;
                    if !patience.wait(None).await {
                        return;
                    }
                }
                // Not allowed to look, or nobody answers.
                Err(_) => return,
            }
        }
    }
}
