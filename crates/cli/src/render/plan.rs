//! A plan for people.

use rbacform_core::Plan;
use rbacform_core::plan::{Mode, Summary};

use crate::render::text::{FAINT, STRONG, count, styled};
use crate::render::{access, assertions, changes, drift, preflight, worlds};

/// The whole plan. Warnings are diagnostics and shown apart.
pub(crate) fn plan(plan: &Plan, user: Option<&str>) -> String {
    let mut text = worlds::worlds(plan, user);
    text.push_str(&access::access(plan));
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
    text.push_str(&drift::unmanaged(
        &plan.unmanaged,
        plan.service_agents,
        plan.unmanaged_bootstrap,
    ));
    text.push_str(&assertions::section(&plan.assertions));
    text.push_str(&preflight::preflight(&plan.preflight));
    text.push('\n');
    text.push_str(&summary(&plan.summary));
    text.push('\n');
    text
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
