//! What whoever runs a deployment can do about a refusal.

use std::error::Error as _;

use innerworld_core::error::PortError;

use super::Said;

/// The service's stable code behind a failed call, or what kept us from an answer.
fn code(error: &PortError) -> Option<&str> {
    let said = error.source()?.downcast_ref::<Said>()?;
    Some(said.0.as_str())
}

/// What to do about a failed call, as the rest of a sentence; `None` if its code says nothing that
/// is known.
pub fn advice(error: &PortError) -> Option<&'static str> {
    Some(match code(error)? {
        "AccessDeniedException" | "AccessDenied" => {
            "these credentials lack the right: compare the role's policy with the rights that the \
             documentation lists"
        }
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "IncompleteSignature"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "ExpiredTokenException"
        | "ExpiredToken" => {
            "the credentials are wrong or have ended, or the clock of this machine is off: try `aws \
             sts get-caller-identity`"
        }
        "RequestTimeTooSkewed" | "RequestExpired" => {
            "the clock of this machine is off: set it, then try again"
        }
        "ResourceNotFoundException" => {
            "it is not in this account and region: check the region and the prefix"
        }
        "NotFoundException" => {
            "there is no such KMS key in this account and region: check the region and \
             `storage.aws.kms_key`"
        }
        "DisabledException" => "the KMS key is disabled: run `aws kms enable-key --key-id KEY`",
        "KMSInvalidStateException" => {
            "the KMS key cannot be used in its state: look at `aws kms describe-key --key-id KEY`"
        }
        "DecryptionFailure" | "EncryptionFailure" => {
            "the KMS key of the secret cannot be used: look at its state and at the role's rights on it"
        }
        "InvalidRequestException" => {
            "it cannot be done in this state: a secret that is going to be deleted takes nothing until \
             `aws secretsmanager restore-secret` keeps it"
        }
        "QueueDoesNotExist" | "AWS.SimpleQueueService.NonExistentQueue" => {
            "there is no such queue in this account and region: check the region and the prefix"
        }
        "not reached" => "check credentials, region and network: try `aws sts get-caller-identity`",
        "no answer in time" => {
            "check the way to the service: a private subnet needs an endpoint or NAT, a security \
             group an egress rule"
        }
        "ThrottlingException"
        | "Throttling"
        | "RequestThrottled"
        | "RequestLimitExceeded"
        | "ProvisionedThroughputExceededException" => "too many calls: try again in a minute",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use innerworld_core::error::ErrorKind;

    use super::*;

    fn failed(code: &str) -> PortError {
        let said = Said(code.to_owned());
        PortError::with_source(ErrorKind::Unavailable, "do it", said)
    }

    #[test]
    fn a_refusal_is_told_with_what_to_do_and_an_unknown_one_with_nothing() {
        assert!(
            advice(&failed("AccessDeniedException")).is_some_and(|said| said.contains("right"))
        );
        assert!(advice(&failed("not reached")).is_some_and(|said| said.contains("region")));
        assert_eq!(advice(&failed("SomethingNew")), None);
        assert_eq!(code(&failed("SomethingNew")), Some("SomethingNew"));
        assert_eq!(
            advice(&PortError::new(ErrorKind::Unavailable, "do it")),
            None
        );
    }
}
