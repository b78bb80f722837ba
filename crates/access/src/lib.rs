//! Pure authorization engine: facts in, decision out.
