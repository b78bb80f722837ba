//! What is granted, and what nothing grants.

use super::*;

#[test]
fn what_is_granted_is_held_and_the_grant_is_told() {
    let facts = viewed("user:ana@x.org");
    let verdict = test(&can("user:ana@x.org"), &facts);
    // Deny policies are not read, and the words say so.
    assert_eq!(
        told(&verdict),
        (
            Status::Pass,
            "`user:ana@x.org` has it, unless a deny policy takes it away: none was read"
        )
    );
    assert_eq!(verdict.grants.len(), 1);
    let verdict = test(&cannot("user:ana@x.org"), &facts);
    assert_eq!(
        told(&verdict),
        (
            Status::Fail,
            "`user:ana@x.org` has storage.objects.get on projects/acme/buckets/data"
        )
    );
    assert_eq!(verdict.grants[0].role, "roles/storage.objectViewer");
}

#[test]
fn deny_policies_that_are_known_leave_no_doubt() {
    let mut facts = viewed("user:ana@x.org");
    facts.put_denials("projects/acme", Vec::new());
    let verdict = test(&can("user:ana@x.org"), &facts);
    assert_eq!(told(&verdict), (Status::Pass, "`user:ana@x.org` has it"));
}

#[test]
fn what_nothing_grants_is_not_held_where_every_policy_is_known() {
    let facts = viewed("user:ana@x.org");
    let verdict = test(&can("user:bo@x.org"), &facts);
    assert_eq!(verdict.status, Status::Fail);
    assert!(verdict.grants.is_empty());
    let mut assertion = cannot("user:bo@x.org");
    assertion.known = true;
    assert_eq!(test(&assertion, &facts).status, Status::Pass);
}

#[test]
fn a_policy_that_was_not_read_may_grant_it() {
    for (unread, lacking) in [
        ("buckets/data", Missing::Policy("projects/acme".to_owned())),
        ("projects/acme", Missing::Policy("buckets/data".to_owned())),
    ] {
        let mut facts = Facts::default();
        facts.put_whole(unread);
        facts.put_parent("projects/acme", Parent::Nothing);
        for assertion in [can("user:bo@x.org"), cannot("user:bo@x.org"), at_most(&[])] {
            let verdict = test(&assertion, &facts);
            assert_eq!(
                told(&verdict),
                (Status::CannotTell, &*format!("not known: {lacking}"))
            );
            assert_eq!(verdict.lacking, BTreeSet::from([lacking.clone()]));
        }
    }
    let mut facts = viewed("user:ana@x.org");
    facts.put_parent("projects/acme", Parent::In("folders/1".to_owned()));
    let verdict = test(&cannot("user:bo@x.org"), &facts);
    assert_eq!(
        verdict.message,
        "not known: the whole policy of `folders/1` and the folder or organization that \
         `folders/1` is in"
    );
}

#[test]
fn what_is_granted_above_counts() {
    let mut facts = acme();
    facts.put_parent("projects/acme", Parent::In("folders/1".to_owned()));
    facts.put_parent("folders/1", Parent::In("organizations/2".to_owned()));
    facts.put_whole("folders/1");
    facts.put_whole("organizations/2");
    grant(
        &mut facts,
        "organizations/2",
        "roles/storage.objectViewer",
        "user:ana@x.org",
        None,
    );
    let verdict = test(&cannot("user:ana@x.org"), &facts);
    assert_eq!(verdict.status, Status::Fail);
    assert_eq!(verdict.grants[0].resource, "organizations/2");
}

#[test]
fn conditions_hold_at_a_moment() {
    let until = |year: i32| format!("request.time < timestamp('{year}-06-01T00:00:00Z')");
    for (year, status) in [(2026, Status::Fail), (2027, Status::Pass)] {
        let mut facts = acme();
        let when = until(year);
        grant(
            &mut facts,
            "buckets/data",
            "roles/storage.objectViewer",
            "user:ana@x.org",
            Some(&when),
        );
        let verdict = test(&can("user:ana@x.org"), &facts);
        assert_eq!(verdict.status, status, "{verdict:?}");
        if status == Status::Fail {
            let near = format!(
                "nearest is `roles/storage.objectViewer` on `buckets/data`: its condition \
                 `{when}` does not hold now"
            );
            assert_eq!(verdict.help, Some(near));
        }
    }
    // What only Google sees, nobody here can tell.
    let mut facts = acme();
    grant(
        &mut facts,
        "buckets/data",
        "roles/storage.objectViewer",
        "user:ana@x.org",
        Some("request.auth.access_levels.size() > 0"),
    );
    let verdict = test(&can("user:ana@x.org"), &facts);
    assert_eq!(verdict.status, Status::CannotTell, "{verdict:?}");
}

