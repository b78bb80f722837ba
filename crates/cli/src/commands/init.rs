//! `init`: a commented starter stack that plans.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use crate::args::InitArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;

const STACK: &str = include_str!("init/stack.toml");

pub(crate) fn run(args: &InitArgs, session: &Session) -> Result<Exit, Failure> {
    let failed = |path: &Path, error: std::io::Error| {
        Failure::error(
            "unwritable-file",
            format!("cannot write `{}`: {error}", path.display()),
        )
    };
    fs::create_dir_all(&args.dir).map_err(|error| failed(&args.dir, error))?;
    if let Some(name) = rbacform_stack::stack_name(&args.dir) {
        let message = format!("`{}` holds the stack `{name}` already", args.dir.display());
        return Err(Failure::error("stack-exists", message).help("choose another directory"));
    }
    let path = args.dir.join("stack.toml");
    if path.exists() {
        let message = format!("`{}` is there already, without a `[stack]`", path.display());
        return Err(Failure::error("stack-exists", message).help("choose another directory"));
    }
    let text = STACK.replace("my-team", &name_for(&args.dir));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)
        .map_err(|error| failed(&path, error))?;
    file.write_all(text.as_bytes())
        .map_err(|error| failed(&path, error))?;
    session.ui.data(&format!("{}\n", path.display()));
    session.ui.talk(&format!(
        "Look at it, then rehearse it in the sandbox:\n  rbacform plan {} --sandbox\n",
        args.dir.display()
    ));
    Ok(Exit::Done)
}

/// The directory's name as a stack's: lower-case letters, digits and dashes.
fn name_for(dir: &Path) -> String {
    let full = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    let name = full
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    let legal = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = name.chars().map(legal).take(63).collect();
    let name = name.trim_matches('-');
    if name.is_empty() {
        "my-team".to_owned()
    } else {
        name.to_owned()
    }
}
