//! One WebSocket connection.

use futures_util::{SinkExt as _, StreamExt as _};
use innerworld_core::secret::Secret;
use innerworld_protocol::{ClientFrame, SUBPROTOCOL};
use reqwest::{StatusCode, Upgraded, header};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        handshake::{client::generate_key, derive_accept_key},
        protocol::{Role, WebSocketConfig},
    },
};

use super::{
    error::ClientError,
    http::{Server, refusal},
};

/// A live connection. Dropping it cuts it without a close frame, as a dead spot would.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<Upgraded>,
}

impl Socket {
    /// Connects, authenticated by the header. A refusal says why.
    ///
    /// The upgrade goes through the HTTP client, so that TLS, roots and limits are the same.
    pub async fn open(server: &Server, ws_url: &str, token: &Secret) -> Result<Self, ClientError> {
        let url = if let Some(rest) = ws_url.strip_prefix("ws") {
            format!("http{rest}")
        } else {
            ws_url.to_owned()
        };
        let key = generate_key();
        let request = server
            .upgrading()
            .get(&url)
            .bearer_auth(token.reveal())
            .header(header::CONNECTION, "Upgrade")
            .header(header::UPGRADE, "websocket")
            .header(header::SEC_WEBSOCKET_VERSION, "13")
            .header(header::SEC_WEBSOCKET_KEY, &key)
            .header(header::SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL);
        let unreachable = |source: reqwest::Error| ClientError::Unreachable {
            url: ws_url.to_owned(),
            source: source.without_url(),
        };
        let response = request.send().await.map_err(unreachable)?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Err(refusal(response).await);
        }
        let accepted = response.headers().get(header::SEC_WEBSOCKET_ACCEPT);
        if accepted
            .is_none_or(|accept| accept.as_bytes() != derive_accept_key(key.as_bytes()).as_bytes())
        {
            return Err(ClientError::NotUnderstood("this is not a WebSocket server"));
        }
        let upgraded = response.upgrade().await.map_err(unreachable)?;
        let config = WebSocketConfig::default()
            .max_message_size(Some(1 << 20))
            .max_frame_size(Some(1 << 20));
        let stream = WebSocketStream::from_raw_socket(upgraded, Role::Client, Some(config)).await;
        Ok(Self { stream })
    }

    /// Sends a frame.
    pub async fn send(&mut self, frame: &ClientFrame) -> Result<(), ClientError> {
        let message = Message::text(frame.encode());
        self.stream
            .send(message)
            .await
            .map_err(|_broken| ClientError::Cut)
    }

    /// The next text frame. Safe to drop between two frames.
    pub async fn receive(&mut self) -> Result<String, ClientError> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text.as_str().to_owned()),
                Some(Ok(Message::Close(close))) => {
                    let code = close.map_or(1_005, |close| u16::from(close.code));
                    return Err(ClientError::Closed { code });
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(ClientError::Cut),
            }
        }
    }

    /// Says goodbye.
    pub async fn close(mut self) {
        // Whoever is gone needs no goodbye.
        self.stream.close(None).await.ok();
    }
}
