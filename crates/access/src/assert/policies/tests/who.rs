//! Workloads, and everybody who holds a permission.

use super::*;

#[test]
fn a_workload_is_who_its_pool_says() {
    let facts = viewed("serviceAccount:acme.svc.id.goog[training/trainer]");
    // Without a project it is the pool that the policies name.
    let named = test(&can("serviceaccount:training/trainer"), &facts);
    assert_eq!(named.status, Status::Pass);
    let exactly_it = test(&exactly(&["serviceaccount:training/trainer"]), &facts);
    assert_eq!(exactly_it.status, Status::Pass);
    let unknown = test(&can("serviceaccount:training/other"), &facts);
    assert_eq!(
        unknown.message,
        "which project's Workload Identity pool the cluster is in is not known"
    );
    let mut around = Around {
        pool: Some("acme"),
        ..Around::default()
    };
    let verdict = around.test(&can("serviceaccount:training/trainer"), &facts);
    assert_eq!(verdict.status, Status::Pass);
    // Another one exists, does not, or nobody knows.
    let other = cannot("serviceaccount:training/other");
    let verdict = around.test(&other, &facts);
    assert_eq!(
        verdict.missing,
        BTreeSet::from(["ServiceAccount".to_owned()])
    );
    around.sight.whole.insert("ServiceAccount".to_owned());
    around
        .sight
        .service_accounts
        .insert("training/others".to_owned());
    let verdict = around.test(&other, &facts);
    assert!(verdict.is_nowhere);
    assert_eq!(
        verdict.help.as_deref(),
        Some("did you mean `serviceaccount:training/others`?")
    );
    around
        .sight
        .service_accounts
        .insert("training/other".to_owned());
    assert_eq!(around.test(&other, &facts).status, Status::Pass);
}

#[test]
fn who_can_counts_everybody_who_is_not_listed() {
    let mut facts = viewed("user:ana@x.org");
    assert_eq!(
        test(&exactly(&["user:ana@x.org"]), &facts).status,
        Status::Pass
    );
    assert_eq!(
        test(&at_most(&["user:ANA@x.org"]), &facts).status,
        Status::Pass
    );
    let both = ["user:ana@x.org", "user:bo@x.org"];
    assert_eq!(test(&at_most(&both), &facts).status, Status::Pass);
    let verdict = test(&exactly(&both), &facts);
    assert_eq!(
        told(&verdict),
        (
            Status::Fail,
            "nothing grants storage.objects.get on projects/acme/buckets/data to `user:bo@x.org`"
        )
    );
    grant(
        &mut facts,
        "projects/acme",
        "roles/storage.objectViewer",
        "user:eve@x.org",
        None,
    );
    let verdict = test(&at_most(&["user:ana@x.org"]), &facts);
    assert_eq!(
        told(&verdict),
        (
            Status::Fail,
            "`user:eve@x.org` has storage.objects.get on projects/acme/buckets/data too"
        )
    );
    assert_eq!(verdict.grants[0].resource, "projects/acme");
}

#[test]
fn who_can_doubts_only_those_who_are_not_listed() {
    let mut facts = acme();
    grant(
        &mut facts,
        "buckets/data",
        "roles/storage.objectViewer",
        "user:ana@x.org",
        Some("request.auth.access_levels.size() > 0"),
    );
    assert_eq!(
        test(&at_most(&["user:ana@x.org"]), &facts).status,
        Status::Pass
    );
    assert_eq!(test(&at_most(&[]), &facts).status, Status::CannotTell);
    assert_eq!(
        test(&exactly(&["user:ana@x.org"]), &facts).status,
        Status::CannotTell
    );
}
