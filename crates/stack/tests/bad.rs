//! Bad inputs, each with the diagnostics it must give.
//!
//! A case is a file of `tests/bad/`: its parts begin with lines like `--- main.toml`, `--- --var
//! k=v`, `--- RBACFORM_VAR_k=v`, `--- --env NAME`, `--- --vars PATH`, and after `===` comes what is
//! expected. `UPDATE=1 cargo test -p rbacform-stack --test bad` writes that anew: read the diff.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use rbacform_core::{Diagnostic, Semantics, SourceMap};
use rbacform_gcp::GcpSemantics;
use rbacform_kubernetes::KubernetesSemantics;
use rbacform_stack::{LoadInput, load};

/// Every case's `now`: 2026-11-21.
const NOW: i64 = 1_795_219_200;

#[derive(Default)]
struct Case {
    files: Vec<(String, String)>,
    vars: Vec<(String, String)>,
    env_vars: Vec<(String, String)>,
    vars_files: Vec<String>,
    env: Option<String>,
}

fn read(text: &str) -> Case {
    let mut case = Case::default();
    for line in text.split_inclusive('\n') {
        let Some(header) = line.strip_prefix("--- ").map(str::trim_end) else {
            if let Some((_, content)) = case.files.last_mut() {
                content.push_str(line);
            }
            continue;
        };
        let pair = |text: &str| {
            let (key, value) = text.split_once('=').expect("k=v");
            (key.to_owned(), value.to_owned())
        };
        if let Some(var) = header.strip_prefix("--var ") {
            case.vars.push(pair(var));
        } else if let Some(var) = header.strip_prefix("RBACFORM_VAR_") {
            case.env_vars.push(pair(var));
        } else if let Some(path) = header.strip_prefix("--vars ") {
            case.vars_files.push(path.to_owned());
        } else if let Some(env) = header.strip_prefix("--env ") {
            case.env = Some(env.to_owned());
        } else {
            case.files.push((header.to_owned(), String::new()));
        }
    }
    case
}

fn run(case: &Case) -> String {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("stack");
    std::fs::create_dir(&dir).unwrap();
    for (name, content) in &case.files {
        let path = dir.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        match content.strip_prefix("link to ") {
            Some(target) => std::os::unix::fs::symlink(target.trim_end(), path).unwrap(),
            None if content == "bytes that are not UTF-8\n" => {
                std::fs::write(path, b"[stack]\nname = \"\xff\"\n").unwrap();
            }
            None => std::fs::write(path, content).unwrap(),
        }
    }
    let vars_files: Vec<PathBuf> = case.vars_files.iter().map(|path| dir.join(path)).collect();
    let providers: [&dyn Semantics; 2] = [&KubernetesSemantics, &GcpSemantics];
    let loaded = load(&LoadInput {
        root: folder.path(),
        dir: &dir,
        vars_files: &vars_files,
        vars: &case.vars,
        env_vars: &case.env_vars,
        env_settings: &[],
        env: case.env.as_deref(),
        now: NOW,
        saved: None,
        ids: &|_| None,
        semantics: &providers,
    });
    let mut found = loaded.diagnostics.clone();
    if let Some(stack) = &loaded.stack {
        // What `validate` asks besides: what settings mean, and rules across resources.
        let settings = |name: &str| stack.providers.get(name).map(|given| &given.settings);
        if let Some(Err(wrong)) = settings("kubernetes").map(rbacform_kubernetes::Settings::read) {
            found.extend(wrong);
        }
        if let Some(Err(wrong)) = settings("gcp").map(rbacform_gcp::Settings::read) {
            found.extend(wrong);
        }
        let together = providers.iter();
        found.extend(together.flat_map(|known| known.check_together(&stack.resources)));
        rbacform_core::diagnostic::sort(&mut found);
    }
    let mut out = String::new();
    for diagnostic in &found {
        show(diagnostic, &loaded.sources, &mut out);
    }
    let errors = loaded.diagnostics.iter().any(Diagnostic::is_error);
    assert_eq!(
        loaded.stack.is_none(),
        errors,
        "a stack comes only without errors"
    );
    out
}

fn show(diagnostic: &Diagnostic, sources: &SourceMap, out: &mut String) {
    match diagnostic.location(sources) {
        Some(at) => write!(out, "{}:{}:{} ", at.file, at.line, at.column).unwrap(),
        None => out.push_str("nowhere "),
    }
    let severity = if diagnostic.is_error() {
        "error"
    } else {
        "warning"
    };
    writeln!(
        out,
        "{severity} {}: {}",
        diagnostic.code, diagnostic.message
    )
    .unwrap();
    if let Some(span) = diagnostic.span() {
        let file = sources.file(span.file).unwrap();
        let shown = file
            .text
            .get(span.range())
            .expect("a span is within its file");
        let first = shown.lines().next().unwrap_or_default();
        let shown: String = first.chars().take(60).collect();
        writeln!(out, "    at `{shown}`").unwrap();
    }
    if let Some(address) = &diagnostic.address {
        writeln!(out, "    of {address}").unwrap();
    }
    if let Some(help) = &diagnostic.help {
        writeln!(out, "    help: {help}").unwrap();
    }
    for (span, label) in &diagnostic.related {
        let at = sources.locate(*span).expect("a second place is a place");
        writeln!(out, "    {}:{}:{} {label}", at.file, at.line, at.column).unwrap();
    }
}

#[test]
fn every_bad_input_gives_its_diagnostics() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(paths.len() >= 300, "{} cases", paths.len());
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = String::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        let (input, expected) = text.split_once("===\n").unwrap_or((&text, ""));
        let found = run(&read(input));
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if found.is_empty() {
            writeln!(wrong, "== {name} is not bad").unwrap();
        }
        for secret in ["hunter2", "s3cr3t"] {
            assert!(!found.contains(secret), "{name} shows a secret:\n{found}");
        }
        if update {
            std::fs::write(&path, format!("{input}===\n{found}")).unwrap();
        } else if found != expected {
            writeln!(wrong, "== {name}\nexpected:\n{expected}found:\n{found}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
