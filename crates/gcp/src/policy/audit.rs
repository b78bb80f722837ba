//! Audit configs: which accesses a resource's services log.
//!
//! Google: `AuditConfig` in the discovery documents of Resource Manager and IAM.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::{Argument, Map, Node, Type, Value};

use crate::input::{Input, argument};
use crate::member;

/// The argument `audit_configs`.
pub(crate) const AUDIT_CONFIGS: Argument = Argument::optional(
    "audit_configs",
    Type::List(&Type::Object(&[
        Argument::required(
            "service",
            Type::String,
            "The service, e.g. `storage.googleapis.com`, or `allServices`.",
        ),
        Argument::required(
            "audit_log_configs",
            Type::List(&Type::Object(&[
                Argument::required(
                    "log_type",
                    Type::Enum(&["ADMIN_READ", "DATA_READ", "DATA_WRITE"]),
                    "Which accesses are logged.",
                ),
                Argument::optional(
                    "exempted_members",
                    Type::List(&Type::String),
                    "Whose accesses are not.",
                ),
            ])),
            "What is logged.",
        ),
    ])),
    "Which accesses are logged. Left as they are where this is left out.",
);

/// By service, then by kind of log: who is exempted.
type Configs = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// Canonical audit configs from those of a policy, in Google's spelling.
pub(crate) fn canonical(configs: Option<&Value>) -> Value {
    let text = |value: &Value, key: &str| {
        let text = value.get(key).and_then(Value::as_str).unwrap_or_default();
        text.to_owned()
    };
    let items = |value: &Value, key: &str| -> Vec<Value> {
        value
            .get(key)
            .and_then(Value::as_list)
            .unwrap_or_default()
            .to_vec()
    };
    let mut found = Configs::new();
    for config in configs.and_then(Value::as_list).unwrap_or_default() {
        let logs = found.entry(text(config, "service")).or_default();
        for log in items(config, "auditLogConfigs") {
            let exempted = logs.entry(text(&log, "logType")).or_default();
            let members = items(&log, "exemptedMembers");
            exempted.extend(
                members
                    .iter()
                    .filter_map(Value::as_str)
                    .map(member::canonical),
            );
        }
    }
    write(&found)
}

/// Canonical audit configs in Google's spelling.
pub(super) fn to_google(configs: &Value) -> Value {
    match configs {
        Value::List(items) => Value::List(items.iter().map(to_google).collect()),
        Value::Map(map) => {
            let entries = map.iter().map(|(key, value)| {
                let key = match key {
                    "audit_log_configs" => "auditLogConfigs",
                    "log_type" => "logType",
                    "exempted_members" => "exemptedMembers",
                    other => other,
                };
                (key, to_google(value))
            });
            Value::Map(entries.collect())
        }
        other => other.clone(),
    }
}

/// Reads `audit_configs`. `None` where it is left out.
pub(crate) fn read(input: &mut Input<'_>, arguments: &Node) -> Option<Value> {
    let node = argument(arguments, "audit_configs")?;
    let mut found = Configs::new();
    for config in input.list(node, "audit_configs") {
        let service = argument(config, "service").and_then(|node| input.text(node, "service"));
        let logs = found.entry(service.unwrap_or_default().into()).or_default();
        let Some(list) = argument(config, "audit_log_configs") else {
            continue;
        };
        for log in input.list(list, "audit_log_configs") {
            let log_type = argument(log, "log_type").and_then(|node| input.text(node, "log_type"));
            let exempted = logs.entry(log_type.unwrap_or_default().into()).or_default();
            let Some(members) = argument(log, "exempted_members") else {
                continue;
            };
            for node in input.list(members, "exempted_members") {
                exempted.extend(crate::grant::member(input, node, None));
            }
        }
    }
    Some(write(&found))
}

fn write(configs: &Configs) -> Value {
    let configs = configs.iter().map(|(name, kinds)| {
        let kinds = kinds.iter().map(|(kind, members)| {
            let mut log = Map::new();
            log.insert("log_type", kind.as_str());
            if !members.is_empty() {
                let members: Vec<&str> = members.iter().map(String::as_str).collect();
                log.insert("exempted_members", members);
            }
            Value::Map(log)
        });
        let mut config = Map::new();
        config.insert("service", name.as_str());
        config.insert("audit_log_configs", kinds.collect::<Vec<_>>());
        Value::Map(config)
    });
    Value::List(configs.collect())
}
