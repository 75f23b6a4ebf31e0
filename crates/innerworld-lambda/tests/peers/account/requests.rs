//! The list of requests that is asked twice, and answers in normal form.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use axum::{body::Body, http};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use innerworld_core::{
    clock::Timestamp,
    conversation::{record::AcceptOutcome, store::ConversationStore},
    memory::Memory,
};
use innerworld_testkit::{
    records::{Records, remembering},
    user_pool::UserPoolDouble,
};
use serde_json::{Value, json};

use super::{Api, later, machine::OneMachine};
use crate::{functions::TEEN, place::wall_clock};

const SAID: [&str; 3] = [
    "my best friend Maya Lee and i joined the swim team",
    "Maya is so funny, she lent me her notes",
    "i play the violin every day",
];
const HOUR: Duration = Duration::from_secs(3_600);

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    method: &'static str,
    path: String,
    query: String,
    headers: Vec<(&'static str, String)>,
    body: Option<Value>,
}

impl Asked {
    pub(super) fn new(method: &'static str, target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self {
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            headers: Vec::new(),
            body: None,
        }
    }

    pub(super) fn by(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(super) fn with(self, body: &Value) -> Self {
        let asked = self.header("content-type", "application/json");
        Self {
            body: Some(body.clone()),
            ..asked
        }
    }

    pub(super) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// As the gateway tells of it. Some bodies come as base64.
    pub(super) fn event(&self) -> Value {
        let headers = self.headers.iter();
        let headers: serde_json::Map<_, _> = headers
            .map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect();
        let encoded = self.method == "PUT";
        let body = self.body.as_ref().map(Value::to_string);
        let body = body.map(|body| if encoded { BASE64.encode(body) } else { body });
        json!({
            "version": "2.0", "rawPath": self.path, "rawQueryString": self.query,
            "headers": headers, "body": body, "isBase64Encoded": encoded,
            "requestContext": {
                "stage": "$default", "domainName": "api.example.org",
                "http": {"method": self.method, "path": self.path, "sourceIp": "192.0.2.7"},
            },
        })
    }

    /// As a server hears it.
    pub(super) fn request(&self) -> http::Request<Body> {
        let mut uri = self.path.clone();
        if !self.query.is_empty() {
            uri = format!("{uri}?{}", self.query);
        }
        let mut request = http::Request::builder().method(self.method).uri(uri);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let body = self.body.as_ref().map(Value::to_string);
        request.body(Body::from(body.unwrap_or_default())).unwrap()
    }
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) status: u16,
    headers: BTreeMap<String, String>,
    pub(super) body: Value,
}

impl Told {
    pub(super) fn of(status: u16, headers: Vec<(String, String)>, body: &str) -> Self {
        let mut told: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in headers {
            let values = told.entry(name).or_default();
            if !values.is_empty() {
                values.push_str(", ");
            }
            values.push_str(&value);
        }
        // Of a body whose ids have another length.
        told.remove("content-length");
        Self {
            status,
            headers: told,
            body: serde_json::from_str(body).unwrap_or_else(|_text| json!(body)),
        }
    }
}

/// Who is asked.
pub(super) enum Side<'a> {
    Machine(&'a OneMachine),
    Function(&'a Api<'a>),
}

/// Puts what both sides cannot share into one form: times, secrets, and ids by their first appearance.
#[derive(Default)]
struct Normal(HashMap<String, usize>);

impl Normal {
    fn form(&mut self, value: &Value) -> Value {
        match value {
            Value::Object(fields) => fields
                .iter()
                .map(|(name, value)| match name.as_str() {
                    "request_id" | "ticket" | "jti" => (name.clone(), json!("<secret>")),
                    _ => (name.clone(), self.form(value)),
                })
                .collect(),
            Value::Array(items) => items.iter().map(|item| self.form(item)).collect(),
            Value::String(text) => json!(self.text(text)),
            // Milliseconds since 1970.
            Value::Number(number) if number.as_i64() > Some(1_000_000_000_000) => json!("<time>"),
            other => other.clone(),
        }
    }

