//! Workload Identity Federation for GKE has two halves: the annotation on the Kubernetes service
//! account and the grant on Google's. One without the other does nothing.
//!
//! Google: `kubernetes-engine/docs/how-to/workload-identity`.

use std::collections::BTreeSet;

use rbacform_core::{DesiredResource, Diagnostic, ObjectId, Value};

use crate::ident::{IAM_BINDING, IAM_MEMBER, IAM_POLICY, Ident, SERVICE_ACCOUNT};
use crate::member::{self, Workload};

/// The role of the grant.
pub(crate) const WORKLOAD_IDENTITY_USER: &str = "roles/iam.workloadIdentityUser";
const ANNOTATION: &str = "iam.gke.io/gcp-service-account";

/// A Kubernetes service account that the stack declares.
struct Account<'d> {
    resource: &'d DesiredResource,
    namespace: &'d str,
    name: &'d str,
    /// The Google service account in its annotation.
    email: Option<String>,
}

/// A grant that lets workloads act as a Google service account.
struct Impersonation<'d> {
    resource: &'d DesiredResource,
    email: String,
    workload: Workload,
}

/// Halves without the other, as warnings: the other may be another stack's.
pub(super) fn check(desired: &[DesiredResource]) -> Vec<Diagnostic> {
    let accounts: Vec<Account<'_>> = desired.iter().filter_map(Account::of).collect();
    let grants: Vec<Impersonation<'_>> = desired.iter().flat_map(impersonations).collect();
    let both_clouds = desired.iter().any(|resource| is_google(&resource.object));
    let annotated = accounts
        .iter()
        .filter(|_| both_clouds)
        .filter_map(|account| without_grant(account, &grants));
    let granted = grants
        .iter()
        .filter_map(|grant| without_annotation(grant, &accounts, desired));
    annotated.chain(granted).collect()
}

/// Grants to workloads of another pool than the cluster's own, `PROJECT.svc.id.goog`: they let
/// nobody in this cluster do anything.
pub fn check_pool(desired: &[DesiredResource], workload_pool: &str) -> Vec<Diagnostic> {
    let project = workload_pool
        .strip_suffix(".svc.id.goog")
        .unwrap_or(workload_pool);
    let accounts: Vec<Account<'_>> = desired.iter().filter_map(Account::of).collect();
    let grants = desired.iter().flat_map(impersonations);
    grants
        .filter(|grant| grant.workload.pool_project != project)
        .filter_map(|grant| {
            let account = accounts.iter().find(|account| grant.is_for(account))?;
            let message = format!(
                "`{}/{}` is in the pool `{workload_pool}` of its cluster, and this grants to \
                 `{}.svc.id.goog`",
                account.namespace, account.name, grant.workload.pool_project
            );
            Some(
                Diagnostic::error("wrong-pool", message)
                    .at(grant.resource.span)
                    .address(&grant.resource.address)
                    .help(format!("the project of the pool is `{project}`"))
                    .related(account.resource.span, "declared here"),
            )
        })
        .collect()
}

/// Whether the stack lets named workloads of a pool act as a Google service account.
pub fn grants_to_pool(desired: &[DesiredResource], workload_pool: &str) -> bool {
    !named_in(desired, workload_pool).is_empty()
}

/// Sameness: a pool does not tell its clusters apart. Whoever may make pods of that name in one of
/// `others` (`LOCATION/NAME`), which share the pool, has the access too.
///
/// Google: `kubernetes-engine/docs/concepts/workload-identity#identity_sameness`.
pub fn check_sameness(
    desired: &[DesiredResource],
    workload_pool: &str,
    others: &[String],
) -> Vec<Diagnostic> {
    let [first, rest @ ..] = others else {
        return Vec::new();
    };
    let whose = match rest.len() {
        0 => format!("the cluster `{first}`"),
        1 => format!("the clusters `{first}` and `{}`", rest.join("")),
        more => format!("the cluster `{first}` and {more} others"),
    };
    let named = named_in(desired, workload_pool);
    let Some(grant) = named.first() else {
        return Vec::new();
    };
    let who = match named.len() {
        1 => grant.workload.to_string(),
        more => format!("{} and {} others", grant.workload, more - 1),
    };
    let message = format!(
        "pods of {who} in {whose} have this access too: they share the pool `{workload_pool}`"
    );
    vec![
        Diagnostic::warning("shared-pool", message)
            .at(grant.resource.span)
            .address(&grant.resource.address)
            .help(
                "use a namespace that only this cluster has, or see to it that nobody else makes \
                 it there",
            ),
    ]
}

/// The grants to a part of a pool: who grants to the whole means every cluster.
fn named_in<'d>(desired: &'d [DesiredResource], workload_pool: &str) -> Vec<Impersonation<'d>> {
    let grants = desired.iter().flat_map(impersonations);
    let project = workload_pool.strip_suffix(".svc.id.goog");
    grants
        .filter(|grant| Some(grant.workload.pool_project.as_str()) == project)
        .filter(|grant| grant.workload.namespace.is_some())
        .collect()
}

