//! The client's link against a server that cuts its connections.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures_util::{SinkExt as _, StreamExt as _};
use innerworld::client::{
    ClientError,
    account::{Account, Ground},
    http::{Discovery, Server},
    link::{Introduction, Link},
    tokens::Tokens,
    track::Step,
};
use innerworld_core::{
    clock::Timestamp,
    conversation::record::{Finish, TurnOrigin},
    ids::{MessageId, RequestId, SessionId, TurnId},
    secret::{Redacted, Secret},
};
use innerworld_embedded::{OsIds, SystemClock};
use innerworld_protocol::{
    ClientFrame, SUBPROTOCOL, ServerFrame,
    server::{GoingAwayReason, Limits, Resumed, ServerInfo, Welcome, WireSessionState},
    text,
};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{
    WebSocketStream, accept_hdr_async,
    tungstenite::{
        Message,
        handshake::server::{Request, Response},
        http::HeaderValue,
    },
};

const ANSWER: &str = "Né, das ist 🌱 a longer answer: it has words, and umlauts — äöü — to cut in.";
const TURN: TurnId = TurnId::from_bits(7);

/// A session with one answer, cut after as many characters as the next entry says.
#[derive(Default)]
struct Scripted {
    cuts: Vec<usize>,
    announced: bool,
    connections: AtomicUsize,
    /// Sends of messages, and the ids among them.
    messages: std::sync::Mutex<Vec<MessageId>>,
}

fn welcome(resumed: Resumed, open_turn: Option<TurnId>) -> ServerFrame {
    ServerFrame::Welcome(Box::new(Welcome {
        session: SessionId::from_bits(1),
        epoch: "e1".into(),
        seq: 3,
        resumed,
        state: WireSessionState::Active,
        persona: None,
        open_turn,
        heartbeat_ms: 25_000,
        rollup_ms: 0,
        remaining_s: 1_200,
        resets_at: "2026-11-24T05:00:00Z".into(),
        limits: Limits {
            frame_bytes: 32_768,
            message_bytes: 16_000,
            messages_burst: 5,
            messages_per_min: 30,
            queued_turns: 1,
        },
        resources_version: "1".into(),
        request_id: RequestId::from_bits(1),
        server: ServerInfo {
            version: "0".into(),
            carrier: "socket".into(),
        },
    }))
}

type Stream = WebSocketStream<TcpStream>;

async fn say(socket: &mut Stream, frame: &ServerFrame) {
    socket.send(Message::text(frame.encode())).await.ok();
}

#[expect(
    clippy::result_large_err,
    clippy::unnecessary_wraps,
    reason = "the library's signature"
)]
fn with_protocol(
    request: &Request,
    mut response: Response,
) -> Result<Response, tokio_tungstenite::tungstenite::handshake::server::ErrorResponse> {
    assert_eq!(request.headers()["authorization"], "Bearer access");
    assert_eq!(request.headers()["sec-websocket-protocol"], SUBPROTOCOL);
    let protocol = HeaderValue::from_static(SUBPROTOCOL);
    response
        .headers_mut()
        .insert("sec-websocket-protocol", protocol);
    Ok(response)
}