    fn text(&mut self, text: &str) -> String {
        if text.parse::<jiff::Timestamp>().is_ok() {
            return "<time>".to_owned();
        }
        if !is_id(text) {
            return text.to_owned();
        }
        let next = self.0.len();
        let number = *self.0.entry(text.to_owned()).or_insert(next);
        format!("<id {number}>")
    }
}

fn is_id(text: &str) -> bool {
    text.len() >= 26 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Puts lists of memory into an order of their own: what is equally new is told by its id, which comes
/// from a key that each side has for itself.
fn ordered(value: Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.into_iter().map(ordered).collect();
            items.sort_by_key(|item| nameless(item).to_string());
            Value::Array(items)
        }
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| (name, ordered(value)))
            .collect(),
        other => other,
    }
}

/// The same without ids.
fn nameless(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(nameless).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), nameless(value)))
            .collect(),
        Value::String(text) if is_id(text) => Value::Null,
        other => other.clone(),
    }
}

/// A teen who asks for everything.
struct Asking<'a> {
    side: Side<'a>,
    token: String,
    normal: Normal,
    told: Vec<(String, Told)>,
}

impl Asking<'_> {
    /// Asks, keeps the answer in normal form, and gives its body as it came.
    async fn ask(&mut self, asked: Asked) -> Value {
        let told = match self.side {
            Side::Machine(machine) => machine.ask(&asked).await,
            Side::Function(api) => api.ask(&asked).await,
        };
        let body = told.body.clone();
        let path = self.normal.text_of_path(&asked.path);
        let what = format!(
            "{} {path}?{} {:?}",
            asked.method,
            asked.query,
            asked.body.is_some()
        );
        let is_memory = asked.path.starts_with("/v1/me/memory");
        let ordered = if is_memory {
            ordered(told.body)
        } else {
            told.body
        };
        let told = Told {
            body: self.normal.form(&ordered),
            ..told
        };
        self.told.push((what, told));
        body
    }

    async fn get(&mut self, target: &str) -> Value {
        let asked = Asked::new("GET", target).by(&self.token);
        self.ask(asked).await
    }

    async fn send(&mut self, method: &'static str, target: &str, body: Value) -> Value {
        let asked = Asked::new(method, target).by(&self.token).with(&body);
        self.ask(asked).await
    }

    async fn delete(&mut self, target: &str) {
        let asked = Asked::new("DELETE", target).by(&self.token);
        self.ask(asked).await;
    }
}

impl Normal {
    fn text_of_path(&mut self, path: &str) -> String {
        let parts: Vec<String> = path.split('/').map(|part| self.text(part)).collect();
        parts.join("/")
    }
}

/// A session that is open, and an earlier one that was remembered.
pub(super) async fn seed(
    conversations: Arc<dyn ConversationStore>,
    memory: &Memory,
    began: Timestamp,
) {
    let records = Records::named("requests");
    let session = records.session_at(TEEN, began);
    let first = records.event(1);
    conversations
        .open_session(&session, &[first])
        .await
        .unwrap();
    let mut turn = records.turn(&session, 0, 2);
    turn.created_at = began;
    turn.expires_at = session.expires_at;
    let accepted = conversations
        .accept(records.accept(TEEN, &turn), began)
        .await;
    assert!(matches!(accepted, Ok(AcceptOutcome::New)), "{accepted:?}");
    let log = records.ended_session(TEEN, began.minus(HOUR), &SAID);
    memory.remember(&log, &remembering()).await.unwrap();
}

/// Asks for everything, in an order in which a teen might.
pub(super) async fn everything(side: Side<'_>, pool: &UserPoolDouble) -> Vec<(String, Told)> {
    let mut asking = Asking {
        side,
        token: pool.token(TEEN, wall_clock()),
        normal: Normal::default(),
        told: Vec::new(),
    };
    anybody(&mut asking).await;
    let forged = pool.forged(TEEN, wall_clock());
    for (_name, token) in forged.iter().filter(|(_, token)| token.len() < 8_000) {
        asking.ask(Asked::new("GET", "/v1/me").by(token)).await;
    }
    person(&mut asking).await;
    talks(&mut asking).await;
    remembered(&mut asking).await;
    journal(&mut asking).await;
    twice(&mut asking).await;
    leaving(&mut asking, pool).await;
    asking.told
}

