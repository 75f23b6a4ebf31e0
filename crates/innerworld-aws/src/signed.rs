//! Calls over HTTP that are made and signed here, with `SigV4`: those of Neptune, for which the SDK
//! has no openCypher, and of the gateway's sockets, whose answers the SDKs read wrongly.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use innerworld_core::{
    clock::Clock,
    error::{ErrorKind, PortError},
};
use reqwest::{Client, ClientBuilder};

/// How long an unused connection is kept; shorter than balancers and the services drop it.
const IDLE: Duration = Duration::from_secs(20);
const OPERATION: &str = "sign a request";

/// A client that does what it is told once: it follows nobody elsewhere and tries nothing again.
pub(crate) fn client() -> ClientBuilder {
    Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .http1_only()
        .pool_idle_timeout(IDLE)
        .user_agent(concat!("innerworld/", env!("CARGO_PKG_VERSION")))
}

/// Signs requests with credentials that are asked for each time, as they are renewed.
pub(crate) struct Signer {
    /// The name that the service is signed for.
    pub(crate) service: &'static str,
    /// Region that requests are signed for.
    pub(crate) region: String,
    /// Where credentials come from.
    pub(crate) credentials: SharedCredentialsProvider,
    /// The wall clock.
    pub(crate) clock: Arc<dyn Clock>,
}

/// A request as it will be sent.
pub(crate) struct Unsigned<'a> {
    /// Its method.
    pub(crate) method: &'a str,
    /// Its whole address, percent-encoded once. The signature encodes the path again, as every
    /// service but S3 expects it.
    pub(crate) url: &'a str,
    /// What the body is, if that is to be signed too.
    pub(crate) content_type: Option<&'a str>,
    /// Its body.
    pub(crate) body: &'a [u8],
}

impl Signer {
    /// The headers that sign a request.
    pub(crate) async fn headers(
        &self,
        request: Unsigned<'_>,
    ) -> Result<Vec<(String, String)>, PortError> {
        let credentials = self
            .credentials
            .provide_credentials()
            .await
            .map_err(|cause| unavailable("get credentials for a call", cause))?;
        let identity = credentials.into();
        let millis = u64::try_from(self.clock.now().as_millis()).unwrap_or_default();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(self.service)
            .time(SystemTime::UNIX_EPOCH + Duration::from_millis(millis))
            .settings(SigningSettings::default())
            .build()
            .map_err(|cause| unusable(OPERATION, cause))?
            .into();
        let content_type = request.content_type.map(|kind| ("content-type", kind));
        let request = SignableRequest::new(
            request.method,
            request.url,
            content_type.into_iter(),
            SignableBody::Bytes(request.body),
        )
        .map_err(|cause| unusable(OPERATION, cause))?;
        let (signed, _signature) = sign(request, &params)
            .map_err(|cause| unusable(OPERATION, cause))?
            .into_parts();
        Ok(signed
            .headers()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect())
    }
}

/// What nobody can mend but who set it.
pub(crate) fn unusable(
    operation: &'static str,
    cause: impl std::error::Error + Send + Sync + 'static,
) -> PortError {
    PortError::with_source(ErrorKind::Invalid, operation, cause)
}

/// What may pass.
pub(crate) fn unavailable(
    operation: &'static str,
    cause: impl std::error::Error + Send + Sync + 'static,
) -> PortError {
    PortError::with_source(ErrorKind::Unavailable, operation, cause)
}
