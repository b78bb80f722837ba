//! Needs: what somebody who holds nothing else must hold to plan a stack, apply it and see its
//! drift.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::{ObjectId, Value};

use super::kind::{Kind, object_name};
use super::rules::{Needed, Place, merged};
use crate::escalation::{confirm_binding, confirm_role};
use crate::{
    ClusterRole, ClusterRoleBinding, Facts, PolicyRule, RBAC_GROUP, ResourceRequest, Role,
    RoleBinding, RoleRef, Subject, User,
};

/// The objects of a stack.
#[derive(Clone, Debug, Default)]
pub struct NeedsInput<'a> {
    /// Those that it declares, with what they are to be.
    pub declared: Vec<(&'a ObjectId, &'a Value)>,
    /// Those that it may delete: unless told otherwise, every object that it declares or that state
    /// knows, but a namespace.
    pub deleted: Vec<&'a ObjectId>,
    /// Those of which it takes its mark instead.
    pub abandoned: Vec<&'a ObjectId>,
    /// Kinds that are read whole besides: assertions are about them.
    pub asserted: BTreeSet<&'a str>,
    /// What the name of a bridge has behind its binding's.
    pub bridge: &'a str,
}

/// The rules, by where they must hold. In a namespace that the stack makes itself nobody can hold
/// anything before that, so what it takes there must hold in the whole cluster.
pub fn needs(input: &NeedsInput<'_>) -> BTreeMap<Place, Vec<PolicyRule>> {
    let declared = input.declared.iter().map(|(object, _)| *object);
    let made: BTreeSet<&str> = declared
        .clone()
        .filter(|object| object.kind == "Namespace")
        .map(|object| object.name())
        .collect();
    let mut needed: BTreeSet<Needed> = reading(input, &made);
    for object in declared {
        needed.extend(of_object(object, &["get", "create", "patch"], &made));
        if object.kind.ends_with("Binding") {
            let bridge = ObjectId {
                ident: format!("{}{}", object.ident, input.bridge).into(),
                ..object.clone()
            };
            needed.extend(of_object(
                &bridge,
                &["get", "create", "patch", "delete"],
                &made,
            ));
        }
    }
    // A binding whose role changes is made anew, whatever becomes of it in the end.
    let bindings = input.declared.iter().map(|(object, _)| *object);
    let replaced = bindings.filter(|object| object.kind.ends_with("Binding"));
    for object in input.deleted.iter().copied().chain(replaced) {
        needed.extend(of_object(object, &["get", "delete"], &made));
    }
    for object in &input.abandoned {
        needed.extend(of_object(object, &["get", "patch"], &made));
    }
    let handed_out = handing_out(input, &needed, &made);
    needed.extend(handed_out);
    merged(needed)
}

fn of_object<'a>(
    object: &'a ObjectId,
    verbs: &'a [&str],
    made: &'a BTreeSet<&str>,
) -> impl Iterator<Item = Needed> + 'a {
    let kind = Kind::of(object).into_iter();
    kind.flat_map(move |kind| {
        verbs.iter().map(move |verb| {
            let needed = Needed::of(&kind.request(object, verb));
            placed(needed, object.namespace(), made)
        })
    })
}

fn placed(needed: Needed, namespace: Option<&str>, made: &BTreeSet<&str>) -> Needed {
    match namespace {
        Some(namespace) if made.contains(namespace) => needed.everywhere(),
        _ => needed,
    }
}

