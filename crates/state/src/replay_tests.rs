use std::path::PathBuf;

use proptest::prelude::*;
use rbacform_core::{Mark, Value};
use serde_json::json;

use super::*;
use crate::Header;
use crate::fixtures::{self, create, delete, mark, observed, resource, snapshot, update};

fn foreign() -> Option<Mark> {
    Some(Mark::new("other", None, "elsewhere"))
}

/// What settling an intent makes of the state: the revision recorded, if any.
fn settled(before: &[&str], edit: &Edit, live: Option<&ObservedObject>) -> Option<String> {
    settled_as(Adoption::Marked, before, edit, live)
}

/// The same for kinds of any adoption.
fn settled_as(
    adoption: Adoption,
    before: &[&str],
    edit: &Edit,
    live: Option<&ObservedObject>,
) -> Option<String> {
    let mut state = snapshot("s", before);
    settle(&mut state, &Intent::of(0, edit), live, adoption);
    let resource = state.resources.get(&edit.object)?;
    let revision = resource
        .attributes
        .get("labels")?
        .get("revision")?
        .as_str()?;
    Some(format!("{revision} {}", resource.uid))
}

#[test]
fn an_open_creation_is_settled_by_the_mark() {
    let edit = create("x", "v1");
    let ours = observed("x", "v1", Some(mark()));
    assert_eq!(settled(&[], &edit, Some(&ours)).unwrap(), "v1 live-x");
    assert_eq!(settled(&[], &edit, None), None);
    for theirs in [None, foreign()] {
        let theirs = observed("x", "v1", theirs);
        assert_eq!(settled(&[], &edit, Some(&theirs)), None);
    }
    // Changed by somebody since: ours all the same, and what we applied is what drift compares.
    let drifted = observed("x", "v9", Some(mark()));
    assert_eq!(settled(&[], &edit, Some(&drifted)).unwrap(), "v1 live-x");
}

#[test]
fn an_open_update_counts_where_the_object_shows_it() {
    let edit = update("x", "v2");
    let after = observed("x", "v2", Some(mark()));
    assert_eq!(settled(&["x"], &edit, Some(&after)).unwrap(), "v2 live-x");
    let before = observed("x", "v1", Some(mark()));
    assert_eq!(settled(&["x"], &edit, Some(&before)).unwrap(), "v1 uid-x");
    // Gone, or somebody else's by now: that is drift, to be told by the next plan.
    assert_eq!(settled(&["x"], &edit, None).unwrap(), "v1 uid-x");
    let theirs = observed("x", "v2", foreign());
    assert_eq!(settled(&["x"], &edit, Some(&theirs)).unwrap(), "v1 uid-x");
}

#[test]
fn an_open_update_that_only_removes_counts_once_the_key_is_gone() {
    for key in ["labels", "automount_token"] {
        let with = match key {
            "labels" => json!({"labels": {"revision": "v1", "extra": "x"}}),
            _ => json!({"labels": {"revision": "v1"}, "automount_token": false}),
        };
        let (with, without) = (
            Value::from_json(&with),
            Value::from_json(&json!({"labels": {"revision": "v1"}})),
        );
        let mut edit = update("x", "v1");
        edit.records.as_mut().unwrap().attributes = without.clone();
        let mut state = snapshot("s", &["x"]);
        let held = &mut state.resources.get_mut(&edit.object).unwrap().attributes;
        *held = with.clone();

        let mut live = observed("x", "v1", Some(mark()));
        live.attributes = with.clone();
        assert!(!settle(
            &mut state,
            &Intent::of(0, &edit),
            Some(&live),
            Adoption::Marked
        ));
        // Still owned, so that the next plan removes it.
        assert_eq!(state.resources[&edit.object].attributes, with);

        live.attributes = without.clone();
        assert!(settle(
            &mut state,
            &Intent::of(0, &edit),
            Some(&live),
            Adoption::Marked
        ));
        assert_eq!(state.resources[&edit.object].attributes, without);
    }
}

#[test]
fn an_open_adoption_is_settled_by_the_mark() {
    let edit = update("x", "v2");
    let adopted = observed("x", "v2", Some(mark()));
    assert_eq!(settled(&[], &edit, Some(&adopted)).unwrap(), "v2 live-x");
    assert_eq!(settled(&[], &edit, Some(&observed("x", "v1", None))), None);
}

#[test]
fn an_open_deletion_is_settled_by_absence() {
    let edit = delete("x");
    assert_eq!(settled(&["x"], &edit, None), None);
    let there = observed("x", "v1", Some(mark()));
    assert_eq!(settled(&["x"], &edit, Some(&there)).unwrap(), "v1 uid-x");
    // Somebody made another one in its place: no longer ours.
    assert_eq!(
        settled(&["x"], &edit, Some(&observed("x", "v1", None))),
        None
    );
}

