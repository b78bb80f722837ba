//! From a method and a path to an operation.

use serde_json::Value;

use super::api::GoogleApi;
use super::call::Call;
use super::failure::Failure;
use super::routes::{ROUTES, Route, Run};
use super::target::{TARGETS, Target};
use super::{container, name, policy, resource};

/// What a request asks for.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) api: GoogleApi,
    /// `v1`; empty where the path has none.
    pub(crate) version: String,
    /// `getIamPolicy`, `list`.
    pub(crate) verb: &'static str,
    /// `serviceAccounts`, `models`.
    pub(crate) collection: &'static str,
    /// The resource or the collection, without version and verb: `projects/p/serviceAccounts`.
    pub(crate) name: String,
    run: Answer,
}

/// Why a path is no operation.
#[derive(Debug)]
pub(crate) enum NoRoute {
    /// The API has the method, but not in this version.
    WrongVersion,
    /// Google may have it; the sandbox has not.
    NotModelled,
}

#[derive(Debug, Clone, Copy)]
enum Answer {
    Plain(Run),
    Target(OnTarget, &'static Target),
}

/// Answers a call about one resource of a sort.
type OnTarget = fn(&mut Call<'_>, &'static Target) -> Result<Value, Failure>;

impl Operation {
    /// Reads a path below `/google/API/`, percent-decoded, without the query.
    pub(crate) fn of(api: GoogleApi, method: &str, path: &str) -> Result<Self, NoRoute> {
        let path = path.trim_matches('/');
        let path = match api {
            GoogleApi::Storage => path.strip_prefix("storage/").unwrap_or(path),
            GoogleApi::OAuth2 => path.strip_prefix("oauth2/").unwrap_or(path),
            _ => path,
        };
        let (version, rest) = split_version(path);
        let (plain, custom) = match api {
            GoogleApi::Storage => storage_path(method, rest),
            _ => {
                let (plain, custom) = split_custom(rest);
                (plain.to_owned(), custom)
            }
        };
        let mut elsewhere = false;
        for found in &ROUTES {
            let Some(route_version) = found.matches(api, method, &plain, custom) else {
                continue;
            };
            if route_version == version {
                return Ok(Self {
                    api,
                    version: version.to_owned(),
                    verb: found.verb,
                    collection: found.collection,
                    name: plain,
                    run: Answer::Plain(found.run),
                });
            }
            elsewhere = true;
        }
        for target in TARGETS.iter().filter(|target| target.api == api) {
            let Some((verb, run)) = on_target(target, method, &plain, custom) else {
                continue;
            };
            // Without a version in the path it is Cloud Storage, whose base URL may hold it.
            let is_policy = !custom.is_empty();
            let fits = target.versions.contains(&version)
                || (version.is_empty() && api == GoogleApi::Storage)
                || (!is_policy && matches!(version, "v1" | "v1beta1") && !target.is_container());
            if fits {
                return Ok(Self {
                    api,
                    version: version.to_owned(),
                    verb,
                    collection: target.collection,
                    name: plain,
                    run: Answer::Target(run, target),
                });
            }
            elsewhere = true;
        }
        Err(match elsewhere {
            true => NoRoute::WrongVersion,
            false => NoRoute::NotModelled,
        })
    }

    pub(crate) fn run(&self, call: &mut Call<'_>) -> Result<Value, Failure> {
        match self.run {
            Answer::Plain(run) => run(call),
            Answer::Target(run, target) => run(call, target),
        }
    }

    /// Whether it changes nothing.
    pub(crate) fn is_read(&self) -> bool {
        is_read(self.verb)
    }
}

impl Route {
    /// Its version, where all else is asked for.
    fn matches(
        &self,
        api: GoogleApi,
        method: &str,
        plain: &str,
        custom: &str,
    ) -> Option<&'static str> {
        let (own_method, path) = self.request.split_once(' ')?;
        let (own_api, path) = path.split_once('/')?;
        if own_method != method || own_api != api.name() {
            return None;
        }
        let (version, rest) = split_version(path);
        let (pattern, own_custom) = split_custom(rest);
        let fits = own_custom == custom && name::matches(pattern, plain);
        fits.then_some(version)
    }
}

/// Whether an operation of this verb changes nothing.
pub(crate) fn is_read(verb: &str) -> bool {
    matches!(
        verb,
        "get" | "list" | "search" | "getIamPolicy" | "testIamPermissions" | "lintPolicy"
    ) || matches!(
        verb,
        "queryGrantableRoles" | "queryTestablePermissions" | "getAncestry"
    )
}

