//! The documentation is true: its console blocks are run, its generated pages are what the program
//! says, every diagnostic has its entry, every link leads somewhere.
//!
//! `UPDATE_DOCS=1 cargo test -p rbacform --test docs` rewrites generated pages and the outputs of
//! console blocks that differ, `UPDATE_DOCS=guide/ci` only those of that page; read what it wrote
//! before it is committed.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails must fail the test"
)]

mod codes;
mod commands;
mod console;
mod links;
mod page;
mod types;

use page::Page;

#[test]
fn the_readme_runs_as_printed() {
    console::run(&[Page::read("README.md")]);
}

#[test]
fn the_guide_runs_as_printed() {
    console::run(&Page::all_in("docs/guide"));
}

#[test]
fn the_reference_runs_as_printed() {
    console::run(&Page::all_in("docs/reference"));
}

#[test]
fn stacks_in_the_documentation_are_valid() {
    for page in Page::all() {
        console::validate_stacks(&page);
    }
}

#[test]
fn blocks_say_what_they_are() {
    const LANGUAGES: [&str; 7] = ["console", "toml", "yaml", "json", "text", "mermaid", "sh"];
    for page in Page::all() {
        for block in page.blocks() {
            assert!(
                LANGUAGES.contains(&block.language.as_str()),
                "{}:{}: a block of `{}`",
                page.path,
                block.line,
                block.language
            );
            // A shell block is never run: only what needs more than this repository may be one.
            let is_ours = block.language == "sh" && block.text.contains("--sandbox");
            let in_readme = page.path == "README.md";
            assert!(
                !is_ours || in_readme,
                "{}:{}: make this a `console` block",
                page.path,
                block.line
            );
        }
    }
}

#[test]
fn resource_types_are_those_of_the_schemas() {
    Page::read("docs/reference/resource-types.md").must_be(&types::page());
}

#[test]
fn the_command_line_is_that_of_the_program() {
    Page::read("docs/reference/command-line.md").must_be(&commands::page());
}

#[test]
fn every_diagnostic_has_an_entry() {
    codes::check(&Page::read("docs/reference/diagnostics.md"));
}

#[test]
fn links_lead_somewhere() {
    links::check(&Page::all());
}
