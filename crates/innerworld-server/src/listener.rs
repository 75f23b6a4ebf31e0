//! A listener: connections of strangers, counted, timed and, where a certificate is given, over TLS.

use std::{
    collections::HashMap,
    convert::Infallible,
    io,
    net::{IpAddr, SocketAddr},
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    extract::ConnectInfo,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use prometheus_client::metrics::{counter::Counter, family::Family};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use innerworld_engine::metrics::Kind;

use crate::{proxies::TrustedProxies, rates::network};

/// Bytes of a request line and its headers, and of what is read ahead of a body.
const HEAD_BYTES: usize = 64 * 1024;
/// How long a request may take until its answer begins, its body included: no handler needs as long.
const REQUEST: Duration = Duration::from_secs(60);
/// How long a trusted proxy's connection may stay idle: longer than proxies keep them, or they would send a
/// request into one that is just being closed.
const PROXY: Duration = Duration::from_secs(180);
/// Pause after the system could not accept: out of file descriptors, mostly.
const OUT_OF_SOCKETS: Duration = Duration::from_secs(1);

/// What strangers may take of a listener.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// Connections in all.
    pub connections: usize,
    /// Connections from one address, unless it is a trusted proxy.
    pub per_address: usize,
    /// How long the TLS handshake may take, and the head of a request, waiting for it included.
    pub patience: Duration,
}

/// A socket that is listened on, and how.
#[derive(Debug)]
pub struct Listener {
    /// Where connections come in.
    pub tcp: TcpListener,
    /// Certificate and protocol versions; `None` speaks plain HTTP.
    pub tls: Option<Arc<ServerConfig>>,
    /// What strangers may take.
    pub bounds: Bounds,
    /// Who may say for whom they call.
    pub proxies: TrustedProxies,
    /// Connections that were turned away, by reason: `full`, `address`, `tls`.
    pub refused: Family<Kind, Counter>,
}

/// Connections that are open now.
#[derive(Debug, Default)]
struct Open {
    all: AtomicUsize,
    by_address: Mutex<HashMap<IpAddr, usize>>,
}

/// One of them; dropping it makes room.
#[derive(Debug)]
struct Place {
    open: Arc<Open>,
    /// `None` for a proxy, whose connections are everybody's.
    address: Option<IpAddr>,
}

impl Listener {
    /// Serves `router` until `stop`; then takes no more connections, finishes the requests that run and
    /// returns. Requests carry [`ConnectInfo`] with the caller's address. Upgraded connections are the
    /// router's own.
    pub async fn serve(self, router: Router, stop: CancellationToken) {
        let open = Arc::new(Open::default());
        let tasks = TaskTracker::new();
        let acceptor = self.tls.map(TlsAcceptor::from);
        let service = TowerToHyperService::new(router);
        loop {
            let accepted = tokio::select! {
                accepted = self.tcp.accept() => accepted,
                () = stop.cancelled() => break,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    if !is_of_one_connection(&error) {
                        tracing::error!(%error, "no connection could be accepted");
                        tokio::time::sleep(OUT_OF_SOCKETS).await;
                    }
                    continue;
                }
            };
            let proxied = self.proxies.has(peer.ip());
            let place = match Place::take(&open, peer.ip(), proxied, &self.bounds) {
                Ok(place) => place,
                Err(kind) => {
                    self.refused.get_or_create(&Kind { kind }).inc();
                    continue;
                }
            };
            let one = Connection {
                peer,
                place,
                proxies: self.proxies.clone(),
                service: service.clone(),
                patience: if proxied {
                    PROXY.max(self.bounds.patience)
                } else {
                    self.bounds.patience
                },
                stop: stop.clone(),
            };
            let acceptor = acceptor.clone();
            let refused = self.refused.clone();
            tasks.spawn(async move {
                if one.open(stream, acceptor).await.is_none() {
                    refused.get_or_create(&Kind { kind: "tls" }).inc();
                }
            });
        }
        tasks.close();
        tasks.wait().await;
    }
}

/// What a connection needs for its life.
struct Connection {
    peer: SocketAddr,
    place: Place,
    proxies: TrustedProxies,
    service: TowerToHyperService<Router>,
    patience: Duration,
    stop: CancellationToken,
}

impl Connection {
    /// Speaks TLS where that is asked for, then HTTP. `None` if the TLS handshake failed.
    async fn open(self, stream: TcpStream, acceptor: Option<TlsAcceptor>) -> Option<()> {
        // Words come in small pieces; each must leave at once.
        stream.set_nodelay(true).ok();
        let Some(acceptor) = acceptor else {
            self.serve(stream).await;
            return Some(());
        };
        let handshake = tokio::time::timeout(self.patience, acceptor.accept(stream));
        let stream = tokio::select! {
            shaken = handshake => shaken.ok()?.ok()?,
            () = self.stop.cancelled() => return Some(()),
        };
        self.serve(stream).await;
        Some(())
    }

    /// HTTP/1.1 until the connection ends or becomes a socket.
    async fn serve(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let Self {
            peer,
            place,
            proxies,
            service,
            patience,
            stop,
        } = self;
        let service = service_fn(move |mut request: Request<Incoming>| {
            let caller = proxies.caller(peer.ip(), request.headers());
            let caller = SocketAddr::new(caller, peer.port());
            request.extensions_mut().insert(ConnectInfo(caller));
            let answer = hyper::service::Service::call(&service, request);
            async move {
                let in_time: Result<Response, Infallible> =
                    match tokio::time::timeout(REQUEST, answer).await {
                        Ok(answer) => answer,
                        Err(_elapsed) => Ok(StatusCode::REQUEST_TIMEOUT.into_response()),
                    };
                in_time
            }
        });
        // A socket outlives this function: its place goes along with it.
        let stream = Placed {
            stream,
            _place: place,
        };
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(patience)
            .max_buf_size(HEAD_BYTES)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        let mut connection = pin!(connection);
        tokio::select! {
            // A peer that went away or spoke nonsense is its own affair.
            _ended = connection.as_mut() => return,
            () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
        }
        connection.await.ok();
    }
}

impl Place {
    fn take(
        open: &Arc<Open>,
        ip: IpAddr,
        proxied: bool,
        bounds: &Bounds,
    ) -> Result<Self, &'static str> {
        if open.all.load(Ordering::Relaxed) >= bounds.connections {
            return Err("full");
        }
        let address = (!proxied).then(|| network(ip));
        if let Some(address) = address {
            let mut by_address = lock(&open.by_address);
            let count = by_address.entry(address).or_insert(0);
            if *count >= bounds.per_address {
                return Err("address");
            }
            *count += 1;
        }
        open.all.fetch_add(1, Ordering::Relaxed);
        Ok(Self {
            open: Arc::clone(open),
            address,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.open.all.fetch_sub(1, Ordering::Relaxed);
        let Some(address) = self.address else { return };
        let mut by_address = lock(&self.open.by_address);
        if let Some(count) = by_address.get_mut(&address) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                by_address.remove(&address);
            }
        }
    }
}

/// A stream that takes a place for as long as it is open.
struct Placed<S> {
    stream: S,
    _place: Place,
}

impl<S: AsyncRead + Unpin> AsyncRead for Placed<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Placed<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

fn lock(
    table: &Mutex<HashMap<IpAddr, usize>>,
) -> std::sync::MutexGuard<'_, HashMap<IpAddr, usize>> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the failure is of the one connection that went away before it was accepted.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}
