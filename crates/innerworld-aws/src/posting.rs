//! Frames to sockets that the gateway holds: its management API, `@connections`.
//!
//! One attempt only; whoever posts decides what a failure means. Answers are told apart by their
//! status alone: the service sends some of them without a body, others with one that is no JSON.
//! Nothing of a frame reaches a log or an error.

mod address;

use std::{sync::Arc, time::Duration};

use aws_config::SdkConfig;
use innerworld_core::{
    clock::Clock,
    error::{ErrorKind, PortError},
};
use reqwest::{Client, Method, StatusCode, header::CONTENT_TYPE};

use self::address::Address;
use crate::signed::{self, Signer, Unsigned, unavailable, unusable};

/// Every frame is shorter than this: the gateway closes a socket over a longer one, and counts
/// messages in units of it (doc "Quotas for configuring and running a WebSocket API in API
/// Gateway").
pub const POST_BYTES: usize = 32 * 1024;
/// What frames are; the gateway does not look at it.
const FRAME: &str = "application/json";

/// Why a frame was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PostFailure {
    /// The connection is closed, or not yet open (410).
    #[error("the connection is gone")]
    Gone,
    /// Our right to post, or our signature, does not count (401, 403).
    #[error("the gateway does not let us post")]
    Forbidden,
    /// Too many calls, or the client does not read and its buffer is full (429).
    #[error("the gateway takes no more now")]
    LimitExceeded,
    /// The frame is too long (413, or ours before it is sent).
    #[error("the frame is too long")]
    PayloadTooLarge,
    /// The gateway failed, or nothing was heard of it: the frame may have been delivered.
    #[error("the gateway was not heard of")]
    Unavailable(#[source] PortError),
    /// A request that cannot be made, or that the gateway does not know: trying again cannot help.
    #[error("the gateway cannot be asked so")]
    Invalid(#[source] PortError),
}

impl From<PostFailure> for PortError {
    fn from(failure: PostFailure) -> Self {
        const OPERATION: &str = "post to a connection";
        let kind = match failure {
            PostFailure::Unavailable(error) | PostFailure::Invalid(error) => return error,
            PostFailure::Gone => ErrorKind::NotFound,
            // An operator must mend it; `Denied` would speak of a teen.
            PostFailure::Forbidden => ErrorKind::Unavailable,
            PostFailure::LimitExceeded => ErrorKind::Throttled,
            PostFailure::PayloadTooLarge => ErrorKind::Invalid,
        };
        Self::with_source(kind, OPERATION, failure)
    }
}

/// An answer with a status that says nothing to us.
#[derive(Debug, thiserror::Error)]
#[error("status {0}")]
struct Status(StatusCode);

/// Posts to sockets of one stage, and closes them.
pub struct Posting {
    http: Client,
    address: Address,
    signer: Signer,
    timeout: Duration,
}

impl std::fmt::Debug for Posting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Posting")
            .field("address", &self.address)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

impl Posting {
    /// A client of the stage at `endpoint`, as in
    /// `https://abcdef123.execute-api.us-east-1.amazonaws.com/prod`; a call takes `timeout` at most.
    /// Plain `http` is for this machine only. `Invalid` for an address that is none or lacks its
    /// stage, and for a configuration without a region or credentials.
    pub fn new(
        config: &SdkConfig,
        endpoint: &str,
        timeout: Duration,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, PortError> {
        let absent = |operation| PortError::new(ErrorKind::Invalid, operation);
        let address = Address::parse(endpoint)?;
        let region = config
            .region()
            .ok_or_else(|| absent("post to connections: no region is set"))?;
        let credentials = config
            .credentials_provider()
            .ok_or_else(|| absent("post to connections: no credentials are set"))?;
        let http = signed::client()
            .https_only(!address.is_here())
            .connect_timeout(timeout / 2)
            .build()
            .map_err(|cause| unusable("set up the gateway's client", cause))?;
        Ok(Self {
            http,
            address,
            signer: Signer {
                service: "execute-api",
                region: region.to_string(),
                credentials,
                clock,
            },
            timeout,
        })
    }

    /// Sends a frame to a connection. It is taken once this returns, not yet read; frames of one
    /// caller that waits for each answer arrive in order.
    pub async fn post(&self, connection: &str, frame: &str) -> Result<(), PostFailure> {
        if frame.len() >= POST_BYTES {
            return Err(PostFailure::PayloadTooLarge);
        }
        self.call(Method::POST, connection, frame).await
    }

    /// Closes a connection; `false` if it was closed already.
    pub async fn close(&self, connection: &str) -> Result<bool, PostFailure> {
        match self.call(Method::DELETE, connection, "").await {
            Ok(()) => Ok(true),
            Err(PostFailure::Gone) => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    async fn call(&self, method: Method, connection: &str, frame: &str) -> Result<(), PostFailure> {
        let asked = self.ask(method, connection, frame);
        let status = tokio::time::timeout(self.timeout, asked)
            .await
            .unwrap_or_else(|late| Err(unavailable("hear from the gateway in time", late)))
            .map_err(|error| {
                if error.kind() == ErrorKind::Invalid {
                    PostFailure::Invalid(error)
                } else {
                    PostFailure::Unavailable(error)
                }
            })?;
        meaning(status)
    }

    async fn ask(
        &self,
        method: Method,
        connection: &str,
        frame: &str,
    ) -> Result<StatusCode, PortError> {
        let url = self.address.of(connection)?;
        let content_type = (method == Method::POST).then_some(FRAME);
        let unsigned = Unsigned {
            method: method.as_str(),
            url: url.as_str(),
            content_type,
            body: frame.as_bytes(),
        };
        let headers = self.signer.headers(unsigned).await?;
        let mut request = self.http.request(method, url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        if let Some(kind) = content_type {
            request = request.header(CONTENT_TYPE, kind).body(frame.to_owned());
        }
        let answer = request
            .send()
            .await
            // Its sentence holds the address, and with it the connection.
            .map_err(|cause| unavailable("reach the gateway", cause.without_url()))?;
        Ok(answer.status())
    }
}

fn meaning(status: StatusCode) -> Result<(), PostFailure> {
    let error = |kind| PortError::with_source(kind, "post to a connection", Status(status));
    Err(match status {
        status if status.is_success() => return Ok(()),
        StatusCode::GONE => PostFailure::Gone,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => PostFailure::Forbidden,
        StatusCode::TOO_MANY_REQUESTS => PostFailure::LimitExceeded,
        StatusCode::PAYLOAD_TOO_LARGE => PostFailure::PayloadTooLarge,
        status if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT => {
            PostFailure::Unavailable(error(ErrorKind::Unavailable))
        }
        _ => PostFailure::Invalid(error(ErrorKind::Invalid)),
    })
}
