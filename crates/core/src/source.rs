//! Source files and places in them.

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

/// A file of a [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FileId(pub u32);

/// A range of bytes in one file. Twelve bytes: every value of a stack carries one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A place as people and editors name it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Location {
    /// The file's path, relative to the root, with `/` between its parts.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

/// The text of every file that was read, so that a [`Span`] can be shown.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

/// One file that was read.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The path, relative to the root, with `/` between its parts.
    pub path: String,
    /// The whole text.
    pub text: Arc<str>,
    line_starts: OnceLock<Vec<u32>>,
    /// How many characters begin before each block of [`BLOCK`] bytes: a place in a long line is
    /// found without counting from its start.
    characters: OnceLock<Vec<u32>>,
}

const BLOCK: usize = 1024;

impl SourceMap {
    /// Adds a file and names it.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(SourceFile {
            path: path.into(),
            text: text.into(),
            line_starts: OnceLock::new(),
            characters: OnceLock::new(),
        });
        id
    }

    /// The file, if it is one of this map's.
    pub fn file(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// Every file, in the order added.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0..).map(FileId).zip(&self.files)
    }

    /// Overwrites a span with `*`, line by line as long as before, so that a secret written there
    /// is never shown.
    pub fn mask(&mut self, span: Span) {
        let Some(file) = self.files.get_mut(span.file.0 as usize) else {
            return;
        };
        let range = span.range();
        let (Some(before), Some(secret), Some(after)) = (
            file.text.get(..range.start),
            file.text.get(range.clone()),
            file.text.get(range.end..),
        ) else {
            return;
        };
        let hidden: String = secret
            .bytes()
            .map(|byte| if byte == b'\n' { '\n' } else { '*' })
            .collect();
        file.text = [before, &hidden, after].concat().into();
        file.characters = OnceLock::new();
    }

    /// Line and column of the first byte of a span.
    pub fn locate(&self, span: Span) -> Option<Location> {
        let file = self.file(span.file)?;
        let (line, column) = file.line_column(span.start);
        Some(Location {
            file: file.path.clone(),
            line,
            column,
        })
    }
}

impl SourceFile {
    fn line_column(&self, offset: u32) -> (u32, u32) {
        let starts = self.line_starts.get_or_init(|| line_starts(&self.text));
        let line = starts.partition_point(|start| *start <= offset).max(1);
        let start = starts.get(line - 1).copied().unwrap_or(0) as usize;
        let mut end = (offset as usize).clamp(start, self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let column = self.characters_before(end) - self.characters_before(start);
        (line as u32, column + 1)
    }

    /// How many characters begin before a byte.
    fn characters_before(&self, offset: usize) -> u32 {
        let text = self.text.as_bytes();
        let blocks = self.characters.get_or_init(|| {
            let counts = text.chunks(BLOCK).map(characters);
            let sums = counts.scan(0, |sum, count| {
                *sum += count;
                Some(*sum)
            });
            std::iter::once(0).chain(sums).collect()
        });
        let block = offset / BLOCK;
        let rest = text.get(block * BLOCK..offset).unwrap_or_default();
        blocks.get(block).copied().unwrap_or_default() + characters(rest)
    }
}

/// How many characters begin in some bytes of UTF-8.
fn characters(bytes: &[u8]) -> u32 {
    let begins = bytes
        .iter()
        .filter(|byte| **byte & 0b1100_0000 != 0b1000_0000);
    begins.count() as u32
}

fn line_starts(text: &str) -> Vec<u32> {
    std::iter::once(0)
        .chain(text.match_indices('\n').map(|(at, _)| at as u32 + 1))
        .collect()
}

impl Span {
    /// A span from byte offsets. Offsets past 4 GiB are clipped.
    pub fn new(file: FileId, range: std::ops::Range<usize>) -> Self {
        let clip = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self {
            file,
            start: clip(range.start),
            end: clip(range.end),
        }
    }

    /// The byte range.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_masked_is_gone_and_places_stay() {
        let mut map = SourceMap::default();
        let file = map.add("a.toml", "token = \"h\u{fc}nter2\"\nb = 1\n");
        map.mask(Span::new(file, 8..18));
        assert_eq!(
            &*map.file(file).unwrap().text,
            "token = **********\nb = 1\n"
        );
        map.mask(Span::new(file, 8..9999));
        assert_eq!(map.locate(Span::new(file, 19..20)).unwrap().line, 2);
    }

    #[test]
    fn columns_count_characters_and_lines_count_from_one() {
        let mut map = SourceMap::default();
        let file = map.add("a.toml", "é = 1\nname = 2\n");
        let at = |offset: usize| map.locate(Span::new(file, offset..offset)).unwrap();
        assert_eq!((at(0).line, at(0).column), (1, 1));
        assert_eq!((at(3).line, at(3).column), (1, 3));
        assert_eq!((at(1).line, at(1).column), (1, 1), "inside a character");
        assert_eq!((at(7).line, at(7).column), (2, 1));
        assert_eq!((at(999).line, at(999).column), (3, 1), "past the end");
    }

    #[test]
    fn columns_of_a_long_line_are_those_counted_from_its_start() {
        let line = "aé∀🦀".repeat(700);
        let text = format!("first\n{line}\nlast");
        let mut map = SourceMap::default();
        let file = map.add("a.json", text.as_str());
        for (column, (offset, _)) in line.char_indices().enumerate() {
            let place = map.locate(Span::new(file, offset + 6..offset + 6)).unwrap();
            assert_eq!((place.line, place.column), (2, column as u32 + 1));
        }
        let end = text.len();
        map.mask(Span::new(file, 6..12));
        let place = map.locate(Span::new(file, end..end)).unwrap();
        assert_eq!((place.line, place.column), (3, 5));
        let place = map.locate(Span::new(file, 16..16)).unwrap();
        assert_eq!((place.line, place.column), (2, 8), "a byte is a `*` now");
    }
}
