//! A server that stands for a stage of the gateway: it writes down what it is asked, checks
//! signatures and answers what it is told to.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_config::Region;
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::State,
    http::{Method, Request, Response},
};
use innerworld_aws::{Posting, SdkConfig};
use innerworld_core::clock::Clock as _;
use innerworld_testkit::{
    FakeClock,
    signature::{self, Caller},
};
use tokio::{sync::Notify, task::JoinSet};

/// What the stage does with a request.
#[derive(Clone, Copy, Debug)]
pub(super) enum Answer {
    /// This status with this body.
    Status(u16, &'static str),
    /// It ends the connection.
    HangUp,
    /// It never answers.
    Silence,
}

/// A request that came.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) method: Method,
    /// As it was sent.
    pub(super) path: String,
    pub(super) body: String,
    pub(super) signature: Result<(), &'static str>,
}

#[derive(Default)]
struct Inner {
    answers: Mutex<VecDeque<Answer>>,
    asked: Mutex<Vec<Asked>>,
    silent: Notify,
    clock: FakeClock,
}

/// The running server; it ends when it is dropped.
pub(super) struct Stage {
    inner: Arc<Inner>,
    address: std::net::SocketAddr,
    _serving: JoinSet<()>,
}

impl Stage {
    pub(super) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let inner = Arc::new(Inner::default());
        let routes = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&inner));
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self {
            inner,
            address,
            _serving: serving,
        }
    }

    /// The address of a stage at this path.
    pub(super) fn endpoint(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A client that may post there.
    pub(super) fn posting(&self, path: &str) -> Posting {
        let config = config("a-secret-of-tests", "us-east-1");
        let timeout = Duration::from_secs(3);
        let clock = Arc::new(FakeClock::default());
        Posting::new(&config, &self.endpoint(path), timeout, clock).unwrap()
    }

    /// The next request gets this answer; those behind it 200.
    pub(super) fn answer(&self, answer: Answer) {
        self.inner.answers.lock().unwrap().push_back(answer);
    }

    /// All that was asked.
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.inner.asked.lock().unwrap().clone()
    }

    /// Waits until a request is left without an answer.
    pub(super) async fn silent(&self) {
        self.inner.silent.notified().await;
    }
}

/// Who may post, with this secret, in this region.
pub(super) fn config(secret: &str, region: &str) -> SdkConfig {
    let token = Some("a-token-of-tests".to_owned());
    let key = Credentials::new("AKIDEXAMPLE", secret, token, None, "tests");
    SdkConfig::builder()
        .region(Region::new(region.to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(key))
        .build()
}

async fn answer(
    State(inner): State<Arc<Inner>>,
    request: Request<Body>,
) -> Result<Response<Body>, std::convert::Infallible> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let caller = Caller {
        access_key: "AKIDEXAMPLE".to_owned(),
        secret: "a-secret-of-tests".to_owned(),
        session_token: Some("a-token-of-tests".to_owned()),
        region: "us-east-1".to_owned(),
    };
    let now = Some(inner.clock.now());
    inner.asked.lock().unwrap().push(Asked {
        method: parts.method.clone(),
        path: parts.uri.path().to_owned(),
        body: String::from_utf8(body.to_vec()).unwrap(),
        signature: signature::check((&caller, "execute-api"), now, &parts, &body),
    });
    let answer = inner.answers.lock().unwrap().pop_front();
    let (status, body) = match answer.unwrap_or(Answer::Status(200, "")) {
        Answer::Status(status, body) => (status, Body::from(body)),
        Answer::HangUp => panic!("the connection ends without an answer"),
        Answer::Silence => {
            inner.silent.notify_one();
            std::future::pending().await
        }
    };
    let mut response = Response::new(body);
    *response.status_mut() = axum::http::StatusCode::from_u16(status).unwrap();
    if status == 307 {
        let elsewhere = "/elsewhere".parse().unwrap();
        response.headers_mut().insert("location", elsewhere);
    }
    Ok(response)
}
