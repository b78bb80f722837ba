//! `apply PLANFILE`: a saved plan is carried out as it is, or refused whole.

use std::path::{Path, PathBuf};

use rbacform_core::Diagnostic;
use rbacform_planner::what_changed;

use super::{Job, carry_out};
use crate::again;
use crate::args::{ApplyArgs, WorldArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::load::{Known, load_saved};
use crate::place::Place;
use crate::planfile::PlanFile;
use crate::planning::Planning;
use crate::session::Session;

/// Carries out a saved plan, or refuses it whole.
pub(super) fn run(args: &ApplyArgs, session: &Session) -> Result<Exit, Failure> {
    let file = &args.target_path;
    let saved = PlanFile::read(file)?;
    let dir = saved.stack_dir(file, &roots(file)?)?;
    let known = Known::State {
        path: args.state.state.as_deref().or(saved.state.as_deref()),
        sandbox: saved.sandbox || args.world.sandbox,
    };
    let environment = &session.environment;
    let loaded = load_saved(&dir, &args.inputs, environment, &saved.inputs, known)?;
    if loaded.stack.inputs_digest != saved.inputs_digest {
        return Err(stale(
            "the stack or its inputs have changed since the plan was made",
            &["the resolved stack has another digest".to_owned()],
        ));
    }
    let world = WorldArgs {
        sandbox: saved.sandbox || args.world.sandbox,
        context: args.world.context.clone().or_else(|| saved.context.clone()),
        ..args.world.clone()
    };
    carry_out(
        &Job {
            loaded: &loaded,
            mode: saved.plan.mode,
            adopt: saved.adopt,
            state: args.state.state.clone().or_else(|| saved.state.clone()),
            run: &args.run,
            world: &world,
            again: format!(
                "{} --out {}",
                again::command(
                    "plan",
                    &dir,
                    &args.inputs,
                    args.state.state.as_deref(),
                    &world
                ),
                file.display()
            ),
            saved: Some(&saved),
        },
        session,
    )
}

/// The roots to look for a plan's stack in: the current folder's, then the plan file's own.
fn roots(file: &Path) -> Result<Vec<PathBuf>, Failure> {
    let beside = file
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let folders = [Path::new("."), beside.unwrap_or(Path::new("."))];
    folders
        .iter()
        .map(|folder| Ok(Place::of(folder)?.root))
        .collect()
}

/// Refuses a saved plan whole where a fresh one would differ in anything it compared.
pub(super) fn refuse_stale(saved: &PlanFile, planning: &Planning) -> Result<(), Failure> {
    let snapshot = &planning.settled.snapshot;
    if snapshot.lineage != saved.lineage || snapshot.serial != saved.serial {
        let told = format!(
            "the state was serial {} and is serial {}{}",
            saved.serial,
            snapshot.serial,
            if snapshot.lineage == saved.lineage {
                ""
            } else {
                ", of another lineage"
            }
        );
        return Err(stale(
            "the state has changed since the plan was made",
            &[told],
        ));
    }
    for (instance, pinned) in &saved.worlds {
        if !planning
            .worlds
            .get(instance)
            .is_some_and(|world| pinned.same_world(world))
        {
            return Err(stale(
                "this is another cluster than the plan was made for",
                &[],
            ));
        }
    }
    let changed = what_changed(&saved.steps, &planning.planned.steps);
    if changed.is_empty() {
        return Ok(());
    }
    Err(stale(
        "the world has changed since the plan was made",
        &changed,
    ))
}

pub(super) fn stale(message: &str, changed: &[String]) -> Failure {
    let first = Diagnostic::error("stale-plan", format!("{message}; nothing was done"))
        .help("plan again and read what it says now");
    let mut failure = Failure::new(Exit::Stale, first);
    let details = changed
        .iter()
        .take(20)
        .map(|line| Diagnostic::error("stale-change", line));
    failure.diagnostics.extend(details);
    failure
}
