//! A plan for people.

use std::collections::BTreeSet;

use rbacform_core::Plan;
use rbacform_core::plan::{AccessChange, KubernetesWorld, Mode, Summary};

use crate::render::text::{FAINT, STRONG, count, safe, styled};
use crate::render::{changes, drift};

/// The whole plan. Warnings are diagnostics and shown apart.
pub(crate) fn plan(plan: &Plan, user: Option<&str>) -> String {
    let mut text = worlds(plan, user);
    text.push_str(&access(&plan.access));
    if !plan.drift.is_empty() {
        text.push_str(&styled(STRONG, "\nChanged outside of rbacform\n"));
        text.push_str(&drift::drift(&plan.drift));
    }
    if !plan.changes.is_empty() {
        let heading = match plan.mode {
            Mode::Destroy => "\nTo destroy\n",
            Mode::Apply | Mode::RefreshOnly => "\nChanges\n",
        };
        text.push_str(&styled(STRONG, heading));
        for change in &plan.changes {
            text.push_str(&changes::change(change));
        }
    }
    text.push_str(&drift::unmanaged(&plan.unmanaged, plan.unmanaged_bootstrap));
    text.push('\n');
    text.push_str(&summary(&plan.summary));
    text.push('\n');
    text
}

/// How many subjects are named before the rest is counted.
const NAMED: usize = 20;

/// Whose access the plan touches, before any object is named.
fn access(access: &AccessChange) -> String {
    let told = touched(access);
    if told.is_empty() {
        return String::new();
    }
    let mut text = styled(STRONG, "\nWhose access this touches\n");
    for line in told.iter().take(NAMED) {
        text.push_str(&format!("    {line}\n"));
    }
    let rest = told.len().saturating_sub(NAMED);
    if rest > 0 {
        text.push_str(&styled(
            FAINT,
            &format!("    and {rest} more; `--json` lists them all\n"),
        ));
    }
    text
}

/// A line for each subject, role and place, however many bindings give it.
pub(crate) fn touched(access: &AccessChange) -> Vec<String> {
    let all: BTreeSet<(&str, &str, &str)> = access
        .cannot_tell
        .iter()
        .map(|entry| {
            (
                entry.subject.as_str(),
                entry.role.as_str(),
                entry.scope.as_str(),
            )
        })
        .collect();
    let line = |(subject, role, scope): (&str, &str, &str)| {
        let place = match scope {
            "cluster" => "in the whole cluster".to_owned(),
            namespace => format!("in namespace {}", safe(namespace)),
        };
        format!("{}: {} {place}", safe(subject), safe(role))
    };
    all.into_iter().map(line).collect()
}

/// Which clusters were asked, and as whom: the first line of everything.
///
/// Where the server was not asked who we are, the kubeconfig's `user` is named instead.
pub(crate) fn worlds(plan: &Plan, user: Option<&str>) -> String {
    let env = plan
        .env
        .as_ref()
        .map(|env| format!("/{env}"))
        .unwrap_or_default();
    let stack = styled(STRONG, &format!("{}{env}", plan.stack));
    if plan.world.kubernetes.is_empty() {
        return format!("Stack {stack}\n");
    }
    let places: Vec<String> = plan
        .world
        .kubernetes
        .iter()
        .map(|place| world(place, user))
        .collect();
    format!("Stack {stack} on {}\n", places.join(" and "))
}

fn world(world: &KubernetesWorld, user: Option<&str>) -> String {
    let context = world
        .context
        .as_ref()
        .map(|context| format!(" (context {})", safe(context)));
    let identity = match (&world.identity, user) {
        (Some(identity), _) => format!(", as {}", safe(identity)),
        (None, Some(user)) => format!(", as the kubeconfig's user {}", safe(user)),
        (None, None) => String::new(),
    };
    format!(
        "{}{}{identity}",
        safe(&world.server),
        context.unwrap_or_default()
    )
}

/// `Plan: 2 to create, 1 to update; 5 unchanged.`
pub(crate) fn summary(summary: &Summary) -> String {
    let Summary {
        create,
        update,
        replace,
        delete,
        adopt,
        moved,
        forget,
        no_op,
        learn,
    } = *summary;
    let parts = [
        (create, "to create"),
        (update, "to update"),
        (replace, "to replace"),
        (delete, "to delete"),
        (adopt, "to adopt"),
        (moved, "to move"),
        (forget, "to forget"),
    ];
    let pending: Vec<String> = parts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, words)| format!("{number} {words}"))
        .collect();
    let unchanged = styled(
        FAINT,
        &format!("{} unchanged", count(no_op, "resource", "resources")),
    );
    let learns = match learn {
        0 => String::new(),
        1 => "; state learns how 1 of them is".to_owned(),
        several => format!("; state learns how {several} of them are"),
    };
    let unchanged = format!("{unchanged}{learns}");
    match pending.is_empty() {
        true => format!("Nothing to change; {unchanged}."),
        false => format!("Plan: {}; {unchanged}.", pending.join(", ")),
    }
}
