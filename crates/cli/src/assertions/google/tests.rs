//! Asking Google, played: nobody waits, the clock is moved.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use rbacform_core::assertion::{Places, Target};
use rbacform_core::{Asker, Assertion, Claim, Deed, FileId, Span};
use rbacform_gcp::target::ResourceName;
use rbacform_provider::{ErrorKind, ProviderError};
use tokio::time::Instant;

use super::*;

const ME: &str = "user:ana@example.com";
const GET: &str = "storage.objects.get";
const LIST: &str = "storage.objects.list";

fn assertion(name: &str, subject: &str, permissions: &[&str], held: bool) -> Assertion {
    let span = Span::new(FileId::default(), 0..0);
    let asker = Asker {
        subject: subject.into(),
        groups: Vec::new(),
    };
    let deed = Deed {
        verbs: permissions.iter().map(|it| (*it).into()).collect(),
        resources: vec![Target {
            name: "projects/acme-ml/buckets/data".into(),
            api_group: None,
        }],
        on_policies: true,
        ..Deed::default()
    };
    Assertion {
        name: name.to_owned(),
        claim: match held {
            true => Claim::Can(asker, deed),
            false => Claim::Cannot(asker, deed),
        },
        known: false,
        custom: false,
        places: Places {
            whole: span,
            subject: span,
            groups: span,
            verbs: span,
            resource: span,
            namespace: span,
        },
    }
}

/// Plays Google: what is asked, and what each answer is.
struct Played<F> {
    answer: F,
    asked: RefCell<Vec<Vec<String>>>,
    waits: Cell<usize>,
}

impl<F> Played<F>
where
    F: Fn(usize, &[&str]) -> Result<Vec<String>, ProviderError>,
{
    fn new(answer: F) -> Self {
        Self {
            answer,
            asked: RefCell::default(),
            waits: Cell::new(0),
        }
    }

    async fn asks(
        &self,
        assertions: &[Assertion],
        was_written: bool,
    ) -> Result<Answers, ProviderError> {
        let asking = Asking {
            caller: ME,
            was_written,
            waiting: &|| self.waits.set(self.waits.get() + 1),
        };
        let test = async |resource: &ResourceName, permissions: &[&str]| {
            assert_eq!(resource.as_str(), "buckets/data");
            let asked = permissions.iter().map(ToString::to_string).collect();
            let nth = self.asked.borrow().len();
            self.asked.borrow_mut().push(asked);
            (self.answer)(nth, permissions)
        };
        settle(assertions, &asking, test).await
    }
}

fn all(permissions: &[&str]) -> Vec<String> {
    permissions.iter().map(ToString::to_string).collect()
}

#[tokio::test(start_paused = true)]
async fn one_request_asks_for_all_of_a_resource() {
    let google = Played::new(|_, _| Ok(all(&[GET])));
    let assertions = [
        assertion("reads", ME, &[GET], true),
        assertion("does not list", ME, &[LIST], false),
        assertion("somebody else", "user:bo@example.com", &[GET], false),
    ];
    let answers = google.asks(&assertions, true).await.unwrap();
    assert_eq!(google.asked.take(), [[GET, LIST]]);
    assert_eq!((answers.agreed, answers.refuted.len()), (2, 0));
    let asked: Vec<&String> = answers.asked.iter().collect();
    assert_eq!(asked, ["does not list", "reads"]);
    assert_eq!(google.waits.get(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_was_just_written_is_waited_for() {
    let google = Played::new(|nth, _| Ok(if nth < 3 { Vec::new() } else { all(&[GET]) }));
    let began = Instant::now();
    let assertions = [
        assertion("reads", ME, &[GET], true),
        assertion("does not list", ME, &[LIST], false),
    ];
    let answers = google.asks(&assertions, true).await.unwrap();
    // What was answered as it must be is not asked again.
    let asked = google.asked.take();
    assert_eq!(asked, [vec![GET, LIST], vec![GET], vec![GET], vec![GET]]);
    assert_eq!((answers.agreed, google.waits.get()), (2, 1));
    assert_eq!(began.elapsed(), Duration::from_secs(1 + 2 + 4));
}

#[tokio::test(start_paused = true)]
async fn patience_ends_when_googles_does() {
    let google = Played::new(|_, _| Ok(Vec::new()));
    let began = Instant::now();
    let assertions = [assertion("reads", ME, &[GET], true)];
    let answers = google.asks(&assertions, true).await.unwrap();
    assert_eq!(began.elapsed(), PROPAGATION);
    let [refuted] = answers.refuted.as_slice() else {
        panic!("{answers:?}");
    };
    assert_eq!(
        (refuted.code, refuted.message.as_str(), &refuted.help),
        (
            "assertion-refuted",
            "`reads` does not hold: Google does not let `user:ana@example.com` use \
             storage.objects.get on projects/acme-ml/buckets/data",
            &None
        )
    );
}

#[tokio::test(start_paused = true)]
async fn where_nothing_was_written_nothing_is_waited_for() {
    let google = Played::new(|_, permissions| Ok(all(permissions)));
    let began = Instant::now();
    let assertions = [assertion("does not read", ME, &[GET], false)];
    let answers = google.asks(&assertions, false).await.unwrap();
    assert_eq!(
        (began.elapsed(), google.asked.take().len()),
        (Duration::ZERO, 1)
    );
    let [refuted] = answers.refuted.as_slice() else {
        panic!("{answers:?}");
    };
    assert_eq!(
        refuted.message,
        "`does not read` does not hold: Google lets `user:ana@example.com` use \
         storage.objects.get on projects/acme-ml/buckets/data"
    );
    assert!(refuted.help.as_deref().unwrap().contains("try again later"));
}

#[tokio::test(start_paused = true)]
async fn what_means_nothing_there_is_asked_alone_and_spoils_nothing() {
    const OTHER: &str = "iam.serviceAccounts.actAs";
    let google = Played::new(|_, permissions| match permissions.contains(&OTHER) {
        true => Err(ProviderError::new(
            ErrorKind::Invalid,
            "not valid for this resource",
        )),
        false => Ok(all(permissions)),
    });
    let assertions = [
        assertion("reads", ME, &[GET], true),
        assertion("acts", ME, &[GET, OTHER], true),
    ];
    let answers = google.asks(&assertions, false).await.unwrap();
    assert_eq!(
        google.asked.take(),
        [vec![OTHER, GET], vec![OTHER], vec![GET]]
    );
    assert_eq!(answers.refuted.len(), 0);
    assert_eq!(answers.asked.into_iter().collect::<Vec<_>>(), ["reads"]);
    let silent: Vec<String> = answers.silent.into_iter().collect();
    assert_eq!(
        silent,
        ["iam.serviceAccounts.actAs on projects/acme-ml/buckets/data: not valid for this resource"]
    );
}

#[tokio::test(start_paused = true)]
async fn not_reaching_google_is_a_failure() {
    let google = Played::new(|_, _| Err(ProviderError::new(ErrorKind::Unavailable, "gone")));
    let assertions = [assertion("reads", ME, &[GET], true)];
    let error = google.asks(&assertions, false).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable);
}
