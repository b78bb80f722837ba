//! `apply`: plan, ask, carry out.

mod result;
mod saved;
mod verify;

use std::path::PathBuf;

use rbacform_core::plan::{Mode, Verdict};
use rbacform_core::{Diagnostic, Digest, EditKind, StateSnapshot, Step};
use rbacform_executor::{Apply, ApplyError, Cancel, apply as run_steps};
use rbacform_planner::revocations;
use rbacform_state::{LocalStore, LockInfo, RunInfo, StateError};

use self::result::conclude;
use self::saved::{refuse_stale, stale};
use crate::again;
use crate::args::{ApplyArgs, RunArgs, WorldArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::load::{Known, LoadedStack, SEMANTICS, load};
use crate::planfile::PlanFile;
use crate::planning::{GOOGLE, Planning, Request, make_plan};
use crate::progress::Progress;
use crate::render;
use crate::report;
use crate::session::Session;
use crate::signals;
use crate::store::store;
use crate::ui::Ui;

/// How long a binding whose role was made a moment ago waits before the old one goes: readers of
/// the server's caches saw changes after 13 ms at worst, so this is ample.
const SETTLE: std::time::Duration = std::time::Duration::from_millis(250);

pub(crate) fn run(args: &ApplyArgs, session: &Session) -> Result<Exit, Failure> {
    if args.target_path.is_file() {
        return saved::run(args, session);
    }
    if !args.target_path.exists() {
        let message = format!("`{}` does not exist", args.target_path.display());
        return Err(Failure::error("no-directory", message)
            .help("give the stack's directory, or a plan that `rbacform plan --out FILE` saved"));
    }
    let known = Known::of(&args.state, &args.world);
    let loaded = load(&args.target_path, &args.inputs, &session.environment, known)?;
    carry_out(
        &Job {
            loaded: &loaded,
            mode: Mode::Apply,
            adopt: args.adopt,
            saved: None,
            run: &args.run,
            state: args.state.state.clone(),
            world: &args.world,
            again: again::command(
                "apply",
                &args.target_path,
                &args.inputs,
                args.state.state.as_deref(),
                &args.world,
            ),
        },
        session,
    )
}

/// An apply, a destroy, or a saved plan.
pub(crate) struct Job<'a> {
    pub(crate) loaded: &'a LoadedStack,
    pub(crate) mode: Mode,
    pub(crate) adopt: bool,
    pub(crate) saved: Option<&'a PlanFile>,
    pub(crate) run: &'a RunArgs,
    pub(crate) state: Option<PathBuf>,
    pub(crate) world: &'a WorldArgs,
    /// The command that goes on from a partial end.
    pub(crate) again: String,
}

impl Job<'_> {
    fn operation(&self) -> &'static str {
        if self.mode == Mode::Destroy {
            "destroy"
        } else {
            "apply"
        }
    }

    fn needs_no_asking(&self) -> bool {
        self.run.yes || self.saved.is_some() || self.world.sandbox
    }
}

/// Locks, plans, asks, carries out, reports.
pub(crate) fn carry_out(job: &Job<'_>, session: &Session) -> Result<Exit, Failure> {
    if !job.needs_no_asking() && !session.ui.can_ask() {
        return Err(
            Failure::usage("nobody is there to be asked whether to go ahead").help(
                "give `--yes`, or save a plan with `rbacform plan --out FILE` and apply that",
            ),
        );
    }
    let stack = &job.loaded.stack;
    let store = store(
        &job.loaded.place,
        &stack.name,
        stack.env.as_deref(),
        job.state.as_deref(),
        job.world.sandbox,
    );
    let store = crate::failpoint::wire(store, &session.environment);
    session.block_on(|cancel| plan_and_apply(job, &store, cancel, session))
}

/// A held lock, with the command that removes just this one.
fn locked(job: &Job<'_>, error: StateError) -> Failure {
    let StateError::Held { holder, .. } = &error else {
        return error.into();
    };
    let command = again::unlock(
        &job.loaded.place.shown(),
        &holder.id,
        job.loaded.stack.env.as_deref(),
        job.state.as_deref(),
        job.world.sandbox,
    );
    let help = match holder.id.is_empty() {
        true => "wait for it to end".to_owned(),
        false => format!("wait for it to end; if you are sure that it no longer runs: `{command}`"),
    };
    Failure::from(error.clone()).help(help)
}

