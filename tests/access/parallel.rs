//! Many requests at once.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::client::Client;

/// How many requests are in flight.
const FLIGHT: usize = 16;

/// As many clients, each with a connection of its own that stays open.
pub(crate) struct Clients(Vec<Client>);

impl Clients {
    pub(crate) fn new(client: impl Fn() -> Client) -> Self {
        Self((0..FLIGHT).map(|_| client()).collect())
    }

    /// Does something for each item; results in the order of the items.
    pub(crate) fn each<T: Sync, R: Send>(
        &self,
        items: &[T],
        work: impl Fn(&Client, &T) -> R + Sync,
    ) -> Vec<R> {
        let next = AtomicUsize::new(0);
        let mut done: Vec<(usize, R)> = std::thread::scope(|scope| {
            let (next, work) = (&next, &work);
            let workers: Vec<_> = self
                .0
                .iter()
                .map(|client| {
                    scope.spawn(move || {
                        let mut done = Vec::new();
                        loop {
                            let index = next.fetch_add(1, Ordering::Relaxed);
                            let Some(item) = items.get(index) else {
                                return done;
                            };
                            done.push((index, work(client, item)));
                        }
                    })
                })
                .collect();
            let results = workers.into_iter().flat_map(|worker| match worker.join() {
                Ok(done) => done,
                Err(panic) => std::panic::resume_unwind(panic),
            });
            results.collect()
        });
        done.sort_unstable_by_key(|(index, _)| *index);
        done.into_iter().map(|(_, result)| result).collect()
    }
}
