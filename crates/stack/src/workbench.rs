//! The workbench: what every step of one run shares.

use rbacform_core::{Diagnostic, SourceMap};

use crate::evaluation::Evaluation;
use crate::expression::{Compiler, Evaluator};
use crate::link::{Known, Linker};

pub(crate) struct Workbench {
    pub(crate) sources: SourceMap,
    pub(crate) diagnostics: Vec<Diagnostic>,
    compiler: Compiler,
    evaluator: Evaluator,
}

impl Workbench {
    pub(crate) fn new() -> Self {
        Self {
            sources: SourceMap::default(),
            diagnostics: Vec::new(),
            compiler: Compiler::default(),
            evaluator: Evaluator::new(),
        }
    }

    pub(crate) fn linker<'a>(&'a mut self, known: &'a Known) -> Linker<'a> {
        Linker {
            compiler: &mut self.compiler,
            sources: &self.sources,
            diagnostics: &mut self.diagnostics,
            known,
        }
    }

    pub(crate) fn evaluation(&mut self) -> Evaluation<'_> {
        Evaluation {
            compiler: &mut self.compiler,
            evaluator: &self.evaluator,
            sources: &self.sources,
            diagnostics: &mut self.diagnostics,
            may_come_later: false,
        }
    }
}