async fn plan_and_apply(
    job: &Job<'_>,
    store: &LocalStore,
    cancel: Cancel,
    session: &Session,
) -> Result<Exit, Failure> {
    // It is let go of however this ends.
    let lock = store
        .lock(lock_info(job, session))
        .map_err(|error| locked(job, error))?;
    crate::failpoint::panic(&session.environment, "locked");
    let planned = make_plan(request(job, store), session);
    let planned = signals::unless_interrupted(&cancel, planned).await;
    let planning = match (planned, job.saved) {
        // What a person approved could be planned then: the world is another one now.
        (Err(failure), Some(_)) if failure.of_plan => {
            let mut refused = stale("this can no longer be planned", &[]);
            refused.diagnostics.extend(failure.diagnostics);
            refused.sources = failure.sources;
            return Err(refused);
        }
        (planning, _) => planning?,
    };
    if let Some(saved) = job.saved {
        refuse_stale(saved, &planning)?;
    }
    report::notes(&planning, &session.ui);
    let asks = planning.document.summary.pending() > 0 && !job.needs_no_asking();
    let told = render::plan::plan(&planning.document, planning.connection.user());
    match asks {
        // Nobody can say yes to what was not shown.
        true => session.ui.alarm(&told),
        false => session.ui.talk(&told),
    }
    report::warnings(&planning, job.loaded, &session.ui);
    report::refused(&planning, job.loaded, &session.ui);
    if !planning.refused.is_empty() {
        if job.run.json {
            // The plan is still the document; why it is refused was said.
            session.ui.json(&planning.document);
        }
        return Ok(Exit::Refused);
    }
    let checked = refuse_foreseen(job, &planning);
    if let Err(refused) = checked.and_then(|()| refuse_mass_revocation(job, &planning)) {
        if !job.run.json {
            return Err(refused);
        }
        // The plan is still the document; the refusal is talk.
        session.ui.json(&planning.document);
        report::failure(&refused, false, &session.ui);
        return Ok(refused.exit);
    }
    if asks {
        let question = "\nCarry this out? Only `yes` does: ";
        let answer = signals::unless_interrupted(&cancel, approved(question, session)).await;
        answer.inspect_err(|failure| {
            if failure.exit == Exit::Interrupted {
                session.ui.alarm("\n");
            }
        })?;
    }
    let run_id = &lock.info().id;
    let ended = execute(job, store, planning, run_id, cancel.clone(), session).await?;
    if ended.exit == Exit::Done && job.run.verify {
        return Ok(verify::verified(job, store, &ended, &cancel, session).await);
    }
    Ok(ended.exit)
}

/// How carrying out ended, once its result was told.
struct Ended {
    exit: Exit,
    wrote_anything: bool,
    /// Whether any of it was written at Google, where it takes its time to hold.
    wrote_at_google: bool,
}

/// Asks. The answer is awaited aside, so that Ctrl-C is heard meanwhile.
async fn approved(question: &str, session: &Session) -> Result<(), Failure> {
    session.ui.alarm(question);
    match tokio::task::spawn_blocking(Ui::answer_is_yes).await {
        Ok(true) => Ok(()),
        _ => Err(Failure::error(
            "not-approved",
            "not approved; nothing was changed",
        )),
    }
}

fn request<'a>(job: &Job<'a>, store: &'a LocalStore) -> Request<'a> {
    Request {
        loaded: job.loaded,
        store,
        world: job.world,
        mode: job.mode,
        adopt: job.adopt,
        targets: job.saved.map_or(&[], |saved| &saved.targets),
        lineage: job.saved.map(|saved| saved.lineage.as_str()),
        ask_identity: false,
    }
}

