//! The error that every port returns.

use std::{error::Error, fmt};

/// What a caller can do about a failed port call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The thing asked for does not exist (or has expired).
    NotFound,
    /// A condition of a conditional write did not hold.
    Conflict,
    /// Somebody else does now what the caller was doing: the caller stops, and says nothing of it.
    Superseded,
    /// The dependency cannot be reached or refused for a passing reason; trying again may help.
    Unavailable,
    /// A limit was hit; try again later.
    Throttled,
    /// The caller may not do this (for example, the teen is being erased).
    Denied,
    /// The request itself is wrong; trying again cannot help.
    Invalid,
    /// Stored data cannot be read: wrong key, damaged bytes or an unknown format.
    Corrupt,
}

/// A failed port call: a kind to act on, the operation, and the cause.
///
/// The text never holds content, names or secrets; the cause is for logs of operators only and
/// never crosses the wire.
#[derive(Debug)]
pub struct PortError {
    kind: ErrorKind,
    operation: &'static str,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl PortError {
    /// An error without a further cause. `operation` completes the sentence "could not …".
    pub fn new(kind: ErrorKind, operation: &'static str) -> Self {
        Self {
            kind,
            operation,
            source: None,
        }
    }

    /// An error with the cause that an adapter saw.
    pub fn with_source(
        kind: ErrorKind,
        operation: &'static str,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self {
            kind,
            operation,
            source: Some(source.into()),
        }
    }

    /// What a caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What was being done, as in "append the message".
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// Whether the same call may succeed later without any change.
    pub fn is_retryable(&self) -> bool {
        matches!(self.kind, ErrorKind::Unavailable | ErrorKind::Throttled)
    }
}

impl fmt::Display for PortError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not {}", self.operation)
    }
}

impl Error for PortError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source
            .as_deref()
            .map(|cause| cause as &(dyn Error + 'static))
    }
}
