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
}

/// A plan on stdout; what to know about it on stderr.
pub(crate) fn plan(planning: &Planning, loaded: &LoadedStack, style: Style, ui: &Ui) {
    notes(planning, ui);
    match style {
        Style { json: true, .. } => ui.json(&planning.document),
        Style { markdown: true, .. } => ui.data(&render::markdown::plan(
            &planning.document,
            planning.connection.user(),
        )),
        _ => {
            ui.data(&render::plan::plan(
                &planning.document,
                planning.connection.user(),
            ));
            warnings(planning, loaded, ui);
        }
    }
}

/// How the world was read, where that is worth knowing.
pub(crate) fn notes(planning: &Planning, ui: &Ui) {
    if ui.verbose {
        let requests = planning.document.requests.kubernetes;
        ui.talk(&format!(
            "Asked with {}.\n",
            render::text::count(requests as usize, "request", "requests")
        ));
    }
    for note in &planning.notes {
        ui.talk(&format!("note: {}\n", render::text::safe(note)));
    }
}

/// The warnings of stack and plan.
pub(crate) fn warnings(planning: &Planning, loaded: &LoadedStack, ui: &Ui) {
    let mut all: Vec<Diagnostic> = loaded
        .warnings
        .iter()
        .chain(&planning.planned.diagnostics)
        .cloned()
        .collect();
    rbacform_core::diagnostic::sort(&mut all);
    if !all.is_empty() {
        ui.talk("\n");
        ui.talk(&render::diagnostics::diagnostics(
            &all,
            &loaded.sources,
            ui.colours_talk(),
        ));
    }
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
