//! `SigV4` for the service `neptune-db`.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use innerworld_core::{clock::Clock, error::PortError};

use super::{unavailable, unusable};

/// What bodies are; signed too.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";
const OPERATION: &str = "sign a request to the graph";

/// Signs requests with credentials that are asked for each time, as they are renewed.
pub(super) struct Signer {
    pub(super) region: String,
    pub(super) credentials: SharedCredentialsProvider,
    pub(super) clock: Arc<dyn Clock>,
}

impl Signer {
    /// The headers that sign a `POST` of `body` to `url`.
    pub(super) async fn headers(
        &self,
        url: &str,
        body: &str,
    ) -> Result<Vec<(String, String)>, PortError> {
        let credentials = self
            .credentials
            .provide_credentials()
            .await
            .map_err(|cause| unavailable("get credentials for the graph", cause))?;
        let identity = credentials.into();
        let millis = u64::try_from(self.clock.now().as_millis()).unwrap_or_default();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("neptune-db")
            .time(SystemTime::UNIX_EPOCH + Duration::from_millis(millis))
            .settings(SigningSettings::default())
            .build()
            .map_err(|cause| unusable(OPERATION, cause))?
            .into();
        let content_type = [("content-type", FORM)];
        let request = SignableRequest::new(
            "POST",
            url,
            content_type.into_iter(),
            SignableBody::Bytes(body.as_bytes()),
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
