//! A teen's client at the gateway, which tells posts from frames.

use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::Instant};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Message, client::IntoClientRequest as _},
};

/// How long a client waits for what it is owed.
const PATIENCE: Duration = Duration::from_secs(30);

/// What one post brought.
pub(super) struct Post {
    /// When.
    pub(super) at: Instant,
    /// Its frames.
    pub(super) frames: Vec<Value>,
}

impl Post {
    /// A frame of this type.
    pub(super) fn frame(&self, kind: &str) -> Option<&Value> {
        self.frames
            .iter()
            .find(|frame| frame.get("type").is_some_and(|found| found == kind))
    }
}

/// The client.
pub(super) struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Client {
    /// Connects.
    pub(super) async fn connect(url: String, token: &str) -> anyhow::Result<Self> {
        let mut request = url.into_client_request()?;
        let offered = format!("innerworld.v1, bearer.{token}");
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", offered.parse()?);
        let opened = tokio_tungstenite::connect_async(request).await;
        let (socket, _response) = opened.context("the gateway did not let the teen in")?;
        Ok(Self { socket })
    }

    /// Sends a frame.
    pub(super) async fn send(&mut self, frame: Value) -> anyhow::Result<()> {
        Ok(self.socket.send(Message::text(frame.to_string())).await?)
    }

    /// The next post.
    pub(super) async fn post(&mut self) -> anyhow::Result<Post> {
        let read = tokio::time::timeout(PATIENCE, self.socket.next()).await;
        let Some(message) = read.context("nothing came")? else {
            bail!("the gateway closed the connection");
        };
        let Message::Text(text) = message? else {
            bail!("the gateway closed the connection");
        };
        let at = Instant::now();
        let frame: Value = serde_json::from_str(&text)?;
        let frames = match frame.get("frames").and_then(Value::as_array) {
            Some(frames) => frames.clone(),
            None => vec![frame],
        };
        let post = Post { at, frames };
        ensure!(post.frame("error").is_none(), "an error came: {text}");
        Ok(post)
    }

    /// Reads up to a frame of this type.
    pub(super) async fn until(&mut self, kind: &str) -> anyhow::Result<Value> {
        loop {
            if let Some(frame) = self.post().await?.frame(kind) {
                return Ok(frame.clone());
            }
        }
    }

    /// Talks up to the persona's opening line.
    pub(super) async fn open(&mut self) -> anyhow::Result<()> {
        let client = json!({"name": "bench", "version": "1"});
        self.send(json!({"type": "hello", "protocol": 1, "locale": "en-US", "client": client}))
            .await?;
        let disclosure = self.until("disclosure").await?;
        if disclosure.get("ack_required") == Some(&json!(true)) {
            let version = disclosure.get("version");
            self.send(json!({"type": "disclosure.ack", "version": version}))
                .await?;
        }
        self.send(json!({"type": "persona.choose", "persona": "courage"}))
            .await?;
        self.until("turn.end").await?;
        Ok(())
    }
}
