//! Where `--state` and `RBACFORM_STATE` point.

use std::path::PathBuf;

use crate::args::{Command, StateArgs, StateCommand};
use crate::environment::Environment;
use crate::failure::Failure;

/// A path, or a `file://` URL. Other stores are for later versions: a folder called `gs:` is not
/// what anybody means by one.
pub(crate) fn parse(text: &str) -> Result<PathBuf, String> {
    match text.split_once("://") {
        Some(("file", path)) if path.starts_with('/') => Ok(path.into()),
        Some(("file", _)) => Err("write it like `file:///absolute/path`".to_owned()),
        Some((scheme, _)) => Err(format!(
            "state at `{scheme}://` is not supported in this version"
        )),
        None if text.is_empty() => Err("give a path".to_owned()),
        None => Ok(text.into()),
    }
}

/// Has commands without `--state` use `RBACFORM_STATE`. The sandbox keeps its state beside its
/// world whatever the environment says, and a saved plan knows where its state is.
pub(crate) fn from_environment(
    command: &mut Command,
    environment: &Environment,
) -> Result<(), Failure> {
    let Some(text) = environment.get("RBACFORM_STATE") else {
        return Ok(());
    };
    let Some(unset) = unset(command) else {
        return Ok(());
    };
    let path = parse(text)
        .map_err(|error| Failure::usage(format!("`RBACFORM_STATE` is `{text}`: {error}")))
        .map_err(|failure| failure.help("have it name a file, or unset it"))?;
    *unset = Some(path);
    Ok(())
}

/// The place for a path, where the command takes one and none was given.
fn unset(command: &mut Command) -> Option<&mut Option<PathBuf>> {
    let (state, sandbox) = match command {
        Command::Plan(args) => (&mut args.state, args.world.sandbox),
        Command::Apply(args) if args.target_path.is_file() => return None,
        Command::Apply(args) => (&mut args.state, args.world.sandbox),
        Command::Destroy(args) => (&mut args.state, args.world.sandbox),
        Command::Drift(args) => (&mut args.state, args.world.sandbox),
        Command::Output(args) => (&mut args.place.state, args.place.sandbox),
        Command::Unlock(args) => (&mut args.place.state, args.place.sandbox),
        Command::State(command) => match command {
            StateCommand::List(args) | StateCommand::Show(args) => {
                (&mut args.place.state, args.place.sandbox)
            }
            StateCommand::Mv(args) => (&mut args.place.state, args.place.sandbox),
            StateCommand::Rm(args) => (&mut args.place.state, args.place.sandbox),
            StateCommand::Recover(args) => (&mut args.state, args.world.sandbox),
        },
        Command::Show(args) => {
            // A directory behind the flag is the stack's.
            if let Some(given) = &mut args.state {
                args.path = given.take_if(|path| path.is_dir()).or(args.path.take());
            }
            let given = args.state.as_mut().filter(|given| given.is_none());
            return given.filter(|_| !args.sandbox);
        }
        Command::Access(command) => {
            let settings = command.settings_mut();
            (&mut settings.state, settings.world.sandbox)
        }
        Command::Sandbox(_)
        | Command::Init(_)
        | Command::Validate(_)
        | Command::Fmt(_)
        | Command::Graph(_)
        | Command::Schema
        | Command::Completions(_) => return None,
    };
    let StateArgs { state } = state;
    (state.is_none() && !sandbox).then_some(state)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn only_paths_are_places_of_this_version() {
        assert_eq!(parse("state/x.json"), Ok("state/x.json".into()));
        assert_eq!(parse("file:///tmp/x.json"), Ok("/tmp/x.json".into()));
        assert!(parse("file://x.json").is_err());
        let refused = parse("gs://bucket/x").unwrap_err();
        assert!(
            refused.contains("not supported in this version"),
            "{refused}"
        );
    }
}
