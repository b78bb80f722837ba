//! From a method and a path to an operation.

use serde_json::Value;

use super::api::GoogleApi;
use super::call::Call;
use super::failure::Failure;
use super::target::{TARGETS, Target};
use super::{account, cluster, container, credentials, name, policy, resource, role};

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
    run: Run,
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
enum Run {
    Plain(fn(&mut Call<'_>) -> Result<Value, Failure>),
    Target(OnTarget, &'static Target),
}

struct Route {
    api: GoogleApi,
    versions: &'static [&'static str],
    method: &'static str,
    pattern: &'static str,
    /// What follows the colon in the path.
    custom: &'static str,
    verb: &'static str,
    collection: &'static str,
    run: fn(&mut Call<'_>) -> Result<Value, Failure>,
}

const fn route(
    api: GoogleApi,
    versions: &'static [&'static str],
    (method, pattern, custom): (&'static str, &'static str, &'static str),
    (verb, collection): (&'static str, &'static str),
    run: fn(&mut Call<'_>) -> Result<Value, Failure>,
) -> Route {
    Route {
        api,
        versions,
        method,
        pattern,
        custom,
        verb,
        collection,
        run,
    }
}

const IAM: GoogleApi = GoogleApi::Iam;
const CRM: GoogleApi = GoogleApi::ResourceManager;
const GKE: GoogleApi = GoogleApi::Container;
const V1: &[&str] = &["v1"];
const V3: &[&str] = &["v3"];
const ACCOUNTS: &str = "projects/*/serviceAccounts";
const ACCOUNT: &str = "projects/*/serviceAccounts/*";
const ROLES: [&str; 2] = ["projects/*/roles", "organizations/*/roles"];
const ROLE: [&str; 2] = ["projects/*/roles/*", "organizations/*/roles/*"];
const TOKENS: &str = "token";
const INFO: &str = "tokeninfo";
const SA: &str = "serviceAccounts";

/// Everything but the policies, which every sort of resource has alike.
static ROUTES: &[Route] = &[
    route(
        IAM,
        V1,
        ("POST", ACCOUNTS, ""),
        ("create", SA),
        account::create,
    ),
    route(IAM, V1, ("GET", ACCOUNTS, ""), ("list", SA), account::list),
    route(IAM, V1, ("GET", ACCOUNT, ""), ("get", SA), account::get),
    route(
        IAM,
        V1,
        ("PATCH", ACCOUNT, ""),
        ("patch", SA),
        account::patch,
    ),
    route(
        IAM,
        V1,
        ("PUT", ACCOUNT, ""),
        ("update", SA),
        account::update,
    ),
    route(
        IAM,
        V1,
        ("DELETE", ACCOUNT, ""),
        ("delete", SA),
        account::delete,
    ),
    route(
        IAM,
        V1,
        ("POST", ACCOUNT, "disable"),
        ("disable", SA),
        account::disable,
    ),
    route(
        IAM,
        V1,
        ("POST", ACCOUNT, "enable"),
        ("enable", SA),
        account::enable,
    ),
    route(
        IAM,
        V1,
        ("POST", ACCOUNT, "undelete"),
        ("undelete", SA),
        account::undelete,
    ),
    route(
        IAM,
        V1,
        ("POST", ROLES[0], ""),
        ("create", "roles"),
        role::create,
    ),
    route(
        IAM,
        V1,
        ("POST", ROLES[1], ""),
        ("create", "roles"),
        role::create,
    ),
    route(
        IAM,
        V1,
        ("GET", ROLES[0], ""),
        ("list", "roles"),
        role::list,
    ),
    route(
        IAM,
        V1,
        ("GET", ROLES[1], ""),
        ("list", "roles"),
        role::list,
    ),
    route(IAM, V1, ("GET", ROLE[0], ""), ("get", "roles"), role::get),
    route(IAM, V1, ("GET", ROLE[1], ""), ("get", "roles"), role::get),
    route(
        IAM,
        V1,
        ("PATCH", ROLE[0], ""),
        ("patch", "roles"),
        role::patch,
    ),
    route(
        IAM,
        V1,
        ("PATCH", ROLE[1], ""),
        ("patch", "roles"),
        role::patch,
    ),
    route(
        IAM,
        V1,
        ("DELETE", ROLE[0], ""),
        ("delete", "roles"),
        role::delete,
    ),
    route(
        IAM,
        V1,
        ("DELETE", ROLE[1], ""),
        ("delete", "roles"),
        role::delete,
    ),
    route(
        IAM,
        V1,
        ("POST", ROLE[0], "undelete"),
        ("undelete", "roles"),
        role::undelete,
    ),
    route(
        IAM,
        V1,
        ("POST", ROLE[1], "undelete"),
        ("undelete", "roles"),
        role::undelete,
    ),
    route(
        IAM,
        V1,
        ("GET", "roles", ""),
        ("list", "roles"),
        role::list_predefined,
    ),
    route(
        IAM,
        V1,
        ("GET", "roles/*", ""),
        ("get", "roles"),
        role::get_predefined,
    ),
    route(
        IAM,
        V1,
        ("POST", "roles", "queryGrantableRoles"),
        ("queryGrantableRoles", "roles"),
        role::query_grantable,
    ),
    route(
        IAM,
        V1,
        ("POST", "permissions", "queryTestablePermissions"),
        ("queryTestablePermissions", "permissions"),
        role::query_testable,
    ),
    route(
        IAM,
        V1,
        ("POST", "iamPolicies", "lintPolicy"),
        ("lintPolicy", "iamPolicies"),
        policy::lint,
    ),
    route(
        CRM,
        &["v1", "v3"],
        ("GET", "projects", ""),
        ("list", "projects"),
        container::list,
    ),
    route(
        CRM,
        V3,
        ("GET", "projects", "search"),
        ("search", "projects"),
        container::list,
    ),
    route(
        CRM,
        &["v1", "v3"],
        ("POST", "projects", ""),
        ("create", "projects"),
        container::create_project,
    ),
    route(
        CRM,
        V1,
        ("POST", "projects/*", "getAncestry"),
        ("getAncestry", "projects"),
        container::ancestry,
    ),
    route(
        CRM,
        V1,
        ("POST", "organizations", "search"),
        ("search", "organizations"),
        container::list,
    ),
    route(
        CRM,
        V3,
        ("GET", "organizations", "search"),
        ("search", "organizations"),
        container::list,
    ),
    route(
        CRM,
        V3,
        ("GET", "folders", "search"),
        ("search", "folders"),
        container::list,
    ),
    route(
        GKE,
        V1,
        ("GET", "projects/*/locations/*/clusters/*", ""),
        ("get", "clusters"),
        cluster::get,
    ),
    route(
        GKE,
        V1,
        ("GET", "projects/*/zones/*/clusters/*", ""),
        ("get", "clusters"),
        cluster::get,
    ),
    route(
        GKE,
        V1,
        ("GET", "projects/*/locations/*/clusters", ""),
        ("list", "clusters"),
        cluster::list,
    ),
    route(
        GKE,
        V1,
        ("GET", "projects/*/zones/*/clusters", ""),
        ("list", "clusters"),
        cluster::list,
    ),
    route(
        GoogleApi::IamCredentials,
        V1,
        ("POST", ACCOUNT, "generateAccessToken"),
        ("generateAccessToken", SA),
        credentials::generate_access_token,
    ),
    route(
        GoogleApi::OAuth2,
        &[""],
        ("POST", TOKENS, ""),
        ("create", TOKENS),
        credentials::token,
    ),
    route(
        GoogleApi::OAuth2,
        INFOS,
        ("GET", INFO, ""),
        ("get", INFO),
        credentials::info,
    ),
    route(
        GoogleApi::OAuth2,
        INFOS,
        ("POST", INFO, ""),
        ("get", INFO),
        credentials::info,
    ),
    route(
        GoogleApi::Sts,
        V1,
        ("POST", TOKENS, ""),
        ("create", TOKENS),
        credentials::exchange,
    ),
];

const INFOS: &[&str] = &["", "v1", "v2", "v3"];

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
            _ => split_custom(rest),
        };
        let mut elsewhere = false;
        for found in ROUTES.iter().filter(|route| {
            route.api == api
                && route.method == method
                && route.custom == custom
                && name::matches(route.pattern, &plain)
        }) {
            if found.versions.contains(&version) {
                return Ok(Self {
                    api,
                    version: version.to_owned(),
                    verb: found.verb,
                    collection: found.collection,
                    name: plain,
                    run: Run::Plain(found.run),
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
                    run: Run::Target(run, target),
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
            Run::Plain(run) => run(call),
            Run::Target(run, target) => run(call, target),
        }
    }

    /// Whether it changes nothing.
    pub(crate) fn is_read(&self) -> bool {
        is_read(self.verb)
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

/// Splits `projects/p:getIamPolicy`; a project's id may itself have a colon.
fn split_custom(path: &str) -> (String, &str) {
    let end = path.rfind('/').map_or(0, |at| at + 1);
    let last = path.get(end..).unwrap_or_default();
    match last.rsplit_once(':') {
        Some((id, custom)) if custom.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            let plain = path.get(..end).unwrap_or_default();
            (format!("{plain}{id}"), custom)
        }
        _ => (path.to_owned(), ""),
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
