//! Whether a role means anything where it is granted, and what was probably meant where it does
//! not.
//!
//! Google answers 400 "Role ... is not supported for this resource"; that comes too late, and does
//! not say what to do.

use rbacform_core::Diagnostic;

use super::Role;
use crate::input::Input;
use crate::roles;
use crate::settings;
use crate::target::{Api, Permissions, ResourceName, is_project_id};

/// Reports a role that means nothing on a resource, or belongs to another project.
pub(crate) fn check_role(
    input: &mut Input<'_>,
    role: &Role,
    resource: &ResourceName,
    members: &[String],
) {
    if let Some(error) = foreign(role, resource) {
        input.report(error.at(role.span));
        return;
    }
    let applies = match &role.permissions {
        Some(held) => held
            .iter()
            .any(|permission| resource.target().permissions.covers(permission)),
        None => roles::applies(&role.name, resource.target()) != Some(false),
    };
    if !applies {
        let error = meaningless(input, role, resource, members);
        input.report(error.at(role.span));
    } else if is_legacy(&role.name) {
        let message = format!(
            "`{}` is of the legacy AI Platform and grants nothing on Vertex AI",
            role.name
        );
        input.report(
            Diagnostic::warning("legacy-role", message)
                .at(role.span)
                .help(format!("for Vertex AI write `role = \"{VERTEX_USER}\"`")),
        );
    }
}

/// What stands in for `roles/ml.developer` on Vertex AI.
const VERTEX_USER: &str = "roles/aiplatform.user";

fn is_legacy(role: &str) -> bool {
    role.starts_with("roles/ml.")
}

fn meaningless(
    input: &Input<'_>,
    role: &Role,
    resource: &ResourceName,
    members: &[String],
) -> Diagnostic {
    let (name, target) = (role.name.as_str(), resource.target());
    let message = format!(
        "`{name}` means nothing on {}: none of its permissions is about one",
        target.one()
    );
    let error = Diagnostic::error("role-not-supported", message);
    let project = project(input, resource);
    let member = members.first().map_or("user:NAME@DOMAIN", String::as_str);
    if let Some(email) = resource.value("service_account") {
        let member = format!("serviceAccount:{email}");
        return error.help(format!(
            "here the service account is the resource, and a grant lets others act on it. To give \
             `{name}` to the service account, make it the member, on the project:\n{}",
            lines(&project, name, &member)
        ));
    }
    if target.api == Api::AiPlatform && is_legacy(name) {
        return error.help(format!(
            "`{name}` is of the legacy AI Platform, whose permissions all begin with `ml.`; those \
             of Vertex AI begin with `aiplatform.`. Write:\nrole = \"{VERTEX_USER}\""
        ));
    }
    let elsewhere: Vec<&str> = roles::applicable_targets(name)
        .into_iter()
        .filter(|other| other.permissions != Permissions::Any)
        .map(|target| target.name)
        .collect();
    let there = match elsewhere.as_slice() {
        [] => "grant it".to_owned(),
        few if few.len() <= MOST_NAMED => {
            format!(
                "it means something on: {}. Grant it there, or",
                few.join(", ")
            )
        }
        many => format!(
            "it means something on {} kinds of resource, e.g. {}. Grant it there, or",
            many.len(),
            many.first().copied().unwrap_or_default()
        ),
    };
    error.help(format!(
        "{there} for everything in the project:\n{}",
        lines(&project, name, member)
    ))
}

/// So many kinds of resource are named, more are counted.
const MOST_NAMED: usize = 4;

/// The project of a resource as a resource; the provider's where it does not tell.
fn project(input: &Input<'_>, resource: &ResourceName) -> String {
    let project = resource
        .project()
        .or_else(|| settings::default_project(input.settings));
    format!("projects/{}", project.unwrap_or("PROJECT"))
}

/// The lines of a stack file that make a grant.
fn lines(resource: &str, role: &str, member: &str) -> String {
    format!(
        "[gcp.iam_member.NAME]\nresource = \"{resource}\"\nrole = \"{role}\"\nmember = \"{member}\""
    )
}

/// A custom role can be granted only in the project or organization that it belongs to.
fn foreign(role: &Role, resource: &ResourceName) -> Option<Diagnostic> {
    let (owner, _) = role.name.strip_prefix("projects/")?.split_once('/')?;
    let message = match (resource.project(), resource.target().api) {
        (Some(project), _) => {
            if project == owner || !is_project_id(project) || !is_project_id(owner) {
                return None;
            }
            format!(
                "`{}` belongs to another project than `{resource}`",
                role.name
            )
        }
        (None, Api::CloudResourceManager) => {
            format!(
                "`{}` belongs to a project, and `{resource}` is above those",
                role.name
            )
        }
        (None, _) => return None,
    };
    Some(Diagnostic::error("foreign-role", message).help(
        "a project's custom role can be granted in that project only; make one in the \
             organization to share it",
    ))
}

/// Warns where the method that sets the policy may be closed: it is in Google's API description,
/// but no predefined role holds its permission, owner included.
pub(crate) fn check_policy_method(
    input: &mut Input<'_>,
    resource: &ResourceName,
    span: rbacform_core::Span,
    role: &str,
    member: &str,
) {
    let Permissions::Of { service, types } = resource.target().permissions else {
        return;
    };
    let Some(own) = types.first().filter(|own| **own != "*") else {
        return;
    };
    let permission = format!("{service}.{own}.setIamPolicy");
    if roles::permission_exists(&permission) {
        return;
    }
    // A role that means nothing here is told of apart, and should not be pasted elsewhere.
    let role = if is_legacy(role) { VERTEX_USER } else { role };
    let project = project(input, resource);
    let whole = lines(&project, role, member);
    let other = match *own {
        "models" => {
            let location = resource.location().unwrap_or("LOCATION");
            let endpoint = format!("{project}/locations/{location}/endpoints/ENDPOINT");
            format!(
                "the endpoint that serves it has a policy of its own:\n{}\nor grant",
                lines(&endpoint, role, member)
            )
        }
        _ => "grant".to_owned(),
    };
    input.report(
        Diagnostic::warning(
            "policy-unproven",
            format!(
                "the policy of {} may be closed to your project: no predefined role holds \
                 `{permission}`",
                resource.target().one()
            ),
        )
        .at(span)
        .help(format!(
            "if the server refuses it, {other} it for everything in the project:\n{whole}"
        )),
    );
}
