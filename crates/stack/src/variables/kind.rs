//! Types of variables, written like `map(list(string))`.

use std::fmt;
use std::str::FromStr;

use rbacform_core::{Diagnostic, Node, NodeKind};

/// The type of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    String,
    Bool,
    Int,
    /// A whole number or one with a fraction.
    Number,
    List(Box<Kind>),
    Map(Box<Kind>),
    Any,
}

impl FromStr for Kind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        parse(text, 0)
    }
}

fn parse(text: &str, depth: usize) -> Result<Kind, ()> {
    let text = text.trim();
    // Nobody writes this; it keeps a hostile file from recursing.
    if depth > 16 {
        return Err(());
    }
    let inner = |name: &str| {
        text.strip_prefix(name)
            .and_then(|rest| rest.trim_start().strip_prefix('('))
            .and_then(|rest| rest.strip_suffix(')'))
    };
    Ok(match text {
        "string" => Kind::String,
        "bool" => Kind::Bool,
        "int" => Kind::Int,
        "number" => Kind::Number,
        "any" => Kind::Any,
        "list" => Kind::List(Box::new(Kind::Any)),
        "map" => Kind::Map(Box::new(Kind::Any)),
        _ => match (inner("list"), inner("map")) {
            (Some(item), _) => Kind::List(Box::new(parse(item, depth + 1)?)),
            (_, Some(item)) => Kind::Map(Box::new(parse(item, depth + 1)?)),
            _ => return Err(()),
        },
    })
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String => f.write_str("string"),
            Self::Bool => f.write_str("bool"),
            Self::Int => f.write_str("int"),
            Self::Number => f.write_str("number"),
            Self::List(item) => write!(f, "list({item})"),
            Self::Map(item) => write!(f, "map({item})"),
            Self::Any => f.write_str("any"),
        }
    }
}

impl Kind {
    /// The type of a variable that has only a default.
    pub(crate) fn of(node: &Node) -> Self {
        match &node.kind {
            NodeKind::String(_) => Self::String,
            NodeKind::Bool(_) => Self::Bool,
            NodeKind::Int(_) | NodeKind::Float(_) => Self::Number,
            NodeKind::List(items) => Self::List(Box::new(Self::common(items.iter()))),
            NodeKind::Map(entries) => {
                Self::Map(Box::new(Self::common(entries.iter().map(|e| &e.node))))
            }
            _ => Self::Any,
        }
    }

    /// The one type of several values; `any` where they differ.
    fn common<'n>(mut nodes: impl Iterator<Item = &'n Node>) -> Self {
        let Some(first) = nodes.next().map(Self::of) else {
            return Self::Any;
        };
        if nodes.all(|node| Self::of(node) == first) {
            first
        } else {
            Self::Any
        }
    }

    /// Every part of a value that is not of this type. Values are never quoted: they may be
    /// sensitive.
    pub(crate) fn check(&self, node: &Node, name: &str, wrong: &mut Vec<Diagnostic>) {
        match (self, &node.kind) {
            (Self::Any, _)
            | (Self::String, NodeKind::String(_))
            | (Self::Bool, NodeKind::Bool(_))
            | (Self::Int | Self::Number, NodeKind::Int(_))
            | (Self::Number, NodeKind::Float(_)) => {}
            (Self::List(item), NodeKind::List(items)) => {
                items.iter().for_each(|node| item.check(node, name, wrong));
            }
            (Self::Map(item), NodeKind::Map(entries)) => {
                let nodes = entries.iter().map(|entry| &entry.node);
                nodes.for_each(|node| item.check(node, name, wrong));
            }
            _ => {
                let message = format!(
                    "the variable `{name}` takes `{self}` here, this is {}",
                    node.describe()
                );
                wrong.push(Diagnostic::error("wrong-type", message).at(node.span));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_what_it_parses() {
        for text in [
            "string",
            "bool",
            "int",
            "number",
            "any",
            "list(string)",
            "map(list(int))",
        ] {
            assert_eq!(text.parse::<Kind>().unwrap().to_string(), text);
        }
        assert_eq!("list".parse::<Kind>().unwrap().to_string(), "list(any)");
        assert_eq!(
            "map( string )".parse::<Kind>().unwrap().to_string(),
            "map(string)"
        );
        for text in ["", "str", "list(", "list()", "map(string", "List(string)"] {
            assert!(text.parse::<Kind>().is_err(), "{text}");
        }
        assert!("list(".repeat(100_000).parse::<Kind>().is_err());
    }
}
