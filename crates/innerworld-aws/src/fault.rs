//! What the services say when they refuse, as kinds of errors.

mod advice;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use innerworld_core::error::{ErrorKind, PortError};

pub use self::advice::advice;

/// A failed call as an error of a port. The service's own words stay out of it: a message about a
/// condition may repeat what was sent.
pub(crate) fn failed<E, R>(operation: &'static str, error: &SdkError<E, R>) -> PortError
where
    E: ProvideErrorMetadata,
{
    PortError::with_source(kind(error), operation, Said(said(error)))
}

/// The service's stable code, or what kept us from an answer.
fn said<E, R>(error: &SdkError<E, R>) -> String
where
    E: ProvideErrorMetadata,
{
    match error {
        SdkError::ServiceError(service) => service
            .err()
            .code()
            .unwrap_or("an error without a code")
            .to_owned(),
        SdkError::TimeoutError(_) => "no answer in time".to_owned(),
        SdkError::DispatchFailure(_) => "not reached".to_owned(),
        SdkError::ConstructionFailure(_) => "a request that cannot be made".to_owned(),
        _ => "an answer that cannot be read".to_owned(),
    }
}

fn kind<E, R>(error: &SdkError<E, R>) -> ErrorKind
where
    E: ProvideErrorMetadata,
{
    match error {
        SdkError::ConstructionFailure(_) => ErrorKind::Invalid,
        SdkError::ServiceError(service) => of_code(service.err().code().unwrap_or_default()),
        _ => ErrorKind::Unavailable,
    }
}

/// Kinds by the codes of DynamoDB, KMS, SQS, Lambda, S3 and Cognito. What an operator must mend (a
/// right, a table) is `Unavailable`: `Denied` is for teens who are being erased.
fn of_code(code: &str) -> ErrorKind {
    match code {
        "ConditionalCheckFailedException" => ErrorKind::Conflict,
        "ProvisionedThroughputExceededException"
        | "ThrottlingException"
        | "Throttling"
        | "RequestLimitExceeded"
        | "RequestThrottled"
        | "TooManyRequestsException"
        | "SlowDown"
        | "LimitExceededException"
        | "TransactionConflictException"
        | "TransactionInProgressException" => ErrorKind::Throttled,
        "ValidationException"
        | "SerializationException"
        | "IdempotentParameterMismatchException"
        | "ItemCollectionSizeLimitExceededException"
        | "InvalidParameterValue"
        | "ReceiptHandleIsInvalid" => ErrorKind::Invalid,
        "InvalidCiphertextException" | "IncorrectKeyException" => ErrorKind::Corrupt,
        _ => ErrorKind::Unavailable,
    }
}

/// A code, in an operator's log.
#[derive(Debug)]
struct Said(String);

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Said {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_a_service_says_reads_as_an_erase() {
        for code in [
            "AccessDeniedException",
            "ResourceNotFoundException",
            "DisabledException",
            "",
        ] {
            assert_eq!(of_code(code), ErrorKind::Unavailable, "{code}");
        }
        assert_eq!(of_code("ThrottlingException"), ErrorKind::Throttled);
        assert_eq!(of_code("ValidationException"), ErrorKind::Invalid);
    }
}
