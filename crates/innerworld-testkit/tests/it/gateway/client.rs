//! A client of the double.

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{self, Message, client::IntoClientRequest as _},
};

/// An open socket.
#[derive(Debug)]
pub(super) struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The sub-protocol that was answered.
    pub(super) protocol: Option<String>,
}

impl Client {
    pub(super) async fn open(
        url: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, tungstenite::Error> {
        let mut request = url.into_client_request()?;
        // A client that gets a sub-protocol it did not offer goes away.
        let protocol = "innerworld.v1".parse().unwrap();
        request
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let (socket, answer) = tokio_tungstenite::connect_async(request).await?;
        let protocol = answer.headers().get("sec-websocket-protocol");
        let protocol = protocol.map(|name| name.to_str().unwrap().to_owned());
        Ok(Self { socket, protocol })
    }

    pub(super) async fn send(&mut self, text: &str) {
        self.message(Message::text(text)).await;
    }

    pub(super) async fn message(&mut self, message: Message) {
        self.socket.send(message).await.unwrap();
    }

    /// The next frame, or the close code.
    pub(super) async fn next(&mut self) -> Result<Value, u16> {
        loop {
            return match self.socket.next().await {
                Some(Ok(Message::Text(text))) => Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(frame))) => {
                    Err(frame.map_or(1_005, |frame| frame.code.into()))
                }
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => Err(1_006),
            };
        }
    }

    /// Closes it; frames that still came.
    pub(super) async fn close(&mut self) -> Vec<Value> {
        let frame = tungstenite::protocol::CloseFrame {
            code: 1_000.into(),
            reason: "".into(),
        };
        self.socket.close(Some(frame)).await.unwrap();
        let mut late = Vec::new();
        while let Ok(frame) = self.next().await {
            late.push(frame);
        }
        late
    }
}

/// The status of a handshake that was refused.
pub(super) fn status(refused: Result<Client, tungstenite::Error>) -> u16 {
    match refused {
        Err(tungstenite::Error::Http(response)) => response.status().as_u16(),
        other => panic!("{other:?}"),
    }
}
