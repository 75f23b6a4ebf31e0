//! The socket of a connection that is up: frames in, frames out, and its end.

use std::{sync::Arc, time::Duration};

use futures_util::{
    SinkExt as _, StreamExt as _,
    stream::{SplitSink, SplitStream},
};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::{io::AsyncReadExt as _, sync::mpsc, time::timeout};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message,
        protocol::{CloseFrame, Role, WebSocketConfig},
    },
};

use super::{
    FRAME_BYTES, Inner, MESSAGE_BYTES, Pending,
    connection::{ABNORMAL, Connection, Out, TOO_LONG},
    event, locked,
};

/// How long a client may take to answer a close frame.
const FAREWELL: Duration = Duration::from_secs(2);
/// A close frame without a code.
const NO_CODE: u16 = 1_005;
/// A binary frame (page "Binary media types for WebSocket APIs in API Gateway").
const BINARY: u16 = 1_003;
/// A text that is none.
const NOT_TEXT: u16 = 1_007;

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// How a conversation ended.
enum End {
    /// The client closed it.
    ByClient(u16),
    /// The client sent what it may not.
    Refused(u16),
    /// The close frame was sent.
    ByUs(u16),
    /// There is no connection any more.
    Lost,
}

/// Serves a connection until its end, and tells the function of `$disconnect`.
pub(super) async fn run(inner: Arc<Inner>, connection: Arc<Connection>, upgrade: OnUpgrade) {
    let code = match upgrade.await {
        Ok(upgraded) => {
            let limits = WebSocketConfig::default()
                .max_frame_size(Some(FRAME_BYTES))
                .max_message_size(Some(MESSAGE_BYTES));
            let stream = TokioIo::new(upgraded);
            let socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(limits));
            talk(&inner, &connection, socket.await).await
        }
        Err(_lost) => ABNORMAL,
    };
    connection.shut();
    let pending = inner.pending();
    let lost = *locked(&inner.disconnects_lost);
    if let Some(function) = &inner.settings.routes.disconnect
        && !inner.happens(lost)
    {
        let event = event::disconnecting(&inner, &connection, code);
        // Nobody is told how that ended but the list of failed calls.
        let _answer = inner.call(function, event).await;
    }
    drop(pending);
    connection.finish(code);
}

/// Reads and writes until the end; the close code.
async fn talk(inner: &Arc<Inner>, connection: &Arc<Connection>, socket: Socket) -> u16 {
    let (mut sink, mut stream) = socket.split();
    let mut out = connection.outgoing();
    let (inbox, frames) = mpsc::unbounded_channel();
    let delivering = deliver(Arc::clone(inner), Arc::clone(connection), frames);
    inner.tasks.spawn(delivering);
    let end = {
        // One who does not read does not get the close frame either.
        let overdue = async {
            connection.shutting().await;
            tokio::time::sleep(FAREWELL).await;
        };
        tokio::select! {
            end = read(inner, connection, (&mut stream, &inbox)) => end,
            end = write(connection, &mut sink, &mut out) => end,
            () = overdue => End::Lost,
        }
    };
    connection.shut();
    match end {
        End::Lost => ABNORMAL,
        End::ByClient(code) => {
            // The answer to the close frame waits to be written.
            let _told = timeout(FAREWELL, sink.close()).await;
            code
        }
        End::ByUs(code) => {
            let answered = async { while let Some(Ok(_late)) = stream.next().await {} };
            let _answered = timeout(FAREWELL, answered).await;
            code
        }
        End::Refused(code) => {
            let _told = timeout(FAREWELL, sink.send(closing(code))).await;
            if let Ok(mut socket) = sink.reunite(stream) {
                let _read = timeout(FAREWELL, drain(socket.get_mut())).await;
            }
            code
        }
    }
}

/// Reads what is left: a connection that is closed before that is reset, and the close frame with
/// it.
async fn drain(stream: &mut TokioIo<Upgraded>) {
    let mut rest = [0; 4_096];
    while stream.read(&mut rest).await.is_ok_and(|bytes| bytes > 0) {}
}

fn closing(code: u16) -> Message {
    Message::Close(Some(CloseFrame {
        code: code.into(),
        reason: "".into(),
    }))
}

type Frames = mpsc::UnboundedSender<(String, Pending)>;

async fn read(
    inner: &Arc<Inner>,
    connection: &Connection,
    (stream, inbox): (&mut SplitStream<Socket>, &Frames),
) -> End {
    loop {
        match stream.next().await {
            Some(Ok(Message::Text(text))) if connection.is_up() => {
                connection.heard(inner.settings.clock.now());
                let frame = (text.as_str().to_owned(), inner.pending());
                inbox.send(frame).unwrap_or_default();
            }
            Some(Ok(Message::Binary(_))) => return End::Refused(BINARY),
            Some(Ok(Message::Close(frame))) => {
                return End::ByClient(frame.map_or(NO_CODE, |frame| frame.code.into()));
            }
            // The library answers pings itself. Whether they count as activity on AWS is not
            // written anywhere; here they do not.
            Some(Ok(_)) => {}
            Some(Err(Error::Capacity(_))) => return End::Refused(TOO_LONG),
            Some(Err(Error::Utf8(_))) => return End::Refused(NOT_TEXT),
            Some(Err(_)) | None => return End::Lost,
        }
    }
}

async fn write(
    connection: &Connection,
    sink: &mut SplitSink<Socket, Message>,
    out: &mut mpsc::UnboundedReceiver<Out>,
) -> End {
    while let Some(next) = out.recv().await {
        match next {
            Out::Text(frame) => {
                let bytes = frame.len();
                if sink.send(Message::text(frame)).await.is_err() {
                    return End::Lost;
                }
                connection.written(bytes);
            }
            Out::Close(code) => {
                let sent = sink.send(closing(code)).await;
                return sent.map_or(End::Lost, |()| End::ByUs(code));
            }
            Out::Cut => return End::Lost,
        }
    }
    End::Lost
}

/// Gives each frame to the function of `$default`.
async fn deliver(
    inner: Arc<Inner>,
    connection: Arc<Connection>,
    mut frames: mpsc::UnboundedReceiver<(String, Pending)>,
) {
    while let Some((frame, pending)) = frames.recv().await {
        let event = event::message(&inner, &connection, &frame);
        let (called, connection) = (Arc::clone(&inner), Arc::clone(&connection));
        let call = async move {
            call_default(&called, &connection, event).await;
            drop(pending);
        };
        if inner.settings.serial {
            call.await;
        } else {
            inner.tasks.spawn(call);
        }
    }
}

/// Nobody gets the answer. Of a failure the gateway tells the client itself.
async fn call_default(inner: &Arc<Inner>, connection: &Connection, event: serde_json::Value) {
    let Some(function) = &inner.settings.routes.default else {
        return;
    };
    let request = event.pointer("/requestContext/requestId").cloned();
    if let Err(outcome) = inner.call(function, event).await {
        let message = match outcome {
            Some(_) => "Internal server error",
            None => "Endpoint request timed out",
        };
        let told = json!({
            "message": message, "connectionId": connection.id, "requestId": request,
        });
        connection.say(told.to_string());
    }
}
