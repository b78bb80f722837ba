//! What pods gain as the Google accounts that they act as, between two worlds.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Acting, Bridge, Workloads};
use crate::Facts;
use crate::google::{self, Evaluator};

const READER: &str = "roles/storage.objectViewer";
const ONE: &str = "one@acme-ml.iam.gserviceaccount.com";
const TWO: &str = "two@acme-ml.iam.gserviceaccount.com";
const PODS: &str = "serviceAccount:acme-ml.svc.id.goog[train/pods]";

/// What policies say, and the annotation of `train/pods`; without one nothing is known of it.
struct World {
    google: google::Facts,
    workloads: Workloads,
}

fn world(readers: &[&str], lets_pods: &[&str], annotation: Option<&str>) -> World {
    let mut google = google::Facts::default();
    let mut documents = vec![json!({"name": "buckets/data", "iamPolicy": {"bindings": [
        {"role": READER, "members": readers}]}})];
    documents.extend(lets_pods.iter().map(|email| {
        json!({"name": format!("projects/acme-ml/serviceAccounts/{email}"), "iamPolicy": {"bindings": [
            {"role": "roles/iam.workloadIdentityUser", "members": [PODS]}]}})
    }));
    assert!(google.put_document(&Value::Array(documents)).unwrap());
    let mut workloads = Workloads::default();
    workloads.project = Some("acme-ml".to_owned());
    if let Some(email) = annotation {
        workloads.put_manifest(
            &json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {
            "name": "pods", "namespace": "train",
            "annotations": {"iam.gke.io/gcp-service-account": email}}}),
        );
    }
    World { google, workloads }
}

/// `PODS as ACCOUNT: ROLE RESOURCE`.
fn gained(before: &World, after: &World) -> Vec<String> {
    let table = BTreeMap::from([
        (READER, vec!["storage.objects.get"]),
        (
            "roles/iam.workloadIdentityUser",
            vec!["iam.serviceAccounts.getAccessToken"],
        ),
    ]);
    let cluster = Facts::default();
    let [before, after] = [before, after].map(|world| {
        Bridge {
            google: Evaluator {
                facts: &world.google,
                roles: &table,
                now: 0,
            },
            kubernetes: &cluster,
            workloads: &world.workloads,
        }
        .guised()
    });
    let gained = after.gained_since(&before).into_iter();
    let told = gained.map(|acting| {
        let grant = acting.gain.grant;
        let year = |word: &str, seconds: Option<i64>| {
            let time = jiff::Timestamp::from_second(seconds?).unwrap();
            Some(format!(" {word} {}", &time.to_string()[..4]))
        };
        let bounds = acting.gain.during;
        let bounds = bounds.map(|it| [year("from", it.start()), year("until", it.end())]);
        let bounds: String = bounds.into_iter().flatten().flatten().collect();
        format!(
            "{} as {}: {} {}{bounds}",
            acting.workload, acting.account, grant.role, grant.resource
        )
    });
    told.collect()
}

fn account(email: &str) -> String {
    format!("serviceAccount:{email}")
}

fn reads_as(email: &str) -> String {
    format!("serviceaccount:train/pods as serviceAccount:{email}: {READER} buckets/data")
}

#[test]
fn what_an_account_is_given_its_pods_get() {
    let before = world(&[], &[ONE], Some(ONE));
    let after = world(&[&account(ONE)], &[ONE], Some(ONE));
    assert_eq!(gained(&before, &after), [reads_as(ONE)]);
    assert_eq!(gained(&after, &before), [""; 0]);
}

#[test]
fn who_comes_to_act_as_an_account_gets_all_that_it_holds() {
    let readers = account(ONE);
    let apart = world(&[&readers], &[], Some(ONE));
    let joined = world(&[&readers], &[ONE], Some(ONE));
    assert_eq!(gained(&apart, &joined), [reads_as(ONE)]);
    assert_eq!(gained(&joined, &apart), [""; 0]);
    // Nothing that the pods hold in their own name.
    let own = world(&[&readers, PODS], &[ONE], Some(ONE));
    assert_eq!(
        gained(&world(&[&readers, PODS], &[], Some(ONE)), &own),
        [""; 0]
    );
}

#[test]
fn another_account_that_holds_the_same_changes_nothing() {
    let readers = [account(ONE), account(TWO)];
    let readers: Vec<&str> = readers.iter().map(String::as_str).collect();
    let one = world(&readers, &[ONE, TWO], Some(ONE));
    let two = world(&readers, &[ONE, TWO], Some(TWO));
    assert_eq!(gained(&one, &two), [""; 0]);
    let poorer = world(&[&account(ONE)], &[ONE, TWO], Some(TWO));
    assert_eq!(gained(&poorer, &one), [reads_as(ONE)]);
}

