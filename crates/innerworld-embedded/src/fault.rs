//! From SQLite's errors to the port's.

use std::sync::Arc;

use innerworld_core::error::{ErrorKind, PortError};
use rusqlite::ErrorCode;

/// Why a closure on a storage thread gave up.
#[derive(Debug)]
pub(crate) enum Failure {
    /// By its own rule (a condition did not hold, a record does not open).
    Rule(PortError),
    /// SQLite refused.
    Sqlite(rusqlite::Error),
}

impl From<PortError> for Failure {
    fn from(error: PortError) -> Self {
        Self::Rule(error)
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl Failure {
    /// As the port's error for `operation`.
    pub(crate) fn into_port(self, operation: &'static str) -> PortError {
        match self {
            Self::Rule(error) => error,
            Self::Sqlite(error) => PortError::with_source(kind_of(&error), operation, error),
        }
    }
}

/// What a caller can do about an error of SQLite.
pub(crate) fn kind_of(error: &rusqlite::Error) -> ErrorKind {
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => ErrorKind::Corrupt,
            ErrorCode::ConstraintViolation => ErrorKind::Conflict,
            ErrorCode::ApiMisuse | ErrorCode::ParameterOutOfRange | ErrorCode::TypeMismatch => {
                ErrorKind::Invalid
            }
            _ => ErrorKind::Unavailable,
        },
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::Utf8Error(..) => ErrorKind::Corrupt,
        rusqlite::Error::QueryReturnedNoRows => ErrorKind::NotFound,
        _ => ErrorKind::Invalid,
    }
}

/// Whether an error says that the file or the disk is in trouble, so that nothing of the same
/// transaction can be trusted to commit.
pub(crate) fn is_fatal(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::OutOfMemory
                | ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
        )
    )
}

/// The one cause that all waiters of a failed transaction are told.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct BatchFault(Arc<str>);

impl BatchFault {
    pub(crate) fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    pub(crate) fn into_port(self, operation: &'static str) -> PortError {
        PortError::with_source(ErrorKind::Unavailable, operation, self)
    }
}

impl From<&rusqlite::Error> for BatchFault {
    fn from(error: &rusqlite::Error) -> Self {
        Self::new(error.to_string())
    }
}
