//! `rbacform.state/1`: the state as JSON, one resource a line, so that two states differ line by
//! line.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;
use std::path::Path;

use rbacform_core::{ObjectId, StateResource, StateSnapshot, Value, WorldPin};
use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::StateError;

/// The format name of a state file.
pub const FORMAT: &str = "rbacform.state/1";

/// JSON parsers, ours included, refuse deeper nesting than 128: what cannot be read back must not
/// be written.
const DEEPEST: usize = 100;

/// The bytes of a state. Equal states have equal bytes.
///
/// ```json
/// {
///   "format": "rbacform.state/1",
///   "rbacform_version": "0.1.0",
///   "stack": "quickstart",
///   "env": null,
///   "lineage": "0f9c…",
///   "serial": 3,
///   "worlds": {"kubernetes":{"server":"https://…","uid":"…"}},
///   "resources": [
///     {"address":"kubernetes.role.reader","object":"kubernetes/Role/bob/reader","uid":"…","attributes":{…}}
///   ],
///   "outputs": {}
/// }
/// ```
///
/// # Errors
///
/// [`StateError::Unwritable`] where a value is nested too deeply to be read back.
pub fn encode(snapshot: &StateSnapshot) -> Result<Vec<u8>, StateError> {
    check_depth(snapshot)?;
    write(snapshot).map_err(|error| StateError::Unwritable(error.to_string()))
}

fn write(snapshot: &StateSnapshot) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(1024 + snapshot.resources.len() * 512);
    out.write_all(b"{\n")?;
    field(&mut out, "format", &FORMAT)?;
    field(&mut out, "rbacform_version", &env!("CARGO_PKG_VERSION"))?;
    field(&mut out, "stack", &snapshot.stack)?;
    field(&mut out, "env", &snapshot.env)?;
    field(&mut out, "lineage", &snapshot.lineage)?;
    field(&mut out, "serial", &snapshot.serial)?;
    field(&mut out, "worlds", &snapshot.worlds)?;
    out.write_all(b"  \"resources\": [")?;
    for (index, resource) in snapshot.resources.values().enumerate() {
        out.write_all(if index == 0 { b"\n    " } else { b",\n    " })?;
        serde_json::to_writer(&mut out, resource)?;
    }
    out.write_all(if snapshot.resources.is_empty() {
        b"],\n"
    } else {
        b"\n  ],\n"
    })?;
    out.write_all(b"  \"outputs\": ")?;
    serde_json::to_writer(&mut out, &snapshot.outputs)?;
    out.write_all(b"\n}\n")?;
    Ok(out)
}

fn field(out: &mut Vec<u8>, name: &str, value: &impl serde::Serialize) -> std::io::Result<()> {
    write!(out, "  \"{name}\": ")?;
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b",\n")
}

fn check_depth(snapshot: &StateSnapshot) -> Result<(), StateError> {
    for (name, value) in &snapshot.outputs {
        check_writable(&format_args!("the output `{name}`"), value)?;
    }
    for resource in snapshot.resources.values() {
        check_writable(&resource.address, &resource.attributes)?;
    }
    Ok(())
}

/// Refuses a value that a state file cannot hold, so that an apply can find out before its first
/// write.
pub fn check_writable(what: &dyn fmt::Display, value: &Value) -> Result<(), StateError> {
    if deeper_than(value, DEEPEST) {
        return Err(StateError::Unwritable(format!(
            "{what} is nested more than {DEEPEST} levels deep"
        )));
    }
    Ok(())
}

fn deeper_than(value: &Value, levels: usize) -> bool {
    let Some(below) = levels.checked_sub(1) else {
        return true;
    };
    match value {
        Value::List(items) => items.iter().any(|item| deeper_than(item, below)),
        Value::Map(map) => map.iter().any(|(_, item)| deeper_than(item, below)),
        _ => false,
    }
}

