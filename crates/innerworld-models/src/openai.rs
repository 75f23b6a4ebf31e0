//! The client of every server with the chat-completions API: OpenRouter and compatible ones.

mod chunk;
mod reader;
pub mod request;
mod status;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt as _;
use innerworld_core::{
    clock::Clock,
    model::{
        call::ModelCall,
        chat_model::{ChatModel, ModelError, ModelErrorKind, ModelPhase, ModelStream},
        veil::PrivateNames,
    },
    secret::Secret,
};
use reqwest::{Client, Response, header};
use tokio::time::{Instant, timeout_at};

use self::{
    reader::{MAX_ERROR_BYTES, Reader, Reading},
    request::{JsonMode, Shape},
};
use crate::{
    config::{Clocks, Dialect, ProviderConfig},
    egress::{self, EgressError, Endpoint},
    estimate,
    key::KeySource,
    places::Places,
    produce::{Outlet, produce},
    veiled::{lifted, veiled},
};

/// What hops to the same provider share: one connection pool, one limit of calls.
#[derive(Clone)]
pub struct Connection {
    http: Client,
    endpoint: Endpoint,
    places: Arc<Places>,
    names: Arc<dyn PrivateNames>,
}

impl Connection {
    /// A connection to the provider; nothing is sent yet. No call passes it with a name that
    /// `names` finds.
    pub fn new(config: &ProviderConfig, names: Arc<dyn PrivateNames>) -> Result<Self, EgressError> {
        let endpoint = egress::endpoint(&config.base_url, config.allow_private)?;
        Ok(Self {
            http: egress::client(config, &endpoint)?,
            endpoint,
            places: Arc::new(Places::new(config.limits.concurrency)),
            names,
        })
    }

    /// Host and port.
    pub fn host(&self) -> &str {
        &self.endpoint.host
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connection({})", self.endpoint.host)
    }
}

/// An adapter of [`ChatModel`] over the chat-completions API.
pub struct OpenAiCompatible(Arc<Caller>);

struct Caller {
    connection: Connection,
    clock: Arc<dyn Clock>,
    key: Arc<dyn KeySource>,
    shape: Shape,
    company: String,
    clocks: Clocks,
    /// The model does not take schemas: it is asked for JSON alone from then on.
    no_schema: AtomicBool,
}

impl OpenAiCompatible {
    /// Asks `model` of the provider; with OpenRouter the provider may try `upstream_fallback` next
    /// by itself.
    pub fn new(
        config: &ProviderConfig,
        connection: Connection,
        clock: Arc<dyn Clock>,
        model: &str,
        upstream_fallback: Option<&str>,
    ) -> Self {
        Self(Arc::new(Caller {
            connection,
            clock,
            key: Arc::clone(&config.key),
            shape: Shape {
                dialect: config.dialect,
                model: model.to_owned(),
                upstream_fallback: upstream_fallback.map(str::to_owned),
            },
            company: config.company.clone(),
            clocks: config.limits.clocks,
            no_schema: AtomicBool::new(false),
        }))
    }

    /// The body that `call` would be sent with.
    pub fn request_body(&self, call: &ModelCall) -> Result<Vec<u8>, ModelError> {
        let (call, _veil) = veiled(call.clone(), &*self.0.connection.names);
        self.0.body(&call, self.0.json_mode())
    }
}

impl fmt::Debug for OpenAiCompatible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let caller = &self.0;
        write!(
            f,
            "OpenAiCompatible({} at {})",
            caller.shape.model, caller.connection.endpoint.host
        )
    }
}

#[async_trait]
impl ChatModel for OpenAiCompatible {
    async fn stream(&self, call: ModelCall) -> Result<ModelStream, ModelError> {
        let caller = Arc::clone(&self.0);
        let (call, veil) = veiled(call, &*caller.connection.names);
        let answer = produce(|out| async move {
            if let Err(error) = caller.run(&call, &out).await {
                out.error(error).await;
            }
        });
        Ok(lifted(answer, veil))
    }
}

impl Caller {
    async fn run(&self, call: &ModelCall, out: &Outlet) -> Result<(), ModelError> {
        let first_token = Instant::now() + self.clocks.first_token;
        let place = timeout_at(first_token, self.connection.places.take()).await;
        let _place = place
            .map_err(|_elapsed| ModelError::early(ModelErrorKind::Timeout))?
            .map_err(|_full| ModelError::early(ModelErrorKind::Budget))?;
        let sent = Instant::now();
        let response = self.ask_as_it_can(call, sent).await?;
        let reading = Reading {
            clocks: self.clocks,
            sent,
            model_asked: &self.shape.model,
            company: &self.company,
            prompt_tokens: estimate::prompt_tokens(&call.prompt),
            flags_sent: self.flags_sent(),
        };
        Reader::new(reading, out).run(response.bytes_stream()).await;
        Ok(())
    }

