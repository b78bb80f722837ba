//! Loading stacks from text.

// Each test file uses a part of it.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use rbacform_core::{Diagnostic, Semantics};
use rbacform_gcp::GcpSemantics;
use rbacform_kubernetes::KubernetesSemantics;
use rbacform_stack::{Inputs, LoadInput, Loaded, Stack, load};

/// 2026-11-21.
pub(crate) const NOW: i64 = 1_795_219_200;

/// Files and inputs of a stack.
#[derive(Default)]
pub(crate) struct Files<'a> {
    pub(crate) files: Vec<(&'a str, String)>,
    pub(crate) vars: Vec<(String, String)>,
    pub(crate) env: Option<&'a str>,
    pub(crate) saved: Option<&'a Inputs>,
    /// What state knows: the server's own ids.
    pub(crate) ids: BTreeMap<String, &'a str>,
}

impl Files<'_> {
    pub(crate) fn load(&self) -> Loaded {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in &self.files {
            let path: PathBuf = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        let providers: [&dyn Semantics; 2] = [&KubernetesSemantics, &GcpSemantics];
        load(&LoadInput {
            root: folder.path(),
            dir: folder.path(),
            vars_files: &[],
            vars: &self.vars,
            env_vars: &[],
            env_settings: &[],
            env: self.env,
            now: NOW,
            saved: self.saved,
            ids: &|object| self.ids.get(&object.to_string()).map(|id| (*id).into()),
            semantics: &providers,
        })
    }
}

/// Loads one file under a `[stack]` header.
pub(crate) fn load_text(text: &str) -> Loaded {
    let text = format!("[stack]\nname = \"x\"\n{text}");
    Files {
        files: vec![("main.toml", text)],
        ..Files::default()
    }
    .load()
}

/// The stack, or its diagnostics as a panic.
pub(crate) fn fine(loaded: Loaded) -> Stack {
    let shown: Vec<String> = loaded.diagnostics.iter().map(show).collect();
    assert!(shown.is_empty(), "{shown:#?}");
    loaded.stack.unwrap()
}

fn show(diagnostic: &Diagnostic) -> String {
    format!("{}: {}", diagnostic.code, diagnostic.message)
}