/// Cora views objects in the project where a condition holds.
fn viewed_where(condition: &str) -> Facts {
    let mut facts = acme();
    facts.put_number("acme", "42");
    grant(
        &mut facts,
        "projects/acme",
        "roles/storage.objectViewer",
        "user:cora@x.org",
        Some(condition),
    );
    facts
}

#[test]
fn a_condition_that_does_not_hold_of_a_resource_may_hold_of_something_in_it() {
    let facts = |condition: &str| viewed_where(condition);
    let claims = |resource: &str| {
        let deed = || deed(&[GET], resource);
        [
            assertion(Claim::Cannot(asker("user:cora@x.org"), deed())),
            assertion(Claim::WhoCan(deed(), Holders::AtMost(Vec::new()))),
        ]
    };
    let of_data = "resource.name.startsWith('projects/_/buckets/data/objects/in/')";
    for (condition, resource, expected) in [
        (of_data, "projects/acme", Status::CannotTell),
        (of_data, BUCKET, Status::CannotTell),
        (of_data, "projects/acme/buckets/other", Status::Pass),
        (
            // It is objects that are got.
            "resource.type == 'storage.googleapis.com/Object'",
            BUCKET,
            Status::Fail,
        ),
        (
            "resource.type == 'storage.googleapis.com/Bucket'",
            BUCKET,
            Status::Pass,
        ),
        (
            "resource.type == 'bigquery.googleapis.com/Table'",
            "projects/acme",
            Status::CannotTell,
        ),
        (
            "resource.service == 'bigquery.googleapis.com'",
            BUCKET,
            Status::Pass,
        ),
        // Nothing is in an object, and time is the same everywhere.
        (of_data, "buckets/data/objects/out/x", Status::Pass),
        (
            "resource.name.startsWith('projects/_/') && request.time < timestamp('2026-01-01T00:00:00Z')",
            "projects/acme",
            Status::Pass,
        ),
    ] {
        let mut facts = facts(condition);
        facts.put_whole("buckets/other");
        facts.put_parent("buckets/data", Parent::In("projects/acme".to_owned()));
        for claim in claims(resource) {
            let verdict = test(&claim, &facts);
            assert_eq!(
                verdict.status, expected,
                "{condition} {resource} {verdict:?}"
            );
        }
    }
    let verdict = test(&claims("projects/acme")[0], &facts(of_data));
    assert_eq!(
        verdict.message,
        format!(
            "not known: whether the condition `{of_data}` holds of something in `projects/acme`"
        )
    );
    let allowed = assertion(Claim::WhoCan(
        deed(&[GET], "projects/acme"),
        Holders::AtMost(texts(&["user:cora@x.org"])),
    ));
    assert_eq!(test(&allowed, &facts(of_data)).status, Status::Pass);
}

#[test]
fn a_custom_role_gives_what_it_holds() {
    let mut facts = acme();
    let name = "projects/acme/roles/reader";
    grant(&mut facts, "buckets/data", name, "user:ana@x.org", None);
    let verdict = test(&can("user:ana@x.org"), &facts);
    assert_eq!(
        verdict.lacking,
        BTreeSet::from([Missing::Role(name.to_owned())])
    );
    facts.put_custom_role(
        name,
        CustomRole {
            permissions: BTreeSet::from([GET.to_owned()]),
            inert: false,
        },
    );
    assert_eq!(test(&can("user:ana@x.org"), &facts).status, Status::Pass);
}

#[test]
fn groups_count_where_their_members_are_known_or_said() {
    let mut facts = viewed("group:ml@x.org");
    grant(
        &mut facts,
        "projects/acme",
        "roles/storage.objectCreator",
        "user:ana@x.org",
        None,
    );
    let lacking = BTreeSet::from([Missing::Group("group:ml@x.org".to_owned())]);
    for assertion in [can("user:ana@x.org"), cannot("user:ana@x.org")] {
        assert_eq!(test(&assertion, &facts).lacking, lacking);
    }
    let asker = Asker {
        subject: "user:ana@x.org".into(),
        groups: texts(&["group:ml@x.org"]),
    };
    let said = assertion(Claim::Cannot(asker, deed(&[GET], BUCKET)));
    assert_eq!(test(&said, &facts).status, Status::Fail);
    assert_eq!(
        test(&exactly(&["group:ml@x.org"]), &facts).status,
        Status::Pass
    );
    facts.put_group(
        "group:ml@x.org",
        BTreeSet::from(["user:ana@x.org".to_owned()]),
    );
    assert_eq!(test(&cannot("user:ana@x.org"), &facts).status, Status::Fail);
}