async fn execute(
    job: &Job<'_>,
    store: &LocalStore,
    planning: Planning,
    run_id: &str,
    cancel: Cancel,
    session: &Session,
) -> Result<Ended, Failure> {
    let Planning {
        document,
        planned,
        settled,
        worlds,
        connection,
        ..
    } = planning;
    let watched = session.ui.is_watched();
    let teller = watched.then(|| tokio::spawn(signals::tell(cancel.clone())));
    let (progress, events) = Progress::start(&session.ui, planned.steps.len());
    let environment = &session.environment;
    let after = |snapshot: &StateSnapshot| job.loaded.outputs_after(snapshot, environment);
    let applied = run_steps(
        settled,
        Apply {
            store,
            steps: &planned.steps,
            worlds,
            outputs: document.outputs.clone(),
            outputs_after: Some(&after),
            run: run_info(job, &document, run_id, session),
            providers: &connection.providers,
            parallelism: usize::from(job.world.parallelism),
            settle: SETTLE,
            cancel,
            events,
        },
    )
    .await;
    if let Some(teller) = teller {
        teller.abort();
    }
    progress.finish().await;
    let requests = connection.requests();
    let applied = match applied {
        Ok(applied) => applied,
        Err(ApplyError::NotStarted(error)) => return Err(error.into()),
        Err(ApplyError::Unsaved { report, error }) => {
            let failure = Failure::from(error);
            let exit = if report.wrote_anything {
                Exit::Partial
            } else {
                failure.exit
            };
            return Err(failure.exit(exit));
        }
    };
    if let Some(error) = &applied.report.journal_error {
        let diagnostics = [error.diagnostic()];
        let colour = session.ui.colours_talk();
        let sources = &job.loaded.sources;
        session.ui.alarm(&render::diagnostics::diagnostics(
            &diagnostics,
            sources,
            colour,
        ));
    }
    Ok(Ended {
        exit: conclude(job, &planned.steps, &applied, &document, requests, session),
        wrote_anything: applied.report.wrote_anything,
        wrote_at_google: applied.report.wrote_anything && writes_at_google(&planned.steps),
    })
}

fn writes_at_google(steps: &[Step]) -> bool {
    let mut edits = steps.iter().flat_map(|step| &step.edits);
    edits.any(|edit| edit.object.instance == GOOGLE && edit.kind != EditKind::Record)
}

/// Nothing is begun that a server would refuse to finish.
fn refuse_foreseen(job: &Job<'_>, planning: &Planning) -> Result<(), Failure> {
    let foreseen = planning.document.preflight.iter();
    let refused = foreseen
        .filter(|one| one.verdict == Verdict::Refused)
        .count();
    if refused == 0 || job.run.ignore_preflight {
        return Ok(());
    }
    let changes = render::text::count(refused, "change", "changes");
    let message = format!("{changes} would be refused, so nothing was begun");
    Err(Failure::new(
        Exit::Refused,
        Diagnostic::error("preflight-refused", message).help(
            "have granted what is missing, as the plan tells it; or give `--ignore-preflight` to \
             send the changes all the same",
        ),
    ))
}

/// The gate against taking away most of what a stack gives by one mistake.
fn refuse_mass_revocation(job: &Job<'_>, planning: &Planning) -> Result<(), Failure> {
    let counted = revocations(
        &planning.document.changes,
        &planning.settled.snapshot,
        &SEMANTICS,
    );
    let allowed = job
        .run
        .allow_revokes
        .is_some_and(|allowed| counted.revoked <= allowed);
    if job.mode == Mode::Destroy || !counted.is_massive() || allowed {
        return Ok(());
    }
    let message = format!(
        "this revokes {} of the {} grants that the stack holds",
        counted.revoked, counted.held
    );
    Err(Failure::new(
        Exit::Refused,
        Diagnostic::error("mass-revocation", message).help(format!(
            "if that is meant, give `--allow-revokes {}`",
            counted.revoked
        )),
    ))
}

fn lock_info(job: &Job<'_>, session: &Session) -> LockInfo {
    let environment = &session.environment;
    LockInfo {
        id: rbacform_state::new_lineage(),
        operation: job.operation().to_owned(),
        who: environment.who(),
        host: environment.host(),
        pid: std::process::id(),
        created: environment.now.to_string(),
    }
}

fn run_info(
    job: &Job<'_>,
    document: &rbacform_core::Plan,
    run_id: &str,
    session: &Session,
) -> RunInfo {
    let digest = serde_json::to_vec(document)
        .ok()
        .map(|bytes| Digest::of_bytes(&bytes).to_string());
    RunInfo {
        id: run_id.to_owned(),
        operation: job.operation().to_owned(),
        who: session.environment.who(),
        host: session.environment.host(),
        at: session.environment.now.to_string(),
        plan: digest,
        reason: job.run.reason.clone(),
    }
}
