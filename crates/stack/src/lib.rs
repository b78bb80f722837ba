//! TOML stack files and ${CEL} to a resolved desired set, every value with its source span.