#[test]
fn everybody_has_what_all_users_have() {
    let facts = viewed("allUsers");
    let verdict = test(&cannot("user:ana@x.org"), &facts);
    assert_eq!(verdict.grants[0].member, "allUsers");
    assert_eq!(test(&cannot("allUsers"), &facts).status, Status::Fail);
    let verdict = test(&at_most(&["user:ana@x.org"]), &facts);
    assert_eq!(
        told(&verdict),
        (
            Status::Fail,
            "`allUsers` has storage.objects.get on projects/acme/buckets/data too"
        )
    );
    // They exist without anybody naming them.
    assert_eq!(test(&cannot("allUsers"), &acme()).status, Status::Pass);
}

/// Pods that are annotated with an account, which reads the bucket; a policy lets them act as it, or
/// does not.
fn pods_of_an_account(lets: bool) -> (Around, Facts) {
    let email = "robot@acme.iam.gserviceaccount.com";
    let mut around = Around {
        pool: Some("acme"),
        ..Around::default()
    };
    around.workloads.put_manifest(&serde_json::json!({
        "apiVersion": "v1", "kind": "ServiceAccount", "metadata": {
            "name": "trainer", "namespace": "training",
            "annotations": {"iam.gke.io/gcp-service-account": email}}}));
    around
        .sight
        .service_accounts
        .insert("training/trainer".to_owned());
    let mut facts = viewed(&format!("serviceAccount:{email}"));
    let account = format!("projects/acme/serviceAccounts/{email}");
    facts.put_whole(&account);
    if lets {
        let pods = "serviceAccount:acme.svc.id.goog[training/trainer]";
        grant(
            &mut facts,
            &account,
            "roles/iam.workloadIdentityUser",
            pods,
            None,
        );
    }
    (around, facts)
}

#[test]
fn pods_have_what_the_account_of_their_annotation_has() {
    let pods = "serviceaccount:training/trainer";
    let robot = "serviceAccount:robot@acme.iam.gserviceaccount.com";
    let (around, facts) = pods_of_an_account(true);
    let verdict = around.test(&cannot(pods), &facts);
    assert_eq!(
        told(&verdict),
        (
            Status::Fail,
            "`serviceaccount:training/trainer` has storage.objects.get on \
             projects/acme/buckets/data as `serviceAccount:robot@acme.iam.gserviceaccount.com`"
        )
    );
    let roles: Vec<&str> = verdict.grants.iter().map(|it| it.role.as_str()).collect();
    assert_eq!(
        roles,
        [
            "roles/storage.objectViewer",
            "roles/iam.workloadIdentityUser"
        ]
    );
    assert_eq!(around.test(&can(pods), &facts).status, Status::Pass);
    // Whoever acts as one that is listed is meant with it.
    for listed in [&[robot, pods][..], &[robot][..]] {
        let verdict = around.test(&exactly(listed), &facts);
        assert_eq!(verdict.status, Status::Pass, "{listed:?}");
    }
    let verdict = around.test(&at_most(&[]), &facts);
    assert_eq!(
        verdict.message,
        format!("`{robot}` and `{pods}` have storage.objects.get on {BUCKET} too")
    );
    let (around, facts) = pods_of_an_account(false);
    assert_eq!(around.test(&cannot(pods), &facts).status, Status::Pass);
    assert_eq!(around.test(&can(pods), &facts).status, Status::Fail);
}

#[test]
fn whom_pods_may_act_as_is_not_known_without_the_account_s_policy() {
    let (around, _) = pods_of_an_account(false);
    let email = "robot@acme.iam.gserviceaccount.com";
    let facts = viewed(&format!("serviceAccount:{email}"));
    let verdict = around.test(&cannot("serviceaccount:training/trainer"), &facts);
    let policy = Missing::Policy(format!("projects/acme/serviceAccounts/{email}"));
    assert_eq!(verdict.status, Status::CannotTell);
    assert_eq!(verdict.lacking, BTreeSet::from([policy]));
}
