//! Assertions about Google's permissions on small worlds.

use std::collections::{BTreeMap, BTreeSet};

use rbacform_core::assertion::Target;
use rbacform_core::{Asker, Assertion, Claim, Deed, Holders};

use super::permission_questions;
use crate::assert::tests::{asker, assertion, texts};
use crate::assert::{Part, Planned, Policies, Sight, Status, Verdict, check};
use crate::google::{Binding, Condition, CustomRole, Evaluator, Facts, Missing, Parent, Roles};

/// 2027-01-01T00:00:00Z.
const NOW: i64 = 1_798_761_600;
const GET: &str = "storage.objects.get";
const BUCKET: &str = "projects/acme/buckets/data";

/// Google's roles, as far as these cases need them.
struct Table(BTreeMap<&'static str, Vec<&'static str>>);

impl Table {
    fn new() -> Self {
        Self(BTreeMap::from([
            (
                "roles/storage.objectViewer",
                vec![GET, "storage.objects.list"],
            ),
            (
                "roles/storage.objectCreator",
                vec!["storage.objects.create"],
            ),
        ]))
    }
}

impl Roles for Table {
    fn holds(&self, role: &str, permission: &str) -> Option<bool> {
        Some(self.0.get(role)?.contains(&permission))
    }

    fn permissions(&self, role: &str) -> Option<Vec<&str>> {
        self.0.get(role).cloned()
    }

    fn knows(&self, permission: &str) -> bool {
        self.0.values().flatten().any(|held| *held == permission)
    }

    fn closest(&self, permission: &str) -> Option<String> {
        let all = self.0.values().flatten().copied();
        rbacform_core::hint::closest(permission, all).map(str::to_owned)
    }
}

/// A project that is in nothing, and a bucket in it: all of both is known.
fn acme() -> Facts {
    let mut facts = Facts::default();
    facts.put_whole("projects/acme");
    facts.put_whole("buckets/data");
    facts.put_parent("projects/acme", Parent::Nothing);
    facts
}

fn grant(facts: &mut Facts, resource: &str, role: &str, member: &str, when: Option<&str>) {
    facts.put_binding(
        resource,
        Binding {
            role: role.to_owned(),
            members: vec![member.to_owned()],
            condition: when.map(|expression| Condition {
                title: "when".to_owned(),
                expression: expression.to_owned(),
            }),
            object: None,
        },
    );
}

fn viewed(member: &str) -> Facts {
    let mut facts = acme();
    grant(
        &mut facts,
        "buckets/data",
        "roles/storage.objectViewer",
        member,
        None,
    );
    facts
}

fn deed(permissions: &[&str], resource: &str) -> Deed {
    Deed {
        verbs: texts(permissions),
        resources: vec![Target {
            name: resource.into(),
            api_group: None,
        }],
        on_policies: true,
        ..Deed::default()
    }
}

fn can(subject: &str) -> Assertion {
    assertion(Claim::Can(asker(subject), deed(&[GET], BUCKET)))
}

fn cannot(subject: &str) -> Assertion {
    assertion(Claim::Cannot(asker(subject), deed(&[GET], BUCKET)))
}

fn exactly(subjects: &[&str]) -> Assertion {
    let holders = Holders::Exactly(texts(subjects));
    assertion(Claim::WhoCan(deed(&[GET], BUCKET), holders))
}

fn at_most(subjects: &[&str]) -> Assertion {
    let holders = Holders::AtMost(texts(subjects));
    assertion(Claim::WhoCan(deed(&[GET], BUCKET), holders))
}

/// A world around the policies.
#[derive(Default)]
struct Around {
    sight: Sight,
    absent: BTreeSet<String>,
    pool: Option<&'static str>,
}

impl Around {
    fn test(&self, assertion: &Assertion, facts: &Facts) -> Verdict {
        let (table, cluster) = (Table::new(), crate::Facts::default());
        let policies = Policies {
            evaluator: Evaluator {
                facts,
                roles: &table,
                now: NOW,
            },
            pool: self.pool,
            absent: &self.absent,
        };
        let planned = Planned::new(&cluster, &self.sight).unwrap();
        check(assertion, &planned.with_policies(policies))
    }
}

fn test(assertion: &Assertion, facts: &Facts) -> Verdict {
    Around::default().test(assertion, facts)
}

fn told(verdict: &Verdict) -> (Status, &str) {
    (verdict.status, verdict.message.as_str())
}

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
            "resource.type == 'storage.googleapis.com/Object'",
            BUCKET,
            Status::CannotTell,
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

#[test]
fn a_workload_is_who_its_pool_says() {
    let facts = viewed("serviceAccount:acme.svc.id.goog[training/trainer]");
    let unknown = test(&can("serviceaccount:training/trainer"), &facts);
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
    // One that a policy names in some project's pool may be the one that is meant.
    let facts = viewed("serviceAccount:acme.svc.id.goog[n/xx]");
    let named = around.test(&claim, &facts);
    assert_eq!(told(&named), (Status::CannotTell, pool));
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
