//! `[providers.NAME]`: which cluster, never with which credentials.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::{Diagnostic, Entry, Node, NodeKind, Semantics, Span, Text, hint};

use crate::ProviderSettings;
use crate::document::{Declared, Tables, not_a_table, not_yet};
use crate::evaluation::{Evaluation, Secrecy};
use crate::expression::has_expression;
use crate::link::{Allowed, Linker, Links};
use crate::resources::check_arguments;
use crate::store::{Scope, Store};
use crate::workbench::Workbench;

/// Settings that would be a credential.
const CREDENTIALS: [&str; 10] = [
    "token",
    "access_token",
    "bearer_token",
    "password",
    "username",
    "client_key",
    "client_certificate",
    "client_key_data",
    "client_certificate_data",
    "credentials",
];

/// Settings that would let a stack file run programs or choose what is talked to.
const ELSEWHERE: [&str; 16] = [
    "kubeconfig",
    "kubeconfig_path",
    "config_path",
    "config_paths",
    "config_context",
    "exec",
    "host",
    "server",
    "endpoint",
    "url",
    "token_file",
    "insecure",
    "insecure_skip_tls_verify",
    "certificate_authority",
    "cluster_ca_certificate",
    "proxy_url",
];

/// A provider's settings before they are evaluated.
pub(crate) struct Settings<'s> {
    semantics: &'s dyn Semantics,
    node: Node,
    links: Links,
}

/// Finds each provider and takes out what may not stand in a stack file.
pub(crate) fn declare<'s>(
    tables: Tables,
    semantics: &[&'s dyn Semantics],
    bench: &mut Workbench,
) -> Vec<Settings<'s>> {
    let Workbench {
        diagnostics,
        sources,
        ..
    } = bench;
    let mut found = Vec::new();
    for (name, declared) in tables {
        let known = semantics.iter().find(|s| s.provider() == name);
        let Some(semantics) = known else {
            diagnostics.push(unknown(&name, &declared, semantics));
            continue;
        };
        let mut node = declared.node;
        let NodeKind::Map(entries) = &mut node.kind else {
            diagnostics.push(not_a_table(&name, &node));
            continue;
        };
        entries.retain(|entry| match forbidden(entry, *semantics) {
            Some(error) => {
                // Whatever it is, it may be a secret, and diagnostics show their lines.
                sources.mask(entry.node.span);
                diagnostics.push(error);
                false
            }
            None => true,
        });
        found.push(Settings {
            semantics: *semantics,
            node,
            links: Links::default(),
        });
    }
    found
}

fn unknown(name: &str, declared: &Declared, semantics: &[&dyn Semantics]) -> Diagnostic {
    if name == "gcp" {
        let message = "the provider `gcp` is not supported in this version";
        return not_yet(declared.key_span, message);
    }
    let names = semantics.iter().map(|s| s.provider());
    let help = match hint::closest(name, names.clone()) {
        Some(closest) => format!("did you mean `{closest}`?"),
        None => format!("providers are `{}`", names.collect::<Vec<_>>().join("`, `")),
    };
    Diagnostic::error(
        "unknown-provider",
        format!("no provider is called `{name}`"),
    )
    .at(declared.key_span)
    .help(help)
}

/// Why a setting may not be here. A credential is never quoted.
fn forbidden(entry: &Entry, semantics: &dyn Semantics) -> Option<Diagnostic> {
    let name = entry.key.as_str();
    let known = semantics
        .settings()
        .iter()
        .any(|setting| setting.name == name);
    let literal = !entry.node.as_str().is_some_and(has_expression);
    if CREDENTIALS.contains(&name) && (literal || !known) {
        let message = format!("`{name}` is a credential, and those may not stand in a stack file");
        return Some(
            Diagnostic::error("credential-in-stack", message)
                .at(entry.key_span)
                .help("credentials come from the kubeconfig and the environment; revoke this one if it was real"),
        );
    }
    if ELSEWHERE.contains(&name) && !known {
        let message = format!("`{name}` may not stand in a stack file");
        return Some(
            Diagnostic::error("not-from-stack", message)
                .at(entry.key_span)
                .help(
                    "whoever plans a stack must not run or reach what its author chose: give \
                     `--kubeconfig` or `KUBECONFIG`, and here the `context`",
                ),
        );
    }
    None
}

impl Settings<'_> {
    /// Links the settings; gives what they refer to.
    pub(crate) fn link(&mut self, linker: &mut Linker<'_>) -> &Links {
        let allowed = Allowed {
            each: false,
            blocks: true,
            sensitive: true,
        };
        linker.link(&mut self.node, allowed, &mut self.links);
        &self.links
    }

    /// The settings, checked.
    pub(crate) fn evaluate(
        self,
        store: &Store,
        evaluation: &mut Evaluation<'_>,
    ) -> (String, ProviderSettings) {
        let instance = self.semantics.provider();
        let scope = Scope { store, each: None };
        let secret = !self.links.sensitive.is_empty();
        let secrecy = if secret {
            Secrecy::Secret
        } else {
            Secrecy::Open
        };
        let mut settings = evaluation.node(&self.node, &scope, secrecy);
        let what = format!("the provider `{instance}`");
        let span = settings.span;
        check_arguments(
            &mut settings,
            self.semantics.settings(),
            &what,
            span,
            evaluation.diagnostics,
        );
        if secret {
            hide(&mut settings, &self.node, &self.links.sensitive);
        }
        let settings = ProviderSettings {
            instance: instance.to_owned(),
            settings,
        };
        (instance.to_owned(), settings)
    }
}

/// Marks as sensitive whatever came from an expression over sensitive values.
fn hide(settings: &mut Node, raw: &Node, sensitive: &BTreeSet<Span>) {
    if let NodeKind::Map(entries) = &mut settings.kind {
        let written: BTreeMap<&Text, &Node> =
            raw.entries().iter().map(|e| (&e.key, &e.node)).collect();
        for entry in entries {
            if let Some(raw) = written.get(&entry.key) {
                hide(&mut entry.node, raw, sensitive);
            }
        }
    } else if sensitive.contains(&raw.span) {
        let span = settings.span;
        let kind = std::mem::replace(&mut settings.kind, NodeKind::Null);
        settings.kind = NodeKind::Sensitive(Box::new(Node { kind, span }));
    }
}
