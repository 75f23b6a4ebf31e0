//! A server whose answers are fixed.
#![expect(clippy::indexing_slicing, reason = "JSON of this file's own making")]

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    extract::{
        Query, State, WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, patch, post},
};
use innerworld_core::persona::directory::PersonaDirectory;
use innerworld_protocol::{ClientFrame, SUBPROTOCOL};
use serde_json::{Value, json};

use super::sign_in::{POOL, SUBJECT, SignIn};

const TURN: &str = "01JD8Q2V7M3S9T0N5XKZ4B6CRE";
const EVENT: &str = "01JD8Q2TZ3V0C9X8B7N6M5K4J3";
const SESSION: &str = "01JD8PZ0YQ8N4R2F6W1H3K5M7T";

#[derive(Default)]
pub(super) struct World {
    url: Mutex<String>,
    pub(super) profile: Mutex<Option<Value>>,
    pub(super) consents: Mutex<Vec<Value>>,
    /// Types of the frames that came.
    pub(super) frames: Mutex<Vec<String>>,
    pub(super) calls: Mutex<Vec<String>>,
    pub(super) sign_in: SignIn,
}

type Shared = State<Arc<World>>;

async fn cognito(State(world): Shared, headers: HeaderMap, body: String) -> Response {
    let target = headers["x-amz-target"].to_str().unwrap();
    let operation = target.split('.').nth(1).unwrap().to_owned();
    world.calls.lock().unwrap().push(operation.clone());
    let body: Value = serde_json::from_str(&body).unwrap();
    match operation.as_str() {
        "SignUp" => {
            world.sign_in.sign_up(&body);
            Json(json!({"UserSub": SUBJECT})).into_response()
        }
        "ConfirmSignUp" if body["ConfirmationCode"] != "123456" => {
            let fault = json!({"__type": "CodeMismatchException", "message": "Invalid verification code provided, please try again."});
            (StatusCode::BAD_REQUEST, Json(fault)).into_response()
        }
        "InitiateAuth" => Json(world.sign_in.initiate(&body)).into_response(),
        "RespondToAuthChallenge" if !world.sign_in.is_right(&body) => {
            let fault = json!({"__type": "NotAuthorizedException", "message": "Incorrect username or password."});
            (StatusCode::BAD_REQUEST, Json(fault)).into_response()
        }
        "RespondToAuthChallenge" => Json(json!({"AuthenticationResult":
            {"AccessToken": "access", "RefreshToken": "refresh", "ExpiresIn": 3600}}))
        .into_response(),
        _ => Json(json!({})).into_response(),
    }
}

async fn client(State(world): Shared) -> Json<Value> {
    let url = world.url.lock().unwrap().clone();
    let ws_url = format!("{}/v1/ws", url.replace("http", "ws"));
    Json(
        json!({"cognito_url": url, "client_id": "c", "user_pool_id": POOL, "ws_url": ws_url, "http_url": url,
        "mode": "offline", "password_min_chars": 12, "dev_codes": true}),
    )
}

async fn me(State(world): Shared) -> Json<Value> {
    let agreed = world
        .consents
        .lock()
        .unwrap()
        .iter()
        .any(|record| record["purpose"] == "terms");
    let state = match (&*world.profile.lock().unwrap(), agreed) {
        (None, _) => "profile_incomplete",
        (Some(_), false) => "consent_required",
        (Some(_), true) => "active",
    };
    Json(json!({"state": state, "country": "US", "locale": "en-US"}))
}

async fn put_profile(State(world): Shared, Json(body): Json<Value>) -> Json<Value> {
    *world.profile.lock().unwrap() = Some(body);
    Json(json!({}))
}

async fn catalogue() -> Json<Value> {
    let entry = |purpose: &str, title: &str, required: bool| {
        json!({"purpose": purpose, "title": title, "text": format!("The text of {purpose}."),
            "text_version": "1", "required": required, "recipients": []})
    };
    let mut model = entry("chat_model", "Answers by a model company", false);
    model["recipients"] = json!(["Example Models Inc., models.example"]);
    Json(json!({"consents": [entry("terms", "Terms", true), model,
        entry("embedding", "Vectors", false), entry("memory", "Memory", false)]}))
}

