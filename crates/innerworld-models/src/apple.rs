//! Calls to Apple's identity service: one host, no redirects, bounded answers, one deadline.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::StreamExt as _;
use innerworld_core::{
    error::{ErrorKind, PortError},
    identity::apple::{
        AppleService, AppleTokens, ClientAuth,
        keys::{self, KeySet},
    },
    secret::{Secret, Text},
};
use reqwest::{Client, Method, Response, StatusCode, Url, header};
use serde::Deserialize;

use crate::egress::{self, EgressError, SystemNames};

const CONNECT: Duration = Duration::from_secs(5);
/// The whole call: somebody waits for it in a browser.
const TOTAL: Duration = Duration::from_secs(10);
/// Largest answer of the token endpoint; Apple's have about 2,000 bytes.
const MAX_ANSWER_BYTES: usize = 64 * 1_024;

const EXCHANGE: &str = "exchange a code at Apple";
const REVOKE: &str = "revoke a grant at Apple";
const KEYS: &str = "read Apple's key set";

/// [`AppleService`] over HTTP.
pub struct AppleHttp {
    http: Client,
    base: Url,
}

impl fmt::Debug for AppleHttp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppleHttp").finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Tokens {
    id_token: Text,
    refresh_token: Text,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

impl AppleHttp {
    /// Calls go to `issuer` (`https://appleid.apple.com`) and nowhere else. `allow_private` is for
    /// an issuer of one's own in tests: plain HTTP and private addresses.
    pub fn new(issuer: &str, allow_private: bool) -> Result<Self, EgressError> {
        let base = egress::checked(issuer, allow_private)?;
        let http = egress::to_one_host(&base, allow_private, CONNECT, Arc::new(SystemNames))
            .timeout(TOTAL)
            .build()
            .map_err(|_says_no_more| EgressError::Client)?;
        Ok(Self { http, base })
    }

    async fn send(
        &self,
        operation: &'static str,
        (method, path): (Method, &str),
        form: Option<Secret>,
    ) -> Result<Response, PortError> {
        let mut request = self.http.request(method, egress::below(&self.base, path));
        if let Some(form) = form {
            request = request
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form.reveal().to_owned());
        }
        // The cause may quote the address, and nothing else; it is left out all the same.
        let gone = |_cause: reqwest::Error| PortError::new(ErrorKind::Unavailable, operation);
        request.send().await.map_err(gone)
    }
}

fn form(client: &ClientAuth, fields: &[(&str, &str)]) -> Secret {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("client_id", &client.client_id);
    form.append_pair("client_secret", client.secret.reveal());
    form.extend_pairs(fields);
    Secret::new(form.finish())
}

/// The body, as far as it may go.
async fn read(
    response: Response,
    operation: &'static str,
    most: usize,
) -> Result<Vec<u8>, PortError> {
    let mut body = Vec::new();
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        let gone = |_cause: reqwest::Error| PortError::new(ErrorKind::Unavailable, operation);
        body.extend_from_slice(&chunk.map_err(gone)?);
        if body.len() > most {
            return Err(PortError::new(ErrorKind::Corrupt, operation));
        }
    }
    Ok(body)
}

/// What a refusal means: only a refused code is somebody's own doing.
fn refused(status: StatusCode, body: &[u8], operation: &'static str) -> PortError {
    let error =
        serde_json::from_slice(body).map_or(String::new(), |refusal: Refusal| refusal.error);
    let kind = match (status, error.as_str()) {
        (StatusCode::BAD_REQUEST, "invalid_grant") => ErrorKind::Denied,
        (StatusCode::TOO_MANY_REQUESTS, _) => ErrorKind::Throttled,
        // The names or the key are wrong: an operator must look.
        (status, _) if status.is_client_error() => ErrorKind::Invalid,
        _ => ErrorKind::Unavailable,
    };
    PortError::new(kind, operation)
}

#[async_trait]
impl AppleService for AppleHttp {
    async fn exchange(
        &self,
        client: &ClientAuth,
        code: &Text,
        redirect_uri: &str,
    ) -> Result<AppleTokens, PortError> {
        let form = form(
            client,
            &[
                ("grant_type", "authorization_code"),
                ("code", code.reveal()),
                ("redirect_uri", redirect_uri),
            ],
        );
        let route = (Method::POST, "/auth/token");
        let response = self.send(EXCHANGE, route, Some(form)).await?;
        let status = response.status();
        let body = read(response, EXCHANGE, MAX_ANSWER_BYTES).await?;
        if status != StatusCode::OK {
            return Err(refused(status, &body, EXCHANGE));
        }
        let tokens: Tokens = serde_json::from_slice(&body)
            .map_err(|_quotes_it| PortError::new(ErrorKind::Corrupt, EXCHANGE))?;
        Ok(AppleTokens {
            id_token: tokens.id_token,
            refresh_token: tokens.refresh_token,
        })
    }

    async fn revoke(&self, client: &ClientAuth, token: &Text) -> Result<(), PortError> {
        let form = form(
            client,
            &[
                ("token", token.reveal()),
                ("token_type_hint", "refresh_token"),
            ],
        );
        let route = (Method::POST, "/auth/revoke");
        let response = self.send(REVOKE, route, Some(form)).await?;
        let status = response.status();
        if status == StatusCode::OK {
            return Ok(());
        }
        let body = read(response, REVOKE, MAX_ANSWER_BYTES).await?;
        Err(refused(status, &body, REVOKE))
    }

    async fn keys(&self) -> Result<KeySet, PortError> {
        let response = self.send(KEYS, (Method::GET, "/auth/keys"), None).await?;
        if response.status() != StatusCode::OK {
            return Err(PortError::new(ErrorKind::Unavailable, KEYS));
        }
        KeySet::parse(&read(response, KEYS, keys::MAX_BYTES).await?)
    }
}
