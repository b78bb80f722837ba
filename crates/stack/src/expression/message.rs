//! What went wrong in an expression, in words of the stack language.
//!
//! The CEL library's own texts are never shown: they name Rust types and hold values, which may be
//! sensitive.

use cel::common::types::Kind;
use cel::common::value::Val;
use cel::{ExecutionError, ParseErrors};
use rbacform_core::Address;

use super::data::LaterBody;

/// Marks errors that are our own, with a text ready to be shown.
const OURS: &str = "@rbacform";
const BROKEN: &str = "@broken";
const LATER: &str = "@later";

/// An error with a text of ours.
pub(super) fn failure(message: impl Into<String>) -> ExecutionError {
    ExecutionError::FunctionError {
        function: OURS.to_owned(),
        message: message.into(),
    }
}

/// Something that was already reported was touched.
pub(super) fn broken() -> ExecutionError {
    ExecutionError::FunctionError {
        function: BROKEN.to_owned(),
        message: String::new(),
    }
}

/// What only the server can tell was touched.
pub(super) fn later(later: &LaterBody) -> ExecutionError {
    ExecutionError::FunctionError {
        function: LATER.to_owned(),
        message: format!("`{}.{}`", later.address, later.attribute),
    }
}

/// A resource whose `when` is false was touched.
pub(super) fn absent(address: &Address) -> ExecutionError {
    failure(not_declared(address))
}

pub(super) fn not_declared(address: &Address) -> String {
    format!("`{address}` is not declared here, because its `when` is false")
}

/// What an evaluation error means.
pub(super) enum Meaning {
    /// It was reported before.
    Broken,
    /// What this names is known after apply.
    Later(String),
    /// A map has no such key.
    NoSuchKey(String),
    /// Anything else.
    Text(String),
}

pub(super) fn meaning(error: &ExecutionError) -> Meaning {
    use ExecutionError as E;
    Meaning::Text(match error {
        E::FunctionError { function, .. } if function == BROKEN => return Meaning::Broken,
        E::FunctionError { function, message } if function == LATER => {
            return Meaning::Later(message.clone());
        }
        E::FunctionError { function, message } if function == OURS => message.clone(),
        E::NoSuchKey(key) => return Meaning::NoSuchKey(key.to_string()),
        E::NoSuchOverload(overload) => {
            let types: Vec<&str> = overload
                .argument_types()
                .iter()
                .map(|t| type_word(t))
                .collect();
            match operator(overload.function()) {
                Some(operator) => format!("`{operator}` does not go with {}", types.join(" and ")),
                None => format!(
                    "`{}` does not go with {}",
                    overload.function(),
                    if types.is_empty() {
                        "no arguments".to_owned()
                    } else {
                        types.join(" and ")
                    }
                ),
            }
        }
        E::UnsupportedBinaryOperator(name, left, right) => format!(
            "`{}` does not go with {} and {}",
            match *name {
                "add" => "+",
                "sub" => "-",
                "mul" => "*",
                "div" => "/",
                "rem" => "%",
                other => other,
            },
            type_word(&left.type_of().to_string()),
            type_word(&right.type_of().to_string()),
        ),
        E::UndeclaredReference(name) => format!("there is no function `{name}`"),
        E::InvalidArgumentCount { expected, actual } => {
            format!("a function takes {expected} arguments, {actual} were given")
        }
        E::DivisionByZero(_) | E::RemainderByZero(_) => "division by zero".to_owned(),
        E::Overflow(..) => "the number is too large".to_owned(),
        E::IndexOutOfBounds(_) => "the list has no item at that index".to_owned(),
        E::DuplicateKey(_) => "a map literal has the same key twice".to_owned(),
        E::UnexpectedType { got, .. } => format!("{} cannot be used this way", type_word(got)),
        E::UnsupportedKeyType(_) => "a key of a map is a string".to_owned(),
        E::ValuesNotComparable(..) => "the values cannot be compared".to_owned(),
        E::UnsupportedIndex(..) => "it cannot be read with such an index".to_owned(),
        E::FunctionError { function, .. } => format!("`{function}` cannot do this"),
        _ => "it cannot be evaluated with these values".to_owned(),
    })
}

/// What a value is, with its article.
pub(super) fn kind_name(value: &(dyn Val + '_)) -> &'static str {
    match value.get_type().kind() {
        Kind::Boolean => "a boolean",
        Kind::Int | Kind::UInt => "an integer",
        Kind::Double => "a float",
        Kind::String => "a string",
        Kind::List => "a list",
        Kind::Map => "a map",
        Kind::Bytes => "bytes",
        _ => "a value",
    }
}

fn type_word(name: &str) -> &str {
    match name {
        "bool" => "a boolean",
        "int" | "uint" => "an integer",
        "double" | "float" => "a float",
        "string" => "a string",
        "list" => "a list",
        "map" => "a map",
        "null_type" | "null" => "nothing",
        "resource" => "a whole resource",
        other => other,
    }
}

fn operator(function: &str) -> Option<&str> {
    Some(match function {
        "_[_]" => "[ ]",
        "!_" => "!",
        "-_" => "-",
        "_?_:_" => "? :",
        "@in" => "in",
        other => other.strip_prefix('_')?.strip_suffix('_')?,
    })
}

/// The first syntax error of an expression: its offset in bytes, where known, and its text.
///
/// The library's `Display` for these can panic, so it is never used.
pub(super) fn syntax(expression: &str, errors: &ParseErrors) -> (Option<usize>, String) {
    let Some(error) = errors.errors.first() else {
        return (None, "it cannot be parsed".to_owned());
    };
    let message = error
        .msg
        .strip_prefix("Syntax error: ")
        .unwrap_or(&error.msg);
    let message = message.lines().next().unwrap_or_default();
    let message = message
        .replace("'<EOF>'", "the end")
        .replace("<EOF>", "the end");
    (offset(expression, error.pos), shorten(&message))
}

fn offset(expression: &str, (line, column): (isize, isize)) -> Option<usize> {
    let line = usize::try_from(line).ok()?.checked_sub(1)?;
    let column = usize::try_from(column).ok()?.checked_sub(1)?;
    let start: usize = expression
        .split_inclusive('\n')
        .take(line)
        .map(str::len)
        .sum();
    let rest = expression.get(start..)?;
    let within = rest
        .char_indices()
        .nth(column)
        .map_or(rest.len(), |(at, _)| at);
    Some(start + within)
}

/// An expression may be two kilobytes long; its error should not be.
fn shorten(message: &str) -> String {
    const MOST: usize = 160;
    match message.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", message.get(..at).unwrap_or_default()),
        None => message.to_owned(),
    }
}