/// A grant, or a service account: `observed` gives the uid `live-x`, state has `uid-x`.
fn unmarked(revision: &str, uid: &str) -> ObservedObject {
    ObservedObject {
        uid: uid.into(),
        ..observed("x", revision, None)
    }
}

#[test]
fn an_open_edit_of_a_grant_is_settled_by_whether_it_stands() {
    let freely = |before: &[&str], edit: &Edit, live: Option<&ObservedObject>| {
        settled_as(Adoption::Freely, before, edit, live)
    };
    let stands = unmarked("v1", "-");
    let made = freely(&[], &create("x", "v1"), Some(&stands));
    assert_eq!(made.unwrap(), "v1 -");
    assert_eq!(freely(&[], &create("x", "v1"), None), None);
    let kept = freely(&["x"], &delete("x"), Some(&stands));
    assert_eq!(kept.unwrap(), "v1 uid-x", "not revoked yet");
    assert_eq!(freely(&["x"], &delete("x"), None), None);
    let changed = freely(&["x"], &update("x", "v2"), Some(&unmarked("v2", "-")));
    assert_eq!(changed.unwrap(), "v2 -");
    let unchanged = freely(&["x"], &update("x", "v2"), Some(&stands));
    assert_eq!(unchanged.unwrap(), "v1 uid-x");
    // To be taken over with a change that was never made: still nobody's.
    assert_eq!(freely(&[], &update("x", "v2"), Some(&stands)), None);
}

#[test]
fn an_open_edit_of_a_service_account_is_settled_by_its_unique_id_and_what_it_shows() {
    let settled = |before: &[&str], edit: &Edit, live: &ObservedObject| {
        settled_as(Adoption::OnRequest, before, edit, Some(live))
    };
    let new = unmarked("v1", "new");
    assert_eq!(settled(&[], &create("x", "v1"), &new).unwrap(), "v1 new");
    let theirs = settled(&[], &create("x", "v1"), &unmarked("other", "new"));
    assert_eq!(theirs, None, "somebody else made it");
    // Made anew under the same name: the old one is gone, and the new one is not ours.
    assert_eq!(settled(&["x"], &delete("x"), &new), None);
    let untouched = settled(&["x"], &update("x", "v1"), &new);
    assert_eq!(untouched.unwrap(), "v1 uid-x", "the next plan tells");
}

#[test]
fn a_bridge_never_enters_state() {
    let mut edit = create("x", "v1");
    edit.transient = true;
    let mut state = snapshot("s", &[]);
    apply_outcome(&mut state, &edit, "u");
    let ours = observed("x", "v1", Some(mark()));
    assert!(!settle(
        &mut state,
        &Intent::of(0, &edit),
        Some(&ours),
        Adoption::Marked
    ));
    assert_eq!(state, snapshot("s", &[]));
}

#[test]
fn an_outcome_without_a_uid_keeps_the_one_that_is_recorded() {
    let mut state = snapshot("s", &[]);
    apply_outcome(&mut state, &update("x", "v2"), "");
    assert_eq!(state.resources[&fixtures::object("x")].uid, "uid-x");
    apply_outcome(&mut state, &update("x", "v2"), "new");
    assert_eq!(state.resources[&fixtures::object("x")].uid, "new");
    apply_outcome(&mut state, &delete("x"), "");
    assert!(state.resources.is_empty());
}

/// A world of a few objects, and a run on it that can be killed at any record.
#[derive(Clone, Debug, Default)]
struct Model {
    /// Name to uid and attributes.
    world: BTreeMap<&'static str, (String, Value)>,
    journal: Vec<Record>,
    in_flight: BTreeMap<&'static str, (u64, Edit, Option<Outcome>)>,
    count: u64,
}

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

impl Model {
    /// Takes the run on `name` one step on: intent, call, outcome.
    fn advance(&mut self, name: &'static str, choice: u8) {
        self.count += 1;
        match self.in_flight.remove(name) {
            None => {
                let held = self.world.get(name).map(|(_, attributes)| attributes);
                let edit = match (held, choice % 3) {
                    (None, _) => create(name, &format!("v{}", self.count)),
                    (Some(_), 0) => delete(name),
                    (Some(held), _) => self.revise(name, held),
                };
                let intent = Intent::of(self.count, &edit);
                self.journal.push(Record::Intent(Box::new(intent)));
                self.in_flight.insert(name, (self.count, edit, None));
            }
            Some((seq, edit, None)) => {
                let outcome = self.call(name, &edit, choice);
                self.in_flight.insert(name, (seq, edit, Some(outcome)));
            }
            Some((seq, edit, Some(result))) => {
                let unknown = result == Outcome::Unknown;
                self.journal.push(Record::Outcome { seq, result });
                if unknown {
                    // Nothing more happens to the object in this run.
                    self.in_flight
                        .insert(name, (seq, edit, Some(Outcome::Unknown)));
                    self.journal.pop();
                }
            }
        }
    }

