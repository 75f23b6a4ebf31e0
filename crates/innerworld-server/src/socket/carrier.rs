//! A WebSocket as a carrier of frames: every write has a deadline.

use std::{pin::pin, task::Poll, time::Duration};

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::poll;
use innerworld_core::secret::Redacted;
use innerworld_engine::connection::{Carrier, Gone, Received, Sends};
use innerworld_protocol::CloseCode;

/// A socket, and how long it may refuse to take a frame.
pub(super) struct Socket {
    pub(super) socket: WebSocket,
    pub(super) write_timeout: Duration,
}

impl Sends for Socket {
    async fn send(&mut self, frame: &str) -> Result<(), Gone> {
        let mut sending = pin!(self.socket.send(Message::text(frame)));
        // Nearly always the system takes the frame at once, and no clock need be set.
        let sent = match poll!(sending.as_mut()) {
            Poll::Ready(sent) => Ok(sent),
            Poll::Pending => Box::pin(tokio::time::timeout(self.write_timeout, sending)).await,
        };
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_closed)) => Err(Gone::Closed),
            Err(_elapsed) => Err(Gone::Slow),
        }
    }
}

impl Carrier for Socket {
    async fn receive(&mut self) -> Received {
        match self.socket.recv().await {
            Some(Ok(Message::Text(text))) => {
                Received::Text(Redacted::new(text.as_str().to_owned()))
            }
            Some(Ok(Message::Binary(_))) => Received::Binary,
            // tungstenite answers control frames itself.
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Received::Alive,
            Some(Err(error)) if is_too_large(&error) => Received::TooLarge,
            Some(Err(error)) if says(&error, &["UTF-8"]) => Received::NotText,
            Some(Ok(Message::Close(_)) | Err(_)) | None => Received::Closed,
        }
    }

    /// Sends the close frame and waits shortly for the peer's answer, so that it is not lost with a
    /// reset connection.
    async fn close(mut self, code: CloseCode) {
        let frame = CloseFrame {
            code: code.number(),
            reason: "".into(),
        };
        let farewell = async {
            if self.socket.send(Message::Close(Some(frame))).await.is_ok() {
                while let Some(Ok(_late)) = self.socket.recv().await {}
            }
        };
        if tokio::time::timeout(Duration::from_secs(2), farewell)
            .await
            .is_err()
        {
            tracing::debug!("a peer did not answer the close frame");
        }
    }
}

/// Whether the peer sent more than a frame may hold.
fn is_too_large(error: &axum::Error) -> bool {
    says(error, &["too long", "Space limit"])
}

/// Whether an error or a cause of it says one of these: axum hides the type.
fn says(error: &axum::Error, parts: &[&str]) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        let text = error.to_string();
        if parts.iter().any(|part| text.contains(part)) {
            return true;
        }
        cause = error.source();
    }
    false
}
