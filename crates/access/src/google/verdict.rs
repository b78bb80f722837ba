//! Three values: yes, no, and cannot tell with what is missing.

use std::collections::BTreeSet;
use std::fmt;

/// What one would have to know to tell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Missing {
    /// The allow policy of a resource, or the part of it that was not read.
    Policy(String),
    /// What a resource is in: a bucket's project, a project's folder or organization.
    Parent(String),
    /// The deny policies attached to a project, folder or organization.
    DenyPolicies(String),
    /// Whether there is a service account of an address.
    Account(String),
    /// Who is in a group.
    Group(String),
    /// Whom a member stands for: a domain, a uid, an attribute of a pool.
    Member(String),
    /// What a role holds.
    Role(String),
    /// Whether a condition holds, and what it asks that is not known.
    Condition {
        /// The expression.
        expression: String,
        /// What it needs, in words.
        needs: String,
    },
    /// Whether a condition holds of something in a resource.
    Within {
        /// The resource.
        resource: String,
        /// The expression.
        expression: String,
    },
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Policy(resource) => write!(f, "the whole policy of `{resource}`"),
            Self::Parent(resource) if resource.starts_with("buckets/") => write!(
                f,
                "the project of `{resource}`: name it as `projects/PROJECT/{resource}`"
            ),
            Self::Parent(resource) => {
                write!(f, "the folder or organization that `{resource}` is in")
            }
            Self::DenyPolicies(resource) => write!(f, "the deny policies of `{resource}`"),
            Self::Account(email) => write!(f, "whether there is a service account `{email}`"),
            Self::Group(group) => write!(f, "who is in `{group}`"),
            Self::Member(member) => write!(f, "whom `{member}` stands for"),
            Self::Role(role) => write!(f, "what `{role}` holds"),
            Self::Condition { expression, needs } => {
                write!(f, "{needs}, which the condition `{expression}` asks for")
            }
            Self::Within {
                resource,
                expression,
            } => write!(
                f,
                "whether the condition `{expression}` holds of something in `{resource}`"
            ),
        }
    }
}

/// Whether something is so. The connectives are Kleene's: what decides either way decides, whatever
/// else is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// It depends on what is missing here.
    Unknown(BTreeSet<Missing>),
}

impl Verdict {
    /// Cannot tell, for want of one thing.
    pub fn unknown(missing: Missing) -> Self {
        Self::Unknown(BTreeSet::from([missing]))
    }

    /// Whether it is so for sure.
    pub fn is_yes(&self) -> bool {
        *self == Self::Yes
    }

    /// Whether it is not so for sure.
    pub fn is_no(&self) -> bool {
        *self == Self::No
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, other) => other,
            (this, Self::Yes) => this,
            (Self::Unknown(mut missing), Self::Unknown(more)) => {
                missing.extend(more);
                Self::Unknown(missing)
            }
        }
    }

    /// Either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }

    /// The contrary.
    #[must_use]
    #[expect(
        clippy::should_implement_trait,
        reason = "it reads on after `and` and `or`"
    )]
    pub fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            unknown => unknown,
        }
    }

    /// Whether any of them is so. Nothing is asked after the first that is.
    pub fn any(verdicts: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::No;
        for verdict in verdicts {
            all = all.or(verdict);
            if all.is_yes() {
                break;
            }
        }
        all
    }
}

impl From<bool> for Verdict {
    fn from(is: bool) -> Self {
        match is {
            true => Self::Yes,
            false => Self::No,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_decides_decides_whatever_else_is_not_known() {
        let cannot_tell = || Verdict::unknown(Missing::Group("group:g@x.org".to_owned()));
        assert_eq!(cannot_tell().and(Verdict::No), Verdict::No);
        assert_eq!(Verdict::No.and(cannot_tell()), Verdict::No);
        assert_eq!(cannot_tell().or(Verdict::Yes), Verdict::Yes);
        assert_eq!(cannot_tell().and(Verdict::Yes), cannot_tell());
        assert_eq!(cannot_tell().not(), cannot_tell());
        let both = cannot_tell().or(Verdict::unknown(Missing::Role("r".to_owned())));
        assert!(matches!(both, Verdict::Unknown(missing) if missing.len() == 2));
        assert_eq!(Verdict::any([Verdict::No, cannot_tell()]), cannot_tell());
        assert_eq!(Verdict::any([]), Verdict::No);
    }
}
