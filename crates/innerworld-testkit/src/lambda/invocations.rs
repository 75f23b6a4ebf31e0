//! The service's own address, where functions are invoked by name. It runs one function, one event at a
//! time; an event that nobody waits for is answered before it is run.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use tokio::{
    sync::{Mutex, mpsc},
    task::JoinSet,
};

use super::{LambdaDouble, Outcome};

/// Longest event that is waited for, as the service takes it.
const MAX_EVENT: usize = 6 * 1_024 * 1_024;

/// The running server; it ends when it is dropped.
#[derive(Debug)]
pub struct Invocations {
    address: SocketAddr,
    function: Arc<Mutex<LambdaDouble>>,
    _serving: JoinSet<()>,
}

#[derive(Clone)]
struct Shared {
    name: Arc<str>,
    function: Arc<Mutex<LambdaDouble>>,
    later: mpsc::UnboundedSender<Vec<u8>>,
}

impl Invocations {
    /// A service where `function` is known as `name`.
    pub async fn start(name: &str, function: LambdaDouble) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let function = Arc::new(Mutex::new(function));
        let (later, mut events) = mpsc::unbounded_channel();
        let shared = Shared {
            name: name.into(),
            function: Arc::clone(&function),
            later,
        };
        let routes = Router::new()
            .route("/2015-03-31/functions/{name}/invocations", post(invoke))
            .layer(DefaultBodyLimit::max(MAX_EVENT))
            .with_state(shared);
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, routes).await.unwrap() });
        let running = Arc::clone(&function);
        serving.spawn(async move {
            while let Some(event) = events.recv().await {
                running.lock().await.invoke(event).await;
            }
        });
        Self {
            address,
            function,
            _serving: serving,
        }
    }

    /// The address that clients are told.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The function.
    pub fn function(&self) -> &Mutex<LambdaDouble> {
        &self.function
    }
}

async fn invoke(
    State(shared): State<Shared>,
    Path(name): Path<String>,
    headers: HeaderMap,
    event: Bytes,
) -> Response {
    if *name != *shared.name {
        let error = [("x-amzn-errortype", "ResourceNotFoundException")];
        return (StatusCode::NOT_FOUND, error, "{}").into_response();
    }
    let how = headers.get("x-amz-invocation-type");
    if how.is_some_and(|how| how == "Event") {
        shared.later.send(event.to_vec()).unwrap();
        return StatusCode::ACCEPTED.into_response();
    }
    let outcome = shared.function.lock().await.invoke(event.to_vec()).await;
    let unhandled = |body: String| {
        let error = [("x-amz-function-error", "Unhandled")];
        (StatusCode::OK, error, body).into_response()
    };
    match outcome {
        Outcome::Answered(body) => (StatusCode::OK, body).into_response(),
        Outcome::Failed(body) | Outcome::InitFailed(body) => unhandled(body),
        Outcome::TimedOut => unhandled("{\"errorMessage\":\"Task timed out\"}".to_owned()),
        Outcome::TooLarge => unhandled("{\"errorMessage\":\"Response too large\"}".to_owned()),
        Outcome::Ended(_code) => unhandled("{\"errorType\":\"Runtime.ExitError\"}".to_owned()),
    }
}
