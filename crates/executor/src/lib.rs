//! Runs a plan: concurrency, retries, journal, events.
