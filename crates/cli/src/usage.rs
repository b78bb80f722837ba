//! Wrong command lines, as the parser tells them.

use clap::error::ErrorKind;
use rbacform_core::{Diagnostic, SourceMap};

use crate::exit::Exit;
use crate::render::diagnostics::Document;
use crate::ui::print_json;

/// Help and version are answers; anything else is a wrong command line, told as a document where
/// one was asked for.
pub(crate) fn told(error: &clap::Error) -> Exit {
    if !error.use_stderr() {
        // Without a stdout there is nobody to tell.
        let _ = error.print();
        return Exit::Done;
    }
    let asked = std::env::args_os()
        .take_while(|word| word != "--")
        .any(|word| word == "--json");
    match asked {
        true => print_json(&Document::new(&[diagnostic(error)], &SourceMap::default())),
        false => {
            let _ = error.print();
        }
    }
    Exit::Usage
}

/// The parser's first paragraph is what is wrong, the others are what to do.
fn diagnostic(error: &clap::Error) -> Diagnostic {
    let text = error.render().to_string();
    let mut paragraphs = text.trim().split("\n\n").map(str::trim);
    let first = paragraphs.next().unwrap_or_default();
    let lines: Vec<&str> = first.lines().map(str::trim).collect();
    let message = match error.kind() {
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => "a command is missing".to_owned(),
        _ => lines.join(" ").trim_start_matches("error: ").to_owned(),
    };
    let rest: Vec<&str> = paragraphs.collect();
    Diagnostic::error("usage", message).maybe_help((!rest.is_empty()).then(|| rest.join("\n")))
}
