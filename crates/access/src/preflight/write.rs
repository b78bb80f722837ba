//! One write of a plan as the API server sees it.

use rbacform_core::{Edit, EditKind, Map, ObservedObject, ObservedSet, Value, compare};

use super::kind::Kind;
use crate::{Facts, PolicyRule, ResourceRequest, RoleRef};

/// One write.
#[derive(Clone, Debug)]
pub(super) struct Write<'a> {
    pub(super) edit: &'a Edit,
    /// What the authorizer is asked, one after the other.
    pub(super) requests: Vec<ResourceRequest>,
    /// What it would hand out.
    pub(super) hands_out: HandsOut,
}

/// What a write hands out, as far as escalation prevention looks at it.
#[derive(Clone, Debug)]
pub(super) enum HandsOut {
    /// Nothing, or nothing new.
    Nothing,
    /// A role with these rules.
    Rules {
        rules: Vec<PolicyRule>,
        /// Whether it gathers others' rules, or did before.
        aggregated: bool,
    },
    /// A role, to somebody.
    Role(RoleRef),
}

impl<'a> Write<'a> {
    /// What an edit sends; none where nothing is sent, or not to an API server.
    pub(super) fn of(edit: &'a Edit, observed: &ObservedSet) -> Option<Self> {
        let kind = Kind::of(&edit.object)?;
        let found = observed.get(&edit.object);
        // A server-side apply that makes an object is authorized twice, with its name both times.
        let verbs: &[&str] = match &edit.kind {
            EditKind::Create { .. } => &["patch", "create"],
            EditKind::Update { .. } | EditKind::Abandon { .. } => &["patch"],
            EditKind::Delete => &["delete"],
            EditKind::Record => return None,
        };
        Some(Self {
            edit,
            requests: verbs
                .iter()
                .map(|verb| kind.request(&edit.object, verb))
                .collect(),
            hands_out: hands_out(edit, found),
        })
    }
}

fn hands_out(edit: &Edit, found: Option<&ObservedObject>) -> HandsOut {
    let Some(attributes) = after(edit, found) else {
        return HandsOut::Nothing;
    };
    if is_unchanged(edit, found) {
        return HandsOut::Nothing;
    }
    let mut facts = Facts::default();
    facts.put(&edit.object, &attributes);
    let namespace = edit.object.namespace().unwrap_or_default();
    match edit.object.kind.as_str() {
        "Role" => match facts.role(namespace, edit.object.name()) {
            Some(role) => HandsOut::Rules {
                rules: role.rules.clone(),
                aggregated: false,
            },
            None => HandsOut::Nothing,
        },
        "ClusterRole" => match facts.cluster_role(&edit.object.ident) {
            Some(role) => HandsOut::Rules {
                rules: role.rules.clone(),
                aggregated: role.aggregation.is_some()
                    || found.is_some_and(|found| gathers(&found.attributes)),
            },
            None => HandsOut::Nothing,
        },
        "RoleBinding" | "ClusterRoleBinding" => {
            HandsOut::Role(crate::objects::role_ref(&attributes))
        }
        _ => HandsOut::Nothing,
    }
}

fn gathers(attributes: &Value) -> bool {
    let selectors = attributes.get("aggregate");
    selectors.is_some_and(|selectors| !selectors.is_null())
}

/// What an object is once the edit is done; none where it goes, or where nothing is sent.
pub(super) fn after(edit: &Edit, found: Option<&ObservedObject>) -> Option<Value> {
    let wanted = match &edit.kind {
        EditKind::Create { attributes, .. } => return Some(attributes.clone()),
        EditKind::Update { attributes, .. } | EditKind::Abandon { attributes } => attributes,
        EditKind::Delete | EditKind::Record => return None,
    };
    let observed = found.and_then(|found| found.attributes.as_map());
    let mut after = observed.cloned().unwrap_or_default();
    for (key, value) in wanted.as_map().into_iter().flat_map(Map::iter) {
        let value = match key {
            "labels" => labels(after.get(key), value, edit.precondition.compared.get(key)),
            _ => value.clone(),
        };
        after.insert(key, value);
    }
    // Its own rules are the controller's: they are never sent.
    if gathers(wanted)
        && let Some(gathered) = observed.and_then(|observed| observed.get("rules"))
    {
        after.insert("rules", gathered.clone());
    } else if wanted.get("rules").is_some() && !gathers(wanted) {
        after.remove("aggregate");
    }
    Some(Value::Map(after))
}

/// Others' labels stay, ours become what is wanted, and those that were compared and are no longer
/// wanted go.
fn labels(observed: Option<&Value>, wanted: &Value, compared: Option<&Value>) -> Value {
    let mut labels = observed
        .and_then(Value::as_map)
        .cloned()
        .unwrap_or_default();
    for key in compared
        .and_then(Value::as_map)
        .into_iter()
        .flat_map(Map::keys)
    {
        labels.remove(key);
    }
    for (key, value) in wanted.as_map().into_iter().flat_map(Map::iter) {
        labels.insert(key, value.clone());
    }
    Value::Map(labels)
}

/// Whether the write changes nothing but who owns which field: the server lets it pass.
fn is_unchanged(edit: &Edit, found: Option<&ObservedObject>) -> bool {
    let (EditKind::Update { attributes, mark }, Some(found)) = (&edit.kind, found) else {
        return false;
    };
    let observed = compare::project(&found.attributes, attributes, &edit.precondition.compared);
    found.mark.as_ref() == Some(mark)
        && found.managed_by.is_some()
        && compare::same(&observed, attributes)
}
