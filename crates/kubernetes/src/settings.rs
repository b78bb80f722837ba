//! `[providers.kubernetes]`: which cluster a stack is for.
//!
//! Only names: paths, endpoints and credentials come from flags and the environment, because a
//! stack file may be a stranger's pull request.

use rbacform_core::{Argument, Diagnostic, Node, Type};

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
        "A GKE cluster, found through Google's API. Not supported yet.",
    ),
];

/// The settings of one provider instance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The kubeconfig's context.
    pub context: Option<String>,
    /// Whether to use the pod's own service account.
    pub in_cluster: bool,
}

impl Settings {
    /// Reads a `[providers.kubernetes]` table that was checked against the schema.
    ///
    /// # Errors
    /// Everything that is wrong with it: two ways to choose a cluster, or `gke`.
    pub fn read(node: &Node) -> Result<Self, Vec<Diagnostic>> {
        let mut input = Input::new("kubernetes", Dialect::Stack, node.span);
        let context = argument(node, "context").and_then(|node| input.text(node, "context"));
        let in_cluster =
            argument(node, "in_cluster").and_then(|node| input.bool(node, "in_cluster"));
        if let Some(gke) = node.entry("gke") {
            input.report(
                Diagnostic::error("not-supported", "`gke` is not supported yet")
                    .at(gke.key_span)
                    .help("run `gcloud container clusters get-credentials` and name its `context`"),
            );
        }
        if let (Some(_), Some(true), Some(entry)) = (&context, in_cluster, node.entry("in_cluster"))
        {
            input.report(
                Diagnostic::error(
                    "duplicate-argument",
                    "`context` and `in_cluster` are both set",
                )
                .at(entry.key_span)
                .help("keep one of the two"),
            );
        }
        if input.failed() {
            return Err(input.diagnostics);
        }
        Ok(Self {
            context: context.map(String::from),
            in_cluster: in_cluster.unwrap_or_default(),
        })
    }
}
