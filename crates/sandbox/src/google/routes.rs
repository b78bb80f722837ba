//! The calls that are served, besides those that every sort of resource with a policy has.

use serde_json::Value;

use super::call::Call;
use super::failure::Failure;
use super::{account, cluster, container, credentials, policy, role};

/// Answers a call.
pub(crate) type Run = fn(&mut Call<'_>) -> Result<Value, Failure>;

/// One call of an API.
pub(crate) struct Route {
    /// `METHOD API/VERSION/PATH:CUSTOM`, in which `*` stands for one segment.
    pub(crate) request: &'static str,
    /// As request counts name it.
    pub(crate) verb: &'static str,
    /// As request counts name it.
    pub(crate) collection: &'static str,
    pub(crate) run: Run,
}

const fn route(
    request: &'static str,
    (verb, collection): (&'static str, &'static str),
    run: Run,
) -> Route {
    Route {
        request,
        verb,
        collection,
        run,
    }
}

const SA: &str = "serviceAccounts";

/// Rows as the discovery documents have them; `tokeninfo` answers at each of its versions.
#[rustfmt::skip]
pub(crate) static ROUTES: [Route; 50] = [
    route("POST iam/v1/projects/*/serviceAccounts", ("create", SA), account::create),
    route("GET iam/v1/projects/*/serviceAccounts", ("list", SA), account::list),
    route("GET iam/v1/projects/*/serviceAccounts/*", ("get", SA), account::get),
    route("PATCH iam/v1/projects/*/serviceAccounts/*", ("patch", SA), account::patch),
    route("PUT iam/v1/projects/*/serviceAccounts/*", ("update", SA), account::update),
    route("DELETE iam/v1/projects/*/serviceAccounts/*", ("delete", SA), account::delete),
    route("POST iam/v1/projects/*/serviceAccounts/*:disable", ("disable", SA), account::disable),
    route("POST iam/v1/projects/*/serviceAccounts/*:enable", ("enable", SA), account::enable),
    route("POST iam/v1/projects/*/serviceAccounts/*:undelete", ("undelete", SA), account::undelete),
    route("POST iam/v1/projects/*/roles", ("create", "roles"), role::create),
    route("GET iam/v1/projects/*/roles", ("list", "roles"), role::list),
    route("GET iam/v1/projects/*/roles/*", ("get", "roles"), role::get),
    route("PATCH iam/v1/projects/*/roles/*", ("patch", "roles"), role::patch),
    route("DELETE iam/v1/projects/*/roles/*", ("delete", "roles"), role::delete),
    route("POST iam/v1/projects/*/roles/*:undelete", ("undelete", "roles"), role::undelete),
    route("POST iam/v1/organizations/*/roles", ("create", "roles"), role::create),
    route("GET iam/v1/organizations/*/roles", ("list", "roles"), role::list),
    route("GET iam/v1/organizations/*/roles/*", ("get", "roles"), role::get),
    route("PATCH iam/v1/organizations/*/roles/*", ("patch", "roles"), role::patch),
    route("DELETE iam/v1/organizations/*/roles/*", ("delete", "roles"), role::delete),
    route("POST iam/v1/organizations/*/roles/*:undelete", ("undelete", "roles"), role::undelete),
    route("GET iam/v1/roles", ("list", "roles"), role::list_predefined),
    route("GET iam/v1/roles/*", ("get", "roles"), role::get_predefined),
    route("POST iam/v1/roles:queryGrantableRoles",
        ("queryGrantableRoles", "roles"), role::query_grantable),
    route("POST iam/v1/permissions:queryTestablePermissions",
        ("queryTestablePermissions", "permissions"), role::query_testable),
    route("POST iam/v1/iamPolicies:lintPolicy", ("lintPolicy", "iamPolicies"), policy::lint),
    route("GET cloudresourcemanager/v1/projects", ("list", "projects"), container::list),
    route("GET cloudresourcemanager/v3/projects", ("list", "projects"), container::list),
    route("GET cloudresourcemanager/v3/projects:search", ("search", "projects"), container::list),
    route("GET cloudresourcemanager/v3/folders:search", ("search", "folders"), container::list),
    route("GET cloudresourcemanager/v3/organizations:search",
        ("search", "organizations"), container::list),
    route("POST cloudresourcemanager/v1/organizations:search",
        ("search", "organizations"), container::list),
    route("POST cloudresourcemanager/v1/projects",
        ("create", "projects"), container::create_project),
    route("POST cloudresourcemanager/v3/projects",
        ("create", "projects"), container::create_project),
    route("POST cloudresourcemanager/v1/projects/*:getAncestry",
        ("getAncestry", "projects"), container::ancestry),
    route("GET container/v1/projects/*/locations/*/clusters/*", ("get", "clusters"), cluster::get),
    route("GET container/v1/projects/*/zones/*/clusters/*", ("get", "clusters"), cluster::get),
    route("GET container/v1/projects/*/locations/*/clusters", ("list", "clusters"), cluster::list),
    route("GET container/v1/projects/*/zones/*/clusters", ("list", "clusters"), cluster::list),
    route("POST iamcredentials/v1/projects/*/serviceAccounts/*:generateAccessToken",
        ("generateAccessToken", SA), credentials::generate_access_token),
    route("POST oauth2/token", ("create", "token"), credentials::token),
    route("GET oauth2/tokeninfo", ("get", "tokeninfo"), credentials::info),
    route("GET oauth2/v1/tokeninfo", ("get", "tokeninfo"), credentials::info),
    route("GET oauth2/v2/tokeninfo", ("get", "tokeninfo"), credentials::info),
    route("GET oauth2/v3/tokeninfo", ("get", "tokeninfo"), credentials::info),
    route("POST oauth2/tokeninfo", ("get", "tokeninfo"), credentials::info),
    route("POST oauth2/v1/tokeninfo", ("get", "tokeninfo"), credentials::info),
    route("POST oauth2/v2/tokeninfo", ("get", "tokeninfo"), credentials::info),
    route("POST oauth2/v3/tokeninfo", ("get", "tokeninfo"), credentials::info),
    route("POST sts/v1/token", ("create", "token"), credentials::exchange),
];