impl Scripted {
    async fn start(self) -> (SocketAddr, Arc<Self>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Arc::new(self);
        let accepting = Arc::clone(&server);
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                accepting.serve(stream).await;
            }
        });
        tasks.detach_all();
        (address, server)
    }

    /// One connection, until its cut.
    async fn serve(&self, stream: TcpStream) {
        let mut socket = accept_hdr_async(stream, with_protocol).await.unwrap();
        let connection = self.connections.fetch_add(1, Ordering::SeqCst);
        let until = self.cuts.get(connection).copied().unwrap_or(usize::MAX);
        while let Some(Ok(Message::Text(raw))) = socket.next().await {
            match ClientFrame::parse(&raw).unwrap() {
                ClientFrame::Hello(hello) => {
                    let Some(last) = hello.last else {
                        say(&mut socket, &welcome(Resumed::New, None)).await;
                        continue;
                    };
                    assert_eq!(last.epoch, "e1");
                    say(&mut socket, &welcome(Resumed::Full, last.turn)).await;
                    if let (Some(turn), Some(off)) = (last.turn, last.off) {
                        assert_eq!(turn, TURN);
                        if self.answer(&mut socket, off, until).await {
                            return;
                        }
                    }
                }
                ClientFrame::Message(message) => {
                    self.messages.lock().unwrap().push(message.id);
                    if self.messages.lock().unwrap().len() == 1 && until == 0 {
                        // Lost before it was accepted.
                        return;
                    }
                    let dup = connection > 1;
                    let accepted = ServerFrame::Accepted {
                        seq: 1,
                        id: message.id,
                        turn: TURN,
                        dup,
                    };
                    say(&mut socket, &accepted).await;
                    let start = ServerFrame::TurnStart {
                        seq: 2,
                        turn: TURN,
                        id: Some(message.id),
                        persona: "courage".parse().unwrap(),
                        origin: TurnOrigin::Model,
                        ai_generated: true,
                    };
                    say(&mut socket, &start).await;
                    if self.answer(&mut socket, 0, until).await {
                        return;
                    }
                }
                _ => {}
            }
        }
    }

    /// Streams from `off` on; true if the cut came.
    async fn answer(&self, socket: &mut Stream, off: u64, until: usize) -> bool {
        for (at, c) in (off..).zip(text::from_offset(ANSWER, off).chars()) {
            if usize::try_from(at).unwrap() >= until {
                if self.announced {
                    let reason = GoingAwayReason::Drain;
                    let going = ServerFrame::GoingAway {
                        reason,
                        after_ms: 0,
                        jitter_ms: 1,
                    };
                    say(socket, &going).await;
                }
                return true;
            }
            let d = Redacted::new(c.to_string());
            say(
                socket,
                &ServerFrame::TurnDelta {
                    turn: TURN,
                    off: at,
                    d,
                },
            )
            .await;
        }
        let end = ServerFrame::TurnEnd {
            seq: 3,
            turn: TURN,
            finish: Finish::Stop,
            len: text::length(ANSWER),
            ai_generated: true,
            code: None,
            usage: None,
        };
        say(socket, &end).await;
        false
    }
}

fn account(address: SocketAddr) -> Account {
    Account {
        server: Server::new(&format!("http://{address}")).unwrap(),
        discovery: Discovery {
            cognito_url: format!("http://{address}"),
            client_id: "client".into(),
            user_pool_id: "zz-local-1_pool".into(),
            ws_url: format!("ws://{address}/v1/ws"),
            mode: "offline".into(),
            model: None,
            company: None,
            password_min_chars: 12,
            dev_codes: false,
        },
        tokens: Tokens {
            access: Secret::new("access".into()),
            refresh: None,
            expires_at: Timestamp::from_millis(i64::MAX),
        },
        store: None,
        ground: Ground {
            clock: Arc::new(SystemClock),
            ids: Arc::new(OsIds),
        },
    }
}

/// Says one thing and reads until the answer has ended, whatever breaks; the text as shown word by
/// word, and as the track holds it.
async fn talk(address: SocketAddr) -> (String, String) {
    let introduction = Introduction {
        name: "test".into(),
        locale: "en-US".into(),
        country: None,
        rollup_ms: Some(0),
    };
    let mut link = Link::open(account(address), introduction).await.unwrap();
    let mut shown = String::new();
    let mut said = false;
    loop {
        let steps = match link.receive().await {
            Ok((_raw, steps)) => steps,
            Err(error) => {
                assert!(matches!(
                    error,
                    ClientError::Cut | ClientError::Closed { .. }
                ));
                link.reconnect().await.unwrap();
                continue;
            }
        };
        for step in steps {
            match step {
                Step::Joined(_) if !said => {
                    said = true;
                    link.say(Redacted::new("hello".into())).await;
                }
                Step::Words { piece, .. } => shown.push_str(&piece),
                Step::Ended { text, .. } => return (shown, text),
                Step::Resync => link.resync().await.unwrap(),
                _ => {}
            }
        }
    }
}

#[tokio::test]
async fn an_answer_survives_a_cut_at_every_character() {
    let server = Scripted {
        cuts: (1..ANSWER.chars().count()).collect(),
        announced: true,
        ..Scripted::default()
    };
    let cuts = server.cuts.len();
    let (address, server) = server.start().await;
    let (shown, text) = talk(address).await;
    assert_eq!(shown, ANSWER);
    assert_eq!(text, ANSWER);
    assert_eq!(server.connections.load(Ordering::SeqCst), cuts + 1);
    assert_eq!(
        server.messages.lock().unwrap().len(),
        1,
        "what was accepted is not sent again"
    );
}

#[tokio::test]
async fn a_message_that_was_not_accepted_is_sent_again_under_its_id() {
    let server = Scripted {
        cuts: vec![0],
        ..Scripted::default()
    };
    let (address, server) = server.start().await;
    let (shown, _) = talk(address).await;
    assert_eq!(shown, ANSWER);
    let messages = server.messages.lock().unwrap().clone();
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[0], messages[1]);
}
