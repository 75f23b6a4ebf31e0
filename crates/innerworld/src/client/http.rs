//! Requests to `/v1` and to the identity provider.

use std::time::Duration;

use innerworld_core::secret::Secret;
use reqwest::{Client, Method, RequestBuilder, Response, header, redirect::Policy};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::error::ClientError;

const TIMEOUT: Duration = Duration::from_secs(15);
/// An export is the largest answer there is.
const MAX_ANSWER_BYTES: usize = 64 * 1_024 * 1_024;

/// A server, by its public URL.
#[derive(Clone, Debug)]
pub struct Server {
    http: Client,
    upgrading: Client,
    base: String,
}

/// `GET /v1/client`: where to sign in and who answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Discovery {
    /// Endpoint of the Cognito API.
    pub cognito_url: String,
    /// App client.
    pub client_id: String,
    /// User pool.
    pub user_pool_id: String,
    /// Socket.
    pub ws_url: String,
    /// `offline` or `model`.
    #[serde(default)]
    pub mode: String,
    /// The model that answers.
    #[serde(default)]
    pub model: Option<String>,
    /// The company behind it.
    #[serde(default)]
    pub company: Option<String>,
    /// Fewest characters of a password.
    #[serde(default)]
    pub password_min_chars: usize,
    /// Whether sign-up codes can be read at `/v1/dev/code`.
    #[serde(default)]
    pub dev_codes: bool,
}

impl Server {
    /// The server at `url`, such as `http://127.0.0.1:8787`.
    pub fn new(url: &str) -> Result<Self, ClientError> {
        let base = url.trim_end_matches('/').to_owned();
        if !base.starts_with("http://") && !base.starts_with("https://") {
            return Err(ClientError::Address(format!(
                "{url} is not a server's address: it must begin with http:// or https://"
            )));
        }
        // Redirects are refused: they would carry the token to somebody else.
        let builder = || {
            Client::builder()
                .redirect(Policy::none())
                .connect_timeout(Duration::from_secs(5))
                // Sooner than servers close idle connections: a request must not meet the close halfway.
                .pool_idle_timeout(Duration::from_secs(10))
                .user_agent(concat!("innerworld/", env!("CARGO_PKG_VERSION")))
        };
        let unusable = |source| ClientError::Unreachable {
            url: base.clone(),
            source,
        };
        Ok(Self {
            http: builder().timeout(TIMEOUT).build().map_err(unusable)?,
            upgrading: builder().http1_only().build().map_err(unusable)?,
            base,
        })
    }

    /// Its public URL, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.base
    }

    /// The HTTP client that may be turned into a socket.
    pub(super) const fn upgrading(&self) -> &Client {
        &self.upgrading
    }

    /// Where to sign in and who answers.
    pub async fn discover(&self) -> Result<Discovery, ClientError> {
        self.get("/v1/client", None).await
    }

    /// `GET path`.
    pub async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        token: Option<&Secret>,
    ) -> Result<T, ClientError> {
        let response = self.call(Method::GET, path, token, None::<&()>).await?;
        read(response, &self.base).await
    }

    /// A request with a JSON body.
    pub async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        token: &Secret,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        let response = self.call(method, path, Some(token), Some(body)).await?;
        read(response, &self.base).await
    }

    /// A request whose answer's body does not matter; the status.
    pub async fn tell(
        &self,
        method: Method,
        path: &str,
        token: &Secret,
        body: Option<&(impl Serialize + Sync)>,
    ) -> Result<u16, ClientError> {
        let response = self.call(method, path, Some(token), body).await?;
        Ok(response.status().as_u16())
    }

    /// The status and the body as text.
    pub async fn text(&self, path: &str, token: &Secret) -> Result<(u16, String), ClientError> {
        let response = self
            .call(Method::GET, path, Some(token), None::<&()>)
            .await?;
        let status = response.status().as_u16();
        let bytes = bytes(response, &self.base).await?;
        let text = String::from_utf8(bytes)
            .map_err(|_not_text| ClientError::NotUnderstood("the body is not text"))?;
        Ok((status, text))
    }

    /// One operation of the Cognito user-pool API.
    pub(super) async fn cognito<T: DeserializeOwned>(
        &self,
        endpoint: &str,
        operation: &str,
        body: &Value,
    ) -> Result<T, ClientError> {
        let target = format!("AWSCognitoIdentityProviderService.{operation}");
        let request = self
            .http
            .post(endpoint)
            .header(header::CONTENT_TYPE, "application/x-amz-json-1.1")
            .header("x-amz-target", target)
            .body(body.to_string());
        let response = self.answer(request, endpoint).await?;
        if response.status().is_success() {
            return read(response, endpoint).await;
        }
        let fault: Value = read(response, endpoint).await.unwrap_or_default();
        let word = |key: &str| fault.get(key).and_then(Value::as_str);
        // The name may come as `com.amazonaws...#NotAuthorizedException`.
        let name = word("__type").and_then(|name| name.rsplit('#').next());
        Err(ClientError::Identity {
            name: name.unwrap_or("Unknown").to_owned(),
            message: word("message")
                .unwrap_or("The request was refused.")
                .to_owned(),
        })
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        token: Option<&Secret>,
        body: Option<&impl Serialize>,
    ) -> Result<Response, ClientError> {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = token {
            request = request.bearer_auth(token.reveal());
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = self.answer(request, &self.base).await?;
        if response.status().is_success() {
            Ok(response)
        } else {
            Err(refusal(response).await)
        }
    }

    async fn answer(&self, request: RequestBuilder, url: &str) -> Result<Response, ClientError> {
        request
            .send()
            .await
            .map_err(|source| ClientError::Unreachable {
                url: url.to_owned(),
                // The URL would repeat what the message says, with its query.
                source: source.without_url(),
            })
    }
}

/// Reads `{"error":{"code","message"}}`.
pub(super) async fn refusal(response: Response) -> ClientError {
    let status = response.status().as_u16();
    let retry_after_s = response
        .headers()
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse().ok());
    let body: Value = read(response, "").await.unwrap_or_default();
    let word = |key: &str| {
        let pointer = format!("/error/{key}");
        body.pointer(&pointer)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    ClientError::Refused {
        status,
        code: word("code").unwrap_or_else(|| format!("http_{status}")),
        message: word("message").unwrap_or_else(|| "The server refused the request.".to_owned()),
        retry_after_s,
    }
}

async fn read<T: DeserializeOwned>(response: Response, url: &str) -> Result<T, ClientError> {
    let bytes = bytes(response, url).await?;
    serde_json::from_slice(&bytes)
        .map_err(|_form| ClientError::NotUnderstood("the body has another form than expected"))
}

async fn bytes(mut response: Response, url: &str) -> Result<Vec<u8>, ClientError> {
    let cut = |source: reqwest::Error| ClientError::Unreachable {
        url: url.to_owned(),
        source: source.without_url(),
    };
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(cut)? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_ANSWER_BYTES {
            return Err(ClientError::NotUnderstood("the body is too long"));
        }
    }
    Ok(body)
}
