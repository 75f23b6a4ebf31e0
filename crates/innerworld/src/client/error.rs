//! What can go wrong between a client and a server.

/// Why a request or a connection failed. Nothing in it quotes what somebody typed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No answer came.
    #[error("could not reach the server at {url}: is it running?")]
    Unreachable {
        /// Where it was looked for.
        url: String,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// The server refused, with a stable code and a sentence for people.
    #[error("{message} ({code})")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Stable code.
        code: String,
        /// The sentence.
        message: String,
        /// Seconds to wait, if the server named them.
        retry_after_s: Option<u64>,
    },
    /// The identity provider refused, with Cognito's exception name.
    #[error("{message}")]
    Identity {
        /// Exception name.
        name: String,
        /// Its sentence.
        message: String,
    },
    /// The answer is not what the protocol says.
    #[error("the server's answer was not understood: {0}")]
    NotUnderstood(&'static str),
    /// The address cannot be used.
    #[error("{0}")]
    Address(String),
    /// The socket ended without a close frame.
    #[error("the connection was cut")]
    Cut,
    /// The server closed the socket.
    #[error("the server closed the connection ({code})")]
    Closed {
        /// Close code (protocol.md 10).
        code: u16,
    },
}

impl ClientError {
    /// Whether the same may succeed when it is tried again a little later.
    pub const fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Cut => true,
            Self::Refused { status, .. } => matches!(*status, 408 | 429 | 500..=599),
            Self::Closed { code } => {
                matches!(*code, 1001 | 1006 | 1011 | 1012 | 4407 | 4408 | 4429)
            }
            Self::Identity { .. } | Self::NotUnderstood(_) | Self::Address(_) => false,
        }
    }

    /// Whether a fresh token may help.
    pub const fn wants_token(&self) -> bool {
        matches!(
            self,
            Self::Refused { status: 401, .. } | Self::Closed { code: 4401 }
        )
    }

    /// The stable code of a refusal.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            Self::Identity { name, .. } => Some(name),
            _ => None,
        }
    }
}
