use std::time::Duration;

/// What a provider could not do. The message never holds a credential.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ProviderError {
    /// Which kind of failure.
    pub kind: ErrorKind,
    /// What happened: a lower-case fragment, or the server's own words.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The server's request to wait this long before trying again.
    pub retry_after: Option<Duration>,
}

/// The kinds of failure. Each has a stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The settings (kubeconfig, context, certificate) cannot be used.
    Configuration,
    /// No credentials, or the server does not accept them (401).
    Unauthenticated,
    /// The server refuses this identity (403).
    Forbidden,
    /// What was asked for is not there (404), e.g. the namespace or the role.
    NotFound,
    /// What the plan compared has changed.
    Stale,
    /// Somebody else's object is in the way (409).
    Conflict,
    /// The server refuses the object (400, 422).
    Invalid,
    /// The server could not be reached, or gave up (5xx, timeouts), past all retries.
    Unavailable,
    /// The answer was lost and the world could not be asked what became of the write. The journal
    /// keeps the intent open; the next run settles it.
    Unknown,
    /// The server answered something that no server should.
    Protocol,
}

impl ProviderError {
    /// A failure without help.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            help: None,
            retry_after: None,
        }
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl ErrorKind {
    /// The stable code, as diagnostics and reports print it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::Stale => "stale",
            Self::Conflict => "conflict",
            Self::Invalid => "invalid",
            Self::Unavailable => "unavailable",
            Self::Unknown => "unknown-outcome",
            Self::Protocol => "protocol",
        }
    }
}
