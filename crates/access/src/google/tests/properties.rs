//! Properties over random small worlds: the evaluator equals brute force, a grant never takes, a
//! denial never gives, and what is said to be covered is.

use proptest::prelude::*;

use super::world::{NOW, roles};
use crate::google::{
    Binding, Condition, Decision, DenyRule, Evaluator, Facts, Gained, Parent, Principal, Resource,
};

const USERS: [&str; 3] = [
    "user:ana@x.org",
    "user:bo@x.org",
    "serviceAccount:s@acme-ml.iam.gserviceaccount.com",
];
const MEMBERS: [&str; 6] = [
    "user:ana@x.org",
    "user:bo@x.org",
    "serviceAccount:s@acme-ml.iam.gserviceaccount.com",
    "group:g@x.org",
    "allUsers",
    "allAuthenticatedUsers",
];
const NODES: [&str; 4] = [
    "buckets/b",
    "projects/acme-ml",
    "folders/2",
    "organizations/1",
];
const ROLES: [&str; 3] = [
    "roles/storage.objectViewer",
    "roles/storage.objectCreator",
    "roles/owner",
];
const PERMISSIONS: [&str; 3] = [
    "storage.objects.get",
    "storage.objects.create",
    "iam.roles.create",
];
const CONDITIONS: [(&str, bool); 3] = [
    ("request.time < timestamp('2030-01-01T00:00:00Z')", true),
    ("request.time < timestamp('2020-01-01T00:00:00Z')", false),
    (
        "request.time > timestamp('2020-01-01T00:00:00Z') && true",
        true,
    ),
];
/// Everybody in the group, wholly known.
const GROUP: [&str; 1] = ["user:bo@x.org"];

#[derive(Debug, Clone)]
struct Allow {
    node: usize,
    role: usize,
    member: usize,
    condition: Option<usize>,
}

#[derive(Debug, Clone)]
struct Deny {
    node: usize,
    principal: usize,
    excepted: Option<usize>,
    permission: usize,
}

fn allow() -> impl Strategy<Value = Allow> {
    (
        0..NODES.len(),
        0..ROLES.len(),
        0..MEMBERS.len(),
        proptest::option::of(0..CONDITIONS.len()),
    )
        .prop_map(|(node, role, member, condition)| Allow {
            node,
            role,
            member,
            condition,
        })
}

fn deny() -> impl Strategy<Value = Deny> {
    (
        1..NODES.len(),
        0..5_usize,
        proptest::option::of(0..4_usize),
        0..PERMISSIONS.len(),
    )
        .prop_map(|(node, principal, excepted, permission)| Deny {
            node,
            principal,
            excepted,
            permission,
        })
}

fn binding(allow: &Allow) -> Binding {
    Binding {
        role: ROLES[allow.role].to_owned(),
        members: vec![MEMBERS[allow.member].to_owned()],
        condition: allow.condition.map(|condition| Condition {
            title: "t".to_owned(),
            expression: CONDITIONS[condition].0.to_owned(),
        }),
        object: None,
    }
}

/// As deny policies spell the first five members.
fn principal(index: usize) -> String {
    match MEMBERS[index].split_once(':') {
        Some(("user", email)) => format!("principal://goog/subject/{email}"),
        Some(("group", email)) => format!("principalSet://goog/group/{email}"),
        Some((_, email)) => {
            format!("principal://iam.googleapis.com/projects/-/serviceAccounts/{email}")
        }
        None => "principalSet://goog/public:all".to_owned(),
    }
}

fn rule(deny: &Deny) -> DenyRule {
    let (service, what) = PERMISSIONS[deny.permission].split_once('.').unwrap();
    DenyRule {
        policy: "d".to_owned(),
        denied_principals: vec![principal(deny.principal)],
        exception_principals: deny.excepted.map(principal).into_iter().collect(),
        denied_permissions: vec![format!("{service}.googleapis.com/{what}")],
        ..DenyRule::default()
    }
}

fn world(allows: &[Allow], denies: &[Deny]) -> Facts {
    let mut facts = Facts::default();
    for pair in NODES.windows(2) {
        facts.put_parent(pair[0], Parent::In(pair[1].to_owned()));
    }
    facts.put_group("group:g@x.org", GROUP.map(str::to_owned).into());
    for node in NODES {
        facts.put_whole(node);
        facts.put_denials(node, Vec::new());
    }
    for allow in allows {
        facts.put_binding(NODES[allow.node], binding(allow));
    }
    for deny in denies {
        facts.put_denials(NODES[deny.node], vec![rule(deny)]);
    }
    facts
}

/// Written out from the documentation, over indices only.
fn by_hand(allows: &[Allow], denies: &[Deny], who: &str, permission: &str, node: usize) -> bool {
    let means = |member: &str| match member {
        "allUsers" | "allAuthenticatedUsers" => true,
        "group:g@x.org" => GROUP.contains(&who),
        member => member == who,
    };
    let granted = allows.iter().any(|allow| {
        allow.node >= node
            && means(MEMBERS[allow.member])
            && roles()[ROLES[allow.role]].contains(&permission)
            && allow
                .condition
                .is_none_or(|condition| CONDITIONS[condition].1)
    });
    let denied = denies.iter().any(|deny| {
        deny.node >= node
            && PERMISSIONS[deny.permission] == permission
            && means(MEMBERS[deny.principal])
            && !deny
                .excepted
                .is_some_and(|excepted| means(MEMBERS[excepted]))
    });
    granted && !denied
}

