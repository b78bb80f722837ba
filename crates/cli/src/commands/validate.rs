//! `validate`: everything that can be known without the world. No network, no credentials. The
//! diagnostics are its data.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_access::assert::Policies;
use rbacform_access::bridge::Bridge;
use rbacform_core::plan::AssertionResult;
use rbacform_core::{Diagnostic, SourceMap};
use rbacform_planner::{GateInput, Gates};
use rbacform_stack::Stack;

use crate::args::ValidateArgs;
use crate::assertions::{self, Tested, World};
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::google_roles;
use crate::load::{Known, LoadedStack, SEMANTICS, load};
use crate::render;
use crate::ui::Ui;

pub(crate) fn run(
    args: &ValidateArgs,
    environment: &Environment,
    ui: &Ui,
) -> Result<Exit, Failure> {
    let mut loaded = match load(&args.dir, &args.inputs, environment, Known::Nothing) {
        Ok(loaded) => loaded,
        // What is wrong is the answer here, not the lack of one.
        Err(failure) => {
            let found = Found::without_stack(failure.diagnostics);
            report(&found, &failure.sources, args, ui)?;
            return Ok(failure.exit);
        }
    };
    let mut warnings = std::mem::take(&mut loaded.warnings);
    warnings.extend(rbacform_planner::dangling_bindings(
        &loaded.stack.resources,
        &SEMANTICS,
    ));
    warnings.extend(rbacform_planner::check_together(
        &loaded.stack.resources,
        &SEMANTICS,
    ));
    warnings.extend(crate::analysis::findings(
        &loaded.stack.resources,
        &loaded.stack.temporary,
        &loaded.sources,
    )?);
    rbacform_core::diagnostic::sort(&mut warnings);
    if warnings.iter().any(Diagnostic::is_error) {
        let found = Found::without_stack(warnings);
        report(&found, &loaded.sources, args, ui)?;
        return Ok(Exit::Failed);
    }
    let tested = assertions(&loaded, environment)?;
    let gates = gates(&loaded.stack, &warnings, environment);
    let exit = match (&gates.exceptions, &gates.refused, &tested.failed) {
        (exceptions, ..) if !exceptions.is_empty() => Exit::Failed,
        (_, refused, failed) if refused.is_empty() && failed.is_empty() => Exit::Done,
        _ => Exit::Refused,
    };
    let mut found = gates.exceptions;
    found.extend(gates.refused);
    found.extend(gates.findings);
    found.extend(tested.failed);
    rbacform_core::diagnostic::sort(&mut found);
    let found = Found {
        stack: loaded.stack.name.clone(),
        diagnostics: found,
        assertions: tested.results,
    };
    report(&found, &loaded.sources, args, ui)?;
    if !args.json && !args.junit && exit == Exit::Done {
        let resources = loaded.stack.resources.len();
        let words = render::text::count(resources, "resource", "resources");
        let tested = match found.assertions.as_slice() {
            [] => String::new(),
            some => format!("; {}", render::assertions::summary(some)),
        };
        ui.talk(&format!(
            "Stack {} is valid: {words}{tested}.\n",
            loaded.stack.name
        ));
    }
    Ok(exit)
}

/// What was found.
struct Found {
    stack: String,
    diagnostics: Vec<Diagnostic>,
    assertions: Vec<AssertionResult>,
}

impl Found {
    /// Problems because of which there is no stack to speak of.
    fn without_stack(diagnostics: Vec<Diagnostic>) -> Self {
        Self {
            stack: String::new(),
            diagnostics,
            assertions: Vec::new(),
        }
    }
}

/// The assertions, as far as files alone can tell.
fn assertions(loaded: &LoadedStack, environment: &Environment) -> Result<Tested, Failure> {
    let stack = &loaded.stack;
    if stack.assertions.is_empty() {
        return Ok(Tested::default());
    }
    let facts = assertions::granted(&stack.resources).map_err(Failure::of_own_roles)?;
    let sight = assertions::of_stack(&stack.resources);
    let policies = assertions::granted_at_google(&stack.resources);
    let (absent, workloads) = (BTreeSet::new(), loaded.workloads());
    let world = World {
        facts: &facts,
        sight: &sight,
        policies: Some(Policies {
            bridge: Bridge {
                google: google_roles::evaluator(&policies, environment.now.as_second()),
                kubernetes: &facts,
                workloads: &workloads,
            },
            absent: &absent,
        }),
        is_part: false,
    };
    assertions::test(stack, &world, &loaded.sources).map_err(Failure::of_own_roles)
}

/// The gates, as far as they can be asked without a world.
fn gates(stack: &Stack, found: &[Diagnostic], environment: &Environment) -> Gates {
    rbacform_planner::gates(&GateInput {
        risks: &[],
        changes: &[],
        revoked: &[],
        findings: found,
        identities: &BTreeMap::new(),
        semantics: &SEMANTICS,
        policy: &stack.policy,
        now: environment.now.as_second(),
        whole: false,
    })
}

fn report(found: &Found, sources: &SourceMap, args: &ValidateArgs, ui: &Ui) -> Result<(), Failure> {
    let diagnostics = &found.diagnostics;
    let told = |colours| render::diagnostics::diagnostics(diagnostics, sources, colours);
    if args.json {
        let document = render::diagnostics::Document::new(diagnostics, sources);
        ui.json(&document.with_assertions(&found.assertions));
    } else if args.junit {
        // Without a stack there are no tests, and none is not as good as all of them passing.
        if !found.stack.is_empty() {
            ui.data(&render::junit::report(&found.stack, &found.assertions)?);
        }
        ui.alarm(&told(ui.colours_talk()));
    } else {
        ui.data(&told(ui.colours_data()));
    }
    Ok(())
}
