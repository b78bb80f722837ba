//! `[providers.kubernetes]`: which cluster a stack is for.
//!
//! Only names: paths, endpoints and credentials come from flags and the environment, because a
//! stack file may be a stranger's pull request.

use rbacform_core::{Argument, Diagnostic, Node, Span, Type};

use crate::input::{Dialect, Input, argument};

/// The arguments.
pub(crate) static SETTINGS: [Argument; 3] = [
    Argument::optional(
        "context",
        Type::String,
        "The context of the kubeconfig; its current one where left out.",
    ),
    Argument::optional(
        "in_cluster",
        Type::Bool,
        "Use the service account of the pod that rbacform runs in.",
    ),
    Argument::optional(
        "gke",
        Type::Object(&[
            Argument::required("project", Type::String, "The project's id."),
            Argument::required("location", Type::String, "The region or zone."),
            Argument::required("cluster", Type::String, "The cluster's name."),
        ]),
        "A GKE cluster: its address and certificate authority are asked of Google, and the login is \
         that of `[providers.gcp]`.",
    ),
];

/// The settings of one provider instance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The kubeconfig's context.
    pub context: Option<String>,
    /// Whether to use the pod's own service account.
    pub in_cluster: bool,
    /// The GKE cluster.
    pub gke: Option<Gke>,
}

/// A GKE cluster by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gke {
    /// The project's id.
    pub project: String,
    /// The region or zone.
    pub location: String,
    /// The cluster's name.
    pub cluster: String,
}

impl Settings {
    /// Reads a `[providers.kubernetes]` table that was checked against the schema.
    ///
    /// # Errors
    /// Everything that is wrong with it: two ways to choose a cluster, a name that no cluster has.
    pub fn read(node: &Node) -> Result<Self, Vec<Diagnostic>> {
        let mut input = Input::new("kubernetes", Dialect::Stack, node.span);
        let context = argument(node, "context").and_then(|node| input.text(node, "context"));
        let in_cluster =
            argument(node, "in_cluster").and_then(|node| input.bool(node, "in_cluster"));
        let gke = argument(node, "gke").and_then(|node| gke(&mut input, node));
        let mut ways: Vec<(&str, Span)> = ["context", "in_cluster", "gke"]
            .into_iter()
            .filter(|way| *way != "in_cluster" || in_cluster == Some(true))
            .filter_map(|way| Some((way, node.entry(way)?.key_span)))
            .collect();
        ways.sort_by_key(|(_, span)| *span);
        if let [(first, _), (second, span), ..] = ways.as_slice() {
            let message = format!("`{first}` and `{second}` are both set");
            input.report(
                Diagnostic::error("duplicate-argument", message)
                    .at(*span)
                    .help("keep one of the two"),
            );
        }
        if input.failed() {
            return Err(input.diagnostics);
        }
        Ok(Self {
            context: context.map(String::from),
            in_cluster: in_cluster.unwrap_or_default(),
            gke,
        })
    }
}

/// The three names become parts of a URL.
fn gke(input: &mut Input<'_>, node: &Node) -> Option<Gke> {
    let mut part = |name: &'static str| {
        let given = node.get(name)?;
        let text = input.text(given, name)?;
        let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':');
        if !text.is_empty() && text.chars().all(legal) {
            return Some(text.to_string());
        }
        let message = format!("`{text}` is no {name} of a GKE cluster");
        input.error("invalid-value", given.span, message);
        None
    };
    let (project, location, cluster) = (part("project"), part("location"), part("cluster"));
    Some(Gke {
        project: project?,
        location: location?,
        cluster: cluster?,
    })
}
