//! The arguments of a service account.

use rbacform_core::{
    Argument, Diagnostic, Entry, Map, Node, NodeKind, ResolvedObject, Type, TypeSchema, Value,
};

use crate::input::{Input, argument, has_unknown};
use crate::meta::{ANNOTATIONS, LABELS, Meta};
use crate::{identity, manifest, names, rule};

/// The annotation of Workload Identity Federation for GKE.
const GCP_ANNOTATION: &str = "iam.gke.io/gcp-service-account";

pub(crate) const SCHEMA: TypeSchema = TypeSchema {
    name: "kubernetes.service_account",
    kind: "ServiceAccount",
    doc: "A service account. The one named `default` appears in every namespace by itself: it is \
          adopted without asking and never deleted.",
    arguments: &[
        identity::NAME,
        identity::NAMESPACE,
        Argument::optional(
            "image_pull_secrets",
            Type::List(&Type::String),
            "Names of the secrets that its pods pull images with.",
        ),
        Argument::optional(
            "automount_token",
            Type::Bool,
            "Whether its pods get its token without asking for it.",
        ),
        Argument::optional(
            "gcp_service_account",
            Type::OneOf(&[Type::String, Type::Reference(&["gcp.service_account"])]),
            "The Google service account that its pods act as, a reference or an e-mail address, \
             written as the annotation `iam.gke.io/gcp-service-account`.",
        ),
        LABELS,
        ANNOTATIONS,
    ],
    immutable: &[],
    abandon_by_default: false,
};

pub(super) fn resolve(input: &mut Input<'_>, arguments: &Node) -> Option<ResolvedObject> {
    let name = identity::name(input, arguments, names::dns_subdomain);
    let namespace = identity::namespace(input, arguments);
    let mut attributes = Map::new();
    if let Some(node) = argument(arguments, "image_pull_secrets") {
        attributes.insert("image_pull_secrets", pull_secrets(input, node));
    }
    if let Some(node) = argument(arguments, "automount_token") {
        let value = match node.kind {
            NodeKind::Unknown => Value::Unknown,
            _ => {
                let what = input.field("automount_token");
                input.bool(node, what).map_or(Value::Null, Value::Bool)
            }
        };
        attributes.insert("automount_token", value);
    }
    let mut meta = Meta::read(input, arguments);
    if let Some(node) = argument(arguments, "gcp_service_account") {
        gcp_service_account(input, node, &mut meta);
    }
    meta.write(&mut attributes);
    let (name, namespace) = (name?, namespace?);
    let mut resolved = identity::resolved(input, &super::KIND, Some(&namespace), &name, attributes);
    resolved.built_in = name == "default";
    Some(resolved)
}

fn pull_secrets(input: &mut Input<'_>, node: &Node) -> Value {
    if has_unknown(node) {
        return Value::Unknown;
    }
    let field = input.field("image_pull_secrets");
    let secrets = rule::strings(input, node, field);
    for (secret, item) in secrets.iter().zip(node.items()) {
        if let Some(wrong) = names::dns_subdomain(secret) {
            input.error(
                "invalid-name",
                item.span,
                format!("secret name `{secret}` {wrong}"),
            );
        }
    }
    rule::string_set(secrets)
}

fn gcp_service_account(input: &mut Input<'_>, node: &Node, meta: &mut Meta) {
    const ARGUMENT: &str = "gcp_service_account";
    let value = match &node.kind {
        NodeKind::Unknown => Value::Unknown,
        NodeKind::Reference(account) => match account.attributes.get("email") {
            Some(email) => email.clone(),
            None => return,
        },
        _ => match input.text(node, ARGUMENT) {
            Some(email) => Value::String(email),
            None => return,
        },
    };
    let bad = value.as_str().is_some_and(|email| {
        !email
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
    });
    if bad {
        let message = format!(
            "`{}` is no e-mail address",
            value.as_str().unwrap_or_default()
        );
        input.report(
            Diagnostic::error("invalid-gcp-service-account", message)
                .at(node.span)
                .help("write `NAME@PROJECT.iam.gserviceaccount.com`"),
        );
    }
    meta.annotation(input, GCP_ANNOTATION, value, (ARGUMENT, node.span));
}

pub(super) fn manifest(input: &mut Input<'_>, document: &Node) -> Vec<Entry> {
    manifest::only_known(
        input,
        document,
        &[
            "imagePullSecrets",
            "automountServiceAccountToken",
            "secrets",
        ],
    );
    if let Some(secrets) = document.entry("secrets") {
        let warning = Diagnostic::warning("ignored-field", "`secrets` is not managed");
        input.report(
            warning
                .at(secrets.key_span)
                .help("token secrets are listed there by the cluster; remove the field"),
        );
    }
    let mut entries = Vec::new();
    if let Some(entry) = document.entry("imagePullSecrets") {
        let items = input
            .list(&entry.node, "imagePullSecrets")
            .iter()
            .enumerate();
        let names = items
            .filter_map(|(index, item)| {
                let what = format!("imagePullSecrets[{index}]");
                manifest::fields(input, item, &what, &["name"]);
                item.get("name").cloned()
            })
            .collect();
        entries.push(manifest::entry(
            entry,
            "image_pull_secrets",
            NodeKind::List(names),
        ));
    }
    if let Some(entry) = document.entry("automountServiceAccountToken") {
        entries.push(manifest::entry(
            entry,
            "automount_token",
            entry.node.kind.clone(),
        ));
    }
    entries
}
