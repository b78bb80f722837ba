//! Values that an expression can have here.

use std::cmp::Ordering;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Datum {
    Bool(bool),
    Int(i64),
    Text(String),
    /// A text of which only the beginning is known, and that there is more.
    Beginning(String),
    Time(jiff::Timestamp),
    Duration(jiff::SignedDuration),
    List(Vec<Datum>),
}

impl Datum {
    /// The order of two values of one type. None where CEL has none.
    pub(super) fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Bool(one), Self::Bool(other)) => Some(one.cmp(other)),
            (Self::Int(one), Self::Int(other)) => Some(one.cmp(other)),
            (Self::Text(one), Self::Text(other)) => Some(one.cmp(other)),
            (Self::Time(one), Self::Time(other)) => Some(one.cmp(other)),
            (Self::Duration(one), Self::Duration(other)) => Some(one.cmp(other)),
            _ => None,
        }
    }

    /// Whether two values are equal. None where their types can never be, or too little is known.
    pub(super) fn equals(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::List(one), Self::List(other)) => {
                let mut pairs = one.iter().zip(other);
                let equal = pairs.try_fold(true, |all, (one, other)| {
                    one.equals(other).map(|equal| all && equal)
                })?;
                Some(equal && one.len() == other.len())
            }
            (Self::Beginning(known), Self::Text(text))
            | (Self::Text(text), Self::Beginning(known))
                if text == known || !text.starts_with(known.as_str()) =>
            {
                Some(false)
            }
            _ => Some(self.order(other)? == Ordering::Equal),
        }
    }

    /// Whether one of some values is equal to it. None where too little is known.
    pub(super) fn is_among(&self, items: &[Self]) -> Option<bool> {
        let mut is_open = false;
        for item in items {
            match self.equals(item) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => is_open |= self.is_partial() || item.is_partial(),
            }
        }
        (!is_open).then_some(false)
    }

    /// Whether it begins with a text. None where too little is known.
    pub(super) fn begins_with(&self, part: &str) -> Option<bool> {
        match self {
            Self::Text(text) => Some(text.starts_with(part)),
            Self::Beginning(known) if known.starts_with(part) => Some(true),
            Self::Beginning(known) if !part.starts_with(known.as_str()) => Some(false),
            _ => None,
        }
    }

    /// Whether only a part of it is known.
    pub(super) fn is_partial(&self) -> bool {
        match self {
            Self::Beginning(_) => true,
            Self::List(items) => items.iter().any(Self::is_partial),
            _ => false,
        }
    }

    /// `one + other` and `one - other` of times and durations, and sums of integers and texts.
    pub(super) fn sum(self, other: Self) -> Option<Self> {
        Some(match (self, other) {
            (Self::Int(one), Self::Int(other)) => Self::Int(one.checked_add(other)?),
            (Self::Text(one), Self::Text(other)) => Self::Text(one + &other),
            (Self::Time(time), Self::Duration(by)) | (Self::Duration(by), Self::Time(time)) => {
                Self::Time(time.checked_add(by).ok()?)
            }
            (Self::Duration(one), Self::Duration(other)) => Self::Duration(one.checked_add(other)?),
            _ => return None,
        })
    }

    /// `one - other`.
    pub(super) fn difference(self, other: Self) -> Option<Self> {
        Some(match (self, other) {
            (Self::Int(one), Self::Int(other)) => Self::Int(one.checked_sub(other)?),
            (Self::Time(time), Self::Duration(by)) => Self::Time(time.checked_sub(by).ok()?),
            (Self::Time(one), Self::Time(other)) => Self::Duration(one.duration_since(other)),
            (Self::Duration(one), Self::Duration(other)) => Self::Duration(one.checked_sub(other)?),
            _ => return None,
        })
    }
}
