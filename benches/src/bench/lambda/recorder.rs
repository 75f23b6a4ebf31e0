//! Counts what a function writes into tables: a server between both that asks for the units of each
//! write and adds them up.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::State,
    http::{HeaderMap, Request, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// The longest request: what `DynamoDB` takes in one.
const LONGEST: usize = 16 * 1_024 * 1_024;
/// The longest that anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);
/// Operations that write.
const WRITES: [&str; 5] = [
    "BatchWriteItem",
    "DeleteItem",
    "PutItem",
    "TransactWriteItems",
    "UpdateItem",
];

/// What was written.
#[derive(Clone, Debug, Default)]
pub(super) struct Written {
    /// Units in all.
    pub(super) units: f64,
    /// Units by operation and table.
    pub(super) by_operation: BTreeMap<String, f64>,
    /// Writes that were refused: their condition did not hold.
    pub(super) refused: u32,
}

/// The server; it ends when it is dropped.
pub(super) struct Recorder {
    address: SocketAddr,
    written: Arc<Mutex<Written>>,
    _serving: JoinSet<()>,
}

#[derive(Clone)]
struct Between {
    client: reqwest::Client,
    server: String,
    written: Arc<Mutex<Written>>,
}

impl Recorder {
    /// Starts one before the tables at `server`.
    pub(super) async fn start(server: &str) -> anyhow::Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let written = Arc::<Mutex<Written>>::default();
        let between = Between {
            client: reqwest::Client::builder()
                .no_proxy()
                .timeout(PATIENCE)
                .build()?,
            server: server.to_owned(),
            written: Arc::clone(&written),
        };
        let routes = Router::new().fallback(pass).with_state(between);
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            axum::serve(listener, routes).await.ok();
        });
        Ok(Self {
            address,
            written,
            _serving: serving,
        })
    }

    /// Where functions find it.
    pub(super) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What was written since this was last asked.
    pub(super) fn take(&self) -> Written {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut written)
    }
}

async fn pass(State(between): State<Between>, request: Request<Body>) -> Response {
    between
        .pass(request)
        .await
        .unwrap_or_else(|_cause| StatusCode::BAD_GATEWAY.into_response())
}

impl Between {
    async fn pass(&self, request: Request<Body>) -> anyhow::Result<Response> {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, LONGEST).await?;
        let write = writes(&parts.headers);
        // Nothing at this end checks the signature, which no longer suits the body.
        let body = match write {
            Some(_operation) => asking(&body)?,
            None => body,
        };
        let mut headers = parts.headers;
        headers.remove(header::HOST);
        headers.remove(header::CONTENT_LENGTH);
        let url = format!("{}{}", self.server, parts.uri);
        let sent = self.client.request(parts.method, url).headers(headers);
        let answer = sent.body(body).send().await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.bytes().await?;
        if let Some(operation) = write {
            self.count(operation, status, &body);
        }
        let mut response = (status, body).into_response();
        *response.headers_mut() = headers;
        response.headers_mut().remove(header::TRANSFER_ENCODING);
        Ok(response)
    }

    fn count(&self, operation: &'static str, status: StatusCode, answer: &[u8]) {
        let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if !status.is_success() {
            written.refused += 1;
            return;
        }
        for (table, units) in units(answer.get("ConsumedCapacity")) {
            written.units += units;
            let entry = format!("{operation} {table}");
            *written.by_operation.entry(entry).or_default() += units;
        }
    }
}

/// The operation of a request, if it writes.
fn writes(headers: &HeaderMap) -> Option<&'static str> {
    let target = headers.get("x-amz-target")?.to_str().ok()?;
    let (_version, operation) = target.split_once('.')?;
    WRITES.into_iter().find(|write| *write == operation)
}

/// The request, asking for what it costs.
fn asking(body: &[u8]) -> anyhow::Result<Bytes> {
    let mut body: Value = serde_json::from_slice(body)?;
    if let Some(fields) = body.as_object_mut() {
        fields.insert("ReturnConsumedCapacity".to_owned(), json!("TOTAL"));
    }
    Ok(body.to_string().into())
}

/// Units of one table, or of several, with their names.
fn units(consumed: Option<&Value>) -> Vec<(&str, f64)> {
    match consumed {
        Some(Value::Array(tables)) => tables.iter().filter_map(of_one).collect(),
        Some(table) => of_one(table).into_iter().collect(),
        None => Vec::new(),
    }
}

fn of_one(table: &Value) -> Option<(&str, f64)> {
    let name = table.get("TableName")?.as_str()?;
    Some((name, table.get("CapacityUnits")?.as_f64()?))
}