async fn consents(State(world): Shared) -> Json<Value> {
    Json(json!({"consents": *world.consents.lock().unwrap()}))
}

async fn put_consents(State(world): Shared, Json(body): Json<Value>) -> Json<Value> {
    let records = body["consents"].as_array().unwrap().clone();
    world.consents.lock().unwrap().extend(records);
    Json(json!({"consents": []}))
}

async fn personas() -> Json<Value> {
    Json(json!({"personas": PersonaDirectory::shipped().unwrap().cards()}))
}

async fn memory(Query(wanted): Query<Value>) -> Json<Value> {
    let item = match wanted["view"].as_str() {
        Some("nodes") => json!({"id": "9f2c", "kind": "person", "name": "Lena", "support": 2}),
        Some("edges") => json!({"what": "fact", "id": "77aa", "kind": "relates_to",
            "name": "Lena is your best friend", "first_seen": "2026-03-02T06:00:00Z",
            "until": "2026-04-02T06:00:00Z", "sure": false}),
        _moods => json!({"what": "node", "id": "9f2c", "kind": "mood",
            "name": "talk about Lena is mostly happy (4 times in 3 weeks)"}),
    };
    Json(json!({"items": [item], "next": null}))
}

async fn socket(State(world): Shared, upgrade: WebSocketUpgrade) -> Response {
    upgrade
        .protocols([SUBPROTOCOL])
        .on_upgrade(move |socket| talk(world, socket))
}

async fn talk(world: Arc<World>, mut socket: WebSocket) {
    let mut seq = 1;
    while let Some(Ok(Message::Text(raw))) = socket.recv().await {
        let frame = ClientFrame::parse(&raw).unwrap();
        let value: Value = serde_json::from_str(&raw).unwrap();
        world
            .frames
            .lock()
            .unwrap()
            .push(value["type"].as_str().unwrap().to_owned());
        for mut answer in answers(&frame) {
            if answer.get("seq").is_some_and(|number| number == 1) {
                answer["seq"] = json!(seq);
                seq += 1;
            }
            socket
                .send(Message::text(answer.to_string()))
                .await
                .unwrap();
        }
    }
}

fn answers(frame: &ClientFrame) -> Vec<Value> {
    let turn = |origin: &str, text: &str| {
        let mut frames = vec![
            json!({"type": "turn.start", "seq": 1, "turn": TURN, "persona": "courage",
            "origin": origin, "ai_generated": true}),
        ];
        let mut off = 0;
        for word in text.split_inclusive(' ') {
            frames.push(json!({"type": "turn.delta", "turn": TURN, "off": off, "d": word}));
            off += word.chars().count();
        }
        frames.push(
            json!({"type": "turn.end", "seq": 1, "turn": TURN, "finish": "stop", "len": off,
            "ai_generated": true}),
        );
        frames
    };
    match frame {
        ClientFrame::Hello(_) => vec![
            json!({"type": "welcome", "session": SESSION, "epoch": "e", "seq": 1, "resumed": "new",
                "state": "greeting", "heartbeat_ms": 25_000, "rollup_ms": 40, "remaining_s": 1200,
                "resets_at": "2026-11-24T05:00:00Z", "limits": {"frame_bytes": 32_768,
                "message_bytes": 16_000, "messages_burst": 5, "messages_per_min": 30,
                "queued_turns": 1}, "resources_version": "1", "request_id": SESSION,
                "server": {"version": "0.1.0", "carrier": "socket"}}),
            json!({"type": "disclosure", "seq": 1, "version": "1", "text": "You talk with an AI.",
                "locale": "en", "ack_required": true, "unsuitable_notice": "It may be unsuitable for some minors."}),
        ],
        ClientFrame::PersonaChoose(_) => {
            let chosen = json!({"type": "persona.chosen", "seq": 1, "persona": "courage", "name": "Courage", "version": "1.0.0"});
            [vec![chosen], turn("template", "Hi, I'm Courage, an AI.")].concat()
        }
        ClientFrame::Message(message) if message.text.reveal() == "help me" => vec![
            json!({"type": "safety.crisis", "seq": 0, "event": EVENT, "level": "risk",
                "variant": "self_harm", "text": "You matter. Please talk to somebody now.",
                "resources": [{"id": "x", "name": "Example Line", "call": "000",
                    "sms": {"to": "000", "body": "HI"}, "hours": "24/7"}],
                "emergency_hint": {"number": "911", "text": "In danger right now:"},
                "choices": ["safe", "not_safe"]}),
            json!({"type": "error", "code": "journal_only", "message": "You can write in your journal now. Chat opens again later.",
                "retryable": false, "ref": message.id, "fatal": false, "request_id": SESSION}),
        ],
        ClientFrame::Message(message) => {
            let accepted = json!({"type": "accepted", "seq": 1, "id": message.id, "turn": message.id, "dup": false});
            let mut frames = turn("offline", "That sounds like a lot.");
            for frame in &mut frames {
                frame["turn"] = json!(message.id);
            }
            [vec![accepted], frames].concat()
        }
        ClientFrame::SessionEnd(_) => vec![
            json!({"type": "session.ended", "seq": 1, "reason": "client", "duration_s": 60, "turns": 1,
                "remaining_s": 1140, "memory": "pending"}),
            json!({"type": "memory.updated", "seq": 1, "added": 3, "changed": 0, "closed": 0, "digest_version": 1}),
        ],
        _ => Vec::new(),
    }
}

