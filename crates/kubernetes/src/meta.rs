//! Labels and annotations: what every type takes.

use rbacform_core::{Argument, Diagnostic, Map, Node, NodeKind, Span, Type, Value, mark};

use crate::input::{Dialect, Input, argument};
use crate::names;

/// The label that names the tool which manages an object.
pub(crate) const MANAGED_BY: &str = rbacform_core::mark::MANAGED_BY.0;
/// What we write into it.
pub(crate) const MANAGER: &str = "rbacform";
/// kubectl's copy of the object: a derivative, never compared and never kept in memory.
pub(crate) const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Kubernetes: `TotalAnnotationSizeLimitB` in `apimachinery/pkg/api/validation/objectmeta.go`.
const ANNOTATIONS_LIMIT: usize = 256 * 1024;

/// The argument `labels`.
pub(crate) const LABELS: Argument = Argument::optional(
    "labels",
    Type::Map(&Type::String),
    "Labels. Those that are not declared here are left alone.",
);
/// The argument `annotations`.
pub(crate) const ANNOTATIONS: Argument = Argument::optional(
    "annotations",
    Type::Map(&Type::String),
    "Annotations. Those that are not declared here are left alone.",
);

/// Labels and annotations of one resource.
#[derive(Debug, Default)]
pub(crate) struct Meta {
    labels: Map,
    annotations: Map,
}

impl Meta {
    /// Reads both arguments.
    pub(crate) fn read(input: &mut Input<'_>, arguments: &Node) -> Self {
        let mut meta = Self::default();
        if let Some(node) = argument(arguments, "labels") {
            meta.read_labels(input, node);
        }
        if let Some(node) = argument(arguments, "annotations") {
            meta.read_annotations(input, node);
        }
        meta
    }

    fn read_labels(&mut self, input: &mut Input<'_>, node: &Node) {
        for entry in input.map(node, "labels") {
            let what = format!("labels.{}", entry.key);
            if let Some(wrong) = names::label_key(&entry.key) {
                let message = format!("label key `{}` {wrong}", entry.key);
                input.error("invalid-label", entry.key_span, message);
            }
            let Some(value) = self::value(input, &entry.node, &what) else {
                continue;
            };
            if let Some(wrong) = value.as_str().and_then(names::label_value) {
                let message = format!("value of label `{}` {wrong}", entry.key);
                input.error("invalid-label", entry.node.span, message);
            }
            self.labels.insert(entry.key.clone(), value);
        }
    }

    fn read_annotations(&mut self, input: &mut Input<'_>, node: &Node) {
        let mut size = 0;
        for entry in input.map(node, "annotations") {
            if is_ours(&entry.key) || entry.key == LAST_APPLIED {
                // A manifest exported from a cluster carries them; they are never its own words.
                if input.dialect == Dialect::Stack {
                    let message = format!("annotation `{}` is written by the tools", entry.key);
                    input.report(
                        Diagnostic::error("reserved-annotation", message)
                            .at(entry.key_span)
                            .help("remove it"),
                    );
                }
                continue;
            }
            if let Some(wrong) = names::annotation_key(&entry.key) {
                let message = format!("annotation key `{}` {wrong}", entry.key);
                input.error("invalid-annotation", entry.key_span, message);
            }
            let what = format!("annotations.{}", entry.key);
            if let Some(value) = self::value(input, &entry.node, &what) {
                size += entry.key.len() + value.as_str().map_or(0, str::len);
                self.annotations.insert(entry.key.clone(), value);
            }
        }
        if size > ANNOTATIONS_LIMIT {
            let message =
                format!("annotations are {size} bytes, more than the {ANNOTATIONS_LIMIT} that fit");
            input.error("invalid-annotation", node.span, message);
        }
    }

    /// Sets a label that an argument of its own stands for.
    pub(crate) fn label(
        &mut self,
        input: &mut Input<'_>,
        key: &str,
        value: Value,
        by: (&str, Span),
    ) {
        if self.labels.insert(key, value).is_some() {
            twice(input, "labels", key, by);
        }
    }

    /// Sets an annotation that an argument of its own stands for.
    pub(crate) fn annotation(
        &mut self,
        input: &mut Input<'_>,
        key: &str,
        value: Value,
        by: (&str, Span),
    ) {
        if self.annotations.insert(key, value).is_some() {
            twice(input, "annotations", key, by);
        }
    }

    /// The label's value, where it is set.
    pub(crate) fn get_label(&self, key: &str) -> Option<&str> {
        self.labels.get(key)?.as_str()
    }

    /// Adds both to the attributes, where they hold anything.
    pub(crate) fn write(self, attributes: &mut Map) {
        for (key, map) in [("labels", self.labels), ("annotations", self.annotations)] {
            if !map.is_empty() {
                attributes.insert(key, map);
            }
        }
    }
}

/// Whether an annotation is the mark.
pub(crate) fn is_ours(key: &str) -> bool {
    key == mark::STACK_ANNOTATION || key == mark::LINEAGE_ANNOTATION
}

fn value(input: &mut Input<'_>, node: &Node, what: &str) -> Option<Value> {
    match &node.kind {
        NodeKind::Unknown => Some(Value::Unknown),
        // The server reads a null here as an empty text.
        NodeKind::Null => Some("".into()),
        _ => input.text(node, what).map(Value::String),
    }
}

fn twice(input: &mut Input<'_>, map: &str, key: &str, (argument, span): (&str, Span)) {
    input.report(
        Diagnostic::error(
            "duplicate-argument",
            format!("`{argument}` and `{map}` both set `{key}`"),
        )
        .at(span)
        .help("keep one of the two"),
    );
}
