//! `validate`: everything that can be known without the world. No network, no credentials. The
//! diagnostics are its data.

use std::collections::BTreeMap;

use rbacform_core::{Diagnostic, SourceMap};
use rbacform_planner::{GateInput, Gates};
use rbacform_stack::Stack;

use crate::args::ValidateArgs;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::load::{Known, SEMANTICS, load};
use crate::render;
use crate::ui::Ui;

pub(crate) fn run(
    args: &ValidateArgs,
    environment: &Environment,
    ui: &Ui,
) -> Result<Exit, Failure> {
    let loaded = match load(&args.dir, &args.inputs, environment, Known::Nothing) {
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
    found.extend(rbacform_planner::check_together(
        &loaded.stack.resources,
        &SEMANTICS,
    ));
    found.extend(crate::analysis::findings(&loaded.stack.resources)?);
    rbacform_core::diagnostic::sort(&mut found);
    if found.iter().any(Diagnostic::is_error) {
        report(&found, &loaded.sources, args.json, ui);
        return Ok(Exit::Failed);
    }
    let gates = gates(&loaded.stack, &found, environment);
    let mut wrong = gates.exceptions;
    if !gates.refused.is_empty() || !wrong.is_empty() {
        let exit = match wrong.is_empty() {
            true => Exit::Refused,
            false => Exit::Failed,
        };
        wrong.extend(gates.refused);
        wrong.extend(gates.findings);
        rbacform_core::diagnostic::sort(&mut wrong);
        report(&wrong, &loaded.sources, args.json, ui);
        return Ok(exit);
    }
    let found = gates.findings;
    report(&found, &loaded.sources, args.json, ui);
    if !args.json {
        let resources = loaded.stack.resources.len();
        let words = render::text::count(resources, "resource", "resources");
        ui.talk(&format!("Stack {} is valid: {words}.\n", loaded.stack.name));
    }
    Ok(Exit::Done)
}

/// The gates, as far as they can be asked without a world.
fn gates(stack: &Stack, found: &[Diagnostic], environment: &Environment) -> Gates {
    rbacform_planner::gates(&GateInput {
        risks: &[],
        changes: &[],
        lost: &[],
        findings: found,
        identities: &BTreeMap::new(),
        semantics: &SEMANTICS,
        policy: &stack.policy,
        now: environment.now.as_second(),
        whole: false,
    })
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
