//! The arguments of a grant: on which resource, which role, to whom.

mod meaning;
mod role;

use rbacform_core::{Argument, Diagnostic, Node, NodeKind, ObjectId, Span, Type};

use crate::ident::{self, SERVICE_ACCOUNT};
use crate::input::{Input, argument};
use crate::member;
use crate::settings;
use crate::target::ResourceName;

pub(crate) use meaning::{check_policy_method, check_role};
pub(crate) use role::{ROLE, Role, is_custom_id, role};

/// The argument `resource`.
pub(crate) const RESOURCE: Argument = Argument::required(
    "resource",
    Type::OneOf(&[Type::String, Type::Reference(&["gcp.service_account"])]),
    "The resource whose policy it is in, as Google writes its name without the host: `projects/P`, \
     `projects/P/serviceAccounts/EMAIL`, `projects/P/locations/L/endpoints/E`, `buckets/B`; or a \
     reference to a service account.",
);

/// What a member may be.
pub(crate) const MEMBER_TYPE: Type = Type::OneOf(&[
    Type::String,
    Type::Reference(&["gcp.service_account", "kubernetes.service_account"]),
]);

/// The argument `member`.
pub(crate) const MEMBER: Argument = Argument::required(
    "member",
    MEMBER_TYPE,
    "To whom: `user:E`, `group:E`, `serviceAccount:E`, `domain:D`, `principal://...`, `allUsers`; or \
     a reference to a service account. A Kubernetes one is a member of the pool of the provider's \
     project.",
);

/// The argument `members`.
pub(crate) const MEMBERS: Argument = Argument::required(
    "members",
    Type::List(&MEMBER_TYPE),
    "To whom, each as `member` of `gcp.iam_member`. A set: order is no difference.",
);

/// Reads `resource`.
pub(crate) fn resource(input: &mut Input<'_>, arguments: &Node) -> Option<(ResourceName, Span)> {
    let Some(node) = argument(arguments, "resource") else {
        input.missing(input.span, "resource");
        return None;
    };
    let text = match &node.kind {
        NodeKind::Reference(reference) => {
            let name = reference
                .attributes
                .get("name")
                .and_then(|name| name.as_str());
            match name {
                Some(name) => name.into(),
                // One of an account whose project is not known, which was told of there.
                None if reference.type_name == "gcp.service_account" => return None,
                None => {
                    input.wrong_type(node, "resource", "a resource with a name");
                    return None;
                }
            }
        }
        _ => input.text(node, "resource")?,
    };
    match ResourceName::parse(&text) {
        Ok(name) => Some((name, node.span)),
        Err(error) => {
            input.report(
                Diagnostic::error("invalid-resource", error.message)
                    .at(node.span)
                    .maybe_help(error.help),
            );
            None
        }
    }
}

/// Reads one member of a policy of `resource`, in canonical form.
pub(crate) fn member(
    input: &mut Input<'_>,
    node: &Node,
    resource: Option<&ResourceName>,
) -> Option<String> {
    let text = match &node.kind {
        NodeKind::Reference(reference) => {
            let attribute = |name: &str| reference.attributes.get(name)?.as_str();
            match reference.type_name.as_str() {
                "gcp.service_account" => attribute("member")?.into(),
                "kubernetes.service_account" => {
                    let (namespace, name) = (attribute("namespace")?, attribute("name")?);
                    let Some(project) = settings::default_project(input.settings) else {
                        no_pool(input, node.span, namespace, name);
                        return None;
                    };
                    member::workload(project, namespace, name).into()
                }
                _ => {
                    input.wrong_type(node, "member", "a member or a service account");
                    return None;
                }
            }
        }
        _ => input.text(node, "member")?,
    };
    match member::read(&text, resource.map(ResourceName::target)) {
        Ok(member) => {
            convenience(input, node.span, &member, resource);
            Some(member)
        }
        Err(error) => {
            input.report(
                Diagnostic::error(error.code, error.message)
                    .at(node.span)
                    .maybe_help(error.help),
            );
            None
        }
    }
}

/// Reads `members`, sorted.
pub(crate) fn members(
    input: &mut Input<'_>,
    arguments: &Node,
    resource: Option<&ResourceName>,
) -> Option<Vec<String>> {
    let Some(node) = argument(arguments, "members") else {
        input.missing(arguments.span, "members");
        return None;
    };
    let items = input.list(node, "members");
    let mut found: Vec<String> = items
        .iter()
        .filter_map(|item| member(input, item, resource))
        .collect();
    if items.is_empty() && matches!(node.kind, NodeKind::List(_)) {
        input.report(
            Diagnostic::error(
                "empty-binding",
                "a binding of nobody does not exist at Google",
            )
            .at(node.span)
            .help("name its members; to take a role from everybody, delete its binding"),
        );
        return None;
    }
    let whole = found.len() == items.len();
    found.sort();
    found.dedup();
    whole.then_some(found)
}

/// The objects that must exist before a grant: the service accounts and the custom role it names.
pub(crate) fn requires<'m>(
    instance: &str,
    resource: &ResourceName,
    role: &str,
    members: impl IntoIterator<Item = &'m String>,
) -> Vec<ObjectId> {
    let account = |ident: &str| ObjectId::cluster(instance, SERVICE_ACCOUNT, ident);
    let mut found: Vec<ObjectId> = members
        .into_iter()
        .filter_map(|member| {
            let email = member.strip_prefix("serviceAccount:")?;
            let project = member::project_of_email(email)?;
            Some(account(&format!(
                "projects/{project}/serviceAccounts/{email}"
            )))
        })
        .collect();
    if resource.value("service_account").is_some() {
        found.push(account(resource.as_str()));
    }
    if !role.is_empty() && !role.starts_with("roles/") {
        found.push(ident::role(instance, role));
    }
    found.sort();
    found.dedup();
    found
}

fn no_pool(input: &mut Input<'_>, span: Span, namespace: &str, name: &str) {
    let none = || {
        Diagnostic::error(
            "no-project",
            "the pool of this Kubernetes service account is not known: no project is given",
        )
        .at(span)
        .help(format!(
            "set `project` in `[providers.gcp]`, or write \
             `serviceAccount:PROJECT.svc.id.goog[{namespace}/{name}]`"
        ))
    };
    input.report(settings::wrong_project(input.settings).unwrap_or_else(none));
}

/// `projectOwner:P` and its like belong into the policies of buckets and data sets.
fn convenience(input: &mut Input<'_>, span: Span, member: &str, resource: Option<&ResourceName>) {
    let named = ["projectOwner:", "projectEditor:", "projectViewer:"]
        .iter()
        .any(|kind| member.starts_with(kind));
    let Some(resource) = resource.filter(|resource| named && resource.value("bucket").is_none())
    else {
        return;
    };
    let message = format!("{} hardly takes `{member}`", resource.target().one());
    input.report(
        Diagnostic::warning("unusual-member", message)
            .at(span)
            .help("such members are known from Cloud Storage; name people, groups or accounts"),
    );
}