/// The operations that every sort of resource with a policy has.
fn on_target(
    target: &'static Target,
    method: &str,
    plain: &str,
    custom: &str,
) -> Option<(&'static str, OnTarget)> {
    let read_method = if target.read_by_get { "GET" } else { "POST" };
    let is_storage = target.api == GoogleApi::Storage;
    let shared: Option<(&str, &'static str, OnTarget)> = match custom {
        "getIamPolicy" => Some((read_method, "getIamPolicy", policy::get)),
        "setIamPolicy" if is_storage => Some(("PUT", "setIamPolicy", policy::set)),
        "setIamPolicy" => Some(("POST", "setIamPolicy", policy::set)),
        "testIamPermissions" if is_storage => Some(("GET", "testIamPermissions", policy::test)),
        "testIamPermissions" => Some(("POST", "testIamPermissions", policy::test)),
        "" if target.is_container() => Some(("GET", "get", container::get)),
        "" if !target.is_account() => Some(("GET", "get", resource::get)),
        _ => None,
    };
    if name::matches(target.pattern, plain) {
        let made = target.api == GoogleApi::PubSub && method == "PUT" && custom.is_empty();
        if made {
            return Some(("create", resource::insert));
        }
        let (wanted, verb, run) = shared?;
        return (wanted == method).then_some((verb, run));
    }
    // `buckets.insert` and `secrets.create` are sent to the collection.
    let collection = target.pattern.strip_suffix("/*").unwrap_or_default();
    let creates = matches!(target.api, GoogleApi::Storage | GoogleApi::SecretManager);
    let is_insert = creates && method == "POST" && custom.is_empty();
    (is_insert && name::matches(collection, plain)).then_some(("create", resource::insert))
}

fn split_version(path: &str) -> (&str, &str) {
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    let is_version = first
        .strip_prefix('v')
        .is_some_and(|rest| rest.starts_with(|digit: char| digit.is_ascii_digit()));
    if is_version {
        (first, rest)
    } else {
        ("", path)
    }
}

/// All that is served after a colon.
const CUSTOM: [&str; 12] = [
    "disable",
    "enable",
    "generateAccessToken",
    "getAncestry",
    "getIamPolicy",
    "lintPolicy",
    "queryGrantableRoles",
    "queryTestablePermissions",
    "search",
    "setIamPolicy",
    "testIamPermissions",
    "undelete",
];

/// Splits `projects/p:getIamPolicy`; a project's id may itself have a colon.
fn split_custom(path: &str) -> (&str, &str) {
    let (plain, custom) = path.rsplit_once(':').unwrap_or((path, ""));
    match CUSTOM.contains(&custom) {
        true => (plain, custom),
        false => (path, ""),
    }
}

/// Cloud Storage says `b/NAME/iam` where the others say `buckets/NAME:getIamPolicy`.
fn storage_path(method: &str, path: &str) -> (String, &'static str) {
    let (plain, custom) = match path {
        path if path.ends_with("/iam/testPermissions") => (
            path.trim_end_matches("/iam/testPermissions"),
            "testIamPermissions",
        ),
        path if path.ends_with("/iam") => match method {
            "PUT" => (path.trim_end_matches("/iam"), "setIamPolicy"),
            _ => (path.trim_end_matches("/iam"), "getIamPolicy"),
        },
        path => (path, ""),
    };
    let plain = match plain.strip_prefix("b/") {
        Some(bucket) => format!("buckets/{bucket}"),
        None if plain == "b" => "buckets".to_owned(),
        None => plain.to_owned(),
    };
    (plain, custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(api: GoogleApi, method: &str, path: &str) -> String {
        match Operation::of(api, method, path) {
            Ok(found) => format!("{} {} {}", found.verb, found.collection, found.name),
            Err(problem) => format!("{problem:?}"),
        }
    }

    #[test]
    fn paths_become_operations() {
        for (api, method, path, expected) in [
            (
                GoogleApi::ResourceManager,
                "POST",
                "v1/projects/example.com:acme:getIamPolicy",
                "getIamPolicy projects projects/example.com:acme",
            ),
            (
                GoogleApi::ResourceManager,
                "GET",
                "v3/projects/example.com:acme",
                "get projects projects/example.com:acme",
            ),
            (
                GoogleApi::Iam,
                "GET",
                "v1/projects/-/serviceAccounts/a@b.c",
                "get serviceAccounts projects/-/serviceAccounts/a@b.c",
            ),
            (
                GoogleApi::Storage,
                "PUT",
                "storage/v1/b/data/iam",
                "setIamPolicy buckets buckets/data",
            ),
            (
                GoogleApi::Storage,
                "GET",
                "b/data/iam/testPermissions",
                "testIamPermissions buckets buckets/data",
            ),
            (
                GoogleApi::VertexAi,
                "POST",
                "v1/projects/p/locations/l/endpoints/e:getIamPolicy",
                "WrongVersion",
            ),
            (
                GoogleApi::Iam,
                "GET",
                "v2/projects/p/serviceAccounts",
                "WrongVersion",
            ),
            (
                GoogleApi::Iam,
                "GET",
                "v1/projects/p/locations",
                "NotModelled",
            ),
            (
                GoogleApi::Iam,
                "POST",
                "v1/projects/p/serviceAccounts/e:signJwt",
                "NotModelled",
            ),
        ] {
            assert_eq!(read(api, method, path), expected, "{method} {path}");
        }
    }

    #[test]
    fn every_route_is_reached_by_its_own_words() {
        for route in &ROUTES {
            let (method, path) = route.request.split_once(' ').unwrap();
            let (api, path) = path.split_once('/').unwrap();
            let api = GoogleApi::of_name(api).unwrap();
            let found = Operation::of(api, method, &path.replace('*', "x"));
            let found = found.unwrap_or_else(|problem| panic!("{}: {problem:?}", route.request));
            assert_eq!(
                (found.verb, found.collection),
                (route.verb, route.collection)
            );
        }
    }
}
