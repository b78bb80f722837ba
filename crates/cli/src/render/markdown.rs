//! Plans and drift as Markdown, for a pull request.

use rbacform_core::Plan;
use rbacform_core::plan::{
    AssertionResult, AssertionStatus, Drift, DriftKind, Finding, Unmanaged, UnmanagedPlace,
};

use crate::render::diagnostics::instances;
use crate::render::drift::platforms_own;
use crate::render::text::{count, safe};
use crate::render::{access, assertions, changes, plan as text_plan, preflight, values};

/// A plan.
pub(crate) fn plan(plan: &Plan, user: Option<&str>) -> String {
    let env = plan
        .env
        .as_ref()
        .map(|env| format!("/{env}"))
        .unwrap_or_default();
    let mut text = format!("### rbacform plan: `{}{env}`\n\n", plan.stack);
    text.push_str(&worlds(plan, user));
    text.push('\n');
    text.push_str(&plain(&text_plan::summary(&plan.summary)));
    text.push_str("\n\n");
    let mut touched = false;
    for part in access::parts(plan) {
        if !part.lines.is_empty() {
            touched = true;
            text.push_str(&format!("#### {}\n\n", part.heading));
            let line = |line: &access::Line| {
                let words = format!("{}{}", line.told, line.through);
                format!("- {}\n", escape(&words))
            };
            text.extend(part.shown().iter().map(line));
            text.extend(part.rest().map(|rest| format!("- {rest}\n")));
            text.push('\n');
        }
    }
    if touched {
        text.push_str("#### Changes\n\n");
    }
    if !plan.changes.is_empty() {
        text.push_str("| | address | object | why |\n|---|---|---|---|\n");
        for change in &plan.changes {
            let (_, word, _) = changes::sign(change.action);
            let object = format!("{} {}", change.object.kind, change.object.ident);
            text.push_str(&format!(
                "| **{word}** | {} | {} | {} |\n",
                code(&change.address.to_string()),
                code(&object),
                change.reason.sentence()
            ));
        }
        text.push_str(&details(
            "Details",
            &plan.changes.iter().map(changes::change).collect::<String>(),
        ));
    }
    text.push_str(&drift(&plan.drift));
    text.push_str(&unmanaged(
        &plan.unmanaged,
        plan.service_agents,
        plan.unmanaged_bootstrap,
    ));
    text.push_str(&assertions(&plan.assertions));
    text.push_str(&refusals(plan));
    text.push_str(&findings(&plan.findings));
    text
}

/// What is risky or dead; what is the same of several instances of a declaration once.
fn findings(found: &[Finding]) -> String {
    let mut text = String::new();
    if !found.is_empty() {
        text.push_str("\n#### Findings\n\n");
    }
    for alike in found.chunk_by(is_same) {
        let Some(finding) = alike.first() else {
            continue;
        };
        let place = match (&finding.file, finding.line) {
            (Some(file), Some(line)) => format!(" ({})", code(&format!("{file}:{line}"))),
            _ => String::new(),
        };
        let addresses = alike.iter().filter_map(|it| it.address.as_deref());
        let instances = instances(addresses).map_or(String::new(), |words| format!("; {words}"));
        text.push_str(&format!(
            "- **{}** `{}`{place}: {}{}\n",
            finding.severity,
            finding.code,
            escape(&finding.message),
            escape(&instances)
        ));
    }
    text
}

/// Whether two differ in the resource only.
fn is_same(a: &Finding, b: &Finding) -> bool {
    let but_address = |it: &Finding| Finding {
        address: None,
        ..it.clone()
    };
    a.address.is_some() && b.address.is_some() && but_address(a) == but_address(b)
}

/// What the servers will refuse, or may.
fn refusals(plan: &Plan) -> String {
    let mut text = String::new();
    for part in preflight::parts(&plan.preflight) {
        text.push_str(&format!("\n#### {}\n", part.heading));
        for one in &part.shown {
            let lines = preflight::lines(one).join("\n").replace("```", "` ` `");
            let block = format!("```text\n{lines}\n```").replace('\n', "\n  ");
            text.push_str(&format!(
                "\n- {}\n\n  {block}\n",
                code(&one.address.to_string())
            ));
        }
        if part.more > 0 {
            text.push_str(&format!("\nand {} more\n", part.more));
        }
    }
    text
}

