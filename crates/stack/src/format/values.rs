//! Values: lists on one line where they fit and have no comments, else an item a line.

use toml_edit::{Array, InlineTable, RawString, Value};

use super::comments::trailing;

/// Lines are at most this long where a list can be broken.
const WIDTH: usize = 100;
const INDENT: usize = 2;

/// Lays out the value of a key; its line has come to `column` already.
pub(super) fn assigned(value: &mut Value, column: usize) {
    let suffix = trailing(text(value.decor().suffix()));
    lay_out(value, column, 0);
    let decor = value.decor_mut();
    decor.set_prefix(" ");
    decor.set_suffix(suffix);
}

fn lay_out(value: &mut Value, column: usize, indent: usize) {
    match value {
        Value::Array(array) => self::array(array, column, indent),
        Value::InlineTable(table) => inline(table),
        _ => {}
    }
}

fn array(array: &mut Array, column: usize, indent: usize) {
    let Some(comments) = comments(array) else {
        return;
    };
    if !comments {
        let mut line = array.clone();
        one_line(&mut line);
        let length = line.to_string().trim().chars().count();
        if column + length <= WIDTH || array.is_empty() {
            *array = line;
            return;
        }
    }
    item_a_line(array, indent);
}

/// Whether a list has comments. `None` where they stand where no layout keeps them: then it stays
/// as it is.
fn comments(array: &Array) -> Option<bool> {
    let mut found = has_comment(text(Some(array.trailing())));
    for (index, value) in array.iter().enumerate() {
        let last = index + 1 == array.len() && !array.trailing_comma();
        let suffix = has_comment(text(value.decor().suffix()));
        if suffix && !last {
            return None;
        }
        found |= suffix || has_comment(text(value.decor().prefix()));
        found |= match value {
            Value::Array(inner) => comments(inner)?,
            Value::InlineTable(inner) => {
                if has_comment(&inner.to_string()) && inner.to_string().contains('\n') {
                    return None;
                }
                false
            }
            _ => false,
        };
    }
    Some(found)
}

/// In a decor anything but white space is a comment.
fn has_comment(written: &str) -> bool {
    written.contains('#')
}

fn one_line(array: &mut Array) {
    array.set_trailing("");
    array.set_trailing_comma(false);
    for (index, value) in array.iter_mut().enumerate() {
        match value {
            Value::Array(inner) => one_line(inner),
            Value::InlineTable(inner) => inline(inner),
            _ => {}
        }
        let decor = value.decor_mut();
        decor.set_prefix(if index == 0 { "" } else { " " });
        decor.set_suffix("");
    }
}

fn item_a_line(array: &mut Array, indent: usize) {
    let inner = " ".repeat(indent + INDENT);
    let mut end = text(Some(array.trailing())).to_owned();
    let count = array.len();
    let comma = array.trailing_comma();
    for (index, value) in array.iter_mut().enumerate() {
        if index + 1 == count && !comma {
            // The comment of a last item without a comma moves behind the comma it gets.
            end.insert_str(0, text(value.decor().suffix()));
        }
        let prefix = between(text(value.decor().prefix()), &inner, index > 0);
        lay_out(value, indent + INDENT, indent + INDENT);
        let decor = value.decor_mut();
        decor.set_prefix(prefix);
        decor.set_suffix("");
    }
    array.set_trailing_comma(count > 0);
    let mut end = between(&end, &inner, count > 0);
    end.truncate(end.len() - INDENT);
    array.set_trailing(end);
}

/// What stands between two items: the comment of the first's line, comment lines, the next
/// item's indent.
fn between(written: &str, indent: &str, after_item: bool) -> String {
    let mut lines = written.split('\n');
    let mut out = String::new();
    let same_line = lines.next().unwrap_or_default().trim();
    if !same_line.is_empty() {
        if after_item || written.contains('\n') {
            out.push(' ');
        }
        out.push_str(same_line);
    }
    for line in lines.map(str::trim).filter(|line| !line.is_empty()) {
        out.push('\n');
        out.push_str(indent);
        out.push_str(line);
    }
    out.push('\n');
    out.push_str(indent);
    out
}

/// `{ a = 1, b = 2 }`. One over several lines stays as it is.
fn inline(table: &mut InlineTable) {
    let written = table.to_string();
    if written.trim().contains('\n') && has_comment(&written) {
        return;
    }
    spaced(table);
}

fn spaced(table: &mut InlineTable) {
    table.set_trailing("");
    table.set_trailing_comma(false);
    let mut line = Vec::new();
    flatten(table, &mut line);
    let count = line.len();
    let mut index = 0;
    space(table, &mut index, count);
}

/// The values of a table, those of dotted keys in it too, in order.
fn flatten<'t>(table: &'t InlineTable, into: &mut Vec<&'t Value>) {
    for (_, value) in table.iter() {
        match value {
            Value::InlineTable(inner) if inner.is_dotted() => flatten(inner, into),
            value => into.push(value),
        }
    }
}

fn space(table: &mut InlineTable, index: &mut usize, count: usize) {
    for (mut key, value) in table.iter_mut() {
        key.dotted_decor_mut().clear();
        if let Value::InlineTable(inner) = value
            && inner.is_dotted()
        {
            space(inner, index, count);
            continue;
        }
        key.leaf_decor_mut().set_prefix(" ");
        key.leaf_decor_mut().set_suffix(" ");
        match value {
            Value::Array(inner) if comments(inner) == Some(false) => one_line(inner),
            Value::InlineTable(inner) => inline(inner),
            _ => {}
        }
        *index += 1;
        let decor = value.decor_mut();
        decor.set_prefix(" ");
        decor.set_suffix(if *index == count { " " } else { "" });
    }
}

fn text(raw: Option<&RawString>) -> &str {
    raw.and_then(RawString::as_str).unwrap_or_default()
}
