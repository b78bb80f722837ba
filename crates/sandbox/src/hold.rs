//! Holding a request at a known place, so that a test can act while it waits.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::faults::RequestMatch;
use crate::requests::RequestKey;

/// Where a request is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldPoint {
    /// When it has arrived and nothing is done.
    BeforeCommit,
    /// When everything is done and the answer is not sent.
    AfterCommit,
}

/// One request to be held. Dropping it lets the request go.
#[derive(Debug)]
pub struct Hold(Arc<Held>);

#[derive(Debug)]
struct Held {
    on: RequestMatch,
    point: HoldPoint,
    state: Mutex<State>,
    reached: Condvar,
    released: Notify,
}

#[derive(Debug)]
struct State {
    /// Matching requests still to pass, before the held one.
    to_pass: u64,
    reached: bool,
    released: bool,
}

impl Hold {
    /// Waits until the request is held; false when the time is over first.
    pub fn wait(&self, timeout: Duration) -> bool {
        let state = lock(&self.0);
        let waited = self
            .0
            .reached
            .wait_timeout_while(state, timeout, |state| !state.reached);
        waited.unwrap_or_else(PoisonError::into_inner).0.reached
    }

    /// Lets the request go on.
    pub fn release(&self) {
        lock(&self.0).released = true;
        self.0.released.notify_waiters();
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.release();
    }
}

/// The holds of a running sandbox.
#[derive(Debug, Clone, Default)]
pub(crate) struct Holds(Arc<Mutex<Vec<Arc<Held>>>>);

impl Holds {
    /// Holds the nth matching request from now on, counted from 1.
    pub(crate) fn add(&self, on: RequestMatch, nth: u64, point: HoldPoint) -> Hold {
        let held = Arc::new(Held {
            on,
            point,
            state: Mutex::new(State {
                to_pass: nth.saturating_sub(1),
                reached: false,
                released: false,
            }),
            reached: Condvar::new(),
            released: Notify::new(),
        });
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::clone(&held));
        Hold(held)
    }

    /// Waits here as long as a hold wants this request.
    pub(crate) async fn pass(&self, key: &RequestKey, point: HoldPoint) {
        let held = self.claim(key, point);
        for held in held {
            loop {
                let released = held.released.notified();
                if lock(&held).released {
                    break;
                }
                released.await;
            }
        }
    }

    fn claim(&self, key: &RequestKey, point: HoldPoint) -> Vec<Arc<Held>> {
        let mut holds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        holds.retain(|held| {
            let state = lock(held);
            !(state.released || state.reached)
        });
        let matching = holds
            .iter()
            .filter(|held| held.point == point && held.on.matches(key));
        matching
            .filter(|held| {
                let mut state = lock(held);
                if state.to_pass > 0 {
                    state.to_pass -= 1;
                    return false;
                }
                state.reached = true;
                held.reached.notify_all();
                true
            })
            .cloned()
            .collect()
    }
}

fn lock(held: &Held) -> std::sync::MutexGuard<'_, State> {
    held.state.lock().unwrap_or_else(PoisonError::into_inner)
}
