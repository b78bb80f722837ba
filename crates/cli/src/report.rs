//! Reports: plans and drift, in the language that was asked for.

use rbacform_core::Diagnostic;

use crate::failure::Failure;
use crate::load::LoadedStack;
use crate::planning::Planning;
use crate::render;
use crate::ui::Ui;

/// The language of a report.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    pub(crate) json: bool,
    pub(crate) markdown: bool,
    pub(crate) junit: bool,
}

/// A plan on stdout; what to know about it on stderr.
pub(crate) fn plan(
    planning: &Planning,
    loaded: &LoadedStack,
    style: Style,
    ui: &Ui,
) -> Result<(), Failure> {
    notes(planning, ui);
    match style {
        Style { json: true, .. } => ui.json(&planning.document),
        Style { markdown: true, .. } => ui.data(&render::markdown::plan(
            &planning.document,
            planning.connection.user(),
        )),
        Style { junit: true, .. } => {
            let document = &planning.document;
            ui.data(&render::junit::report(
                &document.stack,
                &document.assertions,
            )?);
        }
        _ => {
            ui.data(&render::plan::plan(
                &planning.document,
                planning.connection.user(),
            ));
            warnings(planning, loaded, ui);
        }
    }
    refused(planning, loaded, ui);
    Ok(())
}

/// How the world was read, where that is worth knowing.
pub(crate) fn notes(planning: &Planning, ui: &Ui) {
    if ui.verbose {
        ui.talk(&format!(
            "Asked with {}.\n",
            render::text::requests(planning.document.requests)
        ));
    }
    for note in &planning.notes {
        ui.talk(&format!("note: {}\n", render::text::safe(note)));
    }
}

/// The warnings of stack and plan.
pub(crate) fn warnings(planning: &Planning, loaded: &LoadedStack, ui: &Ui) {
    if !planning.findings.is_empty() {
        ui.talk("\n");
        ui.talk(&shown(&planning.findings, loaded, ui));
    }
}

/// Why gates refuse the plan.
pub(crate) fn refused(planning: &Planning, loaded: &LoadedStack, ui: &Ui) {
    if !planning.refused.is_empty() {
        if planning.findings.is_empty() {
            ui.alarm("\n");
        }
        ui.alarm(&shown(&planning.refused, loaded, ui));
    }
}

fn shown(found: &[Diagnostic], loaded: &LoadedStack, ui: &Ui) -> String {
    render::diagnostics::diagnostics(found, &loaded.sources, ui.colours_talk())
}

/// A failure: JSON on stdout where that was asked for, else words on stderr.
pub(crate) fn failure(failure: &Failure, json: bool, ui: &Ui) {
    if json {
        ui.json(&render::diagnostics::Document::new(
            &failure.diagnostics,
            &failure.sources,
        ));
        return;
    }
    let colour = ui.colours_talk();
    ui.alarm(&render::diagnostics::diagnostics(
        &failure.diagnostics,
        &failure.sources,
        colour,
    ));
}
