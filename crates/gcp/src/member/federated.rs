//! Federated principals: `principal://...` and `principalSet://...`. Their case counts, and so does
//! which of a project's two names stands where.

use super::{MemberError, Workload};
use crate::target::{is_project_id, is_project_number};

const IAM: &str = "iam.googleapis.com/";
const HIERARCHY: &str = "cloudresourcemanager.googleapis.com/";
const GKE: &str = ".svc.id.goog";

/// What is wrong with a federated principal, if anything. `value` is what follows the kind's colon.
pub(super) fn check(kind: &str, value: &str) -> Result<(), MemberError> {
    let Some(path) = value.strip_prefix("//") else {
        return Err(MemberError::new(
            "invalid-member",
            format!("`{kind}:{value}` lacks `//` behind `{kind}:`"),
            format!("write `{kind}://{}`", value.trim_start_matches('/')),
        ));
    };
    if let Some(rest) = strip_host(path, HIERARCHY) {
        return hierarchy(kind, rest);
    }
    if let Some(rest) = strip_host(path, IAM) {
        return pool(kind, rest);
    }
    // Another trust domain: agents have their own.
    match path.split_once('/') {
        Some((host, rest)) if host.contains('.') && !rest.is_empty() => Ok(()),
        _ => Err(MemberError::new(
            "invalid-member",
            format!("`{kind}:{value}` names nobody"),
            "write it as `principal://iam.googleapis.com/...`",
        )),
    }
}

/// Kubernetes service accounts behind a federated principal.
pub(super) fn workload(member: &str) -> Option<Workload> {
    let path = member
        .strip_prefix("principal://")
        .or_else(|| member.strip_prefix("principalSet://"))?;
    let (_, rest) = path.split_once("/workloadIdentityPools/")?;
    let (pool, who) = rest.split_once('/')?;
    let workload = |namespace: Option<&str>, name: Option<&str>| {
        Some(Workload {
            pool_project: pool.strip_suffix(GKE)?.to_owned(),
            namespace: namespace.map(str::to_owned),
            name: name.map(str::to_owned),
        })
    };
    match who.split('/').collect::<Vec<_>>().as_slice() {
        ["subject", "ns", namespace, "sa", name] => workload(Some(namespace), Some(name)),
        ["namespace", namespace] => workload(Some(namespace), None),
        ["*"] => workload(None, None),
        _ => None,
    }
}

/// Hosts have no case, but the whole text counts as it is: only the right one is a match.
fn strip_host<'p>(path: &'p str, host: &str) -> Option<&'p str> {
    path.strip_prefix(host)
}

fn hierarchy(kind: &str, rest: &str) -> Result<(), MemberError> {
    let parts: Vec<&str> = rest.split('/').collect();
    let [
        node @ ("projects" | "folders" | "organizations"),
        number,
        "type",
        ty,
    ] = parts.as_slice()
    else {
        return Err(MemberError::new(
            "invalid-member",
            format!("`{kind}://{HIERARCHY}{rest}` names nobody"),
            format!("write `principalSet://{HIERARCHY}projects/NUMBER/type/ServiceAccount`"),
        ));
    };
    if !is_project_number(number) {
        return Err(swapped(kind, number, node));
    }
    match *ty {
        "ServiceAccount" | "ServiceAgent" if kind == "principalSet" => Ok(()),
        "ServiceAccount" | "ServiceAgent" => Err(wrong_scheme(kind, "principalSet")),
        _ => Err(MemberError::new(
            "invalid-member",
            format!("`{ty}` is no type of account"),
            "types are `ServiceAccount` and `ServiceAgent`",
        )),
    }
}

fn pool(kind: &str, rest: &str) -> Result<(), MemberError> {
    let parts: Vec<&str> = rest.split('/').collect();
    let (who, gke) = match parts.as_slice() {
        ["locations", "global", "workforcePools", _, who @ ..] => (who, false),
        [
            "projects",
            project,
            "locations",
            "global",
            "workloadIdentityPools",
            pool,
            who @ ..,
        ] => {
            if !is_project_number(project) {
                return Err(swapped(kind, project, "projects"));
            }
            let owner = pool.strip_suffix(GKE);
            if let Some(owner) = owner.filter(|owner| !is_project_id(owner)) {
                return Err(MemberError::new(
                    "swapped-project",
                    format!("the pool `{pool}` goes by the project's id, not `{owner}`"),
                    "write the project's number behind `projects/` and its id in the pool: \
                     `projects/NUMBER/locations/global/workloadIdentityPools/ID.svc.id.goog`",
                ));
            }
            (who, owner.is_some())
        }
        _ => {
            return Err(MemberError::new(
                "invalid-member",
                format!("`{kind}://{IAM}{rest}` names nobody"),
                "write `projects/NUMBER/locations/global/workloadIdentityPools/POOL/...` or \
                 `locations/global/workforcePools/POOL/...` behind the host",
            ));
        }
    };
    match who {
        ["subject", "ns", namespace, "sa", name] if !namespace.is_empty() && !name.is_empty() => {
            one(kind)
        }
        ["subject", ..] if gke => Err(MemberError::new(
            "invalid-member",
            format!("`{}` names no Kubernetes service account", who.join("/")),
            "write `principal://.../subject/ns/NAMESPACE/sa/NAME`",
        )),
        ["subject", name, ..] if !name.is_empty() => one(kind),
        ["kubernetes.serviceaccount.uid", uid] if !uid.is_empty() => one(kind),
        ["*"] => set(kind),
        ["group" | "namespace", name] if !name.is_empty() => set(kind),
        ["kubernetes.cluster", _, ..] => set(kind),
        [attribute, value, ..] if attribute.starts_with("attribute.") && !value.is_empty() => {
            set(kind)
        }
        [] | [""] => Err(MemberError::new(
            "invalid-member",
            format!("`{kind}://{IAM}{rest}` names a pool, and nobody in it"),
            "write `/subject/NAME` behind it, or `/*` with `principalSet://` for everybody in it",
        )),
        // Google adds forms; the server judges those.
        _ => Ok(()),
    }
}

fn one(kind: &str) -> Result<(), MemberError> {
    match kind {
        "principal" => Ok(()),
        _ => Err(wrong_scheme(kind, "principal")),
    }
}

fn set(kind: &str) -> Result<(), MemberError> {
    match kind {
        "principalSet" => Ok(()),
        _ => Err(wrong_scheme(kind, "principalSet")),
    }
}

fn wrong_scheme(kind: &str, right: &str) -> MemberError {
    let what = match right {
        "principal" => "one principal",
        _ => "a set of principals",
    };
    MemberError::new(
        "invalid-member",
        format!("`{kind}://` stands before {what}"),
        format!("write `{right}://` instead"),
    )
}

fn swapped(kind: &str, project: &str, node: &str) -> MemberError {
    MemberError::new(
        "swapped-project",
        format!("`{node}/{project}` in a `{kind}://` must be the number, not the id"),
        format!(
            "write `{node}/NUMBER`; for a project `gcloud projects describe {project} \
             --format='value(projectNumber)'` tells it"
        ),
    )
}
