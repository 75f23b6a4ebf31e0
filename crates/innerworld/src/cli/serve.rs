//! `innerworld serve`: the whole system on this machine.

mod listen;
#[cfg(unix)]
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
use innerworld_server::{admin::Admin, http::account::ClientInfo};
use serde_json::json;
use tokio::{net::TcpListener, sync::Notify};

use super::{
    flags::{ConfigFlags, DEFAULT_URL, ListenFlags},
    output,
};
use crate::{
    config::Loaded,
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
}

/// What is listening.
struct Listening {
    public: TcpListener,
    admin: TcpListener,
    public_at: SocketAddr,
    admin_at: SocketAddr,
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
        let listening = listen::bind(&loaded).await?;
        let wired = wire::wire(&loaded, listening.public_at).await?;
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
        let token = listen::admin_token(&loaded.data_dir)?;
        let drain = Arc::new(Notify::new());
        let admin = Admin {
            app: Arc::clone(&wired.app),
            cognito: Arc::clone(&wired.cognito),
            token: Arc::new(Secret::new(token)),
            open_metrics: loaded.config.http.open_metrics,
            drain: Arc::clone(&drain),
        };
        let signals = listen::StopSignals::catch()?;
        let mut background = tokio::task::JoinSet::<()>::new();
        #[cfg(unix)]
        reload::Reload {
            app: Arc::clone(&wired.app),
            folder: loaded.config.safety.dir.clone(),
            ledger: wired.ledger_key,
        }
        .start(&mut background)?;
        self.announce(&loaded, &wired, &listening)?;
        let texts = wired.texts.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = texts.warm_up() {
                tracing::error!(error = format!("{error:#}"), "rules could not be compiled");
            }
        });
        let ended = run(wired, listening, admin, (signals, &drain)).await;
        background.shutdown().await;
        ended
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
                "admin_url": admin_url,
                "cognito_url": cognito_url,
                "user_pool_id": user_pool_id,
                "client_id": client_id,
                "data_dir": loaded.data_dir,
            }))?;
        } else {
            for line in text(loaded, wired, &admin_url) {
                output::line(line)?;
            }
        }
        // Whoever started this waits for the line.
        std::io::stdout()
            .flush()
            .context("standard output is closed")
    }
}

/// What a person sees once the server is ready.
fn text(loaded: &Loaded, wired: &Wired, admin_url: &str) -> Vec<String> {
    let client = &wired.client;
    let mut lines = vec![
        format!("InnerWorld {} is ready", env!("CARGO_PKG_VERSION")),
        String::new(),
        format!("  WebSocket  {}", client.ws_url),
        format!("  HTTP       {}", client.http_url),
        format!("  Health     {}/health", client.http_url),
        format!("  Admin      {admin_url}/metrics"),
        format!("  Data       {}", loaded.data_dir.display()),
    ];
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

/// Serves both listeners until told to stop, then drains.
async fn run(
    wired: Wired,
    listening: Listening,
    admin: Admin,
    (mut signals, drain): (listen::StopSignals, &Notify),
) -> anyhow::Result<ExitCode> {
    let stop = tokio_util::sync::CancellationToken::new();
    let public = axum::serve(
        listening.public,
        wired
            .router
            .into_make_service_with_connect_info::<SocketAddr>(),
    )
    .with_graceful_shutdown(stop.clone().cancelled_owned());
    let desk = axum::serve(listening.admin, admin.router())
        .with_graceful_shutdown(stop.clone().cancelled_owned());
    let mut servers = tokio::task::JoinSet::new();
    servers.spawn(async move { public.await });
    servers.spawn(async move { desk.await });
    tokio::select! {
        ended = servers.join_next() => {
            if let Some(ended) = ended {
                ended.context("a listener stopped")?.context("a listener failed")?;
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
