//! The arguments of a namespace.
//!
//! Pod Security: `ParseLevel` and `ParseVersion` in `pod-security-admission/api/helpers.go`.

use rbacform_core::{
    Argument, Diagnostic, Entry, Map, Node, NodeKind, ResolvedObject, Type, TypeSchema, Value, hint,
};

use crate::input::{Input, argument};
use crate::meta::{ANNOTATIONS, LABELS, Meta};
use crate::{bootstrap, identity, manifest, names};

const LEVELS: [&str; 3] = ["privileged", "baseline", "restricted"];
const MODES: [&str; 3] = ["enforce", "audit", "warn"];
const LABEL_PREFIX: &str = "pod-security.kubernetes.io/";

const fn level(name: &'static str, doc: &'static str) -> Argument {
    Argument::optional(name, Type::Enum(&LEVELS), doc)
}

const fn version(name: &'static str) -> Argument {
    Argument::optional(
        name,
        Type::String,
        "The version of that level's checks, `v1.34` or `latest`. Unset means latest, which moves \
         with the cluster.",
    )
}

pub(crate) const SCHEMA: TypeSchema = TypeSchema {
    name: "kubernetes.namespace",
    kind: "Namespace",
    doc: "A namespace. Removing it from the stack leaves it in the cluster unless its lifecycle \
          says `on_destroy = \"delete\"`: deleting a namespace deletes everything in it.",
    arguments: &[
        identity::NAME,
        Argument::optional(
            "pod_security",
            Type::Object(&[
                level("enforce", "Pods that break this level are refused."),
                version("enforce_version"),
                level(
                    "audit",
                    "Pods that break this level are noted in the audit log.",
                ),
                version("audit_version"),
                level(
                    "warn",
                    "Whoever makes a pod that breaks this level is warned.",
                ),
                version("warn_version"),
            ]),
            "Pod Security Admission, written as the six labels `pod-security.kubernetes.io/*`.",
        ),
        LABELS,
        ANNOTATIONS,
    ],
    immutable: &[],
    abandon_by_default: true,
};

pub(super) fn resolve(input: &mut Input<'_>, arguments: &Node) -> Option<ResolvedObject> {
    let name = identity::name(input, arguments, names::dns_label);
    let mut meta = Meta::read(input, arguments);
    check_labels(input, arguments, &meta, name.as_deref());
    if let Some(node) = argument(arguments, "pod_security") {
        pod_security(input, node, &mut meta);
    }
    let mut attributes = Map::new();
    meta.write(&mut attributes);
    let name = name?;
    let mut resolved = identity::resolved(input, &super::KIND, None, &name, attributes);
    resolved.built_in = bootstrap::is_system_namespace(&name);
    Some(resolved)
}

/// Labels that the server refuses or puts back.
fn check_labels(input: &mut Input<'_>, arguments: &Node, meta: &Meta, name: Option<&str>) {
    let Some(labels) = argument(arguments, "labels") else {
        return;
    };
    for entry in labels.entries() {
        let Some(value) = meta.get_label(&entry.key) else {
            continue;
        };
        if let Some(mode) = entry.key.strip_prefix(LABEL_PREFIX) {
            let wrong = match mode.strip_suffix("-version") {
                Some(mode) if MODES.contains(&mode) => wrong_version(value),
                None if MODES.contains(&mode) => wrong_level(value),
                _ => None,
            };
            if let Some((message, help)) = wrong {
                let at = entry.node.span;
                input.report(
                    Diagnostic::error("invalid-pod-security", message)
                        .at(at)
                        .help(help),
                );
            }
        }
        if entry.key == "kubernetes.io/metadata.name" && name.is_some_and(|name| name != value) {
            let message = format!("label `{}` must be the namespace's name", entry.key);
            let diagnostic = Diagnostic::error("invalid-label", message).at(entry.node.span);
            input.report(diagnostic.help("the server always puts it back: remove it"));
        }
    }
}

fn pod_security(input: &mut Input<'_>, node: &Node, meta: &mut Meta) {
    for entry in input.map(node, "pod_security") {
        if entry.node.kind == NodeKind::Null {
            continue;
        }
        let what = format!("pod_security.{}", entry.key);
        let value = match &entry.node.kind {
            NodeKind::Unknown => Value::Unknown,
            _ => match input.text(&entry.node, &what) {
                Some(text) => Value::String(text),
                None => continue,
            },
        };
        let (mode, check): (_, fn(&str) -> _) = match entry.key.strip_suffix("_version") {
            Some(mode) => (format!("{mode}-version"), wrong_version),
            None => (entry.key.to_string(), wrong_level),
        };
        if let Some((message, help)) = value.as_str().and_then(check) {
            let at = entry.node.span;
            input.report(
                Diagnostic::error("invalid-pod-security", message)
                    .at(at)
                    .help(help),
            );
        }
        meta.label(
            input,
            &format!("{LABEL_PREFIX}{mode}"),
            value,
            (&what, entry.key_span),
        );
    }
}

fn wrong_level(level: &str) -> Option<(String, String)> {
    (!LEVELS.contains(&level)).then(|| {
        let help = hint::closest(level, LEVELS).map_or_else(
            || format!("it must be one of `{}`", LEVELS.join("`, `")),
            |near| format!("did you mean `{near}`?"),
        );
        (format!("`{level}` is no Pod Security level"), help)
    })
}

fn wrong_version(version: &str) -> Option<(String, String)> {
    let minor = version.strip_prefix("v1.").unwrap_or_default();
    let number = minor == "0" || (!minor.starts_with('0') && minor.parse::<u32>().is_ok());
    (version != "latest" && !(number && minor.bytes().all(|byte| byte.is_ascii_digit()))).then(
        || {
            let help = format!(
                "write `latest` or `v1.N`, e.g. `v{}`",
                version.trim_start_matches('v')
            );
            let help = match version.trim_start_matches('v').starts_with("1.") {
                true => help,
                false => "write `latest` or `v1.N`, e.g. `v1.34`".to_owned(),
            };
            (format!("`{version}` is no Pod Security version"), help)
        },
    )
}

pub(super) fn manifest(input: &mut Input<'_>, document: &Node) -> Vec<Entry> {
    // `spec` holds the server's own finalizer, `status` its phase.
    manifest::only_known(input, document, &["spec", "status"]);
    Vec::new()
}
