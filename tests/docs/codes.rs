//! Every code that the program can print has an entry, and every entry is of such a code.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::page::{Page, repository};

/// Calls whose first argument is a code.
const CALLS: [&str; 3] = ["error(", "warning(", "not_yet("];

/// Files in which every literal after `=>` is a code.
const LISTS: [&str; 2] = ["crates/provider/src/error.rs", "crates/state/src/error.rs"];

/// The file that lists the warnings which a stack can refuse.
const REFUSABLE: &str = "crates/cli/src/refusable.rs";

/// Compares the headings of a page with the sources.
pub(crate) fn check(page: &Page) {
    let entries: BTreeSet<&str> = page
        .text
        .lines()
        .filter_map(|line| line.strip_prefix("### "))
        .collect();
    let (mut codes, mut literals) = (BTreeSet::new(), BTreeSet::new());
    let (mut warnings, mut refusable) = (BTreeSet::new(), BTreeSet::new());
    sources(&repository().join("crates"), &mut |path, text| {
        literals.extend(literals_of(text));
        warnings.extend(after(text, "warning("));
        if path.ends_with(REFUSABLE) {
            let list = text
                .split_once("= [")
                .and_then(|(_, list)| list.split_once("];"));
            refusable.extend(literals_of(list.unwrap().0));
        }
        for call in CALLS {
            codes.extend(after(text, call));
        }
        if LISTS.iter().any(|list| path.ends_with(list)) {
            codes.extend(after(text, "=>"));
        }
    });
    let missing: Vec<&String> = codes
        .iter()
        .filter(|code| !entries.contains(code.as_str()))
        .collect();
    assert!(
        missing.is_empty(),
        "{} has no entry for {missing:?}",
        page.path
    );
    let stale: Vec<&&str> = entries
        .iter()
        .filter(|entry| !literals.contains(**entry))
        .collect();
    assert!(
        stale.is_empty(),
        "{} has entries for no code: {stale:?}",
        page.path
    );
    assert_eq!(
        refusable, warnings,
        "the warnings that `[policy] refuse` knows, and all of them"
    );
    assert!(
        codes.len() > 50,
        "the sources were not understood: {codes:?}"
    );
}

/// Everything between quotes that may be a code.
fn literals_of(text: &str) -> impl Iterator<Item = String> {
    let words = text.split('"').filter(|word| is_code(word));
    words.map(str::to_owned)
}

/// The codes that stand right behind a word.
fn after(text: &str, word: &str) -> BTreeSet<String> {
    text.split(word)
        .skip(1)
        .filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next())
        .filter(|literal| is_code(literal))
        .map(str::to_owned)
        .collect()
}

fn is_code(word: &str) -> bool {
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    word.len() > 2 && word.starts_with(|c: char| c.is_ascii_lowercase()) && word.chars().all(legal)
}

/// Every Rust file that is no test, without its test module.
fn sources(folder: &Path, take: &mut dyn FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            if !["tests", "examples", "target", "sandbox"].contains(&name.as_str()) {
                sources(&path, take);
            }
        } else if name.ends_with(".rs") && !name.ends_with("tests.rs") && name != "fixtures.rs" {
            let text = fs::read_to_string(&path).unwrap();
            let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
            take(&path, &text[..end]);
        }
    }
}