/// The line that says what was asked and as whom, as plans have it everywhere.
pub(crate) fn worlds(plan: &Plan, user: Option<&str>) -> String {
    format!(
        "{}\n",
        escape(plain(&crate::render::worlds::worlds(plan, user)).trim_end())
    )
}

/// How many assertions hold, and each that does not.
fn assertions(all: &[AssertionResult]) -> String {
    if all.is_empty() {
        return String::new();
    }
    let summary = escape(&assertions::summary(all));
    let mut text = format!("\n#### Assertions\n\n{summary}\n\n");
    for result in all {
        let word = match result.status {
            AssertionStatus::Pass => continue,
            AssertionStatus::Fail => "fails",
            AssertionStatus::CannotTell => "cannot tell",
        };
        let told = assertions::told(result);
        let told: Vec<String> = told.lines().map(|line| escape(line.trim())).collect();
        text.push_str(&format!("- **{word}** {}\n", told.join("<br>")));
    }
    text
}

/// Drift.
pub(crate) fn drift(all: &[Drift]) -> String {
    if all.is_empty() {
        return String::new();
    }
    let mut text =
        "\n#### Changed outside of rbacform\n\n| | address | what | by |\n|---|---|---|---|\n"
            .to_owned();
    for drift in all {
        let word = match drift.kind {
            DriftKind::Modified => "modified",
            DriftKind::Deleted => "deleted",
        };
        let what: Vec<String> = drift
            .differences
            .iter()
            .map(|difference| {
                let (before, after) = (
                    values::short(&difference.before),
                    values::short(&difference.after),
                );
                format!(
                    "{}: {} → {}",
                    escape(&difference.path),
                    escape(&before),
                    escape(&after)
                )
            })
            .collect();
        let by = drift
            .by
            .as_ref()
            .map(|writer| code(&writer.manager))
            .unwrap_or_default();
        text.push_str(&format!(
            "| **{word}** | {} | {} | {by} |\n",
            code(&drift.address.to_string()),
            what.join("<br>")
        ));
    }
    text
}

/// Unmanaged access.
pub(crate) fn unmanaged(all: &[Unmanaged], service_agents: usize, bootstrap: usize) -> String {
    let mut counted = match bootstrap {
        0 => String::new(),
        several => format!("\n{}.\n", escape(&platforms_own(several))),
    };
    if service_agents > 0 {
        let grants = count(service_agents, "grant", "grants");
        counted.push_str(&format!(
            "\n{grants} of Google's own service agents besides.\n"
        ));
    }
    if all.is_empty() {
        return counted;
    }
    let mut text =
        "\n#### Unmanaged access\n\n| subject | role | where | through |\n|---|---|---|---|\n"
            .to_owned();
    for entry in all {
        let through = match (&entry.place, &entry.condition) {
            (UnmanagedPlace::Resource(_), Some(condition)) => {
                format!("the grant itself, while {}", code(condition))
            }
            (UnmanagedPlace::Resource(_), None) => "the grant itself".to_owned(),
            _ => code(&format!("{} {}", entry.object.kind, entry.object.ident)),
        };
        text.push_str(&format!(
            "| {} | {} | {} | {through} |\n",
            code(&entry.subject),
            code(&entry.role),
            code(entry.place.name()),
        ));
    }
    text + &counted
}

fn details(title: &str, body: &str) -> String {
    let body = plain(body);
    // A fence longer than any in the body cannot be closed by it.
    let longest = body.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("\n<details><summary>{title}</summary>\n\n{fence}\n{body}{fence}\n\n</details>\n")
}

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

/// Inline code that a table cell can hold, whatever the name.
fn code(text: &str) -> String {
    format!("<code>{}</code>", escape(text))
}

fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for character in safe(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '|' | '`' | '*' | '_' | '[' | ']' | '@' | '#' => {
                escaped.push_str(&format!("&#{};", u32::from(character)));
            }
            other => escaped.push(other),
        }
    }
    escaped
}
