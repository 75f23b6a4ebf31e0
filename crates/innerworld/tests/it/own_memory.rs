//! A teen's hand on their own memory, over HTTP: why something is believed, correcting it, parting
//! two that were taken for one, forgetting exactly what was shown.

use innerworld_core::memory::MemoryExport;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    canary::export,
    guest::{Answer, Guest, ask},
    serving::Home,
    talk::{say, until},
    world::send,
};

const SAID: [&str; 3] = [
    "my best friend Maya Lee and i joined the swim team",
    "Maya is so funny, she lent me her notes",
    "i play the violin every day",
];

async fn post(teen: &Guest, path: &str, body: &Value) -> Answer {
    ask(teen.request(Method::POST, path).json(body)).await
}

async fn list(teen: &Guest, view: &str) -> Vec<Value> {
    let page = teen.get(&format!("/v1/me/memory?view={view}")).await;
    assert_eq!(page.status, 200, "{}", page.text);
    page.json()["items"].as_array().unwrap().clone()
}

/// The item of a list whose name holds these words.
fn item<'i>(items: &'i [Value], words: &str) -> Option<&'i Value> {
    let mut items = items.iter();
    items.find(|item| item["name"].as_str().unwrap().contains(words))
}

async fn remembered(home: &Home) -> (crate::serving::Serving, Guest) {
    let server = home.start();
    let teen = Guest::arrive(&server, "robin@example.org", "Robin").await;
    let mut socket = teen.talking().await;
    for (number, text) in (1..).zip(SAID) {
        say(&mut socket, number, text).await;
        until(&mut socket, "turn.end").await;
    }
    send(&mut socket, &json!({"type": "session.end"})).await;
    until(&mut socket, "memory.updated").await;
    (server, teen)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fact_says_why_it_is_believed_and_can_be_set_right() {
    let home = Home::new("");
    let (_server, teen) = remembered(&home).await;
    let facts = list(&teen, "edges").await;
    let fact = item(&facts, "is your best friend").unwrap()["id"].clone();
    let why = teen
        .get(&format!("/v1/me/memory/fact/{}", fact.as_str().unwrap()))
        .await
        .json();
    assert_eq!(why["evidence"][0]["text"], SAID[0]);
    let path = "/v1/me/memory/corrections";
    let nobody = post(&teen, path, &json!({"fact": fact, "instead": "somebody"})).await;
    assert_eq!(nobody.status, 400, "{}", nobody.text);
    let done = post(&teen, path, &json!({"fact": fact, "instead": "Mia"})).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let facts = list(&teen, "edges").await;
    let old = facts.iter().find(|item| item["id"] == fact).unwrap();
    assert!(old["until"].is_string(), "{old}");
    let new = item(&facts, "Mia is your").unwrap();
    assert!(new["until"].is_null(), "{new}");
    for wrong in [json!({}), json!({"instead": "Mia"}), json!({"node": "7"})] {
        let refused = post(&teen, path, &wrong).await;
        assert_eq!(refused.status, 400, "{wrong}: {}", refused.text);
    }
    let unknown = json!({"fact": "0".repeat(32)});
    assert_eq!(post(&teen, path, &unknown).await.status, 404);
    // Too little was said for a mood to mean anything.
    assert!(list(&teen, "moods").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_were_taken_for_one_are_parted() {
    let home = Home::new("");
    let (_server, teen) = remembered(&home).await;
    let people = |nodes: Vec<Value>| {
        let of_maya = nodes.into_iter().filter(|node| node["kind"] == "Person");
        of_maya.collect::<Vec<Value>>()
    };
    let merged = people(list(&teen, "nodes").await);
    assert_eq!(merged.len(), 1, "{merged:?}");
    let body = json!({"node": merged[0]["id"], "name": "Maya Lee"});
    let done = post(&teen, "/v1/me/memory/corrections", &body).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let parted = people(list(&teen, "nodes").await);
    assert_eq!(parted.len(), 2, "{parted:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_shown_is_forgotten_and_nothing_if_memory_moved() {
    let home = Home::new("");
    let (_server, teen) = remembered(&home).await;
    let nodes = list(&teen, "nodes").await;
    let target = |words| json!({"what": "node", "id": item(&nodes, words).unwrap()["id"]});
    let path = "/v1/me/memory/forget";
    let shown = |target: Value| json!({"targets": [target], "dry_run": true});
    let maya = post(&teen, path, &shown(target("Maya"))).await.json();
    let violin = post(&teen, path, &shown(target("playing violin")))
        .await
        .json();
    let goes = maya["goes"].to_string();
    assert!(goes.contains(SAID[0]) && goes.contains(SAID[1]), "{goes}");
    assert!(!goes.contains(SAID[2]), "{goes}");
    let now = |target: Value, plan: &Value| json!({"targets": [target], "plan": plan["plan"]});
    let done = post(&teen, path, &now(target("Maya"), &maya)).await;
    assert_eq!(done.json()["goes"], maya["goes"]);
    let late = post(&teen, path, &now(target("playing violin"), &violin)).await;
    assert_eq!(late.status, 409, "{}", late.text);
    assert!(item(&list(&teen, "nodes").await, "Maya").is_none());
}

/// What was forgotten is part of what is kept, and its ids are larger than any number of JSON.
#[tokio::test(flavor = "multi_thread")]
async fn who_forgot_something_still_gets_everything() {
    let home = Home::new("");
    let (_server, teen) = remembered(&home).await;
    let nodes = list(&teen, "nodes").await;
    let maya = json!({"what": "node", "id": item(&nodes, "Maya").unwrap()["id"]});
    let gone = post(&teen, "/v1/me/memory/forget", &json!({"targets": [maya]})).await;
    assert_eq!(gone.status, 200, "{}", gone.text);
    let export: Value = serde_json::from_str(&export(&teen).await).unwrap();
    let memory = &export["memory"];
    assert_eq!(memory["suppressions"][0]["id"].as_str().unwrap().len(), 32);
    let read: MemoryExport = serde_json::from_value(memory.clone()).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), *memory);
}
