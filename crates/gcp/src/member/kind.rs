//! The kinds of member: what stands before the first colon.

/// The kinds that may be written.
pub(super) const KINDS: [&str; 10] = [
    "user",
    "group",
    "domain",
    "serviceAccount",
    "principal",
    "principalSet",
    "principalHierarchy",
    "projectOwner",
    "projectEditor",
    "projectViewer",
];

/// The members that are a word.
pub(super) const WORDS: [&str; 2] = ["allUsers", "allAuthenticatedUsers"];

/// Whether the case of what follows counts.
pub(super) fn is_exact(kind: &str) -> bool {
    matches!(kind, "principal" | "principalSet" | "principalHierarchy")
}
