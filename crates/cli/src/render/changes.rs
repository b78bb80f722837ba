//! One change: a glyph with its word, the address, and what differs.

use rbacform_core::{Action, Change};

use crate::planning::KUBERNETES;
use crate::render::text::{ADD, CHANGE, FAINT, REMOVE, safe, styled};
use crate::render::values;

/// The lines of one change.
pub(crate) fn change(change: &Change) -> String {
    let (glyph, word, style) = sign(change.action);
    let address = change.address.to_string();
    let mut text = styled(style, &format!("{glyph:>3} {word:<8}"));
    text.push_str(&address);
    let about = format!(
        "  {} {}, {}",
        change.object.kind,
        safe(&change.object.ident),
        change.reason.sentence()
    );
    text.push_str(&styled(FAINT, &about));
    text.push('\n');
    if let Some(previous) = &change.previous_address {
        text.push_str(&format!("      was {previous}\n"));
    }
    if change.action != Action::Delete {
        for difference in &change.differences {
            if !is_said_by_identity(change, &difference.path) {
                text.push_str(&values::difference(difference, "      "));
            }
        }
    }
    if change.action == Action::Replace && change.object.instance == KUBERNETES {
        text.push_str(
            "      a second binding holds the access while this one is made anew, \
             so nobody who keeps it is without it\n",
        );
    }
    text
}

/// A grant of Google is its identity: resource, role and member stand in the line above.
fn is_said_by_identity(change: &Change, path: &str) -> bool {
    match change.object.kind.as_str() {
        "IamMember" => !path.starts_with("condition"),
        "IamBinding" => matches!(path, "resource" | "role"),
        "IamPolicy" => path == "resource",
        _ => false,
    }
}

/// Glyph, word and colour of an action. Never the colour alone.
pub(crate) fn sign(action: Action) -> (&'static str, &'static str, anstyle::Style) {
    match action {
        Action::Create => ("+", "create", ADD),
        Action::Update => ("~", "update", CHANGE),
        Action::Replace => ("-/+", "replace", CHANGE),
        Action::Delete => ("-", "delete", REMOVE),
        Action::Adopt => ("<", "adopt", CHANGE),
        Action::Move => (">", "move", FAINT),
        Action::Forget => (".", "forget", FAINT),
        Action::NoOp => ("=", "no-op", FAINT),
    }
}
