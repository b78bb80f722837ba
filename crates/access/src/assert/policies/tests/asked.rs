//! What files alone tell, and what Google can be asked.

use super::*;

#[test]
fn files_alone_tell_what_they_grant() {
    let mut facts = Facts::default();
    grant(
        &mut facts,
        "buckets/data",
        "roles/storage.objectViewer",
        "user:ana@x.org",
        None,
    );
    let around = Around {
        sight: Sight {
            partial: Some("files".to_owned()),
            ..Sight::default()
        },
        ..Around::default()
    };
    assert_eq!(
        around.test(&can("user:ana@x.org"), &facts).status,
        Status::Pass
    );
    assert_eq!(
        around.test(&cannot("user:ana@x.org"), &facts).status,
        Status::Fail
    );
    assert_eq!(around.test(&at_most(&[]), &facts).status, Status::Fail);
    let untold = "the files do not grant it; what else Google's policies do, `rbacform plan` tells";
    for assertion in [
        can("user:bo@x.org"),
        cannot("user:bo@x.org"),
        exactly(&["user:ana@x.org"]),
    ] {
        let verdict = around.test(&assertion, &facts);
        assert_eq!(told(&verdict), (Status::CannotTell, untold));
    }
}

#[test]
fn only_the_caller_can_be_asked_about() {
    let me = "user:ana@x.org";
    let asked = |assertion: &Assertion| -> Vec<bool> {
        let questions = permission_questions(assertion, me);
        questions.iter().map(|question| question.held).collect()
    };
    assert_eq!(asked(&can("user:Ana@x.org")), [true]);
    assert_eq!(asked(&cannot(me)), [false]);
    assert_eq!(asked(&exactly(&["user:bo@x.org", me])), [true]);
    for other in [
        can("user:bo@x.org"),
        at_most(&[me]),
        exactly(&["group:ml@x.org"]),
    ] {
        assert_eq!(asked(&other), [true; 0]);
    }
    let several = Claim::Can(asker(me), deed(&[GET, "storage.objects.list"], BUCKET));
    assert_eq!(asked(&assertion(several)), [true, true]);
}