#[test]
fn pods_that_only_a_policy_names_may_use_it() {
    let readers = account(ONE);
    let apart = world(&[&readers], &[], None);
    let joined = world(&[&readers], &[ONE], None);
    assert_eq!(gained(&apart, &joined), [reads_as(ONE)]);
    // Those that are annotated otherwise do not act as it.
    let elsewhere = world(&[&readers], &[ONE], Some(TWO));
    assert_eq!(gained(&apart, &elsewhere), [""; 0]);
}

/// A cluster where people are bound to make pods, by `b0`, `b1` and so on: who, and where.
fn makers(bound: &[(&str, &str)]) -> Facts {
    let mut facts = Facts::default();
    facts.lay_bootstrap().unwrap();
    for (number, (user, namespace)) in bound.iter().enumerate() {
        let binding = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
            "metadata": {"name": format!("b{number}"), "namespace": namespace},
            "roleRef": {"kind": "ClusterRole", "name": "edit"},
            "subjects": [{"kind": "User", "name": user}]});
        facts.put_manifest(&binding).unwrap();
    }
    crate::aggregate::settle_written(&mut facts);
    facts
}

/// The same with the cluster's bindings: who is bound to make pods, and where.
fn gained_by_pods(before: &[(&str, &str)], after: &[(&str, &str)]) -> Vec<String> {
    let table = BTreeMap::from([
        (READER, vec!["storage.objects.get"]),
        (
            "roles/iam.workloadIdentityUser",
            vec!["iam.serviceAccounts.getAccessToken"],
        ),
    ]);
    let (before, after) = (makers(before), makers(after));
    let world = world(&[&account(ONE)], &[ONE], Some(ONE));
    let [before, after] = [&before, &after].map(|kubernetes| {
        Bridge {
            google: Evaluator {
                facts: &world.google,
                roles: &table,
                now: 0,
            },
            kubernetes,
            workloads: &world.workloads,
        }
        .guised()
    });
    let candidates = [
        "user:eve@x.org",
        "user:bo@x.org",
        "serviceaccount:train/pods",
    ]
    .map(|subject| (subject.to_owned(), Some("train".to_owned())));
    let gained = after.gained_by_pods(&before, &candidates).into_iter();
    gained
        .map(|gain| format!("{} by {}", gain.acting.workload, gain.by.binding))
        .collect()
}

#[test]
fn who_comes_to_make_pods_gets_what_their_account_holds() {
    let eve = [("eve@x.org", "train")];
    assert_eq!(gained_by_pods(&[], &eve), ["user:eve@x.org by b0"]);
    assert_eq!(gained_by_pods(&eve, &eve), [""; 0]);
    assert_eq!(gained_by_pods(&eve, &[]), [""; 0]);
    // Pods elsewhere act as nobody.
    assert_eq!(gained_by_pods(&[], &[("eve@x.org", "serve")]), [""; 0]);
    // Another binding for the same gives nothing more.
    let twice = [("eve@x.org", "train"), ("eve@x.org", "train")];
    assert_eq!(gained_by_pods(&eve, &twice), [""; 0]);
    let both = [("eve@x.org", "train"), ("bo@x.org", "train")];
    assert_eq!(gained_by_pods(&eve, &both), ["user:bo@x.org by b1"]);
}

/// A world where pods hold a role in their own name, as `member` of a policy spells them, and people
/// are bound to make pods: `WHO as WHOM: ROLE by BINDING`.
fn gained_in_own_name(
    member: Option<&str>,
    before: &[(&str, &str)],
    after: &[(&str, &str)],
) -> Vec<String> {
    let table = BTreeMap::from([(READER, vec!["storage.objects.get"])]);
    let readers: Vec<&str> = member.into_iter().collect();
    let world = world(&readers, &[], None);
    let (before, after) = (makers(before), makers(after));
    let [before, after] = [&before, &after].map(|kubernetes| {
        Bridge {
            google: Evaluator {
                facts: &world.google,
                roles: &table,
                now: 0,
            },
            kubernetes,
            workloads: &world.workloads,
        }
        .guised()
    });
    let everywhere = ["user:eve@x.org", "user:bo@x.org"].map(|who| (who.to_owned(), None));
    let gained = after.gained_by_pods(&before, &everywhere).into_iter();
    gained
        .map(|gain| {
            let Acting {
                workload,
                account,
                gain: held,
            } = gain.acting;
            format!(
                "{workload} as {account}: {} by {}",
                held.grant.role, gain.by.binding
            )
        })
        .collect()
}