/// The state in `bytes`, straight into the model. Fields that this version does not know are
/// passed over; a format that it does not know is refused.
///
/// # Errors
///
/// [`StateError::Newer`], or [`StateError::Broken`] with line and column; `path` is only named in
/// them, and `backup` in the advice.
pub fn decode(
    bytes: &[u8],
    path: &Path,
    backup: Option<&Path>,
) -> Result<StateSnapshot, StateError> {
    let parsed = serde_json::from_slice::<StateFile>(bytes);
    // Another format may well parse as this one, or fail to: its name decides first.
    match &parsed {
        Ok(file) if file.format == FORMAT => {}
        _ => refuse_other_format(bytes, path)?,
    }
    let file = parsed.map_err(|error| broken(&error, path, backup))?;
    Ok(StateSnapshot {
        stack: file.stack,
        env: file.env,
        lineage: file.lineage,
        serial: file.serial,
        worlds: file.worlds,
        resources: file.resources.0,
        outputs: file.outputs,
    })
}

fn refuse_other_format(bytes: &[u8], path: &Path) -> Result<(), StateError> {
    let Ok(named) = serde_json::from_slice::<Named>(bytes) else {
        return Ok(());
    };
    if named.format == FORMAT {
        return Ok(());
    }
    Err(StateError::Newer {
        path: path.to_owned(),
        found: named.format,
        writer: named.rbacform_version,
        ours: FORMAT,
    })
}

fn broken(error: &serde_json::Error, path: &Path, backup: Option<&Path>) -> StateError {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let said = text.strip_suffix(place.as_str()).unwrap_or(&text);
    let why = if error.is_eof() {
        "it ends too early: it was truncated".to_owned()
    } else if error.is_syntax() {
        format!("it is not JSON: {said}")
    } else {
        said.to_owned()
    };
    let help = match backup {
        Some(backup) => format!(
            "restore a version of it that is whole: the last backup is `{}`",
            backup.display()
        ),
        None => {
            "restore a version of it that is whole, or rebuild it with `rbacform state recover`"
                .to_owned()
        }
    };
    StateError::Broken {
        what: "the state file",
        path: path.to_owned(),
        line: u32::try_from(error.line().max(1)).unwrap_or(u32::MAX),
        column: u32::try_from(error.column().max(1)).unwrap_or(u32::MAX),
        why,
        help,
    }
}

#[derive(Deserialize)]
struct Named {
    format: String,
    #[serde(default)]
    rbacform_version: Option<String>,
}

#[derive(Deserialize)]
struct StateFile {
    format: String,
    stack: String,
    #[serde(default)]
    env: Option<String>,
    lineage: String,
    serial: u64,
    #[serde(default)]
    worlds: BTreeMap<String, WorldPin>,
    resources: Resources,
    #[serde(default)]
    outputs: BTreeMap<String, Value>,
}

/// The list of resources, read into the map that the model holds without a list in between.
struct Resources(BTreeMap<ObjectId, StateResource>);

impl<'de> Deserialize<'de> for Resources {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ResourcesVisitor)
    }
}

struct ResourcesVisitor;

impl<'de> Visitor<'de> for ResourcesVisitor {
    type Value = Resources;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of resources")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Resources, A::Error> {
        let mut resources: Vec<(ObjectId, StateResource)> = Vec::new();
        while let Some(mut resource) = seq.next_element::<StateResource>()? {
            // A list of one grows to room for four, and there are ten thousand of each.
            resource.requires.shrink_to_fit();
            resource.depends_on.shrink_to_fit();
            resources.push((resource.object.clone(), resource));
        }
        let read = resources.len();
        // Built at once the map's nodes are full; filled in order they would be half empty.
        resources.sort_by(|a, b| a.0.cmp(&b.0));
        let twice = resources.windows(2).find_map(|pair| match pair {
            [a, b] if a.0 == b.0 => Some(a.0.clone()),
            _ => None,
        });
        if let Some(twice) = twice {
            let message = format_args!("the object `{twice}` is listed twice");
            return Err(A::Error::custom(message));
        }
        let resources: BTreeMap<ObjectId, StateResource> = resources.into_iter().collect();
        debug_assert_eq!(read, resources.len());
        Ok(Resources(resources))
    }
}

#[cfg(test)]
#[path = "format_tests.rs"]
mod tests;
