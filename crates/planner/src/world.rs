//! The pinned world: state of one cluster must never be compared with another.

use rbacform_core::{Diagnostic, StateSnapshot, WorldPin};

use crate::Context;

/// An error where a provider instance points to another world than the state describes.
pub fn check_world(prior: &StateSnapshot, instance: &str, now: &WorldPin) -> Option<Diagnostic> {
    let pinned = prior.worlds.get(instance)?;
    if pinned.same_world(now) {
        return None;
    }
    let describe = |pin: &WorldPin| match pin.uid.as_str() {
        "" => format!("`{}`", pin.server),
        uid => format!("`{}` (id `{uid}`)", pin.server),
    };
    Some(
        Diagnostic::error(
            "another-world",
            format!(
                "the state of stack `{}` describes the cluster {}, and this is {}",
                prior.stack,
                describe(pinned),
                describe(now)
            ),
        )
        .help(
            "check the context; for a second cluster use `--env NAME`, which has a state of its own. \
             If the old cluster is gone for good, remove its state file",
        ),
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