async fn anybody(asking: &mut Asking<'_>) {
    for target in [
        "/v1/consents",
        "/v1/protocol",
        "/v1/personas",
        "/v1/disclosure?locale=en&country=US",
        "/v1/safety/protocol",
        "/v1/safety/resources?country=US&locale=en",
        "/v1/safety/resources?country=ZZ",
        "/v1/safety/tools?locale=en",
        "/v1/nowhere",
        "/v1/sessions",
        "/v1/sessions/a%20b",
    ] {
        asking.ask(Asked::new("GET", target)).await;
    }
    asking.ask(Asked::new("POST", "/v1/personas")).await;
    for origin in ["https://app.example.org", "https://elsewhere.example.org"] {
        let asked = Asked::new("OPTIONS", "/v1/me").header("origin", origin);
        let asked = asked.header("access-control-request-method", "PATCH");
        asking.ask(asked).await;
        let asked = Asked::new("GET", "/v1/personas").header("origin", origin);
        asking.ask(asked).await;
    }
}

async fn person(asking: &mut Asking<'_>) {
    asking.get("/v1/me").await;
    let profile = "/v1/me/profile";
    let whole = json!({
        "age_band": "16-17", "country": "US", "region": "CA", "name": "Robin",
        "time_zone": "America/Los_Angeles", "locale": "en-US",
    });
    let texts = asking.ask(Asked::new("GET", "/v1/consents")).await;
    let version = |purpose: &str| {
        let mut texts = texts["consents"].as_array().unwrap().iter();
        let found = texts.find(|text| text["purpose"] == purpose).unwrap();
        found["text_version"].clone()
    };
    let agree = |purpose: &str, recipient: &str| {
        json!({"consents": [{
            "purpose": purpose, "recipient": recipient, "granted": true,
            "text_version": version(purpose),
        }]})
    };
    let terms = agree("terms", "");
    asking.send("PUT", "/v1/me/consents", terms.clone()).await;
    for patch in [
        json!({"country": "usa"}),
        json!({"country": "US"}),
        json!("no object"),
        json!({"country": "US", "app_transaction": "a.b.c"}),
        whole,
        json!({"time_zone": "Europe/Berlin", "region": "NY"}),
        json!({"birth_date": "2010-01-01"}),
        json!({"age_band": "18+"}),
    ] {
        asking.send("PATCH", profile, patch).await;
    }
    asking.get("/v1/me").await;
    for consents in [
        terms,
        agree("chat_model", "OpenRouter"),
        agree("chat_model", "Somebody"),
        json!({"consents": []}),
    ] {
        asking.send("PUT", "/v1/me/consents", consents).await;
    }
    for mode in ["full", "everything"] {
        let mode = json!({"mode": mode});
        asking.send("PUT", "/v1/me/memory/settings", mode).await;
    }
    asking.get("/v1/me/consents").await;
    asking.get("/v1/me").await;
    asking.send("POST", "/v1/tickets", json!({})).await;
}

async fn talks(asking: &mut Asking<'_>) {
    asking.get("/v1/me/time").await;
    let sessions = asking.get("/v1/sessions").await;
    let session = sessions["items"][0]["id"].as_str().unwrap().to_owned();
    asking.get(&format!("/v1/sessions/{session}")).await;
    let turns = asking.get(&format!("/v1/sessions/{session}/turns")).await;
    let turn = turns["items"][0]["id"].as_str().unwrap();
    asking
        .get(&format!("/v1/sessions/{session}/turns?after={turn}"))
        .await;
    asking.get(&format!("/v1/sessions?cursor={session}")).await;
    asking.get("/v1/sessions/01JD8Q2TZ3V0C9X8B7N6M5K4J3").await;
    asking.get("/v1/sessions/none").await;
}

