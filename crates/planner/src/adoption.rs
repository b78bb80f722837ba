//! Objects that stand already: whether a stack may take them over.

use rbacform_core::{Adoption, DesiredResource, Diagnostic, ObservedObject, StateResource};

use crate::Context;

/// A declared object that exists and may not simply be written: another stack's, nobody's that
/// was not asked for, one made anew in the place of ours, or one on its way out.
pub(crate) fn in_the_way(
    context: &Context<'_>,
    desired: &DesiredResource,
    prior: Option<&StateResource>,
    found: &ObservedObject,
) -> Option<Diagnostic> {
    let error = |code, message: String| {
        Diagnostic::error(code, message)
            .at(desired.span)
            .address(&desired.address)
    };
    if found.terminating {
        let message = format!("`{}` is being deleted", found.object);
        return Some(error("terminating", message).help("wait until it is gone, then plan again"));
    }
    match &found.mark {
        Some(mark) if *mark == context.mark => return None,
        // Told once, for all of them: there is no state.
        Some(mark) if context.input.no_state && mark.stack == context.mark.stack => return None,
        Some(mark) => {
            let message = format!("`{}` is managed by another stack: {mark}", found.object);
            return Some(error("owned-by-another-stack", message).help(
                "declare it in one stack only: remove it here, or remove it there with \
                 `lifecycle = { on_destroy = \"abandon\" }` and apply that first",
            ));
        }
        None if desired.built_in || context.input.adopt => return None,
        None => {}
    }
    match (context.adoption(&found.object), prior) {
        (Adoption::Freely, _) => None,
        // Somebody took the mark off; another object under the same name is not ours.
        (Adoption::Marked, Some(prior)) if prior.uid == found.uid => None,
        (Adoption::OnRequest, Some(prior)) if found.may_be(&prior.uid) => None,
        (Adoption::OnRequest, Some(prior)) => {
            let message = format!(
                "`{}` was deleted and made anew by somebody: it had the unique id `{}`, and has \
                 `{}` now",
                found.object, prior.uid, found.uid
            );
            Some(error("recreated-object", message).help(
                "it is another one under the same name, and what was granted to the old one is \
                 gone: to take it over, plan with `--adopt`, and the grants of this stack are made \
                 again",
            ))
        }
        (Adoption::Marked | Adoption::OnRequest, _) => Some(foreign(context, prior, found, &error)),
    }
}

fn foreign(
    context: &Context<'_>,
    prior: Option<&StateResource>,
    found: &ObservedObject,
    error: &dyn Fn(&'static str, String) -> Diagnostic,
) -> Diagnostic {
    let whose = match (&found.managed_by, &found.last_writer) {
        (Some(tool), _) => format!("labelled as managed by `{tool}`"),
        (None, Some(writer)) => format!("last written by `{}`", writer.manager),
        (None, None) => "not managed by this stack".to_owned(),
    };
    let message = match prior {
        None => format!("`{}` already exists and is {whose}", found.object),
        Some(_) => format!(
            "`{}` was deleted and made again outside of this stack; it is {whose}",
            found.object
        ),
    };
    let stays = match context.schema_of(&found.object) {
        Some(schema) if schema.abandon_by_default => {
            " (a namespace stays when it is no longer declared)"
        }
        _ => "",
    };
    error("foreign-object", message).help(format!(
        "to take it over, plan with `--adopt` and read what would change; else choose another name{stays}"
    ))
}
