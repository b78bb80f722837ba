//! Planner and Google's semantics together: whatever is declared after whatever was, the steps fold
//! into the policy that the stack says, and the plan told beforehand who would gain and lose.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use rbacform_core::plan::{AccessEntry, Mode};
use rbacform_core::{
    Address, DesiredResource, EditKind, Lifecycle, ObjectId, ObservedSet, Semantics, Span,
    StateSnapshot, Value,
};
use rbacform_gcp::{GcpSemantics, policy::observe};
use rbacform_planner::{PlanInput, Planned, plan};
use serde_json::json;

const RESOURCE: &str = "projects/acme-ml";
const ROLES: [&str; 3] = ["roles/editor", "roles/logging.viewer", "roles/viewer"];
const PEOPLE: [&str; 4] = [
    "user:ana@example.com",
    "user:bo@example.com",
    "user:cy@example.com",
    "user:dan@example.com",
];

/// Role to members.
type Grants = BTreeMap<&'static str, BTreeSet<&'static str>>;

/// What a stack says about one role.
#[derive(Clone, Debug)]
enum Said {
    Nothing,
    Members(BTreeSet<&'static str>),
    Whole(BTreeSet<&'static str>),
}

/// What a stack says.
#[derive(Clone, Debug)]
enum Stack {
    Roles(Vec<Said>),
    Policy(Grants),
}

fn people() -> impl Strategy<Value = BTreeSet<&'static str>> {
    prop::sample::subsequence(PEOPLE.to_vec(), 1..=4).prop_map(|some| some.into_iter().collect())
}

fn grants() -> impl Strategy<Value = Grants> {
    prop::collection::vec(prop::option::of(people()), ROLES.len()).prop_map(|all| {
        let some = ROLES.into_iter().zip(all);
        some.filter_map(|(role, people)| Some((role, people?)))
            .collect()
    })
}

fn stack() -> impl Strategy<Value = Stack> {
    let said = prop_oneof![
        Just(Said::Nothing),
        people().prop_map(Said::Members),
        people().prop_map(Said::Whole),
    ];
    prop_oneof![
        5 => prop::collection::vec(said, ROLES.len()).prop_map(Stack::Roles),
        1 => grants().prop_map(Stack::Policy),
    ]
}

fn resource(kind: &str, ident: String, attributes: serde_json::Value) -> DesiredResource {
    let name: String = ident
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    let type_name = match kind {
        "IamMember" => "gcp.iam_member",
        "IamBinding" => "gcp.iam_binding",
        _ => "gcp.iam_policy",
    };
    DesiredResource {
        address: Address::new(type_name, name, None),
        object: ObjectId::cluster("gcp", kind, &ident),
        attributes: Value::from_json(&attributes),
        requires: Vec::new(),
        depends_on: Vec::new(),
        lifecycle: Lifecycle::default(),
        built_in: false,
        span: Span::default(),
    }
}

fn declared(stack: &Stack) -> Vec<DesiredResource> {
    match stack {
        Stack::Policy(grants) => {
            let mut bindings: Vec<Value> = grants
                .iter()
                .map(|(role, members)| json!({ "role": role, "members": members }))
                .map(|binding| Value::from_json(&binding))
                .collect();
            bindings.sort();
            let attributes = json!({ "resource": RESOURCE, "bindings": bindings });
            vec![resource("IamPolicy", RESOURCE.to_owned(), attributes)]
        }
        Stack::Roles(all) => {
            let of_role = |(role, said): (&'static str, &Said)| match said {
                Said::Nothing => Vec::new(),
                Said::Whole(members) => vec![resource(
                    "IamBinding",
                    format!("{RESOURCE} {role}"),
                    json!({ "resource": RESOURCE, "role": role, "members": members }),
                )],
                Said::Members(members) => members
                    .iter()
                    .map(|member| {
                        resource(
                            "IamMember",
                            format!("{RESOURCE} {role} {member}"),
                            json!({ "resource": RESOURCE, "role": role, "member": member }),
                        )
                    })
                    .collect(),
            };
            ROLES.into_iter().zip(all).flat_map(of_role).collect()
        }
    }
}

/// A policy and the state of a stack.
struct World {
    policy: Value,
    state: StateSnapshot,
}

impl World {
    fn new(grants: &Grants) -> Self {
        let bindings: Vec<_> = grants
            .iter()
            .map(|(role, members)| json!({ "role": role, "members": members }))
            .collect();
        let mut state = StateSnapshot::empty("s", None);
        state.lineage = "l".to_owned();
        Self {
            policy: Value::from_json(&json!({ "bindings": bindings, "etag": "e", "version": 3 })),
            state,
        }
    }

    /// Role and member of every grant, as anybody else would read the policy.
    fn grants(&self) -> BTreeSet<(String, String)> {
        let list = |value: &Value, key: &str| {
            let list = value.get(key).and_then(Value::as_list);
            list.unwrap_or_default().to_vec()
        };
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let of_binding = |binding: Value| {
            let role = text(binding.get("role").unwrap());
            let members = list(&binding, "members");
            members
                .into_iter()
                .map(move |member| (role.clone(), text(&member)))
        };
        let bindings = list(&self.policy, "bindings");
        bindings.into_iter().flat_map(of_binding).collect()
    }

