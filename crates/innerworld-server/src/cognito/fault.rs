//! Cognito's errors, as its SDKs read them.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use innerworld_core::error::{ErrorKind, PortError};
use serde_json::json;

/// An error answer: Cognito's exception name and sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault(pub(super) &'static str, pub(super) &'static str);

impl Fault {
    pub(super) const NOT_AUTHORIZED: Self =
        Self("NotAuthorizedException", "Incorrect username or password.");
    pub(super) const PASSWORDS: Self = Self("NotAuthorizedException", "Password attempts exceeded");
    pub(super) const SESSION: Self = Self(
        "NotAuthorizedException",
        "Invalid session for the user, session is expired.",
    );
    pub(super) const CLOCK: Self = Self(
        "NotAuthorizedException",
        "The clock of this device is off by more than five minutes; set it and try again.",
    );
    pub(super) const BAD_TOKEN: Self = Self("NotAuthorizedException", "Invalid Access Token");
    pub(super) const BAD_REFRESH: Self = Self("NotAuthorizedException", "Invalid Refresh Token");
    pub(super) const CODE: Self = Self(
        "CodeMismatchException",
        "Invalid verification code provided, please try again.",
    );
    pub(super) const LIMIT: Self = Self(
        "LimitExceededException",
        "Attempt limit exceeded, please try after some time.",
    );
    pub(super) const TOO_MANY: Self = Self(
        "TooManyRequestsException",
        "Too many attempts, please try after some time.",
    );
    pub(super) const EXISTS: Self = Self(
        "UsernameExistsException",
        "An account with the given email already exists.",
    );
    pub(super) const AGE: Self = Self(
        "UserLambdaValidationException",
        "PreSignUp failed with error the age requirement is not met.",
    );
    pub(super) const INTERNAL: Self =
        Self("InternalErrorException", "Something went wrong; try again.");

    pub(super) const fn parameter(message: &'static str) -> Self {
        Self("InvalidParameterException", message)
    }
}

impl From<PortError> for Fault {
    fn from(cause: PortError) -> Self {
        match cause.kind() {
            ErrorKind::Conflict => Self::EXISTS,
            ErrorKind::NotFound | ErrorKind::Denied => Self::NOT_AUTHORIZED,
            ErrorKind::Throttled => Self::TOO_MANY,
            ErrorKind::Superseded
            | ErrorKind::Unavailable
            | ErrorKind::Invalid
            | ErrorKind::Corrupt => {
                tracing::error!(
                    error.kind = ?cause.kind(),
                    operation = cause.operation(),
                    "a call to the identity provider failed"
                );
                Self::INTERNAL
            }
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let Self(name, message) = self;
        let status = if name == Self::INTERNAL.0 {
            StatusCode::INTERNAL_SERVER_ERROR
        } else {
            StatusCode::BAD_REQUEST
        };
        let body = json!({"__type": name, "message": message}).to_string();
        let mut response =
            (status, [(header::CONTENT_TYPE, super::JSON_1_1)], body).into_response();
        if let Ok(value) = HeaderValue::from_str(&format!("{name}:")) {
            response.headers_mut().insert("x-amzn-errortype", value);
        }
        response
    }
}
