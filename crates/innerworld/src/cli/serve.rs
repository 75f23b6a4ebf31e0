//! `innerworld serve`: the whole system on this machine.

mod listen;
mod reload;

use std::{
    io::{IsTerminal as _, Write as _},
    net::SocketAddr,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use clap::Args;
use innerworld_core::secret::Secret;
use innerworld_engine::revoke;
use innerworld_server::{
    admin::Admin,
    http::account::ClientInfo,
    listener::{Bounds, Listener},
    proxies::TrustedProxies,
};
use serde_json::json;
use tokio::{net::TcpListener, sync::Notify};

use super::{
    flags::{ConfigFlags, DEFAULT_URL, ListenFlags},
    output,
};
use crate::{
    config::{
        Loaded, runtime::Mode, safety_files::UNREVIEWED, storage::Backend, tls::LiveCertificate,
    },
    telemetry,
    wire::{self, Wired},
};

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    config: ConfigFlags,
    #[command(flatten)]
    listen: ListenFlags,
    /// Print one JSON object with the addresses once ready, instead of text
    #[arg(long)]
    json: bool,
    /// Start in production although no clinician has reviewed the safety protocol in force; the public
    /// protocol page says so
    #[arg(long)]
    accept_unreviewed_protocol: bool,
}

/// Connections of operators, on this machine.
const ADMIN_CONNECTIONS: usize = 64;
/// Room for requests over HTTP beside as many sockets as there may be.
const REQUESTS_BESIDE: usize = 4_096;

/// What is listening.
struct Listening {
    public: TcpListener,
    admin: TcpListener,
    public_at: SocketAddr,
    admin_at: SocketAddr,
    certificate: Option<Arc<LiveCertificate>>,
}

impl Serve {
    /// Serves until SIGTERM, Ctrl-C or a drain. Exit code 0 exactly if no turn was cut short.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let loaded = self.config.load(&self.listen)?;
        telemetry::init(&loaded.config.telemetry)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .context("the runtime could not be started")?;
        runtime.block_on(Box::pin(self.serve(loaded)))
    }

    async fn serve(self, loaded: Loaded) -> anyhow::Result<ExitCode> {
        let must_be_reviewed = self.must_be_reviewed(&loaded);
        let reviewed = loaded
            .safety
            .as_ref()
            .is_some_and(|files| files.is_reviewed());
        anyhow::ensure!(
            reviewed || !must_be_reviewed,
            "{UNREVIEWED}. Have it reviewed and name who did in review.toml of `safety.dir`, or take the \
             responsibility with --accept-unreviewed-protocol; GET /v1/safety/protocol will say so"
        );
        let listening = listen::bind(&loaded).await?;
        let wired = wire::wire(&loaded, listening.public_at).await?;
        wired.held.join().await?;
        let drain = Arc::new(Notify::new());
        let mut background = tokio::task::JoinSet::<()>::new();
        background.spawn(stop_once_lost(&wired, &drain));
        let resumed = wired
            .app
            .recover()
            .await
            .context("earlier sessions could not be read")?;
        if resumed > 0 {
            tracing::info!(
                turns = resumed,
                "took up turns that an earlier process left"
            );
        }
        wired.app.start_background();
        revoke::run(&wired.app, wired.cognito.revoker());
        let token = listen::admin_token(&loaded.data_dir)?;
        let admin = Admin {
            app: Arc::clone(&wired.app),
            cognito: Arc::clone(&wired.cognito),
            token: Arc::new(Secret::new(token)),
            open_metrics: loaded.config.http.open_metrics,
            drain: Arc::clone(&drain),
        };
        let signals = listen::StopSignals::catch()?;
        reload::Reload {
            app: Arc::clone(&wired.app),
            folder: loaded.config.safety.dir.clone(),
            ledger: wired.ledger_key,
            must_be_reviewed,
            certificate: listening.certificate.clone(),
        }
        .start(&mut background)?;
        let held = Arc::clone(&wired.held);
        self.announce(&loaded, &wired, &listening)?;
        let texts = wired.texts.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = texts.warm_up() {
                tracing::error!(error = format!("{error:#}"), "rules could not be compiled");
            }
        });
        let servers = Servers::new(&loaded, &wired, listening)?;
        let ended = run(wired, servers, admin, (signals, &drain)).await;
        background.shutdown().await;
        held.release().await;
        ended
    }

    /// A protocol that no clinician has seen may be tried out, but nobody serves it by mistake.
    fn must_be_reviewed(&self, loaded: &Loaded) -> bool {
        loaded.config.runtime.mode == Mode::Production && !self.accept_unreviewed_protocol
    }

    fn announce(&self, loaded: &Loaded, wired: &Wired, at: &Listening) -> anyhow::Result<()> {
        let admin_url = format!("http://{}", at.admin_at);
        if self.json {
            let ClientInfo {
                ws_url,
                http_url,
                cognito_url,
                user_pool_id,
                client_id,
                ..
            } = &wired.client;
            output::json(&json!({
                "ws_url": ws_url,
                "http_url": http_url,
                "listen": at.public_at,
                "admin_url": admin_url,
                "cognito_url": cognito_url,
                "user_pool_id": user_pool_id,
                "client_id": client_id,
                "data_dir": loaded.data_dir,
            }))?;
        } else {
            for line in text(loaded, wired, at, &admin_url) {
                output::line(line)?;
            }
        }
        // Whoever started this waits for the line.
        std::io::stdout()
            .flush()
            .context("standard output is closed")
    }
}

