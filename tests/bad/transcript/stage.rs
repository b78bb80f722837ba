//! Where a transcript is played: a repository, perhaps a server, and the program.

use std::cell::RefCell;
use std::process::Command;

use regex::Regex;
use serde_json::json;

use super::script::{Item, Script, Told};
use super::server::Server;
use crate::support::repo::{Ran, Repo};

/// A repository whose stacks are called `main`, and what surrounds the program.
pub struct Stage {
    pub repo: Repo,
    pub(super) server: RefCell<Option<Server>>,
    /// Variables of the environment; none to remove one.
    pub(super) environment: RefCell<Vec<(String, Option<String>)>>,
    /// The current folder, from the root.
    pub(super) folder: RefCell<String>,
}

impl Stage {
    pub fn new() -> Self {
        Self {
            repo: Repo::new("main", &json!({})),
            server: RefCell::default(),
            environment: RefCell::default(),
            folder: RefCell::default(),
        }
    }

    /// Plays a transcript and writes down what was told.
    pub fn play(&self, script: &Script) -> Result<Script, String> {
        let mut played = Vec::new();
        for item in &script.0 {
            played.push(match item {
                Item::Run { line, .. } => {
                    let ran = self.run(line);
                    is_sane(&ran)?;
                    Item::Run {
                        line: line.clone(),
                        told: self.told(&ran),
                    }
                }
                other => {
                    self.set(other);
                    other.clone()
                }
            });
        }
        Ok(Script(played))
    }

    fn set(&self, item: &Item) {
        match item {
            Item::File { path, text } => self.repo.write(path, &self.filled(text)),
            Item::Do(words) => self.act(words),
            Item::Prose(_) | Item::Run { .. } => {}
        }
    }

    /// Text with the server's address filled in.
    pub(super) fn filled(&self, text: &str) -> String {
        match &*self.server.borrow() {
            Some(server) => text.replace("SERVER", server.url()),
            None => text.to_owned(),
        }
    }

    fn run(&self, line: &str) -> Ran {
        let words = words(&self.filled(line));
        let program = words
            .iter()
            .position(|word| word == "rbacform")
            .expect("`$ rbacform`");
        let (settings, args) = (&words[..program], &words[program + 1..]);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        self.repo
            .run_with(&args, |command| self.surround(command, settings))
    }

    fn surround(&self, command: &mut Command, settings: &[String]) {
        command.current_dir(self.repo.root().join(&*self.folder.borrow()));
        for (key, value) in &*self.environment.borrow() {
            match value {
                Some(value) => command.env(key, value),
                None => command.env_remove(key),
            };
        }
        for setting in settings {
            let (key, value) = setting.split_once('=').expect("NAME=value");
            command.env(key, value);
        }
    }

    /// What was told, with words in place of what is another each time.
    fn told(&self, ran: &Ran) -> Told {
        Told {
            code: ran.code.unwrap_or(-1),
            stdout: self.steady(&ran.stdout),
            stderr: self.steady(&ran.stderr),
        }
    }

    fn steady(&self, text: &str) -> String {
        let mut text = text
            .replace(&*self.repo.root().to_string_lossy(), "ROOT")
            .replace(&*self.repo.everything().to_string_lossy(), "TEMP");
        for (pattern, word) in [
            (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID"),
            (r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,}Z", "TIME"),
            (r"127\.0\.0\.1:[0-9]+", "127.0.0.1:PORT"),
            (r"\(process [0-9]+\)", "(process PID)"),
        ] {
            text = Regex::new(pattern)
                .unwrap()
                .replace_all(&text, word)
                .into_owned();
        }
        text
    }
}

/// Words as a shell splits them; single quotes hold spaces.
pub(super) fn words(line: &str) -> Vec<String> {
    let mut words = vec![];
    let mut word = None::<String>;
    let mut quoted = false;
    for character in line.chars() {
        match character {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' if !quoted => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    words
}

/// That a run did not crash, kept what is secret, and sent no control bytes.
pub fn is_sane(ran: &Ran) -> Result<(), String> {
    let text = format!("{}{}", ran.stdout, ran.stderr);
    let known = [0, 1, 2, 3, 4, 5, 64, 130];
    let complaint = if !ran.code.is_some_and(|code| known.contains(&code)) {
        "it crashed"
    } else if text.contains("panicked") {
        "it panicked"
    } else if text.contains("canary") {
        "it tells a secret"
    } else if !ran.args.contains("--color")
        && text
            .chars()
            .any(|c| c.is_control() && c != '\n' && c != '\t')
    {
        "it sends control bytes"
    } else {
        return Ok(());
    };
    Err(format!("{complaint}: {}", ran.told()))
}
