//! `echo`: the bare socket server that others are measured against.

use std::process::ExitCode;

use axum::{
    Router,
    extract::{
        State, WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    response::Response,
    routing::get,
};
use clap::Args;

use crate::report;

/// The frame limit of the protocol.
const FRAME_BYTES: usize = 32_767;

/// Say every frame back (a peer of the benches)
#[derive(Debug, Args)]
pub(crate) struct Echo {
    /// Small buffers, as the real server sets them
    #[arg(long)]
    tuned: bool,
}

impl Echo {
    /// Serves until killed; prints its address first.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
            report::say(&listener.local_addr()?.to_string());
            let routes = Router::new()
                .route("/v1/ws", get(upgrade))
                .with_state(self.tuned);
            axum::serve(listener, routes).await?;
            Ok(ExitCode::SUCCESS)
        })
    }
}

async fn upgrade(State(tuned): State<bool>, upgrade: WebSocketUpgrade) -> Response {
    let upgrade = if tuned {
        upgrade
            .read_buffer_size(4_096)
            .write_buffer_size(0)
            .max_message_size(FRAME_BYTES)
            .max_frame_size(FRAME_BYTES)
    } else {
        upgrade
    };
    upgrade.on_upgrade(echo)
}

async fn echo(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        if matches!(message, Message::Text(_)) && socket.send(message).await.is_err() {
            return;
        }
    }
}
