//! Writing to a socket: every write has a deadline.

use std::{pin::pin, task::Poll, time::Duration};

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::poll;
use innerworld_protocol::CloseCode;

/// The connection cannot be written to any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gone {
    /// The peer went away.
    Closed,
    /// No progress within the deadline.
    Slow,
}

/// Sends one text frame.
pub(super) async fn send(
    socket: &mut WebSocket,
    frame: &str,
    deadline: Duration,
) -> Result<(), Gone> {
    let mut sending = pin!(socket.send(Message::text(frame)));
    // Nearly always the system takes the frame at once, and no clock need be set.
    let sent = match poll!(sending.as_mut()) {
        Poll::Ready(sent) => Ok(sent),
        Poll::Pending => Box::pin(tokio::time::timeout(deadline, sending)).await,
    };
    match sent {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_closed)) => Err(Gone::Closed),
        Err(_elapsed) => Err(Gone::Slow),
    }
}

/// Sends the close frame and waits shortly for the peer's answer, so that it is not lost with a
/// reset connection.
pub(super) async fn close(mut socket: WebSocket, code: CloseCode) {
    let frame = CloseFrame {
        code: code.number(),
        reason: "".into(),
    };
    let farewell = async {
        if socket.send(Message::Close(Some(frame))).await.is_ok() {
            while let Some(Ok(_late)) = socket.recv().await {}
        }
    };
    if tokio::time::timeout(Duration::from_secs(2), farewell)
        .await
        .is_err()
    {
        tracing::debug!("a peer did not answer the close frame");
    }
}
