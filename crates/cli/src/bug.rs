//! Bugs: a panic ends as a diagnostic and an exit code of its own, never as a backtrace.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use crate::failure::Failure;

/// Runs a command. What it was doing is dropped on the way, the lock and the sandbox included;
/// state and journal are as durable as after a kill.
pub(crate) fn caught<T>(run: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    let place = Arc::new(Mutex::new(String::new()));
    let noted = Arc::clone(&place);
    // The default hook prints to stderr in words that help nobody but us. The first panic of
    // several is the one to tell.
    std::panic::set_hook(Box::new(move |panic| {
        let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.is_empty() {
            *noted = panic.to_string();
        }
    }));
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| {
        let words = place.lock().unwrap_or_else(PoisonError::into_inner);
        // The first line says where, the others what.
        let words: Vec<&str> = words.lines().collect();
        Err(Failure::bug(words.join(" ")))
    })
}
