//! `schema`: the JSON Schema of stack files, for editors.

use crate::exit::Exit;
use crate::failure::Failure;
use crate::load::SEMANTICS;
use crate::ui::Ui;

pub(crate) fn run(ui: &Ui) -> Result<Exit, Failure> {
    ui.json(&rbacform_stack::json_schema(&SEMANTICS));
    Ok(Exit::Done)
}