/// Every question there is, with its answer.
fn answers(facts: &Facts) -> Vec<bool> {
    let table = roles();
    let evaluator = Evaluator {
        facts,
        roles: &table,
        now: NOW,
    };
    let mut found = Vec::new();
    for who in USERS {
        for permission in PERMISSIONS {
            for node in NODES {
                let resource = Resource::parse(node).unwrap();
                let decision = evaluator.decide(&Principal::of(who), permission, &resource);
                assert!(
                    !matches!(decision, Decision::CannotTell { .. }),
                    "{decision:?}"
                );
                let allowed = matches!(decision, Decision::Allowed { .. });
                // The same question from the other side.
                let holders = evaluator.who_can(permission, &resource);
                assert_eq!(holders.perhaps, []);
                let among = holders.holders.iter().any(|holder| holder.member == who);
                assert!(!among || allowed, "{who} {permission} {node}");
                let public = |member: &str| member.starts_with("all");
                let open = holders.holders.iter().any(|holder| public(&holder.member));
                assert!(
                    among || open || !allowed || !nothing_is_denied(facts),
                    "{who} {permission} {node}"
                );
                found.push(allowed);
            }
        }
    }
    found
}

/// Whether no deny rule splits a set from its members.
fn nothing_is_denied(facts: &Facts) -> bool {
    NODES
        .iter()
        .all(|node| facts.denials(node).unwrap_or_default().is_empty())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn answers_equal_brute_force(
        allows in proptest::collection::vec(allow(), 0..6),
        denies in proptest::collection::vec(deny(), 0..3),
    ) {
        let told = answers(&world(&allows, &denies));
        let mut expected = Vec::new();
        for who in USERS {
            for permission in PERMISSIONS {
                for node in 0..NODES.len() {
                    expected.push(by_hand(&allows, &denies, who, permission, node));
                }
            }
        }
        prop_assert_eq!(told, expected);
    }

    #[test]
    fn a_grant_never_takes_and_a_denial_never_gives(
        allows in proptest::collection::vec(allow(), 0..5),
        denies in proptest::collection::vec(deny(), 0..3),
        more in allow(),
        less in deny(),
    ) {
        let before = answers(&world(&allows, &denies));
        let with_more = [allows.clone(), vec![more]].concat();
        let with_less = [denies.clone(), vec![less]].concat();
        let gained = answers(&world(&with_more, &denies));
        let denied = answers(&world(&allows, &with_less));
        prop_assert!(before.iter().zip(&gained).all(|(before, after)| !before || *after));
        prop_assert!(before.iter().zip(&denied).all(|(before, after)| *before || !after));
    }

    /// What is told and what brute force finds are one: whoever may do more than before is told of,
    /// or in a set that is, and whoever is told of may.
    #[test]
    fn gains_are_told_of_those_who_gain(
        before in proptest::collection::vec(allow(), 0..5),
        after in proptest::collection::vec(allow(), 0..5),
    ) {
        // A grant whose time is over, or has not come, is one all the same.
        let lasting = |mut allows: Vec<Allow>| {
            allows.retain(|allow| allow.condition.is_none());
            allows
        };
        let (before, after) = (lasting(before), lasting(after));
        let (was, is) = (world(&before, &[]), world(&after, &[]));
        let table = roles();
        let [was_asked, is_asked] = [&was, &is].map(|facts| Evaluator { facts, roles: &table, now: NOW });
        let gained = is_asked.gained_since(&was_asked);
        prop_assert_eq!(&gained.untold, &vec![]);
        let told = |who: &Principal, permission: &str, node: &str| {
            gained.gains.iter().any(|gain| {
                let at = NODES.iter().position(|known| *known == node);
                let from = NODES.iter().position(|known| *known == gain.grant.resource);
                super::super::member::means(&is, &gain.grant.member, who).is_yes()
                    && roles()[gain.grant.role.as_str()].contains(&permission)
                    && at <= from
            })
        };
        let mut asked = 0;
        let more = answers(&was).into_iter().zip(answers(&is));
        let more: Vec<(bool, bool)> = more.collect();
        for who in USERS {
            for permission in PERMISSIONS {
                for node in NODES {
                    let (before, after) = more[asked];
                    let told = told(&Principal::of(who), permission, node);
                    prop_assert!(before || !after || told, "{who} {permission} {node}");
                    asked += 1;
                }
            }
        }
        for gain in &gained.gains {
            let who = Principal::of(&gain.grant.member);
            let node = Resource::parse(&gain.grant.resource).unwrap();
            let news = roles()[gain.grant.role.as_str()].iter().any(|permission| {
                let had = was_asked.decide(&who, permission, &node);
                matches!(had, Decision::NoGrant)
            });
            prop_assert!(news, "{gain:?}");
        }
        prop_assert_eq!(is_asked.gained_since(&is_asked), Gained::default());
    }

    #[test]
    fn what_is_redundant_changes_nothing(allows in proptest::collection::vec(allow(), 0..6)) {
        let facts = world(&allows, &[]);
        let table = roles();
        let evaluator = Evaluator { facts: &facts, roles: &table, now: NOW };
        let redundant = evaluator.redundant();
        let mut without = facts.clone();
        for (grant, _) in &redundant {
            without.remove_members(
                &grant.resource,
                &grant.role,
                grant.condition.as_ref(),
                std::slice::from_ref(&grant.member),
            );
        }
        prop_assert_eq!(answers(&facts), answers(&without));
    }
}
