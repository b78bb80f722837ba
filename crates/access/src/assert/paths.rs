//! Positive controls of paths: what an API server answers outside of its resources.

use rbacform_core::hint;

use super::control::{Control, of_rules};
use super::region::rules;
use super::told::Part;
use super::world::Planned;
use crate::matching::url_matches;

/// The paths that every API server has, with what lies below them
/// (Kubernetes: `kubernetes.io/docs/reference/using-api/health-checks`, the URLs of the roles
/// `system:discovery`, `system:monitoring` and `system:service-account-issuer-discovery`, and
/// `k8s.io/apiserver/pkg/server/routes`).
const KNOWN: [&str; 16] = [
    "/.well-known",
    "/api",
    "/apis",
    "/configz",
    "/debug",
    "/flagz",
    "/healthz",
    "/livez",
    "/logs",
    "/metrics",
    "/openapi",
    "/openid",
    "/readyz",
    "/statusz",
    "/version",
    "/",
];

/// A path, or a pattern of paths, is one of the API server's own, or a rule names it; `*` and `/*`
/// name none.
pub(super) fn of_path(path: &str, world: &Planned<'_>) -> Control {
    let mut patterns = rules(world.facts).flat_map(|rule| &rule.non_resource_urls);
    if is_known(path) || patterns.any(|pattern| names(pattern, path)) {
        return Control::Exists;
    }
    let help = match hint::closest(path, KNOWN) {
        Some(closest) => format!("did you mean `{closest}`?"),
        None => "if something serves it, say `custom = true`".to_owned(),
    };
    let what = format!("`{path}` is none of the API server's own paths");
    of_rules(world, Part::Resource, what, help)
}

fn is_known(path: &str) -> bool {
    KNOWN.into_iter().any(|known| {
        let below = path.strip_prefix(known);
        meet(path, known) || below.is_some_and(|rest| known != "/" && rest.starts_with('/'))
    })
}

fn names(pattern: &str, path: &str) -> bool {
    !["*", "/*"].contains(&pattern) && meet(pattern, path)
}

/// Whether one of two paths is the other, or lies within it.
fn meet(one: &str, other: &str) -> bool {
    url_matches(one, other) || url_matches(other, one)
}