    /// An update: one that changes and adds, or, where there is something to remove, only removes.
    fn revise(&self, name: &str, held: &Value) -> Edit {
        let extra = held.get("labels").and_then(|labels| labels.get("extra"));
        let labels = match extra {
            None => json!({"revision": format!("v{}", self.count), "extra": "x"}),
            Some(_) => json!({"revision": held.get("labels").and_then(|l| l.get("revision"))}),
        };
        let attributes = Value::from_json(&json!({"labels": labels, "rules": []}));
        let mut edit = update(name, "");
        edit.records.as_mut().unwrap().attributes = attributes;
        edit
    }

    fn call(&mut self, name: &'static str, edit: &Edit, choice: u8) -> Outcome {
        match choice % 5 {
            0 => return Outcome::Failed("forbidden".to_owned()),
            1 => return Outcome::Unknown,
            _ => {}
        }
        let uid = match &edit.records {
            None => {
                self.world.remove(name);
                String::new()
            }
            Some(resource) => {
                let born = format!("uid-{}", self.count);
                let (uid, held) = self.world.entry(name).or_insert((born, Value::Null));
                *held = resource.attributes.clone();
                uid.clone()
            }
        };
        if choice % 5 == 2 {
            return Outcome::Unknown;
        }
        Outcome::Done {
            uid: uid.into(),
            request_id: None,
        }
    }

    fn observe(&self, name: &str) -> Option<ObservedObject> {
        let (uid, attributes) = self.world.get(name)?;
        let mut object = observed(name, "", Some(mark()));
        object.uid = uid.as_str().into();
        object.attributes = attributes.clone();
        Some(object)
    }

    fn as_state(&self) -> BTreeMap<String, (String, Value)> {
        let own = |(name, known): (&&str, &(String, Value))| ((*name).to_owned(), known.clone());
        self.world.iter().map(own).collect()
    }
}

fn as_model(state: &StateSnapshot) -> BTreeMap<String, (String, Value)> {
    let of = |r: &StateResource| {
        let name = r.object.name().to_owned();
        (name, (r.uid.to_string(), r.attributes.clone()))
    };
    state.resources.values().map(of).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Wherever a run is killed, replay and live reads give exactly the objects that exist with
    /// our mark, with their uids and what was applied.
    #[test]
    fn a_killed_run_is_settled_to_what_the_world_has(
        start in proptest::collection::vec(any::<bool>(), 4),
        moves in proptest::collection::vec((0..4_usize, any::<u8>()), 0..60),
    ) {
        let mut model = Model::default();
        let mut before = snapshot("s", &[]);
        for (name, there) in NAMES.iter().zip(start) {
            if there {
                let known = (format!("uid-{name}"), fixtures::attributes("v1"));
                model.world.insert(name, known);
                before.resources.insert(fixtures::object(name), resource(name, "v1"));
            }
        }
        for (index, choice) in moves {
            model.advance(NAMES[index], choice);
        }
        let journal = Leftover {
            path: PathBuf::from("j"),
            header: Some(Header { lineage: before.lineage.clone(), ..Header::default() }),
            records: model.journal.clone(),
        };
        let replayed = replay(before.clone(), std::slice::from_ref(&journal));
        let mut state = replayed.snapshot.clone();
        for intent in &replayed.open {
            let live = model.observe(intent.object.name());
            settle(&mut state, intent, live.as_ref(), Adoption::Marked);
        }
        prop_assert_eq!(as_model(&state), model.as_state());

        // The same journal in two halves, as if two runs had left it: the world decides more, and
        // to the same end.
        let doubled = replay(before, &[journal.clone(), journal]);
        let mut state = doubled.snapshot;
        for intent in &doubled.open {
            let live = model.observe(intent.object.name());
            settle(&mut state, intent, live.as_ref(), Adoption::Marked);
        }
        let names = |state: &StateSnapshot| as_model(state).into_keys().collect::<Vec<_>>();
        let expected: Vec<String> = model.as_state().into_keys().collect();
        prop_assert_eq!(names(&state), expected);
    }
}
