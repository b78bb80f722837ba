//! The text of a transcript.

use std::fmt;

/// A transcript, in order.
pub struct Script(pub Vec<Item>);

/// One part of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A line for readers.
    Prose(String),
    /// `> path`, then its lines.
    File { path: String, text: String },
    /// `% verb words`: what happens to files and servers.
    Do(String),
    /// `$ NAME=value rbacform args`, then what came of it.
    Run { line: String, told: Told },
}

/// What a run came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Script {
    pub fn parse(text: &str) -> Self {
        let mut items: Vec<Item> = Vec::new();
        for line in text.split_inclusive('\n') {
            let bare = line.trim_end_matches('\n');
            if let Some(path) = bare.strip_prefix("> ") {
                items.push(Item::File {
                    path: path.to_owned(),
                    text: String::new(),
                });
            } else if let Some(words) = bare.strip_prefix("% ") {
                items.push(Item::Do(words.to_owned()));
            } else if let Some(words) = bare.strip_prefix("$ ") {
                items.push(Item::Run {
                    line: words.to_owned(),
                    told: Told::default(),
                });
            } else {
                let taken = match items.last_mut() {
                    Some(Item::File { text, .. }) => {
                        text.push_str(line);
                        true
                    }
                    Some(Item::Run { told, .. }) => told.take(bare),
                    _ => false,
                };
                if !taken {
                    items.push(Item::Prose(bare.to_owned()));
                }
            }
        }
        Self(items)
    }

    /// What the runs came to.
    pub fn told(&self) -> impl DoubleEndedIterator<Item = &Told> {
        self.0.iter().filter_map(|item| match item {
            Item::Run { told, .. } => Some(told),
            _ => None,
        })
    }
}

impl Told {
    /// Takes a line of what was told; false where it is none.
    fn take(&mut self, line: &str) -> bool {
        match (line.get(..1), line.get(2..).unwrap_or_default()) {
            (Some("="), code) => self.code = code.parse().unwrap_or(-1),
            (Some("|"), rest) => self.stdout += &format!("{rest}\n"),
            (Some("!"), rest) => self.stderr += &format!("{rest}\n"),
            _ => return false,
        }
        true
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for item in &self.0 {
            match item {
                Item::Prose(line) => writeln!(f, "{line}")?,
                Item::File { path, text } => write!(f, "> {path}\n{text}")?,
                Item::Do(words) => writeln!(f, "% {words}")?,
                Item::Run { line, told } => write!(f, "$ {line}\n{told}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "= {}", self.code)?;
        for (sign, text) in [("|", &self.stdout), ("!", &self.stderr)] {
            for line in text.lines() {
                let line = format!("{sign} {line}");
                writeln!(f, "{}", line.trim_end())?;
            }
        }
        Ok(())
    }
}
