//! `apply --verify`: one fresh read, and the assertions asked of the servers themselves.

use rbacform_core::plan::{AssertionStatus, Mode};
use rbacform_core::{Assertion, Diagnostic};
use rbacform_executor::Cancel;
use rbacform_gcp::member::of_identity;
use rbacform_state::LocalStore;

use super::{Ended, Job, request};
use crate::assertions::{self, google};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::planning::{GOOGLE, Planning, make_plan};
use crate::render::{self, text::count};
use crate::report;
use crate::session::Session;
use crate::signals;

/// Verifies what was carried out. Its result is the document already, so that a failure is talk.
pub(super) async fn verified(
    job: &Job<'_>,
    store: &LocalStore,
    ended: &Ended,
    cancel: &Cancel,
    session: &Session,
) -> Exit {
    let verified = signals::unless_interrupted(cancel, verify(job, store, ended, session)).await;
    let Err(mut failure) = verified else {
        return Exit::Done;
    };
    if ended.wrote_anything {
        if failure.exit == Exit::Interrupted {
            failure = Failure::error(
                "interrupted",
                "interrupted before the world was verified; everything was applied",
            );
        }
        // What was to be done was done; that an assertion does not hold is another matter.
        if failure.exit != Exit::Refused {
            failure.exit = Exit::Partial;
        }
    }
    report::failure(&failure, false, &session.ui);
    failure.exit
}

/// One fresh read: is the world what the stack says?
async fn verify(
    job: &Job<'_>,
    store: &LocalStore,
    ended: &Ended,
    session: &Session,
) -> Result<(), Failure> {
    let planning = make_plan(request(job, store), session)
        .await
        .map_err(unverifiable)?;
    let pending = planning.document.summary.pending();
    if pending == 0 {
        verify_assertions(job, &planning, ended, session).await?;
        session
            .ui
            .talk("Verified: the world is what the stack says.\n");
        return Ok(());
    }
    session.ui.talk(&render::plan::plan(
        &planning.document,
        planning.connection.user(),
    ));
    let changes = count(pending, "change is", "changes are");
    Err(Failure::error(
        "not-verified",
        format!("everything was applied, yet {changes} pending"),
    )
    .help("somebody else is changing the same objects: `rbacform drift` tells what, and who"))
}

/// The verifying read failed: what that means goes before why.
fn unverifiable(mut failure: Failure) -> Failure {
    let first = Diagnostic::error("not-verified", "the world could not be verified");
    failure.diagnostics.insert(0, first);
    failure
}

/// Do the stack's assertions hold, by what was just read and by the servers' own words?
async fn verify_assertions(
    job: &Job<'_>,
    planning: &Planning,
    ended: &Ended,
    session: &Session,
) -> Result<(), Failure> {
    let asserted = &job.loaded.stack.assertions;
    if asserted.is_empty() || job.mode != Mode::Apply {
        return Ok(());
    }
    if !planning.refused.is_empty() {
        return Err(refused(job, &planning.refused));
    }
    let (about_google, about_cluster): (Vec<&Assertion>, Vec<&Assertion>) =
        asserted.iter().partition(|it| it.claim.is_on_policies());
    if !about_cluster.is_empty() {
        at_cluster(job, planning, session).await?;
    }
    if !about_google.is_empty() {
        at_google(job, planning, &about_google, ended, session).await?;
    }
    Ok(())
}

fn refused(job: &Job<'_>, found: &[Diagnostic]) -> Failure {
    Failure {
        exit: Exit::Refused,
        ..Failure::of_stack(found.to_vec(), job.loaded.sources.clone())
    }
}

async fn at_cluster(job: &Job<'_>, planning: &Planning, session: &Session) -> Result<(), Failure> {
    let (Some(cluster), Some(worlds)) = (planning.connection.kubernetes(), &planning.analysis)
    else {
        return Ok(());
    };
    let answers = assertions::ask(&job.loaded.stack, &worlds.after, cluster).await?;
    let Some(answers) = answers else {
        let note = "note: the server may not be asked about others by this identity: what the \
                    assertions say was tested on what was read only\n";
        session.ui.talk(note);
        return Ok(());
    };
    if !answers.refuted.is_empty() {
        return Err(refused(job, &answers.refuted));
    }
    let asked = count(answers.agreed, "question", "questions");
    session.ui.talk(&format!(
        "The assertions hold: the server agrees in {asked}.\n"
    ));
    Ok(())
}

/// Google answers about its caller alone. What the stack says of others is judged by the policies
/// that were just read.
async fn at_google(
    job: &Job<'_>,
    planning: &Planning,
    asserted: &[&Assertion],
    ended: &Ended,
    session: &Session,
) -> Result<(), Failure> {
    let connection = &planning.connection;
    let identity = connection.identity(GOOGLE).await.unwrap_or_default();
    let caller = identity.as_deref().and_then(of_identity);
    let mut answers = google::Answers::default();
    if let (Some(caller), Some(provider)) = (&caller, connection.gcp()) {
        let asking = google::Asking {
            caller,
            was_written: ended.wrote_at_google,
            waiting: &|| {
                session
                    .ui
                    .talk("Waiting until Google has in effect what was written...\n");
            },
        };
        answers = google::ask(&job.loaded.stack.assertions, provider, &asking).await?;
    }
    if !answers.refuted.is_empty() {
        return Err(refused(job, &answers.refuted));
    }
    let is_untold = |assertion: &&&Assertion| {
        let mut results = planning.document.assertions.iter();
        results.any(|result| {
            result.name == assertion.name && result.status == AssertionStatus::CannotTell
        })
    };
    let judged: Vec<&&Assertion> = asserted
        .iter()
        .filter(|it| !answers.asked.contains(&it.name))
        .collect();
    session.ui.talk(&google_agrees(
        &answers,
        judged.len(),
        judged.iter().filter(|it| is_untold(it)).count(),
        caller.as_deref().or(identity.as_deref()),
    ));
    Ok(())
}

/// What was asked of Google, what was not, and why.
fn google_agrees(
    answers: &google::Answers,
    judged: usize,
    untold: usize,
    caller: Option<&str>,
) -> String {
    let mut text = String::new();
    if answers.agreed > 0 {
        let questions = count(answers.agreed, "question", "questions");
        text.push_str(&format!(
            "The assertions hold: Google agrees in {questions}.\n"
        ));
    }
    for silent in &answers.silent {
        text.push_str(&format!("note: Google does not answer {silent}\n"));
    }
    if judged == 0 {
        return text;
    }
    let judged = count(judged, "assertion was", "assertions were");
    let caller = caller.map_or(String::new(), |caller| format!(", here {caller}"));
    text.push_str(&format!(
        "note: {judged} judged by the policies that were read: Google answers about its caller \
         alone{caller}"
    ));
    match untold {
        0 => text.push('\n'),
        untold => text.push_str(&format!("; {untold} of them cannot be told\n")),
    }
    text
}
