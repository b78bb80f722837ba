//! Spans of time.

/// A span of time in which something holds, in whole seconds since 1970: from its start on, up to
/// its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    from: i64,
    until: i64,
}

impl Window {
    /// All time.
    pub const ALWAYS: Self = Self {
        from: i64::MIN,
        until: i64::MAX,
    };

    /// From a time on.
    pub fn from(from: i64) -> Self {
        Self {
            from,
            ..Self::ALWAYS
        }
    }

    /// Up to a time.
    pub fn until(until: i64) -> Self {
        Self {
            until,
            ..Self::ALWAYS
        }
    }

    /// Its start; none where it has none.
    pub fn start(self) -> Option<i64> {
        (self.from != i64::MIN).then_some(self.from)
    }

    /// Its end; none where it has none.
    pub fn end(self) -> Option<i64> {
        (self.until != i64::MAX).then_some(self.until)
    }

    /// When both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            from: self.from.max(other.from),
            until: self.until.min(other.until),
        }
    }

    pub(crate) fn is_empty(self) -> bool {
        self.from >= self.until
    }

    /// Whether another is within it.
    pub(crate) fn has(self, other: Self) -> bool {
        self.from <= other.from && other.until <= self.until
    }

    /// The same, where what is past does not count.
    pub(crate) fn since(self, now: i64) -> Self {
        match self.from <= now {
            true => Self {
                from: i64::MIN,
                ..self
            },
            false => self,
        }
    }

    /// The parts of it between the starts and ends of others, none empty, in order.
    pub(crate) fn cut(self, others: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut cuts = vec![self.from, self.until];
        let others = others.into_iter().flat_map(|it| [it.from, it.until]);
        cuts.extend(others.filter(|cut| self.from < *cut && *cut < self.until));
        cuts.sort_unstable();
        cuts.dedup();
        let pairs = cuts.windows(2).filter_map(|pair| match pair {
            [from, until] => Some(Self {
                from: *from,
                until: *until,
            }),
            _ => None,
        });
        pairs.filter(|it| !it.is_empty()).collect()
    }

    /// Both as one, where the other begins where this one ends.
    pub(crate) fn joined(self, next: Self) -> Option<Self> {
        (self.until == next.from).then_some(Self {
            from: self.from,
            until: next.until,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_cut_where_others_begin_and_end() {
        let ten = Window::from(0).and(Window::until(10));
        let parts = ten.cut([Window::from(3), Window::until(7), Window::from(20)]);
        let bounds: Vec<_> = parts.iter().map(|it| (it.start(), it.end())).collect();
        let expected = [(0, 3), (3, 7), (7, 10)].map(|(from, until)| (Some(from), Some(until)));
        assert_eq!(bounds, expected);
        let whole = parts
            .into_iter()
            .reduce(|one, next| one.joined(next).unwrap());
        assert_eq!(whole, Some(ten));
        assert_eq!(Window::from(5).and(Window::until(5)).cut([]), []);
    }
}
