//! `fmt`: canonical layout, comments kept.

use std::fs;
use std::path::{Path, PathBuf};

use rbacform_core::{Diagnostic, FileId, Place, SourceMap};

use crate::args::FmtArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::ui::Ui;

pub(crate) fn run(args: &FmtArgs, ui: &Ui) -> Result<Exit, Failure> {
    let files = files(&args.dir)?;
    let mut failures = Vec::new();
    let mut sources = SourceMap::default();
    let mut rewritten = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path).map_err(|error| {
            Failure::error(
                "unreadable-file",
                format!("cannot read `{}`: {error}", path.display()),
            )
        })?;
        let file = sources.add(path.display().to_string(), text.as_str());
        match rbacform_stack::format(&text) {
            Ok(formatted) if formatted == text => {}
            Ok(formatted) => rewritten.push((path, formatted)),
            Err(problems) => {
                failures.extend(problems.into_iter().map(|problem| of_file(problem, file)))
            }
        }
    }
    // Nothing is half done: with one file broken, none is written.
    if !failures.is_empty() {
        return Err(Failure::of_stack(failures, sources));
    }
    for (path, formatted) in &rewritten {
        if !args.check {
            replace(path, formatted)?;
        }
        ui.data(&format!("{}\n", path.display()));
    }
    Ok(if args.check && !rewritten.is_empty() {
        Exit::Failed
    } else {
        Exit::Done
    })
}

/// A file is formatted by itself, so its problems point into file 0 of a map of their own.
fn of_file(mut problem: Diagnostic, file: FileId) -> Diagnostic {
    if let Some(Place::Span(span)) = &mut problem.place {
        span.file = file;
    }
    problem
}

/// The TOML files directly in a directory, or the one file given.
fn files(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path).map_err(|error| {
        Failure::error(
            "no-directory",
            format!("cannot open `{}`: {error}", path.display()),
        )
    })?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.is_file() && path.extension().is_some_and(|ending| ending == "toml"))
        .collect();
    files.sort();
    Ok(files)
}

/// Writes beside the file and renames, so that a crash leaves either the old or the new text.
fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::error(
            "unwritable-file",
            format!("cannot write `{}`: {error}", path.display()),
        )
    };
    let temp = path.with_extension("toml.rbacform-tmp");
    let permissions = fs::metadata(path).map_err(failed)?.permissions();
    fs::write(&temp, text).map_err(failed)?;
    fs::set_permissions(&temp, permissions).map_err(failed)?;
    fs::rename(&temp, path).map_err(failed)
}
