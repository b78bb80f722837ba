//! `validate`: everything that can be known without the world. No network, no credentials. The
//! diagnostics are its data.

use rbacform_core::{Diagnostic, SourceMap};

use crate::args::ValidateArgs;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::load::{SEMANTICS, load};
use crate::render;
use crate::ui::Ui;

pub(crate) fn run(
    args: &ValidateArgs,
    environment: &Environment,
    ui: &Ui,
) -> Result<Exit, Failure> {
    let loaded = match load(&args.dir, &args.inputs, environment) {
        Ok(loaded) => loaded,
        // What is wrong is the answer here, not the lack of one.
        Err(failure) => {
            report(&failure.diagnostics, &failure.sources, args.json, ui);
            return Ok(failure.exit);
        }
    };
    let mut found = loaded.warnings;
    found.extend(rbacform_planner::dangling_bindings(
        &loaded.stack.resources,
        &SEMANTICS,
    ));
    rbacform_core::diagnostic::sort(&mut found);
    report(&found, &loaded.sources, args.json, ui);
    if !args.json {
        let resources = loaded.stack.resources.len();
        let words = render::text::count(resources, "resource", "resources");
        ui.talk(&format!("Stack {} is valid: {words}.\n", loaded.stack.name));
    }
    Ok(Exit::Done)
}

fn report(found: &[Diagnostic], sources: &SourceMap, json: bool, ui: &Ui) {
    if json {
        ui.json(&render::diagnostics::Document::new(found, sources));
    } else {
        ui.data(&render::diagnostics::diagnostics(
            found,
            sources,
            ui.colours_data(),
        ));
    }
}
