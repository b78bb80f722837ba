//! `[providers.NAME]`: which cluster and which project, never with which credentials.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::{Diagnostic, Entry, Node, NodeKind, Semantics, SourceMap, Span, Text, hint};

use crate::document::{Declared, Tables, not_a_table};
use crate::evaluation::{Evaluation, Secrecy};
use crate::link::{Allowed, Linker, Links};
use crate::resources::check_arguments;
use crate::store::{Scope, Store};
use crate::workbench::Workbench;
use crate::{EnvSetting, LoadInput, ProviderSettings};

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
const ELSEWHERE: [&str; 18] = [
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
    "credentials_file",
    "custom_endpoint",
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
        });
    }
    found
}

/// Adds what the environment gives, or gave when a saved plan was made, and the stack leaves out,
/// for the providers that it uses. Gives what was added.
pub(crate) fn complete<'s>(
    settings: &mut Vec<Settings<'s>>,
    used: &BTreeSet<&str>,
    input: &LoadInput<'s>,
    sources: &mut SourceMap,
) -> Vec<EnvSetting> {
    let given = input
        .saved
        .map_or(input.env_settings, |saved| &saved.settings);
    let given = given.iter().filter(|it| used.contains(&*it.provider));
    let mut added = Vec::new();
    for it in given {
        let known = input.semantics.iter().find(|s| s.provider() == it.provider);
        let Some(semantics) = known else { continue };
        let file = sources.add(&*it.variable, &*it.value);
        let span = Span::new(file, 0..it.value.len());
        let node = |kind| Node { kind, span };
        let entry = Entry {
            key: it.name.as_str().into(),
            key_span: span,
            node: node(NodeKind::String(it.value.as_str().into())),
        };
        let mut declared = settings.iter_mut();
        match declared.find(|found| found.semantics.provider() == it.provider) {
            None => settings.push(Settings {
                semantics: *semantics,
                node: node(NodeKind::Map(vec![entry])),
            }),
            Some(found) => match &mut found.node.kind {
                NodeKind::Map(entries) if !entries.iter().any(|known| known.key == entry.key) => {
                    entries.push(entry);
                }
                _ => continue,
            },
        }
        added.push(it.clone());
    }
    added
}

fn unknown(name: &str, declared: &Declared, semantics: &[&dyn Semantics]) -> Diagnostic {
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
    if CREDENTIALS.contains(&name) && known {
        return (!is_variable(&entry.node)).then(|| credential(name, entry.key_span, TOKEN_HELP));
    }
    let google = semantics.provider() == "gcp";
    if CREDENTIALS.contains(&name) {
        let help = match google {
            true => {
                "credentials come from `GOOGLE_APPLICATION_CREDENTIALS` or gcloud's login; revoke \
                 this one if it was real"
            }
            false => {
                "credentials come from the kubeconfig and the environment; revoke this one if it \
                 was real"
            }
        };
        return Some(credential(name, entry.key_span, help));
    }
    if (ELSEWHERE.contains(&name) || name.ends_with("_custom_endpoint")) && !known {
        let message = format!("`{name}` may not stand in a stack file");
        let help = match google {
            true => {
                "whoever plans a stack must not run or reach what its author chose: endpoints and \
                 credential files come from the environment, as gcloud reads it"
            }
            false => {
                "whoever plans a stack must not run or reach what its author chose: give \
                 `--kubeconfig` or `KUBECONFIG`, and here the `context`"
            }
        };
        return Some(
            Diagnostic::error("not-from-stack", message)
                .at(entry.key_span)
                .help(help),
        );
    }
    None
}

const TOKEN_HELP: &str = "write `\"${vars.NAME}\"` of a variable that has `sensitive = true`, and \
                          give it as `RBACFORM_VAR_NAME`; revoke this one if it was real";

fn credential(name: &str, span: Span, help: &str) -> Diagnostic {
    let message = format!("`{name}` is a credential, and those may not stand in a stack file");
    Diagnostic::error("credential-in-stack", message)
        .at(span)
        .help(help)
}

/// Whether it is exactly one `${vars.NAME}`: a literal beside it would be part of the credential.
fn is_variable(node: &Node) -> bool {
    let inner = node
        .as_str()
        .and_then(|text| text.trim().strip_prefix("${"))
        .and_then(|text| text.strip_suffix('}'))
        .and_then(|text| text.trim().strip_prefix("vars."));
    inner.is_some_and(|name| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

impl Settings<'_> {
    /// The provider's name.
    pub(crate) fn provider(&self) -> &'static str {
        self.semantics.provider()
    }

    /// Where it is written.
    pub(crate) fn span(&self) -> Span {
        self.node.span
    }

    /// Links the settings; gives what they refer to. A credential that comes from a variable which
    /// is shown like any other is an error.
    pub(crate) fn link(&mut self, linker: &mut Linker<'_>) -> Links {
        let allowed = Allowed {
            each: false,
            blocks: true,
            sensitive: true,
        };
        let mut links = Links::default();
        linker.link(&mut self.node, allowed, &mut links);
        for entry in self.node.entries() {
            let open = !matches!(entry.node.kind, NodeKind::Unknown)
                && !links.sensitive.contains(&entry.node.span);
            if CREDENTIALS.contains(&entry.key.as_str()) && open {
                let message = format!("`{}` takes a sensitive variable, this is none", entry.key);
                linker.diagnostics.push(
                    Diagnostic::error("credential-in-stack", message)
                        .at(entry.node.span)
                        .help("write `sensitive = true` where the variable is declared"),
                );
            }
        }
        links
    }

    /// The settings, checked.
    pub(crate) fn evaluate(
        self,
        links: &Links,
        store: &Store,
        evaluation: &mut Evaluation<'_>,
    ) -> ProviderSettings {
        let instance = self.semantics.provider();
        let scope = Scope { store, each: None };
        let secret = !links.sensitive.is_empty();
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
            hide(&mut settings, &self.node, &links.sensitive);
        }
        ProviderSettings {
            instance: instance.to_owned(),
            settings,
        }
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
