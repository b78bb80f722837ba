//! Values that an expression can have here.

use std::cmp::Ordering;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Datum {
    Bool(bool),
    Int(i64),
    Text(String),
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

    /// Whether two values are equal. None where their types can never be.
    pub(super) fn equals(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::List(one), Self::List(other)) => {
                let mut pairs = one.iter().zip(other);
                let equal = pairs.try_fold(true, |all, (one, other)| {
                    one.equals(other).map(|equal| all && equal)
                })?;
                Some(equal && one.len() == other.len())
            }
            _ => Some(self.order(other)? == Ordering::Equal),
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