impl<'d> Account<'d> {
    fn of(resource: &'d DesiredResource) -> Option<Self> {
        let object = &resource.object;
        if object.kind != SERVICE_ACCOUNT || is_google(object) {
            return None;
        }
        let (namespace, name) = object.ident.split_once('/')?;
        let annotations = resource.attributes.get("annotations");
        let email = annotations
            .and_then(|all| all.get(ANNOTATION))
            .and_then(Value::as_str);
        Some(Self {
            resource,
            namespace,
            name,
            email: email.map(str::to_lowercase),
        })
    }
}

impl Impersonation<'_> {
    fn is_for(&self, account: &Account<'_>) -> bool {
        let fits =
            |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted == is);
        fits(&self.workload.namespace, account.namespace) && fits(&self.workload.name, account.name)
    }
}

fn without_grant(account: &Account<'_>, grants: &[Impersonation<'_>]) -> Option<Diagnostic> {
    let email = account.email.as_ref()?;
    let lets = |grant: &Impersonation<'_>| grant.email == *email && grant.is_for(account);
    if grants.iter().any(lets) {
        return None;
    }
    let (namespace, name) = (account.namespace, account.name);
    let message = format!("`{namespace}/{name}` is to act as `{email}`, and nothing here lets it");
    let warning = Diagnostic::warning("workload-identity-half", message)
        .at(account.resource.span)
        .address(&account.resource.address)
        .help(format!(
            "declare the other half:\n[gcp.workload_identity.NAME]\nservice_account = \
             \"{email}\"\nkubernetes_service_account = \"{namespace}/{name}\""
        ));
    // A grant to it on another Google account is what was meant, or left behind.
    Some(
        match grants.iter().find(|grant| is_exactly(grant, account)) {
            Some(other) => {
                let label = format!("this lets it act as `{}`", other.email);
                warning.related(other.resource.span, label)
            }
            None => warning,
        },
    )
}

fn is_exactly(grant: &Impersonation<'_>, account: &Account<'_>) -> bool {
    grant.workload.name.is_some() && grant.is_for(account)
}

fn without_annotation(
    grant: &Impersonation<'_>,
    accounts: &[Account<'_>],
    desired: &[DesiredResource],
) -> Option<Diagnostic> {
    let (namespace, name) = (
        grant.workload.namespace.as_deref()?,
        grant.workload.name.as_deref()?,
    );
    let warning = |message: String, help: String| {
        Diagnostic::warning("workload-identity-half", message)
            .at(grant.resource.span)
            .address(&grant.resource.address)
            .help(help)
    };
    let email = &grant.email;
    match accounts.iter().find(|account| is_exactly(grant, account)) {
        Some(account) if account.email.as_ref() == Some(email) => None,
        // The other side has told of it, and shown this place.
        Some(account) if account.email.is_some() => None,
        Some(account) => Some(
            warning(
                format!("`{namespace}/{name}` may act as `{email}`, and its annotation is missing"),
                format!("set `gcp_service_account = \"{email}\"` on it"),
            )
            .related(account.resource.span, "declared here, without it"),
        ),
        None => is_declared(namespace, accounts, desired).then(|| {
            warning(
                format!(
                    "no Kubernetes service account `{namespace}/{name}` is declared here, and it \
                     may act as `{email}`"
                ),
                "declare it, with `gcp_service_account`; whoever makes one of that name has this \
                 access"
                    .to_owned(),
            )
        }),
    }
}

/// Whether the stack has a say in a namespace.
fn is_declared(namespace: &str, accounts: &[Account<'_>], desired: &[DesiredResource]) -> bool {
    accounts
        .iter()
        .any(|account| account.namespace == namespace)
        || desired.iter().any(|resource| {
            resource.object.kind == "Namespace" && resource.object.ident == namespace
        })
}

/// The workloads that a resource lets act as a Google service account.
fn impersonations(resource: &DesiredResource) -> Vec<Impersonation<'_>> {
    let Some(about) = Ident::of(&resource.object) else {
        return Vec::new();
    };
    let Some((_, email)) = about.resource.split_once("/serviceAccounts/") else {
        return Vec::new();
    };
    let members: BTreeSet<&str> = match resource.object.kind.as_str() {
        IAM_MEMBER if about.role == WORKLOAD_IDENTITY_USER => BTreeSet::from([about.member]),
        IAM_BINDING if about.role == WORKLOAD_IDENTITY_USER => members(&resource.attributes),
        IAM_POLICY => {
            let bindings = resource.attributes.get("bindings").and_then(Value::as_list);
            let bindings = bindings.unwrap_or_default().iter();
            bindings
                .filter(|binding| {
                    binding.get("role").and_then(Value::as_str) == Some(WORKLOAD_IDENTITY_USER)
                })
                .flat_map(members)
                .collect()
        }
        _ => BTreeSet::new(),
    };
    members
        .into_iter()
        .filter_map(|text| {
            Some(Impersonation {
                resource,
                email: email.to_owned(),
                workload: member::as_workload(text)?,
            })
        })
        .collect()
}

fn members(binding: &Value) -> BTreeSet<&str> {
    let members = binding.get("members").and_then(Value::as_list);
    members
        .unwrap_or_default()
        .iter()
        .filter_map(Value::as_str)
        .collect()
}

/// Whether an object is Google's: a Kubernetes service account has the same kind.
fn is_google(object: &ObjectId) -> bool {
    object.instance == crate::PROVIDER
}