/// A server on a thread of its own; its URL and what it saw.
/// What Lena rests on: once said, once where the words are gone.
fn lena() -> Value {
    json!({
        "what": "node", "id": "9f2c", "kind": "Person", "name": "Lena", "aliases": ["lee"],
        "attrs": {"role": "best friend"},
        "facts": [
            {"what": "fact", "id": "77aa", "kind": "relates_to", "name": "Lena is your best friend",
             "held": [{"from": "2026-03-02T06:00:00Z"}], "confidence": 0.85},
            {"what": "fact", "id": "77ab", "kind": "mentions", "name": "you spoke of Lena",
             "held": [], "confidence": 0.85},
        ],
        "evidence": [
            {"turn": "01K00000000000000000000000", "speaker": "teen", "at": "2026-02-01T21:00:00Z"},
            {"turn": "01K00000000000000000000001", "speaker": "teen", "at": "2026-03-02T21:00:00Z",
             "text": "my best friend \u{1b}[31mLena plays too"},
        ],
    })
}

/// Forgets only what was shown before.
async fn forget(Json(wanted): Json<Value>) -> (StatusCode, Json<Value>) {
    let shown = wanted["dry_run"] == json!(true) || wanted["plan"] == json!("p1");
    let status = if shown {
        StatusCode::OK
    } else {
        StatusCode::CONFLICT
    };
    let goes = json!([
        {"what": "node", "id": "9f2c", "name": "Lena"},
        {"what": "turn", "id": "01K00000000000000000000001", "name": "my best friend Lena plays too"},
    ]);
    (status, Json(json!({"plan": "p1", "goes": goes})))
}

pub(super) fn start() -> (String, Arc<World>) {
    let world = Arc::new(World::default());
    let routes = Router::new()
        .route("/", post(cognito))
        .route("/v1/client", get(client))
        .route(
            "/v1/dev/code",
            get(|| async { Json(json!({"code": "123456"})) }),
        )
        .route("/v1/me", get(me).delete(|| async { StatusCode::ACCEPTED }))
        .route("/v1/me/profile", patch(put_profile))
        .route("/v1/consents", get(catalogue))
        .route("/v1/me/consents", get(consents).put(put_consents))
        .route("/v1/personas", get(personas))
        .route("/v1/me/memory", get(memory))
        .route("/v1/me/memory/{what}/{id}", get(|| async { Json(lena()) }))
        .route("/v1/me/memory/forget", post(forget))
        .route(
            "/v1/me/memory/corrections",
            post(|| async { Json(json!({"turn": "01K00000000000000000000002"})) }),
        )
        .route(
            "/v1/me/time",
            get(|| async {
                Json(json!({"remaining_s": 1140, "resets_at": "2026-11-24T05:00:00Z"}))
            }),
        )
        .route("/v1/ws", get(socket))
        .with_state(Arc::clone(&world));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    world.url.lock().unwrap().clone_from(&url);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, routes).await.unwrap();
        });
    });
    (url, world)
}
