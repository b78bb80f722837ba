//! Claims about what exists nowhere.

use super::*;

#[test]
fn a_permission_that_is_nowhere_is_about_nothing() {
    let mut facts = viewed("user:ana@x.org");
    let misspelt = |permission: &str| {
        let deed = deed(&[permission], BUCKET);
        [
            assertion(Claim::Can(asker("user:ana@x.org"), deed.clone())),
            assertion(Claim::Cannot(asker("user:ana@x.org"), deed.clone())),
            assertion(Claim::WhoCan(deed, Holders::AtMost(Vec::new()))),
        ]
    };
    for assertion in misspelt("storage.objects.gett") {
        let verdict = test(&assertion, &facts);
        assert!(verdict.is_nowhere);
        assert_eq!(
            told(&verdict),
            (
                Status::Fail,
                "`storage.objects.gett` is none of Google's permissions, and no custom role has it"
            )
        );
        assert_eq!(
            verdict.help.as_deref(),
            Some("did you mean `storage.objects.get`?")
        );
        assert_eq!(verdict.part, Part::Verbs);
        let custom = Assertion {
            custom: true,
            ..assertion
        };
        assert!(!test(&custom, &facts).is_nowhere);
    }
    for assertion in misspelt("storage.objects.*") {
        let custom = Assertion {
            custom: true,
            ..assertion
        };
        assert!(test(&custom, &facts).is_nowhere);
    }
    // A custom role has what Google let it have.
    let role = CustomRole {
        permissions: BTreeSet::from(["storage.objects.gett".to_owned()]),
        inert: false,
    };
    facts.put_custom_role("projects/acme/roles/new", role);
    let [can, cannot, _] = misspelt("storage.objects.gett");
    assert_eq!(test(&can, &facts).status, Status::Fail);
    assert_eq!(test(&cannot, &facts).status, Status::Pass);
}

#[test]
fn a_resource_that_is_nowhere_is_about_nothing() {
    let mut facts = acme();
    facts.put_whole("buckets/dada");
    let around = Around {
        absent: BTreeSet::from(["buckets/dada".to_owned()]),
        ..Around::default()
    };
    let there = deed(&[GET], "projects/acme/buckets/dada");
    let verdict = around.test(&assertion(Claim::Cannot(asker("allUsers"), there)), &facts);
    assert_eq!(told(&verdict), (Status::Fail, "there is no `buckets/dada`"));
    assert_eq!(
        verdict.help.as_deref(),
        Some("did you mean `buckets/data`?")
    );
    assert_eq!((verdict.is_nowhere, verdict.part), (true, Part::Resource));
}

#[test]
fn a_subject_that_is_nowhere_has_nothing_to_hold() {
    let facts = viewed("user:ana@x.org");
    let mut misspelt = cannot("user:anna@x.org");
    let verdict = test(&misspelt, &facts);
    assert_eq!(
        told(&verdict),
        (
            Status::Fail,
            "no policy that was read names `user:anna@x.org`"
        )
    );
    assert_eq!(
        verdict.help.as_deref(),
        Some("did you mean `user:ana@x.org`?")
    );
    assert_eq!((verdict.is_nowhere, verdict.part), (true, Part::Subject));
    misspelt.known = true;
    assert_eq!(test(&misspelt, &facts).status, Status::Pass);
    // A policy elsewhere names her, or the stack declares something about her.
    let mut elsewhere = viewed("user:ana@x.org");
    grant(
        &mut elsewhere,
        "buckets/other",
        "roles/storage.objectViewer",
        "user:Anna@x.org",
        None,
    );
    assert_eq!(
        test(&cannot("user:anna@x.org"), &elsewhere).status,
        Status::Pass
    );
    let mut around = Around::default();
    around.sight.named.insert("user:anna@x.org".to_owned());
    assert_eq!(
        around.test(&cannot("user:anna@x.org"), &facts).status,
        Status::Pass
    );
}

/// Ana, said to be in a group, does not have it.
fn of_group(group: &str) -> Assertion {
    let asker = Asker {
        groups: texts(&[group]),
        ..asker("user:ana@x.org")
    };
    assertion(Claim::Cannot(asker, deed(&[GET], BUCKET)))
}

#[test]
fn a_group_is_the_same_with_its_prefix_and_without() {
    let facts = viewed("group:ml@x.org");
    for group in ["ml@x.org", "group:ml@x.org", "ML@x.org"] {
        assert_eq!(
            test(&of_group(group), &facts).status,
            Status::Fail,
            "{group}"
        );
    }
}

