//! Killing an apply of coalesced steps at every point where a crash would differ.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use rbacform_state::Checkpoint;

use crate::policies::*;

const DIR: &str = "RBACFORM_TEST_GRANTS_DIR";
const NTH: &str = "RBACFORM_TEST_GRANTS_NTH";

const FIRST: [&str; 5] = ["p a x", "p a y", "p b x", "q a x", "q a y"];
const SECOND: [&str; 4] = ["p a x", "p c z", "p b y", "q a x"];

#[test]
#[ignore = "the other process of `coalesced_steps_killed_at_any_point_are_taken_up_by_the_next_run`"]
fn is_killed() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let nth: usize = std::env::var(NTH).unwrap().parse().unwrap();
    let reached = AtomicUsize::new(0);
    let hook = Checkpoint::new(move |_| {
        if reached.fetch_add(1, Ordering::SeqCst) + 1 == nth {
            std::process::abort();
        }
    });
    let mut bench = Bench::open(Path::new(&dir));
    bench.store = bench.store.with_checkpoint(hook);
    let first = bench.store.load().unwrap().snapshot.resources.is_empty();
    let wanted: &[&str] = if first { &FIRST } else { &SECOND };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    runtime.unwrap().block_on(bench.reach(wanted, "killed"));
}

fn killed(dir: &Path, nth: usize) -> bool {
    let status = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "grants_crash::is_killed",
            "--ignored",
            "--test-threads=1",
        ])
        .env(DIR, dir)
        .env(NTH, nth.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    !status.unwrap().success()
}

async fn kill_everywhere(before: &[&str], wanted: &[&str]) -> usize {
    for nth in 1.. {
        let dir = tempfile::tempdir().unwrap();
        if !before.is_empty() {
            Bench::open(dir.path()).reach(before, "before").await;
        }
        if !killed(dir.path(), nth) {
            return nth - 1;
        }
        let at = format!("killed at point {nth}");
        let bench = Bench::open(dir.path());
        bench.assert_nothing_lost(&at).await;
        bench.reach(wanted, "after").await;
        let expected: BTreeSet<String> = wanted.iter().map(|ident| (*ident).to_owned()).collect();
        assert_eq!(bench.policies.all(), expected, "{at}");
        bench.assert_nothing_lost(&at).await;
        assert!(bench.store.load().unwrap().leftovers.is_empty(), "{at}");
        assert_eq!(bench.reach(wanted, "again").await, 0, "{at}");
    }
    unreachable!("an apply has an end")
}

#[tokio::test]
async fn coalesced_steps_killed_at_any_point_are_taken_up_by_the_next_run() {
    let points = kill_everywhere(&[], &FIRST).await;
    // Two commits of two points, header; an intent an edit and three points a step: policies of
    // three and two grants, a role for each; audit, journal.
    assert_eq!(points, 2 + 1 + (3 + 3) + (2 + 3) + 2 * 4 + 2 + 2);
    let points = kill_everywhere(&FIRST, &SECOND).await;
    // `p` gives two and takes two, `q` takes one.
    assert_eq!(points, 1 + (4 + 3) + (1 + 3) + 2 + 2);
}
