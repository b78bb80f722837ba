//! Analysis: what a plan means for access, the worlds before and after it laid side by side.

mod change;
mod findings;
mod google;
mod google_findings;
mod identity;
pub(crate) mod overlay;
mod policies;
mod weight;

use std::collections::{BTreeMap, BTreeSet};

use rbacform_access::aggregate;
use rbacform_access::delta::Known;
use rbacform_access::{Facts, InvalidObject};
use rbacform_core::{Action, Change, DesiredResource, Location, ObjectId, ObservedSet, SourceMap};

use crate::planning::{GOOGLE, KUBERNETES};

pub(crate) use change::{ANYBODY, access_change, locate, temporary};
pub(crate) use findings::findings;
pub(crate) use google::{change_by_pods, google_change, put_down_to};
pub(crate) use identity::{binding_and_role, object};
pub(crate) use policies::{GoogleWorlds, workloads};
pub(crate) use weight::{Weight, by_weight, weight};

/// The kinds that say who may do what on a cluster.
pub(crate) const RBAC_KINDS: [&str; 4] =
    ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"];

/// The access worlds of a plan: what stands, and what will stand once the plan is carried out.
pub(crate) struct Worlds {
    /// What was read, the rules of aggregated roles as the server has them.
    pub(crate) before: Facts,
    /// The same with the changes, aggregation settled.
    pub(crate) after: Facts,
    /// Which kinds were read whole.
    pub(crate) known: Known,
    /// Where declared objects stand in files, by object id.
    pub(crate) places: BTreeMap<String, Location>,
}

impl Worlds {
    /// The worlds of a plan, from what was read and the plan's changes.
    pub(crate) fn of_plan(
        observed: &ObservedSet,
        changes: &[Change],
        declared: &[DesiredResource],
        sources: &SourceMap,
    ) -> Self {
        let mut before = Facts::default();
        for found in observed.iter().filter(|found| is_kubernetes(&found.object)) {
            before.put(&found.object, &found.attributes);
        }
        let after = after(&before, observed, changes);
        Self {
            before,
            after,
            known: known(observed),
            places: places(declared, sources),
        }
    }

    /// Where a declared object stands.
    pub(crate) fn place(&self, object: &ObjectId) -> Option<&Location> {
        self.places.get(&object.to_string())
    }
}

/// What a stack declares, over the roles and bindings that every server makes by itself.
fn written(declared: &[DesiredResource]) -> Result<Facts, InvalidObject> {
    let mut facts = Facts::default();
    for resource in declared.iter().filter(|it| is_kubernetes(&it.object)) {
        facts.put(&resource.object, &resource.attributes);
    }
    facts.lay_bootstrap()?;
    aggregate::settle_written(&mut facts);
    Ok(facts)
}

/// Whether a change is one of who may do what on a cluster.
pub(crate) fn changes_rbac(change: &Change) -> bool {
    let says = RBAC_KINDS.contains(&change.object.kind.as_str())
        // A namespace takes along the roles and bindings in it, whoever made them.
        || (change.object.kind == "Namespace" && change.action == Action::Delete);
    says && is_kubernetes(&change.object) && writes(change.action)
}

/// Whether a change is one of who may do what at Google: of anything there, or of the account that
/// the pods of a cluster's service account act as.
pub(crate) fn changes_google(change: &Change) -> bool {
    let says = change.object.instance == GOOGLE || change.object.kind == "ServiceAccount";
    says && writes(change.action)
}

fn writes(action: Action) -> bool {
    match action {
        Action::Create | Action::Update | Action::Replace | Action::Delete | Action::Adopt => true,
        Action::Move | Action::Forget | Action::NoOp => false,
    }
}

fn is_kubernetes(object: &ObjectId) -> bool {
    object.instance == KUBERNETES
}

fn after(before: &Facts, observed: &ObservedSet, changes: &[Change]) -> Facts {
    let mut after = before.clone();
    let changes: Vec<&Change> = changes.iter().filter(|it| changes_rbac(it)).collect();
    let (gone, stays): (Vec<&Change>, Vec<&Change>) = changes
        .into_iter()
        .partition(|change| change.action == Action::Delete);
    for change in gone {
        match change.object.kind.as_str() {
            "Namespace" => after.remove_namespace(change.object.name()),
            _ => after.remove(&change.object),
        }
    }
    for change in stays {
        let found = observed.get(&change.object);
        match (change.action, found) {
            (Action::Update | Action::Adopt, Some(found)) => {
                let attributes = overlay::changed(&found.attributes, &change.before, &change.after);
                after.put(&change.object, &attributes);
            }
            _ => after.put(&change.object, &change.after),
        }
    }
    aggregate::settle_changed(&mut after, before);
    after
}

/// Which kinds were read whole, and in which namespaces.
pub(crate) fn known(observed: &ObservedSet) -> Known {
    let whole = |kind: &str| {
        let key = (KUBERNETES.into(), kind.into());
        observed.complete.contains(&key)
    };
    let namespaces = |of: &str| {
        let listed = observed.complete_in.iter();
        let of_kind = listed.filter(|(instance, kind, _)| instance == KUBERNETES && kind == of);
        of_kind
            .map(|(.., namespace)| namespace.to_string())
            .collect()
    };
    Known {
        roles: whole("Role"),
        cluster_roles: whole("ClusterRole"),
        role_bindings: whole("RoleBinding"),
        cluster_role_bindings: whole("ClusterRoleBinding"),
        roles_in: namespaces("Role"),
        role_bindings_in: namespaces("RoleBinding"),
    }
}

fn places(declared: &[DesiredResource], sources: &SourceMap) -> BTreeMap<String, Location> {
    let located = declared.iter().filter_map(|resource| {
        let place = sources.locate(resource.span)?;
        Some((resource.object.to_string(), place))
    });
    located.collect()
}

/// What a declared namespace, role or binding stands in, for reading where the whole cluster may
/// not be listed.
pub(crate) fn homes<'a>(objects: impl Iterator<Item = &'a ObjectId>) -> BTreeSet<ObjectId> {
    let namespace = |name: &str| ObjectId::cluster(KUBERNETES, "Namespace", name);
    objects
        .filter(|object| is_kubernetes(object))
        .filter_map(|object| match object.kind.as_str() {
            "Namespace" => Some(object.clone()),
            _ => object.namespace().map(namespace),
        })
        .collect()
}
