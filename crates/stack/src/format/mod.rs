//! `fmt`: the canonical layout of a stack file, comments kept.
//!
//! Tables and keys stay in their order. One blank line comes before a table, at most one between
//! keys; nothing is indented but the items of a list too long for one line. Formatting what is
//! formatted changes nothing, and what a file means never changes.

mod comments;
mod values;

use rbacform_core::{Diagnostic, FileId, Location};
use toml_edit::{DocumentMut, Item, Table};

use crate::toml_tree;
use comments::{Blank, leading, trailing};

/// The canonical layout of a stack file.
///
/// # Errors
/// Every syntax error, placed in [`FileId`] 0 of a source map that holds the text.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let (before, errors) = toml_tree::parse(FileId(0), text);
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        let at = error.span().unwrap_or(0..0);
        let span = rbacform_core::Span::new(FileId(0), at);
        vec![Diagnostic::error("syntax", format!("invalid TOML: {}", error.message())).at(span)]
    })?;
    let end = document.trailing().as_str().unwrap_or_default().to_owned();
    let mut first = true;
    table(document.as_table_mut(), &mut first);
    document.set_trailing(leading(
        &end,
        if first { Blank::Never } else { Blank::Keep },
    ));
    let mut formatted = document.to_string();
    formatted.truncate(formatted.trim_end().len());
    if !formatted.is_empty() {
        formatted.push('\n');
    }
    let (after, errors) = toml_tree::parse(FileId(0), &formatted);
    if !errors.is_empty() || after.to_value() != before.to_value() {
        // A layout that would change the meaning is a defect of ours, and is never written.
        let place = Location {
            file: String::new(),
            line: 1,
            column: 1,
        };
        let message = "the file could not be formatted without changing what it means";
        return Err(vec![Diagnostic::error("internal", message).in_file(place)]);
    }
    Ok(formatted)
}

/// Lays out a table's own keys, then the tables in it. `first` says whether nothing was written.
fn table(table: &mut Table, first: &mut bool) {
    keys(table, first);
    tables(table, first);
}

fn tables(table: &mut Table, first: &mut bool) {
    for (_, item) in table.iter_mut() {
        match item {
            Item::Table(inner) if !inner.is_dotted() => header(inner, first),
            Item::ArrayOfTables(tables) => tables.iter_mut().for_each(|inner| header(inner, first)),
            Item::Table(inner) => tables_in_dotted(inner, first),
            _ => {}
        }
    }
}

/// `a.b = 1` is a table that has no header but may hold tables that do.
fn tables_in_dotted(dotted: &mut Table, first: &mut bool) {
    for (_, item) in dotted.iter_mut() {
        match item {
            Item::Table(inner) if inner.is_dotted() => tables_in_dotted(inner, first),
            Item::Table(inner) => header(inner, first),
            _ => {}
        }
    }
}

fn header(inner: &mut Table, first: &mut bool) {
    if !inner.is_implicit() {
        let blank = if *first { Blank::Never } else { Blank::Always };
        let decor = inner.decor_mut();
        let prefix = decor.prefix().and_then(|p| p.as_str()).unwrap_or_default();
        let prefix = leading(prefix, blank);
        let suffix = trailing(decor.suffix().and_then(|s| s.as_str()).unwrap_or_default());
        decor.set_prefix(prefix);
        decor.set_suffix(suffix);
        *first = false;
        keys(inner, &mut true);
    }
    // Of `[a.b]` alone, `a` is written nowhere: its tables are the next ones of the file.
    tables(inner, first);
}

/// Lays out `key = value` lines; `first` is whether the next is the first of its table.
fn keys(table: &mut Table, first: &mut bool) {
    for (mut key, item) in table.iter_mut() {
        key.dotted_decor_mut().clear();
        match item {
            Item::Value(value) => {
                let decor = key.leaf_decor_mut();
                let prefix = decor.prefix().and_then(|p| p.as_str()).unwrap_or_default();
                let blank = if *first { Blank::Never } else { Blank::Keep };
                let prefix = leading(prefix, blank);
                decor.set_prefix(prefix);
                decor.set_suffix(" ");
                let column = key.display_repr().chars().count() + 3;
                values::assigned(value, column);
                *first = false;
            }
            Item::Table(inner) if inner.is_dotted() => keys(inner, first),
            // The name in a header.
            _ => key.leaf_decor_mut().clear(),
        }
    }
}

#[cfg(test)]
mod tests;