    /// Sends the request. A model that refuses a schema is asked once more for JSON alone, and from
    /// then on only so; the privacy flags are the same.
    async fn ask_as_it_can(&self, call: &ModelCall, sent: Instant) -> Result<Response, ModelError> {
        let mode = self.json_mode();
        let refused = match self.ask(self.body(call, mode)?.into(), sent).await {
            Err(error) if call.json.is_some() && mode == JsonMode::Schema => error,
            done => return done,
        };
        // OpenRouter says 404 where no endpoint of the model takes all parameters.
        let perhaps = matches!(
            (refused.provider_status, refused.kind),
            (Some(400 | 422), ModelErrorKind::Invalid)
                | (
                    Some(404),
                    ModelErrorKind::UnknownModel | ModelErrorKind::PrivacyUnavailable
                )
        );
        if !perhaps {
            return Err(refused);
        }
        let body = self.body(call, JsonMode::Object)?;
        let response = self.ask(body.into(), sent).await?;
        self.no_schema.store(true, Ordering::Relaxed);
        tracing::info!(model.name = %self.shape.model, "the model takes no JSON schema; it is asked for JSON alone");
        Ok(response)
    }

    /// Sends the request; a refused key is read again from its source once (it may have been
    /// rotated).
    async fn ask(&self, body: Bytes, sent: Instant) -> Result<Response, ModelError> {
        let no_key = |_source| ModelError::early(ModelErrorKind::Denied);
        let key = self.key.key().await.map_err(no_key)?;
        let response = self.post(body.clone(), &key, sent).await?;
        let response = if response.status().as_u16() == 401 {
            let key = self.key.reread().await.map_err(no_key)?;
            self.post(body, &key, sent).await?
        } else {
            response
        };
        if response.status().as_u16() == 200 {
            return plain(response);
        }
        Err(self.refusal(response, sent).await)
    }

    async fn post(&self, body: Bytes, key: &Secret, sent: Instant) -> Result<Response, ModelError> {
        let bearer = zeroize::Zeroizing::new(format!("Bearer {}", key.reveal()));
        let mut bearer = header::HeaderValue::from_str(&bearer)
            .map_err(|_would_quote_the_key| ModelError::early(ModelErrorKind::Denied))?;
        bearer.set_sensitive(true);
        let request = self
            .connection
            .http
            .post(self.connection.endpoint.completions.clone())
            .header(header::AUTHORIZATION, bearer)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "text/event-stream")
            .body(body);
        match timeout_at(sent + self.clocks.headers, request.send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) if error.is_timeout() => Err(ModelError::early(ModelErrorKind::Timeout)),
            Ok(Err(_transport)) => Err(ModelError::early(ModelErrorKind::Unavailable)),
            Err(_elapsed) => Err(ModelError::early(ModelErrorKind::Timeout)),
        }
    }

    /// The error of a response that is no answer. Its body is read up to a limit to choose the
    /// kind; it may quote the teen and goes nowhere else.
    async fn refusal(&self, response: Response, sent: Instant) -> ModelError {
        let status = response.status().as_u16();
        let text = |name| {
            let value: Option<&header::HeaderValue> = response.headers().get(name);
            value.and_then(|value| value.to_str().ok())
        };
        let retry_after = text(header::RETRY_AFTER)
            .and_then(|value| status::retry_after(value, text(header::DATE), self.clock.now()));
        let deadline = sent + self.clocks.headers;
        let mut body = Vec::new();
        let mut chunks = response.bytes_stream();
        while let Ok(Some(Ok(bytes))) = timeout_at(deadline, chunks.next()).await {
            let space = MAX_ERROR_BYTES.saturating_sub(body.len());
            body.extend(bytes.iter().take(space));
            if body.len() >= MAX_ERROR_BYTES {
                break;
            }
        }
        status::of_response(status, retry_after, &body, self.flags_sent())
    }

    fn json_mode(&self) -> JsonMode {
        if self.no_schema.load(Ordering::Relaxed) {
            JsonMode::Object
        } else {
            JsonMode::Schema
        }
    }

    fn body(&self, call: &ModelCall, json: JsonMode) -> Result<Vec<u8>, ModelError> {
        request::body(call, &self.shape, json)
            .map_err(|_not_json| ModelError::early(ModelErrorKind::Invalid))
    }

    fn flags_sent(&self) -> bool {
        self.shape.dialect == Dialect::OpenRouter
    }
}

/// Refuses a compressed body: none was asked for, and a small one can unpack to anything.
fn plain(response: Response) -> Result<Response, ModelError> {
    let encoded = response
        .headers()
        .get(header::CONTENT_ENCODING)
        .is_some_and(|encoding| encoding.as_bytes() != b"identity");
    if encoded {
        return Err(ModelError {
            kind: ModelErrorKind::Truncated,
            phase: ModelPhase::BeforeFirstToken,
            provider_status: Some(200),
            retry_after: None,
        });
    }
    Ok(response)
}
