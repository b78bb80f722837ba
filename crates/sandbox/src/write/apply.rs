//! Server-side apply.

use serde_json::{Value, json};

use super::Writer;
use super::update::{Origin, split};
use crate::call::{Reply, named};
use crate::decode::{json_type, zero};
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
        if live.is_some() && managed.0.is_empty() {
            self.own_what_was_there(&old, &mut managed);
        }
        let applied = self.merged(&old, &config, &mut managed)?;
        let mut new = self
            .decoded(&applied, &mut Vec::new())
            .map_err(|why| self.not_handled(&why))?;
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

    /// The first apply to an object without managers gives what it holds to one of this name.
    fn own_what_was_there(&self, old: &Value, managed: &mut Managed) {
        let info = self.kind.info();
        let comparison = self.compared(&zero(info.schema), old);
        let manager = "before-first-apply";
        managed.record_update(&comparison, manager, &info.api_version(), &self.call.now);
    }

    fn merged(&self, old: &Value, config: &Value, managed: &mut Managed) -> Result<Value, Status> {
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
        let mut config = parse_yaml(&self.call.body)?;
        let info = self.kind.info();
        let text = |field: &str| {
            config
                .get(field)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        if text("apiVersion") != info.api_version() || text("kind") != info.kind {
            return Err(Status::bad_request(format!(
                "invalid object type: {}, Kind={}",
                group_version(text("apiVersion")),
                text("kind")
            )));
        }
        if config
            .pointer("/metadata/managedFields")
            .is_some_and(|fields| !fields.is_null())
        {
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
            return Err(Status::plain_error(format!(
                "failed to create typed patch object ({}/{}; {}, Kind={}): {problem}",
                meta(&config, "namespace"),
                name,
                group_version(&info.api_version()),
                info.kind
            )));
        }
        // Stored objects carry neither, so they would look like an addition.
        if let Some(config) = config.as_object_mut() {
            config.remove("kind");
            config.remove("apiVersion");
        }
        Ok(config)
    }
}

/// Group and version as Go prints them together: the core group is empty.
fn group_version(api_version: &str) -> String {
    if api_version.contains('/') {
        api_version.to_owned()
    } else {
        format!("/{api_version}")
    }
}

/// JSON is YAML, and much faster to read as JSON.
fn parse_yaml(body: &[u8]) -> Result<Value, Status> {
    let value = match serde_json::from_slice::<Value>(body) {
        Ok(value) => value,
        Err(_) => {
            let text = String::from_utf8_lossy(body);
            serde_saphyr::from_str(&text).map_err(|error| {
                let error = error.to_string();
                let problem = error.lines().next().unwrap_or_default();
                Status::bad_request(format!(
                    "error decoding YAML: error converting YAML to JSON: yaml: {problem}"
                ))
            })?
        }
    };
    if value.is_object() {
        return Ok(value);
    }
    Err(Status::bad_request(format!(
        "error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal \
         {} into Go value of type map[string]interface {{}}",
        json_type(&value)
    )))
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
        let own = conflicts
            .iter()
            .filter(|conflict| manager(conflict) == name);
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