    fn plan(&self, desired: &[DesiredResource], mode: Mode) -> Planned {
        let named: BTreeSet<ObjectId> = desired
            .iter()
            .map(|resource| resource.object.clone())
            .chain(self.state.resources.keys().cloned())
            .collect();
        let observed: ObservedSet = observe("gcp", RESOURCE, &self.policy, &named)
            .into_iter()
            .collect();
        plan(&PlanInput {
            desired,
            expired: &[],
            prior: &self.state,
            no_state: self.state.resources.is_empty(),
            observed: &observed,
            semantics: &[&GcpSemantics],
            mode,
            adopt: false,
            targets: &[],
        })
    }

    /// One policy write a step, as the provider makes it; what is only recorded is not sent.
    fn carry_out(&mut self, planned: &Planned) -> usize {
        let mut writes = 0;
        for step in &planned.steps {
            let sent: Vec<_> = step
                .edits
                .iter()
                .filter(|edit| edit.kind != EditKind::Record)
                .cloned()
                .collect();
            if !sent.is_empty() {
                self.policy = GcpSemantics.fold(&self.policy, &sent);
                writes += 1;
            }
            for edit in &step.edits {
                self.state.resources.remove(&edit.object);
                if let Some(record) = &edit.records {
                    let mut record = record.clone();
                    record.uid = "-".into();
                    self.state.resources.insert(edit.object.clone(), record);
                }
            }
        }
        writes
    }

    /// What the policy must be once the stack says that.
    fn expected(&self, stack: &Stack) -> BTreeSet<(String, String)> {
        let all = |role: &str, members: &BTreeSet<&'static str>| -> Vec<(String, String)> {
            let pair = |member: &&str| (role.to_owned(), (*member).to_owned());
            members.iter().map(pair).collect()
        };
        let said = match stack {
            Stack::Policy(grants) => {
                let grants = grants.iter();
                return grants
                    .flat_map(|(role, members)| all(role, members))
                    .collect();
            }
            Stack::Roles(said) => said,
        };
        let owned = |kind: &str, ident: String| {
            let object = ObjectId::cluster("gcp", kind, &ident);
            self.state.resources.contains_key(&object)
        };
        let mut expected = BTreeSet::new();
        for (role, said) in ROLES.into_iter().zip(said) {
            let standing = self.grants().into_iter().filter(|(held, _)| held == role);
            let stays = standing.filter(|(role, member)| {
                !owned("IamBinding", format!("{RESOURCE} {role}"))
                    && !owned("IamMember", format!("{RESOURCE} {role} {member}"))
            });
            match said {
                Said::Whole(members) => expected.extend(all(role, members)),
                Said::Members(members) => {
                    expected.extend(stays);
                    expected.extend(all(role, members));
                }
                Said::Nothing => expected.extend(stays),
            }
        }
        expected
    }
}

fn told(entries: &[AccessEntry]) -> BTreeSet<(String, String)> {
    entries
        .iter()
        .map(|entry| {
            (
                entry.role.clone().unwrap_or_default(),
                entry.subject.clone(),
            )
        })
        .collect()
}

proptest! {
    #[test]
    fn every_change_of_mind_is_one_write_that_comes_to_what_was_told(
        start in grants(),
        stacks in prop::collection::vec(stack(), 1..5),
    ) {
        let mut world = World::new(&start);
        for stack in &stacks {
            let desired = declared(stack);
            let before = world.grants();
            let expected = world.expected(stack);
            let planned = world.plan(&desired, Mode::Apply);
            prop_assert!(planned.is_valid(), "{:?}", planned.diagnostics);
            let writes = world.carry_out(&planned);
            let after = world.grants();
            prop_assert_eq!(&after, &expected);
            prop_assert!(writes <= 1);
            prop_assert!(writes == 1 || after == before);
            let gone: BTreeSet<_> = before.difference(&after).cloned().collect();
            let new: BTreeSet<_> = after.difference(&before).cloned().collect();
            prop_assert_eq!(told(&planned.revoked), gone);
            prop_assert_eq!(told(&planned.granted), new);
            let again = world.plan(&desired, Mode::Apply);
            prop_assert!(again.changes.is_empty() && again.steps.is_empty(), "{again:?}");
            prop_assert!(again.drift.is_empty());
            // What stands and nobody declares is listed, and nothing else.
            let known = desired.iter().flat_map(|resource| {
                GcpSemantics.bindings(&resource.object, &resource.attributes)
            });
            let known: BTreeSet<(String, String)> = known
                .flat_map(|binding| {
                    let role = binding.role.ident.to_string();
                    binding.subjects.into_iter().map(move |member| (role.clone(), member))
                })
                .collect();
            let strangers = again.unmanaged.iter();
            let strangers: BTreeSet<_> = strangers
                .map(|entry| (entry.role.clone(), entry.subject.clone()))
                .collect();
            let others: BTreeSet<_> = after.difference(&known).cloned().collect();
            prop_assert_eq!(strangers, others);
        }
        let gone = world.plan(&[], Mode::Destroy);
        let lost = told(&gone.revoked);
        let before = world.grants();
        world.carry_out(&gone);
        let after = world.grants();
        prop_assert_eq!(lost, before.difference(&after).cloned().collect());
        prop_assert!(world.state.resources.is_empty());
    }
}
