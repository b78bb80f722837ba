//! Links between pages lead to files that exist and to headings that they have.

use std::collections::BTreeSet;
use std::fs;

use crate::page::{Page, repository};

/// Follows every relative link.
pub(crate) fn check(pages: &[Page]) {
    let mut wrong = Vec::new();
    for page in pages {
        for target in targets(&page.text) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let path = repository().join(&page.path);
            let path = match file {
                "" => path,
                file => path.parent().unwrap().join(file),
            };
            let found = match path.is_dir() {
                true => anchor.is_empty(),
                false => fs::read_to_string(&path)
                    .is_ok_and(|text| anchor.is_empty() || anchors(&text).contains(anchor)),
            };
            if !found {
                wrong.push(format!("{}: {target}", page.path));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "links that lead nowhere:\n{}",
        wrong.join("\n")
    );
}

/// What stands in `](...)`, outside of fences.
fn targets(text: &str) -> Vec<&str> {
    let mut fenced = false;
    let lines = text.lines().filter(|line| {
        let fence = line.starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    });
    lines
        .flat_map(|line| line.split("](").skip(1))
        .filter_map(|rest| rest.split(')').next())
        .collect()
}

/// The anchors of a page's headings, as GitHub makes them.
fn anchors(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| line.trim_start_matches('#').trim().to_lowercase())
        .map(|heading| {
            let kept = heading
                .chars()
                .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}
