//! Ways for tests to die at an exact instant, and of a bug. Only in debug builds.

use rbacform_state::LocalStore;

use crate::environment::Environment;

/// With `RBACFORM_TEST_ABORT_AT=N`, has the process abort at the Nth checkpoint of a run.
#[cfg(debug_assertions)]
pub(crate) fn wire(store: LocalStore, environment: &Environment) -> LocalStore {
    use std::sync::atomic::{AtomicU64, Ordering};

    let wanted = environment
        .get("RBACFORM_TEST_ABORT_AT")
        .and_then(|text| text.parse::<u64>().ok());
    let Some(wanted) = wanted else { return store };
    let reached = AtomicU64::new(0);
    store.with_checkpoint(rbacform_state::Checkpoint::new(move |_| {
        if reached.fetch_add(1, Ordering::SeqCst) + 1 == wanted {
            std::process::abort();
        }
    }))
}

/// Released programs have no such thing.
#[cfg(not(debug_assertions))]
pub(crate) fn wire(store: LocalStore, _: &Environment) -> LocalStore {
    store
}

/// With `RBACFORM_TEST_PANIC=PLACE`, panics there.
#[cfg(debug_assertions)]
#[expect(clippy::panic, reason = "that is what it is for")]
pub(crate) fn panic(environment: &Environment, place: &str) {
    if environment.get("RBACFORM_TEST_PANIC") == Some(place) {
        panic!("as the test asked for");
    }
}

/// Released programs have no such thing.
#[cfg(not(debug_assertions))]
pub(crate) fn panic(_: &Environment, _: &str) {}
