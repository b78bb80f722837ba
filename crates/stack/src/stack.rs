//! A stack, resolved.

use std::collections::{BTreeMap, HashSet};

use rbacform_core::{
    Address, Assertion, DesiredResource, Digest, Node, ObjectId, Policy, Span, Value,
};

use crate::Inputs;

/// What a directory of stack files comes to.
#[derive(Clone, Debug)]
pub struct Stack {
    /// `[stack] name`.
    pub name: String,
    /// Where the name is written.
    pub name_span: Span,
    /// The environment (`--env`).
    pub env: Option<String>,
    /// Settings by provider instance. An instance that is absent has defaults.
    pub providers: BTreeMap<String, ProviderSettings>,
    /// `[policy]`: gates, and what is let through.
    pub policy: Policy,
    /// `[[assert]]`, in the order written.
    pub assertions: Vec<Assertion>,
    /// Every resource, sorted by address.
    pub resources: Vec<DesiredResource>,
    /// What is declared but left out, because its `until` is past.
    pub expired: Vec<(Address, ObjectId)>,
    /// What has an `until`, past or to come, and when that is, in seconds since 1970.
    pub temporary: BTreeMap<ObjectId, i64>,
    /// Outputs by name.
    pub outputs: BTreeMap<String, Value>,
    /// What a saved plan records in order to resolve the stack again.
    pub inputs: Inputs,
    /// The digest of everything resolved: resources, outputs, provider settings, assertions. Sensitive values
    /// are left out.
    pub inputs_digest: Digest,
}

impl Stack {
    /// One that declares nothing and has no settings, for what is asked without a stack.
    pub fn none() -> Self {
        Self {
            name: String::new(),
            name_span: Span::default(),
            env: None,
            providers: BTreeMap::new(),
            assertions: Vec::new(),
            policy: Policy::default(),
            resources: Vec::new(),
            expired: Vec::new(),
            temporary: BTreeMap::new(),
            outputs: BTreeMap::new(),
            inputs: Inputs::default(),
            inputs_digest: Digest::of_bytes(&[]),
        }
    }
}

/// `[providers.NAME]`, resolved.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// The instance, e.g. `kubernetes`.
    pub instance: String,
    /// A map, checked against the provider's settings. Sensitive values are marked as such.
    pub settings: Node,
}

/// Drops dependencies on what is not there: left out by `when`, or past its `until`.
pub(crate) fn prune_dependencies(resources: &mut [DesiredResource]) {
    let mut present = HashSet::with_capacity(resources.len());
    for resource in resources.iter() {
        present.insert(resource.address.clone());
        if resource.address.key.is_some() {
            // A whole `for_each` resource is there where any of its instances is.
            present.insert(Address {
                key: None,
                ..resource.address.clone()
            });
        }
    }
    for resource in resources {
        let own = &resource.address;
        let others = resource.depends_on.iter();
        if others
            .clone()
            .any(|other| !present.contains(other) || other == own)
        {
            let kept = others.filter(|other| present.contains(*other) && *other != own);
            resource.depends_on = kept.cloned().collect();
        }
    }
}

/// The digest of everything resolved, without sensitive values.
pub(crate) fn digest(
    resources: &[DesiredResource],
    outputs: &BTreeMap<String, Value>,
    providers: &BTreeMap<String, ProviderSettings>,
    assertions: &[Assertion],
) -> Digest {
    // A digest of digests: the whole as one text would weigh as much as the stack again.
    let mut lines = String::new();
    let mut buffer = Vec::new();
    for resource in resources {
        buffer.clear();
        let life = &resource.lifecycle;
        let written = serde_json::to_writer(
            &mut buffer,
            &(
                &resource.address,
                &resource.object,
                &resource.attributes,
                &resource.depends_on,
                (life.prevent_destroy, &life.ignore_changes, life.on_destroy),
            ),
        );
        // Writing to memory what only has text for keys cannot fail.
        if written.is_ok() {
            lines.push_str(Digest::of_bytes(&buffer).as_str());
            lines.push('\n');
        }
    }
    for (name, value) in outputs {
        lines.push_str(&format!("{name} {}\n", Digest::of(value)));
    }
    for (instance, settings) in providers {
        let digest = Digest::of(&settings.settings.to_value());
        lines.push_str(&format!("{instance} {digest}\n"));
    }
    for assertion in assertions {
        let what = (
            &assertion.name,
            &assertion.claim,
            assertion.known,
            assertion.custom,
        );
        // As above, this cannot fail.
        let bytes = serde_json::to_vec(&what).unwrap_or_default();
        lines.push_str(Digest::of_bytes(&bytes).as_str());
        lines.push('\n');
    }
    Digest::of_bytes(lines.as_bytes())
}
