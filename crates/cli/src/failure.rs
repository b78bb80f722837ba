//! Failures: every way a command can end without a result, as diagnostics and an exit code.

use rbacform_access::InvalidObject;
use rbacform_core::{Diagnostic, SourceMap};
use rbacform_provider::ProviderError;

use crate::exit::Exit;

/// Why a command has no result.
#[derive(Debug)]
pub(crate) struct Failure {
    /// How to exit.
    pub(crate) exit: Exit,
    /// What is wrong, all of it.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The files that the diagnostics point into.
    pub(crate) sources: SourceMap,
    /// Whether everything could be read, and the plan itself is not allowed.
    pub(crate) of_plan: bool,
}

impl Failure {
    /// One problem.
    pub(crate) fn new(exit: Exit, diagnostic: Diagnostic) -> Self {
        Self {
            exit,
            diagnostics: vec![diagnostic],
            sources: SourceMap::default(),
            of_plan: false,
        }
    }

    /// A problem that has a code and a message.
    pub(crate) fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, Diagnostic::error(code, message))
    }

    /// The command line was wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, Diagnostic::error("usage", message))
    }

    /// Something that cannot happen did.
    pub(crate) fn bug(message: impl Into<String>) -> Self {
        Self::new(
            Exit::Bug,
            Diagnostic::error("bug", message).help("this is a bug in rbacform; please report it"),
        )
    }

    /// The roles of a fresh cluster, which are a part of this program, make no sense.
    pub(crate) fn of_own_roles(error: InvalidObject) -> Self {
        Self::bug(format!("the platform's roles cannot be read: {error}"))
    }

    /// Ctrl-C before anything was sent.
    pub(crate) fn interrupted() -> Self {
        Self::error("interrupted", "interrupted, nothing changed").exit(Exit::Interrupted)
    }

    /// Several problems of a stack.
    pub(crate) fn of_stack(diagnostics: Vec<Diagnostic>, sources: SourceMap) -> Self {
        Self {
            exit: Exit::Failed,
            diagnostics,
            sources,
            of_plan: false,
        }
    }

    /// Says what to do.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        if let Some(last) = self.diagnostics.last_mut() {
            last.help = Some(help.into());
        }
        self
    }

    /// Exits with another code.
    pub(crate) fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }
}

impl From<InvalidObject> for Failure {
    fn from(error: InvalidObject) -> Self {
        Self::bug(format!("the platform's own roles cannot be read: {error}"))
    }
}

impl From<ProviderError> for Failure {
    fn from(error: ProviderError) -> Self {
        let diagnostic = Diagnostic::error(error.kind.code(), error.message).maybe_help(error.help);
        Self::new(Exit::Failed, diagnostic)
    }
}
