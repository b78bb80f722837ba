//! Ctrl-C: once to finish what is in flight, twice to stop at once.

use std::process::Child;
use std::time::Duration;

use rbacform_sandbox::{Effect, Fault, HoldPoint, RequestMatch, When};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::stage::{agrees, journals, managed, scene};
use crate::support::repo::Ran;
use crate::support::scene::Scene;
use crate::support::terminal::Terminal;

const PATIENCE: Duration = Duration::from_secs(60);
const LENGTH: usize = 40;
const APPLY: [&str; 6] = [
    "apply",
    "stacks/main",
    "--yes",
    "--json",
    "--parallelism",
    "1",
];

/// A chain of cluster roles, each made after the one before.
fn chain() -> String {
    (0..LENGTH)
        .map(|number| {
            let after = match number {
                0 => String::new(),
                _ => format!(
                    "depends_on = [\"kubernetes.cluster_role.r{}\"]\n",
                    number - 1
                ),
            };
            format!(
                "[kubernetes.cluster_role.r{number}]\nname = \"TAG-r{number}\"\nrules = []\n{after}"
            )
        })
        .collect()
}

fn press(child: &Child) {
    send(child, Signal::INT);
}

fn send(child: &Child, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    // It may have ended meanwhile.
    let _ = kill_process(pid, signal);
}

fn end(child: Child) -> Ran {
    Ran::of(&APPLY, child.wait_with_output().unwrap())
}

/// The stack applied anew and whole.
fn converges(scene: &Scene) {
    scene.repo.apply();
    assert_eq!(managed(scene).len(), LENGTH);
    agrees(scene, "after an interrupt");
    scene.repo.is_settled();
}

#[test]
fn once_finishes_what_is_in_flight() {
    let scene = scene("ctrl_c_once");
    scene.repo.stack(&chain());
    let sandbox = scene.world.as_sandbox();
    // The key is heard long before the chain's end: 39 writes of 20 ms follow the held one.
    let slow = Effect::LatencyMs(20);
    sandbox.faults().add(Fault {
        on: RequestMatch::verb("patch"),
        when: When::Always,
        effect: slow,
    });
    let hold = sandbox.hold(RequestMatch::verb("patch"), 1, HoldPoint::AfterCommit);
    let child = scene.repo.command(&APPLY).spawn().unwrap();
    assert!(hold.wait(PATIENCE));
    press(&child);
    hold.release();
    let ran = end(child).exits(3);
    let ended = ran.json();
    assert_eq!(ended["failed"], json!([]), "{}", ran.told());
    let done = ended["done"].as_array().unwrap();
    let left = ended["not_started"].as_array().unwrap();
    assert!(
        done.contains(&json!("kubernetes.cluster_role.r0")),
        "what was in flight: {}",
        ran.told()
    );
    assert!(
        !left.is_empty() && done.len() + left.len() == LENGTH,
        "{}",
        ran.told()
    );
    assert_eq!(managed(&scene).len(), done.len());
    agrees(&scene, &ran.told());
    sandbox.faults().clear();
    converges(&scene);
}

#[test]
fn twice_stops_at_once() {
    let scene = scene("ctrl_c_twice");
    scene.repo.stack(&chain());
    let hold =
        scene
            .world
            .as_sandbox()
            .hold(RequestMatch::verb("patch"), 3, HoldPoint::AfterCommit);
    let mut child = scene.repo.command(&APPLY).spawn().unwrap();
    assert!(hold.wait(PATIENCE));
    // Two signals at the same instant are one: press until it has ended, with the answer still held.
    scene.other.wait("it stops", || {
        press(&child);
        child.try_wait().unwrap().is_some()
    });
    let ran = end(child).exits(3);
    let ended = ran.json();
    assert_eq!(
        ended["failed"][0]["address"],
        "kubernetes.cluster_role.r2",
        "{}",
        ran.told()
    );
    assert_eq!(ended["failed"][0]["code"], "unknown-outcome");
    assert_eq!(journals(&scene.repo), 1, "the open intent is kept");
    drop(hold);
    converges(&scene);
}

/// Runs these words, sends the signal while the first list is unanswered, and gives how it ended.
fn stopped_while_reading(scene: &Scene, args: &[&str], signal: Signal) -> Ran {
    let sandbox = scene.world.as_sandbox();
    let hold = sandbox.hold(RequestMatch::verb("list"), 1, HoldPoint::BeforeCommit);
    let child = scene.repo.command(args).spawn().unwrap();
    assert!(hold.wait(PATIENCE));
    send(&child, signal);
    let ran = Ran::of(args, child.wait_with_output().unwrap());
    drop(hold);
    ran
}

/// That nothing was sent and nothing is left behind.
fn changed_nothing(scene: &Scene) {
    let requests = scene.world.as_sandbox().requests();
    assert_eq!(requests.by_agent("rbacform/").of_verb("patch"), 0);
    let left = scene.repo.state_bytes().into_iter().map(|(path, _)| path);
    // The door is what locks are taken behind; it stays and is empty.
    let door = format!("{}.door", scene.tag);
    let left: Vec<_> = left.filter(|path| !path.ends_with(&door)).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn before_the_first_write_nothing_has_changed() {
    let scene = scene("ctrl_c_early");
    scene.repo.stack(&chain());
    for signal in [Signal::INT, Signal::TERM] {
        let ran = stopped_while_reading(&scene, &APPLY, signal).exits(130);
        assert_eq!(ran.codes(), ["interrupted"]);
        changed_nothing(&scene);
    }
    let told = [
        &["apply", "stacks/main", "--yes"][..],
        &["destroy", "stacks/main", "--yes"],
        &["plan", "stacks/main"],
        &["drift", "stacks/main"],
    ];
    for args in told {
        let ran = stopped_while_reading(&scene, args, Signal::INT).exits(130);
        assert_eq!(ran.stdout, "", "{}", ran.told());
        assert!(
            ran.stderr
                .contains("error[interrupted]: interrupted, nothing changed"),
            "{}",
            ran.told()
        );
        changed_nothing(&scene);
    }
    converges(&scene);
}

#[test]
fn at_the_question_nothing_has_changed() {
    let scene = scene("ctrl_c_question");
    scene.repo.stack(&chain());
    let mut terminal = Terminal::new();
    let child = scene
        .repo
        .command(&["apply", "stacks/main", "-q"])
        .stdin(terminal.stdio())
        .stderr(terminal.stdio())
        .spawn()
        .unwrap();
    let shown = terminal.shows("Only `yes` does: ");
    assert!(shown.contains("Plan: 40 to create"), "{shown}");
    press(&child);
    end(child).exits(130);
    terminal.shows("interrupted, nothing changed");
    changed_nothing(&scene);
    converges(&scene);
}
