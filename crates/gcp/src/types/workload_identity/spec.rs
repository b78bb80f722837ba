//! The arguments of a Workload Identity grant: one line for what is a member of long spelling.

use rbacform_core::{Argument, Diagnostic, Node, NodeKind, ResolvedObject, Type, TypeSchema};

use crate::grant;
use crate::ident::IAM_MEMBER;
use crate::input::{Input, argument};
use crate::member;
use crate::policy::{Grant, grant_attributes};
use crate::target::ResourceName;
use crate::together::WORKLOAD_IDENTITY_USER;
use crate::types::{project, resolved};

pub(crate) const SCHEMA: TypeSchema = TypeSchema {
    name: "gcp.workload_identity",
    kind: IAM_MEMBER,
    doc: "Lets the pods of a Kubernetes service account act as a Google service account: the grant \
          of `roles/iam.workloadIdentityUser` on it. The other half is `gcp_service_account` of \
          `kubernetes.service_account`. Every cluster of the pool's project with a service account \
          of that name in such a namespace has this access.",
    arguments: &[
        Argument::required(
            "service_account",
            Type::OneOf(&[Type::String, Type::Reference(&["gcp.service_account"])]),
            "The Google service account: a reference, its e-mail address, or its name.",
        ),
        Argument::required(
            "kubernetes_service_account",
            Type::OneOf(&[
                Type::String,
                Type::Reference(&["kubernetes.service_account"]),
            ]),
            "The Kubernetes service account: a reference, or `NAMESPACE/NAME`.",
        ),
        Argument::optional(
            "project",
            Type::String,
            "The id of the project of the cluster, whose pool it is; the provider's where left \
             out.",
        ),
    ],
    immutable: &["resource", "role", "member", "condition"],
    abandon_by_default: false,
};

pub(super) fn resolve(input: &mut Input<'_>, arguments: &Node) -> Option<ResolvedObject> {
    let resource = google(input, arguments);
    let workload = kubernetes(input, arguments);
    let project = project(input, arguments, "Workload Identity pool");
    let (resource, (text, span), project) = (resource?, workload?, project?);
    let member = text.split_once('/').and_then(|(namespace, name)| {
        let member = member::workload(&project, namespace, name);
        member::read(&member, Some(resource.target())).ok()
    });
    let Some(member) = member else {
        let message = format!("`{text}` names no Kubernetes service account");
        input.report(
            Diagnostic::error("invalid-member", message)
                .at(span)
                .help("write `NAMESPACE/NAME`, or refer to a `kubernetes.service_account`"),
        );
        return None;
    };
    let grant = Grant {
        role: WORKLOAD_IDENTITY_USER.to_owned(),
        member,
        condition: None,
    };
    let requires = grant::requires(input.instance, &resource, &grant.role, []);
    let object = grant.object(input.instance, resource.as_str());
    let attributes = grant_attributes(resource.as_str(), &grant);
    Some(resolved(&SCHEMA, object, attributes, requires))
}

fn google(input: &mut Input<'_>, arguments: &Node) -> Option<ResourceName> {
    let (text, span) = named(input, arguments, "service_account", |reference| {
        Some(reference.attributes.get("name")?.as_str()?.to_owned())
    })?;
    let name = match text.contains('/') {
        true => text,
        // The address tells the project, but for Google's own accounts, which nobody acts as.
        false => format!("projects/-/serviceAccounts/{text}"),
    };
    let parsed = ResourceName::parse(&name).map_err(|error| (error.message, error.help));
    let found = parsed.and_then(|name| match name.value("service_account") {
        Some(_) => Ok(name),
        None => Err((
            format!("`{name}` is no service account"),
            Some("write its e-mail address".to_owned()),
        )),
    });
    found
        .map_err(|(message, help)| {
            input.report(
                Diagnostic::error("invalid-resource", message)
                    .at(span)
                    .maybe_help(help),
            );
        })
        .ok()
}

fn kubernetes(input: &mut Input<'_>, arguments: &Node) -> Option<(String, rbacform_core::Span)> {
    named(
        input,
        arguments,
        "kubernetes_service_account",
        |reference| {
            let text = |name: &str| reference.attributes.get(name)?.as_str();
            Some(format!("{}/{}", text("namespace")?, text("name")?))
        },
    )
}

/// A text, or what a reference says in its stead.
fn named(
    input: &mut Input<'_>,
    arguments: &Node,
    argument_name: &str,
    of: impl Fn(&rbacform_core::Reference) -> Option<String>,
) -> Option<(String, rbacform_core::Span)> {
    let Some(node) = argument(arguments, argument_name) else {
        input.missing(input.span, argument_name);
        return None;
    };
    match &node.kind {
        NodeKind::Reference(reference) => {
            of(reference).map(|text| (text, node.span)).or_else(|| {
                input.wrong_type(node, argument_name, "a service account with a name");
                None
            })
        }
        _ => input
            .text(node, argument_name)
            .map(|text| (text.into(), node.span)),
    }
}
