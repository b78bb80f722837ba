//! The page of the command line, from the program's own help.

use std::process::Command;

const HEAD: &str = "\
# Command line

<!-- Generated from the help texts by tests/docs: UPDATE_DOCS=1 cargo test -p rbacform --test docs -->

`DIR` is a stack's directory, `.` if left out. stdout is data, stderr is talk: the plan that `apply`
shows goes to stderr, its result to stdout; what `validate` finds is its data.
[Exit codes](exit-codes.md) and [JSON](json.md) have pages of their own.

Stack inputs also come from `RBACFORM_VAR_NAME` in the environment; see
[stack files](stack-files.md#variables). `NO_COLOR` and `KUBECONFIG` are honoured. Nothing asks a
question unless a person is at the terminal.
";

/// The whole page.
pub(crate) fn page() -> String {
    let mut page = HEAD.to_owned();
    section(&mut page, &[]);
    page
}

/// One command, then the commands below it.
fn section(page: &mut String, words: &[String]) {
    let help = help(words);
    let name: Vec<&str> = std::iter::once("rbacform")
        .chain(words.iter().map(String::as_str))
        .collect();
    let level = "#".repeat(2 + words.len().saturating_sub(1));
    page.push_str(&format!(
        "\n{level} {}\n\n```text\n{}\n```\n",
        name.join(" "),
        help.trim_end()
    ));
    for command in subcommands(&help) {
        let mut words = words.to_vec();
        words.push(command);
        section(page, &words);
    }
}

fn help(words: &[String]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_rbacform"))
        .args(words)
        .arg("--help")
        .env_clear()
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{words:?}");
    let help = String::from_utf8(output.stdout).unwrap();
    help.lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

/// The words under `Commands:`.
fn subcommands(help: &str) -> Vec<String> {
    help.lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|command| *command != "help")
        .map(str::to_owned)
        .collect()
}
