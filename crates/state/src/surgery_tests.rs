use super::*;
use crate::fixtures::{create, snapshot};

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

fn keyed() -> StateSnapshot {
    let mut state = snapshot("s", &["a", "b", "other"]);
    for name in ["a", "b"] {
        let object = crate::fixtures::object(name);
        let resource = state.resources.get_mut(&object).unwrap();
        resource.address = address(&format!("kubernetes.role.team[\"{name}\"]"));
    }
    let other = crate::fixtures::object("other");
    state.resources.get_mut(&other).unwrap().depends_on =
        vec![address("kubernetes.role.team[\"a\"]")];
    state
}

fn addresses(state: &StateSnapshot) -> Vec<String> {
    list(state, None)
        .iter()
        .map(|r| r.address.to_string())
        .collect()
}

#[test]
fn lists_in_order_of_address_one_resource_or_all_of_a_for_each() {
    let state = keyed();
    assert_eq!(
        addresses(&state),
        [
            "kubernetes.role.other",
            "kubernetes.role.team[\"a\"]",
            "kubernetes.role.team[\"b\"]"
        ]
    );
    assert_eq!(
        list(&state, Some(&address("kubernetes.role.team"))).len(),
        2
    );
    assert_eq!(
        show(&state, &address("kubernetes.role.team[\"b\"]"))
            .unwrap()
            .len(),
        1
    );
    let error = show(&state, &address("kubernetes.role.ohter")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "state has no resource `kubernetes.role.ohter`, did you mean `kubernetes.role.other`?"
    );
}

#[test]
fn moves_one_resource_and_what_depends_on_it() {
    let mut state = keyed();
    let moved = mv(
        &mut state,
        &address("kubernetes.role.team[\"a\"]"),
        &address("kubernetes.role.first"),
    );
    assert_eq!(moved, Ok(1));
    assert_eq!(addresses(&state)[0], "kubernetes.role.first");
    let other = &state.resources[&crate::fixtures::object("other")];
    assert_eq!(other.depends_on, [address("kubernetes.role.first")]);
}

#[test]
fn moves_a_whole_for_each_with_its_keys() {
    let mut state = keyed();
    let (from, to) = ("kubernetes.role.team", "module.m.kubernetes.role.crew");
    assert_eq!(mv(&mut state, &address(from), &address(to)), Ok(2));
    assert_eq!(
        addresses(&state)[1..],
        [
            "module.m.kubernetes.role.crew[\"a\"]",
            "module.m.kubernetes.role.crew[\"b\"]"
        ]
    );
}

#[test]
fn refuses_moves_that_make_no_sense_and_changes_nothing() {
    let mut state = keyed();
    for (from, to, said) in [
        ("kubernetes.role.x", "kubernetes.role.y", "has no resource"),
        (
            "kubernetes.role.other",
            "kubernetes.role.team[\"a\"]",
            "already",
        ),
        (
            "kubernetes.role.other",
            "kubernetes.namespace.other",
            "change its type",
        ),
    ] {
        let error = mv(&mut state, &address(from), &address(to)).unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
    }
    assert_eq!(state, keyed());
}

#[test]
fn forgets_a_resource_and_what_is_open_about_it() {
    let mut state = keyed();
    let mut open = vec![
        Intent::of(0, &create("a", "v2")),
        Intent::of(1, &create("late", "v1")),
    ];
    let gone = rm(&mut state, &mut open, &address("kubernetes.role.team")).unwrap();
    assert_eq!(gone.len(), 2);
    assert_eq!(addresses(&state), ["kubernetes.role.other"]);
    assert_eq!(open.len(), 1);
    let other = &state.resources[&crate::fixtures::object("other")];
    assert_eq!(other.depends_on, []);
    assert!(rm(&mut state, &mut open, &address("kubernetes.role.team")).is_err());
}

#[test]
fn pushes_only_a_later_state_of_the_same_descent_unless_forced() {
    let mut current = snapshot("s", &["a"]);
    current.serial = 5;
    let with = |lineage: &str, serial| StateSnapshot {
        lineage: lineage.to_owned(),
        serial,
        ..snapshot("s", &[])
    };
    let mine = current.lineage.clone();
    assert!(push(&current, with(&mine, 5), false).is_ok());
    let older = push(&current, with(&mine, 4), false).unwrap_err();
    assert!(
        older.to_string().contains("serial 4, older than serial 5"),
        "{older}"
    );
    assert!(push(&current, with("else", 9), false).is_err());
    assert!(push(&current, with("else", 1), true).is_ok());
    assert!(push(&StateSnapshot::empty("s", None), with("else", 1), false).is_ok());
}
