//! Console blocks, run in order in one temporary copy of the example stacks.
//!
//! ```text
//! $ rbacform plan stacks/quickstart --sandbox --detailed-exitcode
//! ? 2
//! Stack quickstart on sandbox, as sandbox-admin
//! ...
//! ```
//!
//! `$` begins a command, `>` goes on with it, `? N` is its exit code where that is not 0; what
//! follows is stdout and stderr as a terminal shows them. A line `...` stands for any lines, `[..]`
//! for any characters.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::page::{self, Page};

/// One command and what it prints.
struct Step {
    command: String,
    code: i32,
    output: String,
    /// The lines of the page that hold `? N` and the output, from 0; the end is not among them.
    lines: std::ops::Range<usize>,
}

/// A repository to run commands in.
struct Shell {
    folder: tempfile::TempDir,
}

/// Runs every console block of some pages.
pub(crate) fn run(pages: &[Page]) {
    let told: Vec<String> = pages.iter().flat_map(run_page).collect();
    assert!(told.is_empty(), "{}", told.join("\n\n"));
}

/// Runs one page; what differs comes back, or is put right where the page is to be updated.
fn run_page(page: &Page) -> Vec<String> {
    let steps = steps(page);
    let shell = Shell::new();
    let mut changes = Vec::new();
    let mut told = Vec::new();
    for step in &steps {
        let (code, output) = shell.run(&step.command);
        let name = format!("{}:{}: {}", page.path, step.lines.start, step.command);
        let same = snapbox::Assert::new()
            .normalize_paths(false)
            .palette(snapbox::report::Palette::plain())
            .try_eq(
                Some(&name),
                output.as_str().into(),
                step.output.as_str().into(),
            );
        told.push(match same {
            Ok(()) if code == step.code => continue,
            Ok(()) => format!("{name}: exit code {code}, not {}", step.code),
            Err(error) => format!("exit code {code}, expected {}\n{error}", step.code),
        });
        changes.push((step, code, output));
    }
    if !page.is_updated() || changes.is_empty() {
        return told;
    }
    rewrite(page, &changes);
    Vec::new()
}

/// Every TOML block that is a whole stack passes `validate`.
pub(crate) fn validate_stacks(page: &Page) {
    for block in page.blocks() {
        if block.language != "toml" || !block.text.contains("[stack]") {
            continue;
        }
        let shell = Shell::new();
        let dir = shell.folder.path().join("stacks/example");
        fs::create_dir(&dir).unwrap();
        fs::write(dir.join("stack.toml"), &block.text).unwrap();
        let (code, output) = shell.run("rbacform validate stacks/example");
        assert_eq!(code, 0, "{}:{}: {output}", page.path, block.line);
    }
}

fn steps(page: &Page) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for block in page.blocks() {
        if block.language != "console" {
            continue;
        }
        let before = steps.len();
        for (index, line) in block.text.lines().enumerate() {
            let number = block.line + index;
            if let Some(command) = line.strip_prefix("$ ") {
                steps.push(Step {
                    command: command.to_owned(),
                    code: 0,
                    output: String::new(),
                    lines: number + 1..number + 1,
                });
                continue;
            }
            let place = format!("{}:{}", page.path, number + 1);
            assert!(steps.len() > before, "{place}: a block begins with `$ `");
            let step = steps.last_mut().unwrap();
            let is_first = step.lines.is_empty();
            step.lines.end = number + 1;
            if let (true, Some(more)) = (is_first, line.strip_prefix("> ")) {
                step.command.push('\n');
                step.command.push_str(more);
                step.lines = number + 1..number + 1;
            } else if let (true, Some(code)) = (is_first, line.strip_prefix("? ")) {
                step.code = code.parse().expect(&place);
            } else {
                step.output.push_str(line);
                step.output.push('\n');
            }
        }
    }
    for step in &mut steps {
        step.output = step.output.trim_end_matches('\n').to_owned();
    }
    steps
}

impl Shell {
    fn new() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("rbacform-docs-")
            .tempdir()
            .unwrap();
        fs::create_dir(folder.path().join(".git")).unwrap();
        copy(
            &page::repository().join("stacks"),
            &folder.path().join("stacks"),
        );
        Self { folder }
    }

    /// Runs one command; gives its exit code, and stdout and stderr in the order of printing.
    fn run(&self, command: &str) -> (i32, String) {
        let binary = Path::new(env!("CARGO_BIN_EXE_rbacform"));
        let path = format!("{}:/usr/bin:/bin", binary.parent().unwrap().display());
        let command = command.replace("cargo run --release -- ", "rbacform ");
        let output = Command::new("/bin/sh")
            .args(["-c", &format!("exec 2>&1\n{command}\n")])
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.folder.path())
            .env("USER", "ana")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let text = text.trim_end_matches('\n').to_owned();
        (output.status.code().unwrap_or(-1), text)
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}

/// Puts what was printed in the place of what was expected; from the last to the first, so that
/// places stay true.
fn rewrite(page: &Page, changes: &[(&Step, i32, String)]) {
    let mut lines: Vec<String> = page.text.lines().map(str::to_owned).collect();
    for (step, code, output) in changes.iter().rev() {
        let code = (*code != 0).then(|| format!("? {code}"));
        let printed = output.lines().map(str::to_owned);
        lines.splice(step.lines.clone(), code.into_iter().chain(printed));
    }
    page.write(&(lines.join("\n") + "\n"));
}
