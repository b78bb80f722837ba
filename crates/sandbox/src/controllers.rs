//! What the controller manager does, at once: default service accounts, token Secrets, aggregated
//! roles. Namespaces end after a delay, so that has an entry of its own.

use rbacform_access::aggregate::aggregated_rules;
use serde_json::{Value, json};

use crate::fields::apply::{Applier, apply};
use crate::fields::compare::Comparison;
use crate::fields::managed::Managed;
use crate::kinds::{Kind, namespace, secret, service_account};
use crate::object::{meta, set_meta, set_meta_entry};
use crate::persist::PersistError;
use crate::token::{Claims, sign};
use crate::world::{Event, World};

const AGGREGATION_MANAGER: &str = "clusterrole-aggregation-controller";

/// More rounds than any chain of aggregated roles needs; ends a cycle that would turn for ever.
const MAX_ROUNDS: usize = 1000;

/// Brings everything to rest after a write. Returns the namespaces that have begun to end.
pub(crate) fn settle(world: &mut World, now: &str) -> Result<Vec<String>, PersistError> {
    let mut ending = Vec::new();
    for _ in 0..MAX_ROUNDS {
        let events = world.take_events();
        if events.is_empty() {
            break;
        }
        for event in &events {
            react(world, event, now, &mut ending)?;
        }
        if events.iter().any(|event| event.kind == Kind::ClusterRole) {
            aggregate(world, now)?;
        }
    }
    Ok(ending)
}

fn react(
    world: &mut World,
    event: &Event,
    now: &str,
    ending: &mut Vec<String>,
) -> Result<(), PersistError> {
    match event.kind {
        Kind::Namespace => {
            if let Some(live) = world.get(Kind::Namespace, "", &event.name) {
                if namespace::is_terminating(&live.value) {
                    ending.push(event.name.clone());
                } else {
                    ensure_default_account(world, &event.name, now)?;
                }
            }
        }
        Kind::ServiceAccount => {
            let live = world.get(Kind::Namespace, "", &event.namespace);
            if live.is_some_and(|live| !namespace::is_terminating(&live.value)) {
                ensure_default_account(world, &event.namespace, now)?;
            }
            for token in world.list(Kind::Secret, &event.namespace) {
                fill_token(world, &token.value.clone(), now)?;
            }
        }
        Kind::Secret => {
            if let Some(live) = world.get(Kind::Secret, &event.namespace, &event.name) {
                fill_token(world, &live.value.clone(), now)?;
            }
        }
        _ => {}
    }
    if event.kind.info().namespaced
        && world
            .get(event.kind, &event.namespace, &event.name)
            .is_none()
    {
        ending.extend(waiting_namespace(world, &event.namespace));
    }
    Ok(())
}

/// A namespace whose content was deleted but for what finalizers held.
fn waiting_namespace(world: &World, name: &str) -> Option<String> {
    let live = world.get(Kind::Namespace, "", name)?;
    let waits = live.value.pointer("/status/conditions").is_some();
    (waits && namespace::is_terminating(&live.value)).then(|| name.to_owned())
}

fn ensure_default_account(world: &mut World, at: &str, now: &str) -> Result<(), PersistError> {
    if world
        .get(Kind::ServiceAccount, at, service_account::DEFAULT)
        .is_some()
    {
        return Ok(());
    }
    let mut account = service_account::bare(at, service_account::DEFAULT);
    stamp(&mut account, now);
    world.put(Kind::ServiceAccount, account).map(|_| ())
}

/// Gives a new object its uid and creation time.
pub(crate) fn stamp(object: &mut Value, now: &str) {
    set_meta(object, "uid", Some(json!(uuid::Uuid::new_v4().to_string())));
    set_meta(object, "creationTimestamp", Some(json!(now)));
}

/// Fills a token Secret, or deletes one whose account is gone or another.
fn fill_token(world: &mut World, object: &Value, now: &str) -> Result<(), PersistError> {
    if !secret::is_token(object) || !meta(object, "deletionTimestamp").is_empty() {
        return Ok(());
    }
    let (at, name) = (meta(object, "namespace"), meta(object, "name"));
    let account_name = secret::account_name(object);
    let known_uid = secret::annotation(object, secret::ACCOUNT_UID_ANNOTATION);
    let account = world
        .get(Kind::ServiceAccount, at, account_name)
        .filter(|account| known_uid.is_empty() || known_uid == meta(&account.value, "uid"));
    let Some(account) = account else {
        return world.remove(Kind::Secret, at, name);
    };
    let has = |key: &str| object.get("data").and_then(|data| data.get(key)).is_some();
    if has("token") && has("namespace") && !known_uid.is_empty() {
        return Ok(());
    }
    let uid = meta(&account.value, "uid").to_owned();
    let claims = Claims {
        namespace: at.to_owned(),
        account: account_name.to_owned(),
        account_uid: uid.clone(),
        bound_secret: Some((name.to_owned(), meta(object, "uid").to_owned())),
        expires: None,
        id: uuid::Uuid::new_v4().to_string(),
    };
    let token = sign(world.signing_key(), &claims);
    let mut filled = object.clone();
    let managed = Managed::take_from(&mut filled);
    let before = filled.clone();
    secret::set_data(&mut filled, "token", &token);
    secret::set_data(&mut filled, "namespace", at);
    set_meta_entry(
        &mut filled,
        "annotations",
        secret::ACCOUNT_UID_ANNOTATION,
        &uid,
    );
    own(
        Kind::Secret,
        managed,
        &before,
        &mut filled,
        "kube-controller-manager",
        now,
    );
    world.put(Kind::Secret, filled).map(|_| ())
}

fn own(
    kind: Kind,
    mut managed: Managed,
    before: &Value,
    after: &mut Value,
    manager: &str,
    now: &str,
) {
    let comparison = Comparison::of(&kind.info().shape, before, after);
    managed.record_update(&comparison, manager, &kind.info().api_version(), now);
    managed.put_on(after);
}

/// One pass over all aggregated roles, as the controller makes after every ClusterRole event.
fn aggregate(world: &mut World, now: &str) -> Result<(), PersistError> {
    let stale: Vec<(String, Value)> = world
        .facts()
        .cluster_roles()
        .filter_map(|role| {
            let rules = aggregated_rules(world.facts(), role)?;
            (rules != role.rules).then(|| (role.name.clone(), json!(rules)))
        })
        .collect();
    for (name, rules) in stale {
        let Some(live) = world.get(Kind::ClusterRole, "", &name) else {
            continue;
        };
        let mut old = live.value.clone();
        let mut managed = Managed::take_from(&mut old);
        let info = Kind::ClusterRole.info();
        let mut config = json!({"metadata": {"name": name}});
        // An empty result is left out: it takes away only what the controller alone owns.
        if let (Some(config), false) = (config.as_object_mut(), rules == json!([])) {
            config.insert("rules".to_owned(), rules);
        }
        let api_version = info.api_version();
        let applier = Applier {
            manager: AGGREGATION_MANAGER,
            api_version: &api_version,
            force: true,
            now,
        };
        let applied = apply(&info.shape, &old, &config, &mut managed, applier);
        let Some((mut new, _)) = applied
            .ok()
            .and_then(|new| crate::decode::decode(info.schema, &new).ok())
        else {
            continue;
        };
        managed.put_on(&mut new);
        if new != live.value {
            world.put(Kind::ClusterRole, new)?;
        }
    }
    Ok(())
}
