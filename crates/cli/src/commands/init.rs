//! `init`: a commented starter stack that plans.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use crate::args::InitArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::place::Place;
use crate::session::Session;
use crate::twins;

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
    let text = STACK.replace("my-team", &name_for(&Place::of(&args.dir)?)?);
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

/// Namespaces of the cluster's own: a starter stack takes over none of them.
const OWN: [&str; 4] = ["default", "kube-system", "kube-public", "kube-node-lease"];

/// The directory's name as a stack's, made longer where that is taken.
fn name_for(place: &Place) -> Result<String, Failure> {
    let mut folders = place.dir.ancestors().filter_map(Path::file_name);
    let mut next = || name_of(&folders.next().unwrap_or_default().to_string_lossy());
    let own = next().unwrap_or_else(|| "my-team".to_owned());
    let parent = next().map(|parent| format!("{parent}-{own}"));
    let numbered = (2..100).map(|number| format!("{own}-{number}"));
    std::iter::once(own.clone())
        .chain(parent)
        .chain(numbered)
        .find(|name| {
            name.len() <= 63 && !OWN.contains(&name.as_str()) && twins::of(place, name).is_none()
        })
        .ok_or_else(|| {
            let message = format!("too many stacks of this root are called `{own}` already");
            Failure::error("stack-exists", message).help("choose another directory")
        })
}

/// Lower-case letters, digits and dashes.
fn name_of(folder: &str) -> Option<String> {
    let legal = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = folder.to_lowercase().chars().map(legal).take(63).collect();
    let name = name.trim_matches('-');
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_written_is_canonical() {
        assert_eq!(
            rbacform_stack::format(super::STACK).as_deref(),
            Ok(super::STACK)
        );
    }
}
