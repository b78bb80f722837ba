//! Remote objects: the parts that several kinds share, kept minimal.
//!
//! Ten thousand objects are read for one plan, so nothing is kept that no plan asks for: of
//! `managedFields`, most of every object, only who wrote last.

use std::fmt;

use rbacform_core::{Map, Text, Value, Writer};
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::meta::MANAGER;
use crate::{role_ref, rule, selector, subject};

/// A remote object as it was read, taken apart into metadata and canonical attributes.
pub(crate) trait Remote: for<'de> Deserialize<'de> {
    fn split(self) -> (RemoteMeta, Map);
}

/// The part of `metadata` that is read.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct RemoteMeta {
    pub(crate) name: Text,
    pub(crate) namespace: Text,
    pub(crate) uid: Text,
    pub(crate) resource_version: Text,
    pub(crate) labels: Option<Map>,
    pub(crate) annotations: Option<Map>,
    pub(crate) deletion_timestamp: Option<IgnoredAny>,
    #[serde(rename = "managedFields", deserialize_with = "last_writer")]
    pub(crate) last_writer: Option<Writer>,
}

/// A policy rule.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct RemoteRule {
    #[serde(deserialize_with = "nullable")]
    verbs: Vec<Text>,
    #[serde(deserialize_with = "nullable")]
    api_groups: Vec<Text>,
    #[serde(deserialize_with = "nullable")]
    resources: Vec<Text>,
    #[serde(deserialize_with = "nullable")]
    resource_names: Vec<Text>,
    #[serde(rename = "nonResourceURLs", deserialize_with = "nullable")]
    non_resource_urls: Vec<Text>,
}

/// A label selector.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct RemoteSelector {
    match_labels: Option<Map>,
    #[serde(deserialize_with = "nullable")]
    match_expressions: Vec<RemoteRequirement>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RemoteRequirement {
    key: Text,
    operator: Text,
    #[serde(deserialize_with = "nullable")]
    values: Vec<Text>,
}

/// The role that a binding grants.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct RemoteRoleRef {
    kind: Text,
    name: Text,
}

/// A subject of a binding.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct RemoteSubject {
    kind: Text,
    name: Text,
    namespace: Text,
}

/// Canonical rules.
pub(crate) fn rules(rules: Vec<RemoteRule>) -> Value {
    let canonical = |rule: RemoteRule| {
        let lists = [
            rule.verbs,
            rule.api_groups,
            rule.resources,
            rule.resource_names,
            rule.non_resource_urls,
        ];
        rule::canonical(rule::LISTS.into_iter().zip(lists.map(Some)))
    };
    rule::set(rules.into_iter().map(canonical).collect())
}

/// Canonical selectors.
pub(crate) fn selectors(selectors: Vec<RemoteSelector>) -> Value {
    let canonical = |selector: RemoteSelector| {
        let expressions = selector.match_expressions.into_iter();
        let expressions = expressions
            .map(|wanted| selector::requirement(wanted.key, wanted.operator, wanted.values));
        selector::canonical(
            selector.match_labels.unwrap_or_default(),
            expressions.collect(),
        )
    };
    rule::set(selectors.into_iter().map(canonical).collect())
}

/// The canonical attributes of a binding in `namespace`, or a cluster-wide one.
pub(crate) fn binding(
    role: &RemoteRoleRef,
    subjects: &[RemoteSubject],
    namespace: Option<&str>,
) -> Map {
    let canonical = |subject: &RemoteSubject| {
        let own = Some(subject.namespace.as_str()).filter(|namespace| !namespace.is_empty());
        subject::canonical(&subject.kind, &subject.name, own.or(namespace))
    };
    Map::from_iter([
        ("role_ref", role_ref::canonical(&role.kind, &role.name)),
        (
            "subjects",
            rule::set(subjects.iter().map(canonical).collect()),
        ),
    ])
}

/// Null as nothing: the server writes `"rules": null`.
pub(crate) fn nullable<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Folds `managedFields` while it is parsed: who of the others wrote last.
fn last_writer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Writer>, D::Error> {
    deserializer.deserialize_any(Fold)
}

struct Fold;

#[derive(Default, Deserialize)]
#[serde(default)]
struct ManagedFields {
    manager: Text,
    subresource: Text,
    time: Option<Text>,
}

impl ManagedFields {
    /// Whether the entry tells of a change that a person would ask about: not ours, not a
    /// controller's status, not the rules that aggregation keeps filling in.
    fn counts(&self) -> bool {
        self.manager != MANAGER
            && self.subresource.is_empty()
            && self.manager != "clusterrole-aggregation-controller"
    }
}

impl<'de> Visitor<'de> for Fold {
    type Value = Option<Writer>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of managed fields")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut last: Option<Writer> = None;
        while let Some(entry) = entries.next_element::<ManagedFields>()? {
            // RFC 3339 in UTC: the order of the texts is the order of the times.
            if entry.counts() && last.as_ref().is_none_or(|last| last.at <= entry.time) {
                last = Some(Writer {
                    manager: entry.manager,
                    at: entry.time,
                });
            }
        }
        Ok(last)
    }
}
