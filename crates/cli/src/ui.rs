//! The one writer: data to stdout, talk to stderr.

use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};

use crate::args::{Color, Global};
use crate::render::text;

/// Where words go.
pub(crate) struct Ui {
    choice: ColorChoice,
    quiet: bool,
    /// Whether to say more.
    pub(crate) verbose: bool,
}

impl Ui {
    /// From the global flags. `NO_COLOR` and terminals are honoured with `auto`.
    pub(crate) fn new(global: &Global) -> Self {
        let choice = match global.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        Self {
            choice,
            quiet: global.quiet,
            verbose: global.verbose > 0,
        }
    }

    /// Prints data. A reader that went away is no error.
    pub(crate) fn data(&self, text: &str) {
        let mut stream = AutoStream::new(io::stdout(), self.choice);
        // Nothing is left to tell anybody once stdout is gone.
        let _ = stream
            .write_all(text.as_bytes())
            .and_then(|()| stream.flush());
    }

    /// Prints a document of JSON.
    pub(crate) fn json(&self, document: &impl serde::Serialize) {
        self.data(&pretty(document));
    }

    /// Says something, unless told to be quiet.
    pub(crate) fn talk(&self, text: &str) {
        if !self.quiet {
            self.alarm(text);
        }
    }

    /// Says something that must be heard.
    pub(crate) fn alarm(&self, text: &str) {
        let mut stream = AutoStream::new(io::stderr(), self.choice);
        let _ = stream
            .write_all(text.as_bytes())
            .and_then(|()| stream.flush());
    }

    /// Whether somebody watches: progress and questions are for people only.
    pub(crate) fn is_watched(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// Whether stdout gets colour.
    pub(crate) fn colours_data(&self) -> bool {
        self.colours(AutoStream::choice(&io::stdout()))
    }

    /// Whether stderr gets colour.
    pub(crate) fn colours_talk(&self) -> bool {
        self.colours(AutoStream::choice(&io::stderr()))
    }

    fn colours(&self, by_itself: ColorChoice) -> bool {
        match self.choice {
            ColorChoice::Auto => by_itself != ColorChoice::Never,
            ColorChoice::Never => false,
            _ => true,
        }
    }

    /// Whether somebody is there to answer.
    pub(crate) fn can_ask(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Waits for a line, and tells whether it is `yes`.
    pub(crate) fn answer_is_yes() -> bool {
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).is_ok() && answer.trim() == "yes"
    }
}

/// Prints a document of JSON where the flags could not be read.
pub(crate) fn print_json(document: &impl serde::Serialize) {
    // Nothing is left to tell anybody once stdout is gone.
    let _ = io::stdout().write_all(pretty(document).as_bytes());
}

/// A document of JSON on one line of its own.
pub(crate) fn json_line(document: &impl serde::Serialize) -> String {
    let mut text = inert(&serde_json::to_string(document).unwrap_or_default());
    text.push('\n');
    text
}

fn pretty(document: &impl serde::Serialize) -> String {
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    inert(&text)
}

/// JSON leaves some characters as they are that a terminal would obey. Outside of strings they do
/// not occur, so escaping them everywhere changes no value.
fn inert(json: &str) -> String {
    let mut inert = String::with_capacity(json.len());
    for character in json.chars() {
        match text::is_unsafe(character) && character != '\n' {
            true => inert.push_str(&format!("\\u{:04x}", u32::from(character))),
            false => inert.push(character),
        }
    }
    inert
}
