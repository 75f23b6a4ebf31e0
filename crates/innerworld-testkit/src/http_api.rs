//! An HTTP API of API Gateway with one function behind all its routes (payload format 2.0).
//!
//! Not played: authorisers, throttling, custom domains, cookies of an answer.

#![expect(
    clippy::indexing_slicing,
    reason = "a field that JSON has not is null, which is no panic"
)]

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::State,
    http::{HeaderName, HeaderValue, Request, StatusCode},
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::lambda::{Invokes, Outcome};

/// The longest request that it takes (page "Quotas for configuring and running an HTTP API").
const LONGEST: usize = 10 * 1_024 * 1_024;

#[derive(Clone)]
struct Behind {
    invokes: Arc<dyn Invokes>,
    function: String,
}

/// The running double; it ends when it is dropped.
#[derive(Debug)]
pub struct HttpApi {
    address: SocketAddr,
    _serving: JoinSet<()>,
}

impl HttpApi {
    /// Starts one before a function of `invokes`.
    pub async fn start(invokes: Arc<dyn Invokes>, function: &str) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let function = function.to_owned();
        let routes = Router::new()
            .fallback(answer)
            .with_state(Behind { invokes, function });
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self {
            address,
            _serving: serving,
        }
    }

    /// Where clients ask.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

async fn answer(State(behind): State<Behind>, request: Request<Body>) -> Response {
    let Some(event) = event(request).await else {
        return said(StatusCode::PAYLOAD_TOO_LARGE, "Request Too Long");
    };
    match behind.invokes.invoke(&behind.function, event).await {
        Outcome::Answered(answer) => response(&answer)
            .unwrap_or_else(|| said(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")),
        Outcome::TimedOut => said(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        _ => said(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
    }
}

/// The event of a request; `None` for one that is too long.
async fn event(request: Request<Body>) -> Option<Value> {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, LONGEST).await.ok()?;
    let mut headers = serde_json::Map::new();
    for name in head.headers.keys() {
        let values = head.headers.get_all(name).iter();
        let values: Vec<_> = values.filter_map(|value| value.to_str().ok()).collect();
        headers.insert(name.to_string(), json!(values.join(",")));
    }
    let (body, encoded) = match String::from_utf8(body.into()) {
        Ok(text) => (text, false),
        Err(not_text) => (BASE64.encode(not_text.into_bytes()), true),
    };
    let (path, method) = (head.uri.path(), head.method.as_str());
    Some(json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path,
        "rawQueryString": head.uri.query().unwrap_or_default(), "headers": headers,
        "body": (!body.is_empty()).then_some(body), "isBase64Encoded": encoded,
        "requestContext": {
            "stage": "$default", "domainName": "api.example.org",
            "http": {"method": method, "path": path, "sourceIp": "192.0.2.7"},
        },
    }))
}

/// A function's answer as a client gets it; `None` if it has not the form of one.
fn response(answer: &str) -> Option<Response> {
    let answer: Value = serde_json::from_str(answer).ok()?;
    let status = u16::try_from(answer["statusCode"].as_u64()?).ok()?;
    let body = answer["body"].as_str().unwrap_or_default();
    let body = if answer["isBase64Encoded"] == json!(true) {
        BASE64.decode(body).ok()?
    } else {
        body.as_bytes().to_vec()
    };
    let mut response = (StatusCode::from_u16(status).ok()?, body).into_response();
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        let value = HeaderValue::from_str(value.as_str()?).ok()?;
        response.headers_mut().insert(name, value);
    }
    Some(response)
}

/// What the gateway says by itself.
fn said(status: StatusCode, message: &str) -> Response {
    (status, json!({"message": message}).to_string()).into_response()
}
