//! `plan`: what would change. Writes nothing but `--out`.

use rbacform_core::plan::Mode;

use crate::args::PlanArgs;
use crate::commands::needs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::load::{Known, LoadedStack, load};
use crate::planfile::PlanFile;
use crate::planning::{Planning, Request, make_plan, targets};
use crate::report;
use crate::session::Session;
use crate::store::store;

pub(crate) fn run(args: &PlanArgs, session: &Session) -> Result<Exit, Failure> {
    let targets = targets(&args.target)?;
    let known = Known::of(&args.state, &args.world);
    let loaded = load(&args.dir, &args.inputs, &session.environment, known)?;
    let stack = &loaded.stack;
    let store = store(
        &loaded.place,
        &stack.name,
        stack.env.as_deref(),
        args.state.state.as_deref(),
        args.world.sandbox,
    );
    if args.needs {
        return needs::run(&loaded, &store, args.json, session);
    }
    let mode = match (args.destroy, args.refresh_only) {
        (true, _) => Mode::Destroy,
        (_, true) => Mode::RefreshOnly,
        _ => Mode::Apply,
    };
    let request = Request {
        loaded: &loaded,
        store: &store,
        world: &args.world,
        mode,
        adopt: args.adopt,
        targets: &targets,
        lineage: None,
        ask_identity: args.out.is_some(),
    };
    let planning = session.read(|| make_plan(request, session))?;
    let style = report::Style {
        json: args.json,
        markdown: args.markdown,
        junit: args.junit,
    };
    // Before the plan is told: a file that cannot be written leaves no plan beside the error.
    let out = args.out.as_ref().filter(|_| planning.refused.is_empty());
    if let Some(out) = out {
        plan_file(args, &loaded, &planning, &targets).write(out)?;
    }
    report::plan(&planning, &loaded, style, &session.ui)?;
    if let Some(out) = out {
        session.ui.talk(&format!(
            "Saved the plan; to carry it out:\n  rbacform apply {}\n",
            out.display()
        ));
    }
    if !planning.refused.is_empty() {
        return Ok(Exit::Refused);
    }
    let summary = &planning.document.summary;
    let pending = summary.pending() + summary.learn > 0;
    Ok(if args.detailed_exitcode && pending {
        Exit::Pending
    } else {
        Exit::Done
    })
}

fn plan_file(
    args: &PlanArgs,
    loaded: &LoadedStack,
    planning: &Planning,
    targets: &[rbacform_core::Address],
) -> PlanFile {
    PlanFile {
        format: PlanFile::format(),
        path: loaded.place.relative(),
        state: args
            .state
            .state
            .as_ref()
            .map(|path| std::path::absolute(path).unwrap_or(path.clone())),
        sandbox: args.world.sandbox,
        context: args.world.context.clone(),
        lineage: planning.settled.snapshot.lineage.clone(),
        serial: planning.settled.snapshot.serial,
        inputs: loaded.stack.inputs.clone(),
        inputs_digest: loaded.stack.inputs_digest.clone(),
        worlds: planning.worlds.clone(),
        adopt: args.adopt,
        targets: targets.to_vec(),
        plan: planning.document.clone(),
        steps: planning.planned.steps.clone(),
    }
}
