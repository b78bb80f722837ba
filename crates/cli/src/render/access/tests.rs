//! The lines of a role that many hold.

use std::collections::BTreeSet;

use rbacform_core::ObjectId;
use rbacform_core::plan::{AccessEntry, ExceptIn, Via};

use super::group;
use super::words::GAINS;
use crate::planning::KUBERNETES;

fn held(subject: &str, scope: &str) -> AccessEntry {
    AccessEntry {
        platform: KUBERNETES.to_owned(),
        subject: subject.to_owned(),
        scope: scope.to_owned(),
        verbs: vec!["get".to_owned()],
        api_group: Some(String::new()),
        resource: "secrets".to_owned(),
        via: vec![Via {
            binding: ObjectId::namespaced(KUBERNETES, "RoleBinding", scope, subject),
            role: ObjectId::cluster(KUBERNETES, "ClusterRole", "many"),
            file: None,
            line: None,
        }],
        ..AccessEntry::default()
    }
}

#[track_caller]
fn check(entries: &[AccessEntry], line: &str) {
    let lines = group::lines(entries, &BTreeSet::new(), GAINS);
    let told: Vec<&str> = lines.iter().map(|line| line.told.as_str()).collect();
    assert_eq!(told, [line]);
}

#[test]
fn holders_of_a_role_gain_where_each_of_them_is_bound() {
    let two: Vec<AccessEntry> = (0..6)
        .map(|index| held(&format!("user:u{index}"), ["a", "b"][index % 2]))
        .collect();
    check(
        &two,
        "holders of ClusterRole many gain get secrets: user:u0, user:u2, user:u4 in namespace a; \
         user:u1, user:u3, user:u5 in namespace b",
    );
    let many: Vec<AccessEntry> = (0..7)
        .map(|index| held(&format!("user:u{index}"), &format!("n{index}")))
        .collect();
    check(
        &many,
        "holders of ClusterRole many (user:u0, user:u1, user:u2, user:u3 and 3 more subjects) gain \
         get secrets, each where nothing else gives any of it: in namespaces n0, n1, n2, n3 and 3 more \
         namespaces",
    );
    let same: Vec<AccessEntry> = ["u0", "u1", "u2", "u3"]
        .iter()
        .flat_map(|user| ["a", "b"].map(|scope| held(&format!("user:{user}"), scope)))
        .collect();
    check(
        &same,
        "holders of ClusterRole many (user:u0, user:u1, user:u2, user:u3) gain get secrets in \
         namespaces a, b",
    );
}

#[test]
fn what_some_namespaces_had_before_is_said_of_the_first_few() {
    let in_some = |namespaces: &[&str], except: &[&str]| ExceptIn {
        namespaces: namespaces.iter().map(ToString::to_string).collect(),
        except: except.iter().map(ToString::to_string).collect(),
    };
    let wide = |but_in: &[&str], except_in: Vec<ExceptIn>| AccessEntry {
        verbs: vec!["*".to_owned()],
        but_in: but_in.iter().map(ToString::to_string).collect(),
        except_in,
        ..held("user:eve", "cluster")
    };
    check(
        &[wide(
            &["a"],
            vec![in_some(
                &["b", "c"],
                &["get secrets", "list secrets named x"],
            )],
        )],
        "user:eve gains every verb on secrets in the whole cluster (had it before in a; had get \
         secrets, list secrets named x before in b, c)",
    );
    let many = (0..7)
        .map(|index| in_some(&[&format!("n{index}")], &[&format!("verb{index} secrets")]))
        .collect();
    check(
        &[wide(&[], many)],
        "user:eve gains every verb on secrets in the whole cluster (had verb0 secrets before in \
         n0; had verb1 secrets before in n1; had verb2 secrets before in n2; had verb3 secrets \
         before in n3; had some of it before in 3 more namespaces)",
    );
}

#[test]
fn what_ends_says_when() {
    let entry = AccessEntry {
        condition: Some("until 2027-01-01T00:00:00Z".to_owned()),
        ..held("user:temp", "a")
    };
    check(
        &[entry],
        "user:temp gains get secrets in namespace a, until 2027-01-01T00:00:00Z",
    );
}
