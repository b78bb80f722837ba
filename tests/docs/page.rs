//! A page of Markdown.

use std::fs;
use std::path::{Path, PathBuf};

use snapbox::report::Palette;

/// A page and its text.
pub(crate) struct Page {
    /// Its path below the repository.
    pub(crate) path: String,
    /// What it says.
    pub(crate) text: String,
}

/// A fenced block.
pub(crate) struct Block {
    /// The word behind the fence.
    pub(crate) language: String,
    /// The line of its fence, from 1.
    pub(crate) line: usize,
    /// Its lines, each with its newline.
    pub(crate) text: String,
}

/// The top of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

impl Page {
    /// Reads one; empty where it is about to be generated.
    pub(crate) fn read(path: &str) -> Self {
        let text = match fs::read_to_string(repository().join(path)) {
            Ok(text) => text,
            Err(_) if is_updated(path) => String::new(),
            Err(error) => panic!("{path}: {error}"),
        };
        Self {
            path: path.to_owned(),
            text,
        }
    }

    /// Whether it is to be rewritten.
    pub(crate) fn is_updated(&self) -> bool {
        is_updated(&self.path)
    }

    /// Writes it anew.
    pub(crate) fn write(&self, text: &str) {
        fs::write(repository().join(&self.path), text).unwrap();
    }

    /// The pages directly in a folder, by name.
    pub(crate) fn all_in(folder: &str) -> Vec<Self> {
        let mut names: Vec<String> = fs::read_dir(repository().join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".md"))
            .collect();
        names.sort();
        assert!(!names.is_empty(), "{folder} has no pages");
        names
            .iter()
            .map(|name| Self::read(&format!("{folder}/{name}")))
            .collect()
    }

    /// Every page for users.
    pub(crate) fn all() -> Vec<Self> {
        let mut pages = vec![Self::read("README.md")];
        for folder in ["docs", "docs/guide", "docs/reference"] {
            pages.extend(Self::all_in(folder));
        }
        pages
    }

    /// Its fenced blocks.
    pub(crate) fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut open: Option<(usize, Block)> = None;
        for (index, line) in self.text.lines().enumerate() {
            let ticks = line.len() - line.trim_start_matches('`').len();
            let is_hidden = ticks == 0 && line.trim_start().starts_with("```");
            assert!(
                !is_hidden || open.is_some(),
                "{}:{}: an indented fence",
                self.path,
                index + 1
            );
            match &mut open {
                None if ticks >= 3 => {
                    let block = Block {
                        language: line.trim_start_matches('`').trim().to_owned(),
                        line: index + 1,
                        text: String::new(),
                    };
                    open = Some((ticks, block));
                }
                None => {}
                Some((fence, _)) if ticks >= *fence && line.len() == ticks => {
                    blocks.extend(open.take().map(|(_, block)| block));
                }
                Some((_, block)) => {
                    block.text.push_str(line);
                    block.text.push('\n');
                }
            }
        }
        assert!(open.is_none(), "{}: a fence is not closed", self.path);
        blocks
    }

    /// Compares it with what it must be, or rewrites it.
    pub(crate) fn must_be(&self, wanted: &str) {
        if self.is_updated() {
            return self.write(wanted);
        }
        let name = format!("{} (rewrite it with UPDATE_DOCS=1)", self.path);
        let (page, wanted) = (self.text.as_str().into(), wanted.to_owned().into());
        if let Err(error) =
            snapbox::Assert::new()
                .palette(Palette::plain())
                .try_eq(Some(&name), page, wanted)
        {
            panic!("{error}");
        }
    }
}

/// `UPDATE_DOCS=1` is about every page, `UPDATE_DOCS=PART` about those whose path has that part.
fn is_updated(path: &str) -> bool {
    std::env::var("UPDATE_DOCS").is_ok_and(|part| part == "1" || path.contains(&part))
}