#[test]
fn who_comes_to_make_pods_gets_what_these_hold_in_their_own_name() {
    let pool =
        "iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/acme-ml.svc.id.goog";
    let eve = [("eve@x.org", "train")];
    for (member, whom) in [
        (PODS.to_owned(), "serviceaccount:train/pods"),
        (
            format!("principal://{pool}/subject/ns/train/sa/pods"),
            "serviceaccount:train/pods",
        ),
        (
            format!("principalSet://{pool}/namespace/train"),
            "group:system:serviceaccounts:train",
        ),
        (
            format!("principalSet://{pool}/*"),
            "group:system:serviceaccounts",
        ),
    ] {
        let told = format!("user:eve@x.org as {whom}: {READER} by b0");
        assert_eq!(
            gained_in_own_name(Some(&member), &[], &eve),
            [told],
            "{member}"
        );
        assert_eq!(gained_in_own_name(Some(&member), &eve, &[]), [""; 0]);
        assert_eq!(gained_in_own_name(Some(&member), &eve, &eve), [""; 0]);
        // Whoever may make pods elsewhere is any of the whole pool there, and nobody else.
        let elsewhere = gained_in_own_name(Some(&member), &[], &[("eve@x.org", "serve")]);
        assert_eq!(elsewhere.is_empty(), !member.ends_with('*'), "{member}");
    }
    // Pods of another project's pool are others.
    let others = PODS.replace("acme-ml", "other-ml");
    assert_eq!(gained_in_own_name(Some(&others), &[], &eve), [""; 0]);
    assert_eq!(gained_in_own_name(None, &[], &eve), [""; 0]);
}

#[test]
fn pods_are_told_of_as_the_stack_spells_them() {
    let cluster = Facts::default();
    let spelled = |project: Option<&str>, account: bool, member: &str| {
        let mut world = world(&[PODS], &[], account.then_some(ONE));
        world.workloads.project = project.map(str::to_owned);
        let table: BTreeMap<&'static str, Vec<&'static str>> = BTreeMap::new();
        let bridge = Bridge {
            google: Evaluator {
                facts: &world.google,
                roles: &table,
                now: 0,
            },
            kubernetes: &cluster,
            workloads: &world.workloads,
        };
        bridge.guised().spelled(member)
    };
    let own = "serviceaccount:train/pods";
    assert_eq!(spelled(Some("acme-ml"), false, PODS), own);
    assert_eq!(spelled(None, true, PODS), own);
    // Nothing is known of the cluster.
    assert_eq!(spelled(None, false, PODS), PODS);
    assert_eq!(spelled(Some("other-ml"), true, PODS), PODS);
    assert_eq!(spelled(None, true, "user:ana@x.org"), "user:ana@x.org");
}

#[test]
fn pods_that_may_act_as_an_account_for_a_time_get_what_it_holds_then() {
    let ending = |when: Option<&str>| {
        let mut world = world(&[&account(ONE)], &[], Some(ONE));
        let mut binding = json!({"role": "roles/iam.workloadIdentityUser", "members": [PODS]});
        if let Some(expression) = when {
            binding["condition"] = json!({"title": "t", "expression": expression});
        }
        let policy = json!({"name": format!("projects/acme-ml/serviceAccounts/{ONE}"),
            "iamPolicy": {"bindings": [binding]}});
        assert!(world.google.put_document(&policy).unwrap());
        world
    };
    let stays = ending(None);
    let ends = ending(Some("request.time < timestamp('2027-01-01T00:00:00Z')"));
    let comes = ending(Some("request.time >= timestamp('2027-01-01T00:00:00Z')"));
    let from = format!("{} from 2027", reads_as(ONE));
    assert_eq!(gained(&stays, &ends), [""; 0]);
    assert_eq!(gained(&ends, &stays), [from.as_str()]);
    let nobody = world(&[&account(ONE)], &[], Some(ONE));
    assert_eq!(gained(&nobody, &comes), [from.as_str()]);
    assert_eq!(
        gained(&nobody, &ends),
        [format!("{} until 2027", reads_as(ONE))]
    );
    assert_eq!(gained(&ends, &comes), [from.as_str()]);
}
