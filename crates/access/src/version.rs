//! Versions of Kubernetes, where they decide an answer.

use std::fmt;
use std::str::FromStr;

/// A minor version of Kubernetes 1: `1.36`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// What comes after `1.`.
    pub minor: u32,
}

impl Version {
    /// The newest whose behaviour is known.
    pub const NEWEST: Self = Self { minor: 36 };
    /// The oldest whose bootstrap objects are known.
    pub const OLDEST: Self = Self { minor: 32 };

    /// Whether a constrained impersonation is tried before the old kind
    /// (KEP-5284, gate `ConstrainedImpersonation`: on by default from 1.36).
    pub fn has_constrained_impersonation(self) -> bool {
        self.minor >= 36
    }

    /// Whether a GET of `pods/exec`, `pods/attach` or `pods/portforward` needs `create` too
    /// (gate `AuthorizePodWebsocketUpgradeCreatePermission`: on by default from 1.35).
    pub fn get_of_a_pod_session_needs_create(self) -> bool {
        self.minor >= 35
    }

    /// The supported version that is nearest to what a server calls its own; none of a text that is no
    /// version.
    pub fn nearest(text: &str) -> Option<Self> {
        let minor = minor(text)?;
        let nearest = Self { minor }.clamp(Self::OLDEST, Self::NEWEST);
        Some(nearest)
    }
}

impl Default for Version {
    fn default() -> Self {
        Self::NEWEST
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.minor)
    }
}

/// A text that is no version of Kubernetes, or one whose behaviour is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidVersion {
    /// It has another form.
    #[error("write it like `1.{}`", Version::NEWEST.minor)]
    Form,
    /// Too old or too new.
    #[error("{} to {} are known", Version::OLDEST, Version::NEWEST)]
    Unknown,
}

impl FromStr for Version {
    type Err = InvalidVersion;

    /// Reads `1.34`, and `v1.34.2` and `1.34.1-gke.100` as servers give them.
    fn from_str(text: &str) -> Result<Self, InvalidVersion> {
        let minor = minor(text).ok_or(InvalidVersion::Form)?;
        let version = Self { minor };
        match (Self::OLDEST..=Self::NEWEST).contains(&version) {
            true => Ok(version),
            false => Err(InvalidVersion::Unknown),
        }
    }
}

fn minor(text: &str) -> Option<u32> {
    let rest = text.strip_prefix('v').unwrap_or(text);
    let minor = rest.strip_prefix("1.")?;
    let end = minor.find(|c: char| !c.is_ascii_digit());
    let (minor, rest) = minor.split_at(end.unwrap_or(minor.len()));
    let ends = rest.is_empty() || rest.starts_with(['.', '-', '+']);
    minor.parse().ok().filter(|_| ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_servers_give_them() {
        for text in ["1.34", "v1.34.2", "1.34.1-gke.100", "1.34+"] {
            assert_eq!(text.parse(), Ok(Version { minor: 34 }), "{text}");
        }
        for text in [
            "",
            "1",
            "2.34",
            "1.",
            "1.x",
            "1.34x",
            "1.99999999999999999999",
        ] {
            assert_eq!(text.parse::<Version>(), Err(InvalidVersion::Form), "{text}");
        }
        for text in ["1.10", "1.99"] {
            assert_eq!(
                text.parse::<Version>(),
                Err(InvalidVersion::Unknown),
                "{text}"
            );
        }
        assert_eq!(Version::default().to_string(), "1.36");
        for (text, minor) in [("v1.31.2", 32), ("v1.33.1-eks", 33), ("v1.99", 36)] {
            assert_eq!(Version::nearest(text), Some(Version { minor }), "{text}");
        }
        assert_eq!(Version::nearest("one"), None);
    }
}
