//! The vocabulary of rbacform: addresses, values, schemas, changes, plans, diagnostics. No I/O.
