//! Refusals.

use innerworld_core::ids::RequestId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::codes::{CloseCode, ErrorCode};

/// `error`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorFrame {
    /// Stable code.
    pub code: ErrorCode,
    /// A sentence for people.
    pub message: String,
    /// The same may succeed later.
    pub retryable: bool,
    /// Wait this long.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub retry_after_ms: Option<u64>,
    /// The message or turn it is about.
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none", default)]
    pub reference: Option<String>,
    /// The connection ends.
    pub fatal: bool,
    /// The close code that follows.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub close: Option<u16>,
    /// Names this request in logs.
    #[schemars(with = "String")]
    pub request_id: RequestId,
}

impl ErrorFrame {
    /// An error that leaves the connection open.
    pub fn new(code: ErrorCode, request_id: RequestId) -> Self {
        Self {
            code,
            message: code.message().to_owned(),
            retryable: code.retryable(),
            retry_after_ms: None,
            reference: None,
            fatal: false,
            close: None,
            request_id,
        }
    }

    /// Names the message or turn it is about.
    #[must_use]
    pub fn about(mut self, reference: &dyn std::fmt::Display) -> Self {
        self.reference = Some(reference.to_string());
        self
    }

    /// Says when to come back.
    #[must_use]
    pub const fn retry_after(mut self, millis: u64) -> Self {
        self.retry_after_ms = Some(millis);
        self
    }

    /// Ends the connection with this close code.
    #[must_use]
    pub const fn closing(mut self, close: CloseCode) -> Self {
        self.fatal = true;
        self.close = Some(close.number());
        self
    }
}
