//! Predefined roles: which exist, what they hold, and where they mean anything.
//!
//! The knowledge has a [`date`]: Google adds roles every week. A role that is newer is named in
//! the provider's setting `known_roles`.

mod holder;
mod table;

pub use holder::usual_holder;
use rbacform_core::hint;

use crate::target::{Permissions, Target, targets};
use table::table;

/// The roles that hold nearly everything in a project. They take no conditions.
pub const BASIC: [&str; 3] = ["roles/owner", "roles/editor", "roles/viewer"];

/// The day that this knowledge is from, `YYYY-MM-DD`.
pub fn date() -> &'static str {
    table().date
}

/// Whether a role, written `roles/...`, is one of Google's own.
pub fn exists(role: &str) -> bool {
    position(role).is_some()
}

/// Whether a role is owner, editor or viewer.
pub fn is_basic(role: &str) -> bool {
    BASIC.contains(&role)
}

/// The role whose name is closest, where one is close enough to suggest.
pub fn closest(role: &str) -> Option<String> {
    let name = role.strip_prefix("roles/").unwrap_or(role);
    // The part behind the dot is what is typed wrong most often, so that roles of the same
    // service go first.
    let service = name.split_once('.').map(|(service, _)| service);
    let names = table().roles();
    let of_service = names
        .iter()
        .filter(|known| known.split_once('.').map(|(s, _)| s) == service);
    hint::closest(name, of_service)
        .or_else(|| hint::closest(name, names.iter()))
        .map(|name| format!("roles/{name}"))
}

/// Every predefined role, sorted.
pub fn all() -> impl Iterator<Item = String> {
    table().roles().iter().map(|name| format!("roles/{name}"))
}

/// The permissions of a role, sorted. `None` where it is not one of Google's own. A few hold none
/// that is known.
pub fn permissions(role: &str) -> Option<Vec<&'static str>> {
    let held = table().held(position(role)?);
    let names = table().permissions();
    Some(
        held.into_iter()
            .filter_map(|index| names.get(index))
            .collect(),
    )
}

/// Whether a role holds a permission. `None` where it is not one of Google's own, or nothing is
/// published of what it holds.
pub fn holds(role: &str, permission: &str) -> Option<bool> {
    let held = table().held(position(role)?);
    if held.is_empty() {
        return None;
    }
    let index = table().permissions().position(permission);
    Some(index.is_some_and(|index| held.binary_search(&index).is_ok()))
}

/// Whether a permission is held by any predefined role.
pub fn permission_exists(permission: &str) -> bool {
    table().permissions().position(permission).is_some()
}

/// The permission whose name is closest, where one is close enough to suggest.
pub fn closest_permission(permission: &str) -> Option<&'static str> {
    let service = permission.split_once('.').map(|(service, _)| service);
    let names = table().permissions();
    let of_service = names
        .iter()
        .filter(|known| known.split_once('.').map(|(s, _)| s) == service);
    hint::closest(permission, of_service).or_else(|| hint::closest(permission, names.iter()))
}

/// Whether a role means anything on a target. `None` where nobody here can tell: a custom role, an
/// unknown one, or one whose permissions are not published.
pub fn applies(role: &str, target: &Target) -> Option<bool> {
    let held = table().held(position(role)?);
    if held.is_empty() {
        return None;
    }
    if target.permissions == Permissions::Any {
        return Some(true);
    }
    let names = table().permissions();
    let mut held = held.into_iter().filter_map(|index| names.get(index));
    Some(held.any(|permission| target.permissions.covers(permission)))
}

/// The kinds of resource that a role means something on, those above included.
pub fn applicable_targets(role: &str) -> Vec<&'static Target> {
    targets()
        .iter()
        .filter(|target| applies(role, target) == Some(true))
        .collect()
}

/// The predefined roles that mean something on a target, sorted.
pub fn applicable_roles(target: &Target) -> Vec<String> {
    let names = table().permissions();
    let covered: Vec<bool> = names
        .iter()
        .map(|permission| target.permissions.covers(permission))
        .collect();
    let roles = table().roles().iter().enumerate();
    roles
        .filter(|(index, _)| {
            let held = table().held(*index);
            held.iter()
                .any(|permission| covered.get(*permission).copied().unwrap_or_default())
        })
        .map(|(_, name)| format!("roles/{name}"))
        .collect()
}

fn position(role: &str) -> Option<usize> {
    table().roles().position(role.strip_prefix("roles/")?)
}

#[cfg(test)]
mod tests;
