//! Etags of policies and roles: bytes in canonical base64, another after every write.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The etag of a policy that was never set.
pub(crate) const NEVER_SET: &str = "ACAB";

/// The etag of Google's own roles.
pub(crate) const PREDEFINED_ROLE: &str = "AA==";

/// Service accounts have one that never changes (deprecated by Google).
pub(crate) const ACCOUNT: &str = "MDEwMjE5MjA=";

/// The etag of a write, as Google makes it: the byte 7, then the time in microseconds.
pub(crate) fn etag(stamp: i64) -> String {
    let mut bytes = stamp.to_be_bytes();
    bytes[0] = 7;
    STANDARD.encode(bytes)
}

/// Bytes as error texts show them: `\007\006…`.
pub(crate) fn shown(etag: &str) -> String {
    let bytes = STANDARD.decode(etag).unwrap_or_default();
    bytes.iter().map(|byte| format!("\\{byte:03o}")).collect()
}

/// Whether two texts are the same bytes: either alphabet, padded or not.
pub(crate) fn same(left: &str, right: &str) -> bool {
    let plain = |text: &str| text.replace('-', "+").replace('_', "/");
    plain(left).trim_end_matches('=') == plain(right).trim_end_matches('=')
}
