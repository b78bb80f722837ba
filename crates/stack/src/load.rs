//! Loading: from a directory to a resolved stack.

use std::panic::resume_unwind;
use std::path::{Path, PathBuf};

use rbacform_core::{Diagnostic, ObjectId, Semantics, SourceMap, Text, diagnostic};

use crate::resolve::resolve;
use crate::{EnvSetting, Inputs, Stack};

/// Looks up the server's own id of an object.
pub type Ids<'a> = dyn Fn(&ObjectId) -> Option<Text> + Sync + 'a;

/// What a stack is loaded from.
#[derive(Clone, Copy)]
pub struct LoadInput<'a> {
    /// The root, absolute. Nothing outside it is read, symbolic links followed.
    pub root: &'a Path,
    /// The stack's directory, absolute.
    pub dir: &'a Path,
    /// `--vars`, in order.
    pub vars_files: &'a [PathBuf],
    /// `--var k=v`, in order.
    pub vars: &'a [(String, String)],
    /// `RBACFORM_VAR_k`, `k` without the prefix.
    pub env_vars: &'a [(String, String)],
    /// Provider settings that the environment gives where a stack leaves them out.
    pub env_settings: &'a [EnvSetting],
    /// `--env NAME`: reads `NAME.vars.toml` of the directory.
    pub env: Option<&'a str>,
    /// Seconds since 1970: what ends before is left out.
    pub now: i64,
    /// What a saved plan recorded: the values of all variables but sensitive ones, which alone are
    /// taken from files and environment. `vars` come on top.
    pub saved: Option<&'a Inputs>,
    /// The server's own id of an object that exists, as state has it: what an attribute that only
    /// the server can tell comes to. Asked only where something refers to such an attribute.
    pub ids: &'a Ids<'a>,
    /// The providers.
    pub semantics: &'a [&'a dyn Semantics],
}

/// What loading came to.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Every file that was read.
    pub sources: SourceMap,
    /// Every problem, sorted.
    pub diagnostics: Vec<Diagnostic>,
    /// The stack, where nothing is wrong.
    pub stack: Option<Stack>,
}

/// Parsers and evaluators recurse, and so do trees of nodes. This is enough for the longest
/// expression and the deepest table in an unoptimised build; only what is touched is ever mapped.
const STACK_SIZE: usize = 64 * 1024 * 1024;

/// Loads and resolves a stack. Every problem of the run is reported; a stack comes only without
/// errors.
pub fn load(input: &LoadInput<'_>) -> Loaded {
    let mut loaded = deep(|| resolve(input)).unwrap_or_else(|| Loaded {
        diagnostics: vec![Diagnostic::error(
            "internal",
            "the stack could not be loaded: a thread could not be run",
        )],
        ..Loaded::default()
    });
    diagnostic::sort(&mut loaded.diagnostics);
    loaded.diagnostics.dedup_by(|b, a| {
        (a.code, &a.message, &a.place, a.severity) == (b.code, &b.message, &b.place, b.severity)
    });
    if loaded.diagnostics.iter().any(Diagnostic::is_error) {
        loaded.stack = None;
    }
    loaded
}

/// Does something that recurses as deep as files may nest. `None` where no thread could be run.
pub(crate) fn deep<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .name("load".to_owned())
            .stack_size(STACK_SIZE)
            .spawn_scoped(scope, work);
        let thread = thread.ok()?;
        Some(thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}
