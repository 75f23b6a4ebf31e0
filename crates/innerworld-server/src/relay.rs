//! Passing on what comes for a teen whom another server on the same stores holds.
//!
//! A balancer that keeps a teen on one server makes this rare. What is passed on stays as it came, the
//! caller's credential too: the other server checks it as if nobody stood between.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use hyper::{client::conn::http1, upgrade::Upgraded};
use hyper_util::rt::TokioIo;
use innerworld_core::{cluster::Holder, ids::TeenId};
use innerworld_engine::{app::App, metrics::Kind};
use innerworld_protocol::ErrorCode;
use tokio::{io::copy_bidirectional, net::TcpStream, time::timeout};

use crate::http::error::ApiError;

/// Marks what another server passed on: it is not passed on again.
const PASSED_ON: HeaderName = HeaderName::from_static("innerworld-passed-on");
/// For whom a request is made.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// How long the other server may take to be reached.
const REACHED: Duration = Duration::from_secs(2);
/// Headers that belong to one connection, but for those of an upgrade.
const OF_ONE_CONNECTION: [HeaderName; 4] = [
    HeaderName::from_static("keep-alive"),
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
];
/// Where help is, which needs no server in particular.
const HELP: &str = "/v1/safety/";
/// The socket finds its server itself, since its credential may be a ticket.
pub(crate) const SOCKET: &str = "/v1/ws";

/// Middleware: a request with a teen's token is answered by the server that holds the teen.
pub(crate) async fn passed_on(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    if app.services.cluster.is_none() || path == SOCKET || path.starts_with(HELP) {
        return next.run(request).await;
    }
    let token = request.headers().get(header::AUTHORIZATION);
    let token = token.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let verified = match token {
        Some(token) => app.services.verifier.verify(token.trim(), app.now()).await,
        None => return next.run(request).await,
    };
    // Who may not ask is told so by whatever was asked.
    let Ok(claims) = verified else {
        return next.run(request).await;
    };
    match elsewhere(&app, claims.teen, request.headers()).await {
        Ok(None) => next.run(request).await,
        Ok(Some(address)) => match pass_on(&app, &address, request).await {
            Ok(response) => response,
            Err(unreached) => unreached.into_response(),
        },
        Err(error) => error.into_response(),
    }
}

/// The address of the server that holds this teen, if it is another one; this one holds them otherwise.
pub(crate) async fn elsewhere(
    app: &App,
    teen: TeenId,
    headers: &HeaderMap,
) -> Result<Option<String>, ApiError> {
    let Some(cluster) = &app.services.cluster else {
        return Ok(None);
    };
    match cluster.hold(teen).await? {
        Holder::Here => Ok(None),
        // The teen moved while this was on its way.
        Holder::There(_) if headers.contains_key(PASSED_ON) => Err(unreached()),
        Holder::There(address) => Ok(Some(address)),
    }
}

/// Asks the server at `address`, and gives its answer; a socket is carried along for as long as it lives.
pub(crate) async fn pass_on(
    app: &App,
    address: &str,
    mut request: Request,
) -> Result<Response, ApiError> {
    let kind = if request.uri().path() == SOCKET {
        "socket"
    } else {
        "request"
    };
    let ours = hyper::upgrade::on(&mut request);
    let caller = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let caller = caller.map(|ConnectInfo(caller)| caller.ip());
    mark(request.headers_mut(), caller)?;
    *request.uri_mut() = path_of(request.uri());
    let mut response = ask(app, address, request).await.map_err(|error| {
        tracing::warn!(error, "the server that holds a teen could not be asked");
        unreached()
    })?;
    app.metrics.passed_on.get_or_create(&Kind { kind }).inc();
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        let theirs = hyper::upgrade::on(&mut response);
        app.in_background(|stopping| async move {
            let carried = async {
                if let (Ok(ours), Ok(theirs)) = tokio::join!(ours, theirs) {
                    carry(ours, theirs).await;
                }
            };
            // A server that stops lets its sockets go: their clients come back to another.
            tokio::select! {
                () = carried => {}
                () = stopping.cancelled() => {}
            }
        });
    }
    Ok(response)
}

/// Sends a request on a connection of its own.
async fn ask(app: &App, address: &str, request: Request) -> Result<Response, &'static str> {
    let place = address.strip_prefix("http://").unwrap_or(address);
    let connected = timeout(REACHED, TcpStream::connect(place)).await;
    let stream = connected
        .map_err(|_elapsed| "it takes too long to connect")?
        .map_err(|_cause| "it does not connect")?;
    stream.set_nodelay(true).ok();
    let (mut sender, connection) = http1::handshake::<_, Body>(TokioIo::new(stream))
        .await
        .map_err(|_cause| "it does not speak HTTP")?;
    // It ends with the answer, or becomes a socket; a peer that breaks off is seen by whoever waits.
    app.in_background(|_stopping| async move {
        connection.with_upgrades().await.ok();
    });
    let response = sender.send_request(request).await;
    let response = response.map_err(|_cause| "it gave no answer")?;
    Ok(response.map(Body::new))
}

/// Every byte, both ways, until one side ends.
async fn carry(ours: Upgraded, theirs: Upgraded) {
    let (mut ours, mut theirs) = (TokioIo::new(ours), TokioIo::new(theirs));
    // Whoever went away is seen by the other side.
    copy_bidirectional(&mut ours, &mut theirs).await.ok();
}

/// Leaves out what concerned our connection only, and says for whom this is asked.
fn mark(headers: &mut HeaderMap, caller: Option<IpAddr>) -> Result<(), ApiError> {
    for name in OF_ONE_CONNECTION {
        headers.remove(name);
    }
    headers.insert(PASSED_ON, HeaderValue::from_static("1"));
    if let Some(caller) = caller {
        let caller = HeaderValue::from_str(&caller.to_string());
        let caller = caller.map_err(|_never| unreached())?;
        headers.append(FORWARDED_FOR, caller);
    }
    Ok(())
}

/// Path and query, as a server is asked.
fn path_of(uri: &Uri) -> Uri {
    let path = uri.path_and_query().cloned();
    path.map_or_else(Uri::default, Uri::from)
}

fn unreached() -> ApiError {
    ApiError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Draining,
        "this account is moving between servers; try again",
    )
}
