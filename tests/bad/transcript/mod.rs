//! Transcripts: sessions with rbacform as files, checked word by word.
//!
//! ```text
//! # What it is about.
//! > stacks/main/stack.toml
//! the lines of a file of the repository, up to the next `> `, `% ` or `$ `
//! % truncate state/main.json 20
//! $ rbacform plan stacks/main
//! = 1
//! | what comes to stdout
//! ! what comes to stderr
//! ```
//!
//! `UPDATE=1 cargo test -p rbacform --test bad --test cli` writes what follows each `$`: read the
//! diff. Paths, ids, ports and times are replaced by words.
#![allow(
    unreachable_pub,
    unused_imports,
    reason = "two test targets use their parts"
)]

mod doing;
mod script;
mod server;
mod stage;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

pub use script::Script;
use stage::Stage;
pub use stage::is_sane;

/// How many transcripts are played at once: most of their time is spent on starting processes.
const AT_ONCE: usize = 4;

/// Plays every transcript of a folder of `tests/`; says how many there are.
pub fn play_all(
    folder: &str,
    check: impl Fn(&Path, &Script) -> Result<(), String> + Sync,
) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests")
        .join(folder);
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(why) = play(path, &check) {
                        let name = path.file_name().unwrap().to_string_lossy();
                        wrong.lock().unwrap().push(format!("== {name}\n{why}"));
                    }
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().unwrap();
    wrong.sort();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        paths.len(),
        wrong.join("\n")
    );
    paths.len()
}

fn play(path: &Path, check: impl Fn(&Path, &Script) -> Result<(), String>) -> Result<(), String> {
    let text = fs::read_to_string(path).unwrap();
    let played = Stage::new().play(&Script::parse(&text))?;
    let found = played.to_string();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path, &found).unwrap();
    } else if found != text {
        return Err(differing(&text, &found));
    }
    check(path, &played)
}

/// The lines that differ, around the common beginning and end.
fn differing(expected: &str, found: &str) -> String {
    let (expected, found): (Vec<_>, Vec<_>) = (expected.lines().collect(), found.lines().collect());
    let pairs = || expected.iter().zip(&found);
    let same = pairs().take_while(|(a, b)| a == b).count();
    let ending = expected.iter().rev().zip(found.iter().rev());
    let most = expected.len().min(found.len()) - same;
    let tail = ending.take_while(|(a, b)| a == b).count().min(most);
    let part = |lines: &[&str]| lines[same..lines.len() - tail].join("\n");
    format!(
        "line {}, expected:\n{}\nfound:\n{}\n",
        same + 1,
        part(&expected),
        part(&found)
    )
}
