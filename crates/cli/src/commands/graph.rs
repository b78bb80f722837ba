//! `graph`: the dependency graph of the stack.

use crate::args::{GraphArgs, GraphFormat};
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::load::{Known, load};
use crate::render::graph::StackGraph;
use crate::ui::Ui;

pub(crate) fn run(args: &GraphArgs, environment: &Environment, ui: &Ui) -> Result<Exit, Failure> {
    let loaded = load(&args.dir, &args.inputs, environment, Known::Nothing)?;
    let graph = StackGraph::new(&loaded.stack.resources);
    ui.data(&match args.format {
        GraphFormat::Dot => graph.dot(),
        GraphFormat::Mermaid => graph.mermaid(),
        GraphFormat::Svg => graph.svg(),
    });
    Ok(Exit::Done)
}