/// What a plan reads: the kinds of the stack, and wherever roles or bindings are among them all of
/// RBAC, since whose access changes follows from all of it.
fn reading(input: &NeedsInput<'_>, made: &BTreeSet<&str>) -> BTreeSet<Needed> {
    let others = input.deleted.iter().chain(&input.abandoned).copied();
    let objects: Vec<&ObjectId> = input
        .declared
        .iter()
        .map(|(object, _)| *object)
        .chain(others)
        .collect();
    let has = |name: &str| objects.iter().any(|object| object.kind == name);
    let rbac = ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"];
    let mut wide: BTreeSet<&str> = input.asserted.clone();
    if rbac.into_iter().any(has) {
        wide.extend(rbac);
    }
    if has("Namespace") {
        wide.extend(["Namespace", "RoleBinding"]);
    }
    let list = |kind: &Kind, namespace: &str| ResourceRequest {
        verb: "list".to_owned(),
        api_group: kind.group.to_owned(),
        resource: kind.plural.to_owned(),
        namespace: namespace.to_owned(),
        ..ResourceRequest::default()
    };
    let lists = wide.iter().filter_map(|name| Kind::named(name));
    let mut needed: BTreeSet<Needed> = lists.map(|kind| Needed::of(&list(&kind, ""))).collect();
    let accounts = objects
        .iter()
        .filter(|object| object.kind == "ServiceAccount" && !wide.contains("ServiceAccount"));
    for object in accounts {
        if let (Some(kind), Some(namespace)) = (Kind::of(object), object.namespace()) {
            let one = Needed::of(&list(&kind, namespace));
            needed.insert(placed(one, Some(namespace), made));
        }
    }
    let is_read = !objects.is_empty() || !wide.is_empty();
    if is_read
        && !has("Namespace")
        && let Some(kind) = Kind::named("Namespace")
    {
        // Its uid tells clusters apart; where namespaces are listed it is among them.
        let system = ObjectId::cluster("", "Namespace", "kube-system");
        needed.insert(Needed::of(&kind.request(&system, "get")));
    }
    needed
}

/// `escalate` on roles and `bind` on what is bound, where the rules are not held anyway.
fn handing_out(
    input: &NeedsInput<'_>,
    needed: &BTreeSet<Needed>,
    made: &BTreeSet<&str>,
) -> BTreeSet<Needed> {
    let user = User {
        name: "whoever applies".to_owned(),
        groups: Vec::new(),
    };
    let mut facts = holding(&user, merged(needed.iter().cloned()));
    for (object, attributes) in &input.declared {
        if object.kind.ends_with("Role") {
            facts.put(object, attributes);
        }
    }
    let mut more = BTreeSet::new();
    for (object, attributes) in &input.declared {
        let Some(kind) = Kind::of(object) else {
            continue;
        };
        let namespace = object.namespace().unwrap_or_default();
        let request = kind.request(object, "patch");
        let lacking = match object.kind.as_str() {
            "Role" => facts.role(namespace, object.name()).is_some_and(|role| {
                confirm_role(&facts, &user, &request, &role.rules, false).is_err()
            }),
            "ClusterRole" => facts.cluster_role(object_name(object)).is_some_and(|role| {
                let aggregated = role.aggregation.is_some();
                confirm_role(&facts, &user, &request, &role.rules, aggregated).is_err()
            }),
            _ => false,
        };
        if lacking {
            let escalate = Needed::of(&kind.request(object, "escalate"));
            more.insert(placed(escalate, object.namespace(), made));
        }
        if object.kind.ends_with("Binding") {
            let role_ref = crate::objects::role_ref(attributes);
            // What an aggregated role gathers in the end stands in no stack.
            let gathers = role_ref.kind == "ClusterRole"
                && facts
                    .cluster_role(&role_ref.name)
                    .is_some_and(|role| role.aggregation.is_some());
            if gathers || confirm_binding(&facts, &user, namespace, &role_ref).is_err() {
                let bind = super::question::bind(&role_ref, namespace);
                more.insert(placed(Needed::of(&bind), object.namespace(), made));
            }
        }
    }
    more
}

/// A world in which somebody holds these rules and nobody anything else.
fn holding(user: &User, rules: BTreeMap<Place, Vec<PolicyRule>>) -> Facts {
    let mut facts = Facts::default();
    let name = "needs".to_owned();
    let subjects = vec![Subject {
        kind: "User".to_owned(),
        name: user.name.clone(),
        ..Subject::default()
    }];
    let role_ref = |kind: &str| RoleRef {
        api_group: RBAC_GROUP.to_owned(),
        kind: kind.to_owned(),
        name: "needs".to_owned(),
    };
    for (place, rules) in rules {
        match place {
            Place::Cluster => {
                facts.put_cluster_role(ClusterRole {
                    name: name.clone(),
                    rules,
                    ..ClusterRole::default()
                });
                facts.put_cluster_role_binding(ClusterRoleBinding {
                    name: name.clone(),
                    subjects: subjects.clone(),
                    role_ref: role_ref("ClusterRole"),
                });
            }
            Place::Namespace(namespace) => {
                facts.put_role(Role {
                    namespace: namespace.clone(),
                    name: name.clone(),
                    rules,
                });
                facts.put_role_binding(RoleBinding {
                    namespace,
                    name: name.clone(),
                    subjects: subjects.clone(),
                    role_ref: role_ref("Role"),
                });
            }
        }
    }
    facts
}
