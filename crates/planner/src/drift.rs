//! Drift: prior against observed. Reported apart from the change, whatever the stack now says.

use rbacform_core::plan::{Drift, DriftKind, Mode};
use rbacform_core::{Difference, ObjectId, ObservedObject, StateResource, Value, compare};

use crate::Context;

/// What happened behind the stack's back, in order of address.
pub(crate) fn drift(context: &Context<'_>) -> Vec<Drift> {
    let mut found: Vec<Drift> = context
        .input
        .prior
        .resources
        .values()
        .filter_map(|prior| match context.input.mode {
            Mode::RefreshOnly => with_expiry(prior, of_one(prior, context), context),
            // A plan says so of the change that it makes for it.
            Mode::Apply | Mode::Destroy => of_one(prior, context),
        })
        .collect();
    found.sort_by(|a, b| (&a.address, &a.object).cmp(&(&b.address, &b.object)));
    found
}

/// Its `until` is past, so it is there no longer by the stack's leave: time is an outsider too.
fn with_expiry(
    prior: &StateResource,
    drift: Option<Drift>,
    context: &Context<'_>,
) -> Option<Drift> {
    let expired = |object: &ObjectId| context.input.expired.iter().any(|(_, it)| it == object);
    let is_there = context.input.observed.get(&prior.object).is_some();
    if !is_there || !expired(&prior.object) {
        return drift;
    }
    let mut drift = drift.unwrap_or_else(|| Drift {
        address: prior.address.clone(),
        object: prior.object.clone(),
        kind: DriftKind::Modified,
        differences: Vec::new(),
        by: None,
    });
    drift.differences.push(Difference {
        path: "until".to_owned(),
        before: "to come".into(),
        after: "past".into(),
    });
    Some(drift)
}

fn of_one(prior: &StateResource, context: &Context<'_>) -> Option<Drift> {
    let drift = |kind, differences, by| Drift {
        address: prior.address.clone(),
        object: prior.object.clone(),
        kind,
        differences,
        by,
    };
    let Some(observed) = context.input.observed.get(&prior.object) else {
        return Some(drift(DriftKind::Deleted, Vec::new(), None));
    };
    let now = compare::project(&observed.attributes, &prior.attributes, &Value::Null);
    let mut differences: Vec<Difference> = compare::differences(&prior.attributes, &now)
        .into_iter()
        .filter(|difference| {
            !prior
                .ignore_changes
                .iter()
                .any(|path| compare::is_ignored(path, &difference.path))
        })
        .collect();
    if !context.is_marked(&prior.object) {
        differences.extend(made_anew(prior, observed));
    } else if observed.mark.as_ref() != Some(&context.mark) {
        let text = |mark: &rbacform_core::Mark| Value::from(mark.stack.as_str());
        differences.push(Difference {
            path: "mark".to_owned(),
            before: text(&context.mark),
            after: observed.mark.as_ref().map_or(Value::Null, text),
        });
    }
    if differences.is_empty() {
        return None;
    }
    Some(drift(
        DriftKind::Modified,
        differences,
        observed.last_writer.clone(),
    ))
}

/// Another object of the same name: what was granted to the old one does not hold for it.
fn made_anew(prior: &StateResource, observed: &ObservedObject) -> Option<Difference> {
    let anew = !observed.may_be(&prior.uid);
    anew.then(|| Difference {
        path: "uid".to_owned(),
        before: Value::from(prior.uid.as_str()),
        after: Value::from(observed.uid.as_str()),
    })
}
