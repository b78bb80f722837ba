//! A new world: what an API server and its controllers create before anybody asks.

use rbacform_access::bootstrap;
use serde_json::{Value, json};

use crate::controllers::{settle, stamp};
use crate::decode::{decode, zero};
use crate::fields::compare::Comparison;
use crate::fields::managed::Managed;
use crate::kinds::{Kind, namespace};
use crate::object::meta;
use crate::persist::PersistError;
use crate::token::SigningKey;
use crate::world::World;

const NAMESPACES: [&str; 4] = ["default", "kube-node-lease", "kube-public", "kube-system"];

/// A world as a fresh cluster has it.
pub(crate) fn fresh_world(now: &str) -> Result<World, PersistError> {
    let mut world = World::new(SigningKey::generate(), 0);
    for name in NAMESPACES {
        let mut object = json!({"metadata": {"name": name}});
        Kind::Namespace.default(&mut object);
        let managed = owned_by_server(Kind::Namespace, &object, now);
        namespace::prepare_create(&mut object);
        stamp(&mut object, now);
        managed.put_on(&mut object);
        world.put(Kind::Namespace, object)?;
    }
    for object in bootstrap::objects() {
        plant(&mut world, &object, now)?;
    }
    settle(&mut world, now)?;
    Ok(world)
}

fn plant(world: &mut World, object: &Value, now: &str) -> Result<(), PersistError> {
    let kind_name = object
        .get("kind")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let kind = Kind::ALL
        .into_iter()
        .find(|kind| kind.info().kind == kind_name);
    let Some(kind) = kind else { return Ok(()) };
    let Ok((mut object, _)) = decode(kind.info().schema, object) else {
        return Ok(());
    };
    if let Some(object) = object.as_object_mut() {
        object.remove("kind");
        object.remove("apiVersion");
    }
    kind.default(&mut object);
    let aggregated = object.get("aggregationRule").is_some();
    if let (Some(object), true) = (object.as_object_mut(), aggregated) {
        // The controller fills these in, and owns them.
        object.insert("rules".to_owned(), Value::Null);
    }
    let managed = owned_by_server(kind, &object, now);
    stamp(&mut object, now);
    managed.put_on(&mut object);
    world.put(kind, object).map(|_| ())
}

fn owned_by_server(kind: Kind, object: &Value, now: &str) -> Managed {
    let info = kind.info();
    let comparison = Comparison::of(&info.shape, &zero(info.schema), object);
    let mut managed = Managed::default();
    managed.record_update(&comparison, "kube-apiserver", &info.api_version(), now);
    managed
}

/// The uid of `kube-system`, by which a cluster is known.
pub(crate) fn world_id(world: &World) -> String {
    world
        .get(Kind::Namespace, "", "kube-system")
        .map(|object| meta(&object.value, "uid").to_owned())
        .unwrap_or_default()
}