#[test]
fn a_group_that_no_policy_names_has_nothing_to_hold() {
    let mut facts = acme();
    for member in ["user:ana@x.org", "group:ml@x.org"] {
        grant(
            &mut facts,
            "buckets/data",
            "roles/storage.objectCreator",
            member,
            None,
        );
    }
    assert_eq!(test(&of_group("ml@x.org"), &facts).status, Status::Pass);
    let mut misspelt = of_group("mml@x.org");
    let verdict = test(&misspelt, &facts);
    assert_eq!(
        told(&verdict),
        (
            Status::Fail,
            "no policy that was read names `group:mml@x.org`"
        )
    );
    assert_eq!((verdict.is_nowhere, verdict.part), (true, Part::Groups));
    assert_eq!(
        verdict.help.as_deref(),
        Some("did you mean `group:ml@x.org`?")
    );
    misspelt.known = true;
    assert_eq!(test(&misspelt, &facts).status, Status::Pass);
}

#[test]
fn a_workload_that_is_nowhere_is_so_whatever_its_pool() {
    let claim = cannot("serviceaccount:n/xx");
    let mut around = Around::default();
    let pool = "which project's Workload Identity pool the cluster is in is not known";
    let verdict = around.test(&claim, &acme());
    assert_eq!(told(&verdict), (Status::CannotTell, pool));
    assert_eq!(verdict.missing, ["ServiceAccount".to_owned()].into());
    around.sight.whole.insert("ServiceAccount".to_owned());
    around.sight.service_accounts.insert("n/x".to_owned());
    let verdict = around.test(&claim, &acme());
    assert_eq!((verdict.is_nowhere, verdict.part), (true, Part::Subject));
    assert_eq!(
        verdict.help.as_deref(),
        Some("did you mean `serviceaccount:n/x`?")
    );
    let there = around.test(&cannot("serviceaccount:n/x"), &acme());
    assert_eq!(told(&there), (Status::CannotTell, pool));
    // One that a policy names in some project's pool is taken for the one that is meant.
    let facts = viewed("serviceAccount:acme.svc.id.goog[n/xx]");
    let named = around.test(&claim, &facts);
    assert_eq!((named.status, named.is_nowhere), (Status::Fail, false));
    let known = Assertion {
        known: true,
        ..claim
    };
    assert_eq!(
        told(&around.test(&known, &acme())),
        (Status::CannotTell, pool)
    );
}

#[test]
fn a_service_account_exists_or_not() {
    let email = "robot@acme.iam.gserviceaccount.com";
    let claim = cannot(&format!("serviceAccount:{email}"));
    let mut facts = acme();
    let mut around = Around::default();
    let verdict = around.test(&claim, &facts);
    assert_eq!(
        verdict.lacking,
        BTreeSet::from([Missing::Account(email.to_owned())])
    );
    around.absent.insert(email.to_owned());
    assert!(around.test(&claim, &facts).is_nowhere);
    around.absent.clear();
    facts.put_account(email, true);
    assert_eq!(around.test(&claim, &facts).status, Status::Pass);
}

#[test]
fn somebody_misspelt_is_so_though_a_group_holds_it() {
    let mut facts = viewed("group:ml@x.org");
    grant(
        &mut facts,
        "projects/acme",
        "roles/storage.objectCreator",
        "user:ana@x.org",
        None,
    );
    let misspelt = test(&cannot("user:anna@x.org"), &facts);
    assert_eq!((misspelt.is_nowhere, misspelt.part), (true, Part::Subject));
    assert_eq!(
        misspelt.help.as_deref(),
        Some("did you mean `user:ana@x.org`?")
    );
    let spelt = test(&cannot("user:ana@x.org"), &facts);
    assert_eq!(spelt.status, Status::CannotTell);
    let of_group = |group: &str| {
        let asker = Asker {
            subject: "user:ana@x.org".into(),
            groups: texts(&[group]),
        };
        test(
            &assertion(Claim::Cannot(asker, deed(&[GET], BUCKET))),
            &facts,
        )
    };
    let misspelt = of_group("group:nl@x.org");
    assert_eq!((misspelt.is_nowhere, misspelt.part), (true, Part::Groups));
    // A policy that was not read may name them.
    let mut partial = Facts::default();
    partial.put_whole("buckets/data");
    grant(
        &mut partial,
        "buckets/data",
        "roles/storage.objectViewer",
        "group:ml@x.org",
        None,
    );
    let untold = test(&cannot("user:anna@x.org"), &partial);
    assert_eq!(untold.status, Status::CannotTell);
}
