//! Finding the edit that the server refuses, so that it does not sink the others.

use rbacform_core::{Edit, EditKind, Value};

use super::edits::atoms;
use crate::ident::Ident;

/// Splits refused edits into two lists to be tried apart; none where they cannot be. What the
/// server's words accuse is tried last and by itself, which mostly settles it in two more writes;
/// where they accuse nobody, halves are.
pub(super) fn split(edits: &[(usize, &Edit)], words: &str) -> Option<(Vec<usize>, Vec<usize>)> {
    let atoms = atoms(edits);
    if atoms.len() < 2 {
        return None;
    }
    let words = words.to_lowercase();
    let accused = |atom: &Vec<usize>| {
        edits
            .iter()
            .filter(|(index, _)| atom.contains(index))
            .any(|(_, edit)| is_accused(edit, &words))
    };
    let (guilty, rest): (Vec<_>, Vec<_>) = atoms.iter().cloned().partition(accused);
    let (first, second) = match guilty.is_empty() || rest.is_empty() {
        true => {
            let (first, second) = atoms.split_at(atoms.len() / 2);
            (first.to_vec(), second.to_vec())
        }
        false => (rest, guilty),
    };
    Some((first.concat(), second.concat()))
}

/// Whether the words, in lower case, name what an edit gives: its role, or a member's address.
fn is_accused(edit: &Edit, words: &str) -> bool {
    let attributes = match &edit.kind {
        EditKind::Create { attributes, .. } | EditKind::Update { attributes, .. } => attributes,
        EditKind::Delete | EditKind::Abandon { .. } | EditKind::Record => return false,
    };
    let about = Ident::of(&edit.object);
    let role = about.map_or("", |about| about.role);
    let single = attributes.get("member").and_then(Value::as_str);
    let several = attributes.get("members").and_then(Value::as_list);
    let members = several.unwrap_or_default().iter().filter_map(Value::as_str);
    let mut members = single.into_iter().chain(members).map(bare);
    names(words, role) || members.any(|member| names(words, member))
}

/// A member without its kind.
fn bare(member: &str) -> &str {
    member.split_once(':').map_or(member, |(_, bare)| bare)
}

/// Whether the words hold a name as a whole, not as the end or beginning of another.
fn names(words: &str, name: &str) -> bool {
    let name = name.to_lowercase();
    let part = |letter: char| letter.is_alphanumeric() || "-_@/".contains(letter);
    !name.is_empty()
        && words.match_indices(&name).any(|(start, _)| {
            let before = words.get(..start).and_then(|text| text.chars().next_back());
            let mut after = words.get(start + name.len()..).unwrap_or_default().chars();
            let end = match after.next() {
                // A dot ends a sentence, or goes on with the name.
                Some('.') => !after.next().is_some_and(char::is_alphanumeric),
                Some(letter) => !part(letter),
                None => true,
            };
            end && !before.is_some_and(|letter| part(letter) || letter == '.')
        })
}