/// Drains the server once it no longer knows that what it holds is its own.
fn stop_once_lost(wired: &Wired, drain: &Arc<Notify>) -> impl Future<Output = ()> + use<> {
    let (held, app) = (Arc::clone(&wired.held), Arc::clone(&wired.app));
    let drain = Arc::clone(drain);
    async move {
        held.lost(&app).await;
        tracing::error!("another server may hold the same stores: this one stops");
        drain.notify_one();
    }
}

/// What a person sees once the server is ready.
fn text(loaded: &Loaded, wired: &Wired, at: &Listening, admin_url: &str) -> Vec<String> {
    let client = &wired.client;
    let mut lines = vec![
        format!("InnerWorld {} is ready", env!("CARGO_PKG_VERSION")),
        String::new(),
        format!("  WebSocket  {}", client.ws_url),
        format!("  HTTP       {}", client.http_url),
        format!("  Health     {}/health", client.http_url),
        format!("  Admin      {admin_url}/metrics"),
        format!("  Data       {}", place_of(loaded)),
    ];
    if loaded.config.auth.public_url.is_some() {
        let how = if at.certificate.is_some() {
            "TLS"
        } else {
            "plain HTTP: TLS ends at your proxy"
        };
        lines.push(format!("  Listens on {} ({how})", at.public_at));
    }
    if !wired.missing.is_empty() {
        lines.push(String::new());
        lines.push("Not there yet for production:".to_owned());
        lines.extend(wired.missing.iter().map(|missing| format!("  - {missing}")));
    }
    lines.push(String::new());
    let url = match client.http_url.as_str() {
        DEFAULT_URL => String::new(),
        url => format!(" --url {url}"),
    };
    lines.push(format!(
        "Talk to it from a second terminal:  innerworld chat{url}"
    ));
    if std::io::stdin().is_terminal() {
        lines.push("Stop it with Ctrl-C; running answers are finished first.".to_owned());
    }
    lines
}

/// Where everything is kept.
fn place_of(loaded: &Loaded) -> String {
    let storage = &loaded.config.storage;
    match storage.backend {
        Backend::Files => loaded.data_dir.display().to_string(),
        Backend::Aws => format!("tables {}-* on AWS", storage.aws.prefix),
    }
}

/// Both listeners, with what strangers may take of them.
struct Servers {
    public: Listener,
    admin: Listener,
}

impl Servers {
    fn new(loaded: &Loaded, wired: &Wired, listening: Listening) -> anyhow::Result<Self> {
        let (config, metrics) = (&loaded.config, &wired.app.metrics);
        let limits = config.limits.to_limits();
        let count = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
        let proxies = config.http.proxies();
        let proxies = proxies.map_err(|text| anyhow::anyhow!("{text} is no network of a proxy"))?;
        let tls = listening.certificate.map(|live| live.server());
        let public = Listener {
            tcp: listening.public,
            tls: tls.transpose()?,
            bounds: Bounds {
                connections: count(limits.connections).saturating_add(REQUESTS_BESIDE),
                per_address: count(limits.connections_per_address),
                patience: limits.request_head,
            },
            proxies,
            refused: metrics.connections_refused.clone(),
        };
        let admin = Listener {
            tcp: listening.admin,
            tls: None,
            bounds: Bounds {
                connections: ADMIN_CONNECTIONS,
                per_address: ADMIN_CONNECTIONS,
                patience: limits.request_head,
            },
            proxies: TrustedProxies::default(),
            refused: metrics.connections_refused.clone(),
        };
        Ok(Self { public, admin })
    }
}

/// Serves both listeners until told to stop, then drains.
async fn run(
    wired: Wired,
    listeners: Servers,
    admin: Admin,
    (mut signals, drain): (listen::StopSignals, &Notify),
) -> anyhow::Result<ExitCode> {
    let stop = tokio_util::sync::CancellationToken::new();
    let mut servers = tokio::task::JoinSet::new();
    servers.spawn(listeners.public.serve(wired.router, stop.clone()));
    servers.spawn(listeners.admin.serve(admin.router(), stop.clone()));
    tokio::select! {
        ended = servers.join_next() => {
            if let Some(ended) = ended {
                ended.context("a listener stopped")?;
            }
        }
        signal = signals.first() => signal?,
        () = drain.notified() => {}
    }
    tracing::info!("draining: no new connections, running answers are finished");
    let interrupted = wired.app.drain().await;
    stop.cancel();
    wired.ledger_tasks.close();
    let quiet = async {
        wired.ledger_tasks.wait().await;
        while servers.join_next().await.is_some() {}
    };
    if tokio::time::timeout(Duration::from_secs(5), quiet)
        .await
        .is_err()
    {
        tracing::warn!("a connection did not close in time");
    }
    tracing::info!(interrupted, "stopped");
    Ok(if interrupted == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
