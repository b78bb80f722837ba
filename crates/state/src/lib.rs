//! State format, journal, lock and stores.
