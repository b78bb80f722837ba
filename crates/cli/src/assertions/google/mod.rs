//! Assertions asked of Google itself. `testIamPermissions` answers for whoever asks, so that only
//! what a stack says of its caller can be asked.

mod told;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::time::Duration;

use rbacform_access::assert::{PermissionQuestion, permission_questions};
use rbacform_core::{Assertion, Diagnostic};
use rbacform_gcp::GcpProvider;
use rbacform_gcp::target::ResourceName;
use rbacform_provider::ProviderError;

use told::Told;

/// How long Google takes at times until what was written holds.
/// (Google: `iam/docs/access-change-propagation`.)
const PROPAGATION: Duration = Duration::from_secs(420);
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);

/// What asking came to.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// How many questions were answered as they must be.
    pub(crate) agreed: usize,
    /// Assertions of which every question was answered, by name.
    pub(crate) asked: BTreeSet<String>,
    /// What Google does not answer, and why.
    pub(crate) silent: BTreeSet<String>,
    /// Errors: assertions that do not hold at Google.
    pub(crate) refuted: Vec<Diagnostic>,
}

/// Who asks, and how patiently.
pub(crate) struct Asking<'a> {
    /// The caller, as policies name it.
    pub(crate) caller: &'a str,
    /// Whether something was just written, which may not hold everywhere yet.
    pub(crate) was_written: bool,
    /// Told once before anything is waited for.
    pub(crate) waiting: &'a dyn Fn(),
}

/// Asks Google everything that the caller can ask about a stack's assertions: one request for each
/// resource, and again while an answer is not as it must be, as long as that may come of what was
/// just written.
pub(crate) async fn ask(
    assertions: &[Assertion],
    google: &GcpProvider,
    asking: &Asking<'_>,
) -> Result<Answers, ProviderError> {
    settle(
        assertions,
        asking,
        async |resource: &ResourceName, permissions: &[&str]| {
            google.test_permissions(resource, permissions).await
        },
    )
    .await
}

/// The same of whoever answers.
async fn settle(
    assertions: &[Assertion],
    asking: &Asking<'_>,
    test: impl AsyncFn(&ResourceName, &[&str]) -> Result<Vec<String>, ProviderError>,
) -> Result<Answers, ProviderError> {
    let asserted: Vec<Vec<PermissionQuestion>> = assertions
        .iter()
        .map(|it| permission_questions(it, asking.caller))
        .collect();
    let questions: BTreeSet<&PermissionQuestion> = asserted.iter().flatten().collect();
    let mut told = Told::default();
    let mut open: Vec<&PermissionQuestion> = questions.into_iter().collect();
    let mut waits = Waits::of(asking.was_written);
    let mut waited = false;
    loop {
        told.learn(&open, &test).await?;
        open.retain(|question| told.differs(question));
        let Some(wait) = waits.next().filter(|_| !open.is_empty()) else {
            break;
        };
        if !std::mem::replace(&mut waited, true) {
            (asking.waiting)();
        }
        tokio::time::sleep(wait).await;
    }
    let mut answers = Answers::default();
    for (assertion, questions) in assertions.iter().zip(&asserted) {
        answers.agreed += questions.iter().filter(|it| told.agrees(it)).count();
        if !questions.is_empty() && questions.iter().all(|it| told.is_answered(it)) {
            answers.asked.insert(assertion.name.clone());
        }
        for question in questions.iter().filter(|it| told.differs(it)) {
            let message = format!(
                "`{}` does not hold: {}",
                assertion.name,
                refuted(question, asking)
            );
            let error = Diagnostic::error("assertion-refuted", message);
            let error = error.at(assertion.places.whole);
            answers.refuted.push(error.maybe_help(help(asking)));
        }
    }
    answers.silent = told.silences();
    Ok(answers)
}

fn refuted(question: &PermissionQuestion, asking: &Asking<'_>) -> String {
    let verb = if question.held {
        "does not let"
    } else {
        "lets"
    };
    let (caller, permission) = (asking.caller, &question.permission);
    format!(
        "Google {verb} `{caller}` use {permission} on {}",
        question.resource
    )
}

/// What may be the reason.
fn help(asking: &Asking<'_>) -> Option<String> {
    (!asking.was_written).then(|| {
        "what was changed in the last minutes may not hold everywhere yet: try again later"
            .to_owned()
    })
}

/// The waits between questions, each twice the last, up to the end of Google's patience; none
/// where nothing is under way.
struct Waits {
    next: Duration,
    left: Duration,
}

impl Waits {
    fn of(was_written: bool) -> Self {
        Self {
            next: SHORTEST,
            left: if was_written {
                PROPAGATION
            } else {
                Duration::ZERO
            },
        }
    }
}

impl Iterator for Waits {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let wait = self.next.min(self.left);
        self.left -= wait;
        self.next = (self.next * 2).min(LONGEST);
        (!wait.is_zero()).then_some(wait)
    }
}