async fn remembered(asking: &mut Asking<'_>) {
    let path = "/v1/me/memory";
    let nodes = asking.get(&format!("{path}?view=nodes")).await;
    let facts = asking.get(&format!("{path}?view=edges")).await;
    for query in [
        "view=timeline",
        "view=moods",
        "view=odd",
        "true_on=2026-11-26",
        "known_on=x",
        "q=maya",
    ] {
        asking.get(&format!("{path}?{query}")).await;
    }
    let id = |items: &Value, words: &str| {
        let items = items["items"].as_array().unwrap().iter();
        let name = |item: &Value| item["name"].as_str().unwrap().to_owned();
        let found = items.filter(|item| name(item).contains(words));
        let found = found.min_by_key(|item| name(item));
        found.unwrap_or_else(|| panic!("nothing of {words}"))["id"].clone()
    };
    let (violin, friend) = (id(&nodes, "violin"), id(&facts, "best friend"));
    let text = |id: &Value| id.as_str().unwrap().to_owned();
    let why = asking.get(&format!("{path}/fact/{}", text(&friend))).await;
    asking.get(&format!("{path}/node/{}", text(&violin))).await;
    asking.get(&format!("{path}/fact/{}", "0".repeat(32))).await;
    asking.get(&format!("{path}/thing/1")).await;
    if let Some(turn) = why["evidence"][0]["turn"].as_str() {
        asking.get(&format!("{path}/turn/{turn}")).await;
    }
    let corrections = format!("{path}/corrections");
    for wrong in [
        json!({"fact": friend, "instead": "somebody"}),
        json!({"fact": friend, "instead": "Mia"}),
        json!({"instead": "Mia"}),
    ] {
        asking.send("POST", &corrections, wrong).await;
    }
    let forget = format!("{path}/forget");
    let targets = json!([{"what": "node", "id": violin}]);
    let shown = json!({"targets": targets, "dry_run": true});
    let plan = asking.send("POST", &forget, shown).await["plan"].clone();
    let run = json!({"targets": targets, "plan": plan});
    asking.send("POST", &forget, run.clone()).await;
    asking.send("POST", &forget, run).await;
    asking.send("POST", &forget, json!({"targets": []})).await;
    asking
        .delete(&format!("{path}/fact/{}", text(&friend)))
        .await;
    asking.get(&format!("{path}?view=nodes")).await;
    asking.get(&format!("{path}?view=edges")).await;
}

async fn journal(asking: &mut Asking<'_>) {
    let entry = json!({"id": "01JD8Q2TZ3V0C9X8B7N6M5K4J3", "text": "A long day, and a good one."});
    for entry in [
        entry.clone(),
        entry,
        json!({"id": "1", "text": "x"}),
        json!({"text": 1}),
    ] {
        asking.send("POST", "/v1/me/journal", entry).await;
    }
    asking.get("/v1/me/journal").await;
    asking
        .delete("/v1/me/journal/01JD8Q2TZ3V0C9X8B7N6M5K4J3")
        .await;
    asking.get("/v1/me/journal").await;
}

/// Changes that carry a key.
async fn twice(asking: &mut Asking<'_>) {
    for mode in ["full", "full", "off"] {
        let asked = Asked::new("PUT", "/v1/me/memory/settings").by(&asking.token);
        let asked = asked
            .header("idempotency-key", "one")
            .with(&json!({"mode": mode}));
        asking.ask(asked).await;
    }
}

async fn leaving(asking: &mut Asking<'_>, pool: &UserPoolDouble) {
    let before = asking.token.clone();
    asking.send("POST", "/v1/me/sign-out", json!({})).await;
    asking.get("/v1/me").await;
    asking.token = pool.token(TEEN, later(wall_clock()));
    asking.get("/v1/me").await;
    asking.delete("/v1/me").await;
    asking.get("/v1/me").await;
    asking.token = before;
    asking.get("/v1/me").await;
}
