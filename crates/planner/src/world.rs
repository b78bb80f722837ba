//! The pinned world: state of one cluster must never be compared with another.

use std::collections::BTreeMap;

use rbacform_core::{Diagnostic, StateSnapshot, WorldPin};

use crate::Context;

/// An error for each world that is not the one that the state describes under that key: a
/// provider instance for a cluster, `INSTANCE:projects/ID` for a Google project.
pub fn check_worlds(prior: &StateSnapshot, now: &BTreeMap<String, WorldPin>) -> Vec<Diagnostic> {
    now.iter()
        .filter_map(|(key, world)| {
            let pinned = prior.worlds.get(key)?;
            let another = !pinned.same_world(world);
            another.then(|| match key.split_once(":projects/") {
                Some((_, project)) => another_project(prior, project, pinned, world),
                None => another_cluster(prior, pinned, world),
            })
        })
        .collect()
}

fn another_cluster(prior: &StateSnapshot, pinned: &WorldPin, now: &WorldPin) -> Diagnostic {
    let describe = |pin: &WorldPin| match pin.uid.as_str() {
        "" => format!("`{}`", pin.server),
        uid => format!("`{}` (id `{uid}`)", pin.server),
    };
    let message = format!(
        "the state of stack `{}` describes the cluster {}, and this is {}",
        prior.stack,
        describe(pinned),
        describe(now)
    );
    Diagnostic::error("another-world", message).help(
        "check the context; for a second cluster use `--env NAME`, which has a state of its own. \
         If the old cluster is gone for good, remove its state file",
    )
}

fn another_project(
    prior: &StateSnapshot,
    project: &str,
    pinned: &WorldPin,
    now: &WorldPin,
) -> Diagnostic {
    let message = format!(
        "the state of stack `{}` describes the project `{project}` with the number `{}`, and this \
         one has the number `{}`",
        prior.stack, pinned.uid, now.uid
    );
    Diagnostic::error("another-world", message).help(
        "check the project's id and which Google this speaks to; for a second one use \
         `--env NAME`, which has a state of its own. If the old project is gone for good, remove \
         its state file",
    )
}

/// An error where there is no state, but objects say that this stack manages them: somebody's
/// state is lost, or another repository uses the same name.
pub(crate) fn state_is_missing(context: &Context<'_>) -> Option<Diagnostic> {
    if !context.input.no_state {
        return None;
    }
    let marked: Vec<_> = context
        .input
        .observed
        .iter()
        .filter(|object| {
            object
                .mark
                .as_ref()
                .is_some_and(|mark| mark.stack == context.mark.stack)
        })
        .collect();
    let first = marked.first()?;
    Some(
        Diagnostic::error(
            "state-missing",
            format!(
                "there is no state of stack `{}`, but {} carr{} its mark, `{}` among them",
                context.mark.stack,
                match marked.len() {
                    1 => "an object".to_owned(),
                    several => format!("{several} objects"),
                },
                if marked.len() == 1 { "ies" } else { "y" },
                first.object
            ),
        )
        .help(
            "put the state file back (or `--state` to where it is), or rebuild it with \
             `rbacform state recover`; if another repository has a stack of this name, rename one",
        ),
    )
}
