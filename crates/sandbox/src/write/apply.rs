//! Server-side apply.

use serde_json::{Value, json};

use super::update::{Origin, split};
use super::Writer;
use crate::call::{Reply, named};
use crate::decode::zero;
use crate::fields::apply::{Applier, Conflict, apply};
use crate::fields::managed::{Managed, Operation};
use crate::fields::typed;
use crate::object::{meta, set_meta};
use crate::status::Status;

impl Writer<'_> {
    /// PATCH with `application/apply-patch+yaml`.
    pub(crate) fn apply(mut self) -> Result<Reply, Status> {
        let config = self.configuration()?;
        let live = self.live();
        if let (None, uid) = (&live, meta(&config, "uid"))
            && !uid.is_empty()
        {
            let why = format!(
                "uid mismatch: the provided object specified uid {uid}, and no existing object \
                 was found"
            );
            return Err(Status::conflict(named(self.kind, &self.request.name), &why));
        }
        let (old, mut managed) = match &live {
            Some(live) => split(live),
            None => (zero(self.kind.info().schema), Managed::default()),
        };
        let applied = self.merged(&old, &config, &mut managed)?;
        let mut new = self.decoded(&applied, &mut Vec::new())?;
        self.place(&mut new)?;
        match live {
            Some(live) => {
                let stored = self.replace(&live, old, new, managed, Origin::Apply)?;
                Ok(self.reply(200, stored))
            }
            None => {
                // A resourceVersion is no guard against deletion: the object is made anew.
                set_meta(&mut new, "resourceVersion", None);
                let stored = self.insert(new, &managed, true)?;
                Ok(self.reply(201, stored))
            }
        }
    }

    fn merged(
        &self,
        old: &Value,
        config: &Value,
        managed: &mut Managed,
    ) -> Result<Value, Status> {
        let info = self.kind.info();
        let api_version = info.api_version();
        let applier = Applier {
            manager: &self.options.manager,
            api_version: &api_version,
            force: self.options.force,
            now: &self.call.now,
        };
        apply(&info.shape, old, config, managed, applier).map_err(|found| conflict(&found))
    }

    /// The body, held against the URL and the schema.
    fn configuration(&self) -> Result<Value, Status> {
        let config = parse_yaml(&self.call.body)?;
        let info = self.kind.info();
        let text = |field: &str| config.get(field).and_then(Value::as_str).unwrap_or_default();
        if text("kind").is_empty() {
            return Err(Status::bad_request(
                "error decoding YAML: Object 'Kind' is missing in the applied configuration",
            ));
        }
        if text("apiVersion") != info.api_version() || text("kind") != info.kind {
            return Err(Status::bad_request(format!(
                "invalid object type: /{}, Kind={}",
                text("apiVersion"),
                text("kind")
            )));
        }
        if config.pointer("/metadata/managedFields").is_some_and(|fields| !fields.is_null()) {
            return Err(Status::bad_request("metadata.managedFields must be nil"));
        }
        let name = meta(&config, "name");
        if !name.is_empty() && name != self.request.name {
            return Err(Status::bad_request(format!(
                "the name of the object ({name}) does not match the name on the URL ({})",
                self.request.name
            )));
        }
        if let Some(problem) = typed::mismatches(&info.shape, &config) {
            let group_version = match info.group {
                "" => "/v1".to_owned(),
                group => format!("{group}/v1"),
            };
            return Err(Status::plain_error(format!(
                "failed to create typed patch object ({}/{}; {group_version}, Kind={}): {problem}",
                meta(&config, "namespace"),
                name,
                info.kind
            )));
        }
        Ok(config)
    }
}

/// JSON is YAML, and much faster to read as JSON.
fn parse_yaml(body: &[u8]) -> Result<Value, Status> {
    if let Ok(value) = serde_json::from_slice::<Value>(body) {
        return Ok(value);
    }
    let text = std::str::from_utf8(body)
        .map_err(|error| Status::bad_request(format!("error decoding YAML: {error}")))?;
    serde_saphyr::from_str(text)
        .map_err(|error| Status::bad_request(format!("error decoding YAML: {error}")))
}

fn conflict(found: &[Conflict]) -> Status {
    let causes = found
        .iter()
        .map(|conflict| {
            json!({
                "reason": "FieldManagerConflict",
                "message": format!("conflict with {}", manager(conflict)),
                "field": conflict.path,
            })
        })
        .collect();
    let message = match found {
        [one] => format!(
            "Apply failed with 1 conflict: conflict with {}: {}",
            manager(one),
            one.path
        ),
        several => {
            let lines = grouped(several).join("\n");
            format!("Apply failed with {} conflicts: {lines}", several.len())
        }
    };
    Status::apply_conflict(message, causes)
}

fn grouped(conflicts: &[Conflict]) -> Vec<String> {
    let mut managers: Vec<String> = conflicts.iter().map(manager).collect();
    managers.sort();
    managers.dedup();
    let mut lines = Vec::new();
    for name in managers {
        lines.push(format!("conflicts with {name}:"));
        let own = conflicts.iter().filter(|conflict| manager(conflict) == name);
        lines.extend(own.map(|conflict| format!("- {}", conflict.path)));
    }
    lines
}

fn manager(conflict: &Conflict) -> String {
    let name = rbacform_access::quote::go_quote(&conflict.manager);
    match conflict.operation {
        Operation::Apply => name,
        Operation::Update => format!("{name} using {}", conflict.api_version),
    }
}
