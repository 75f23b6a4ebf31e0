//! Second looks in functions: taken by whoever answers, for a message that another process took.

use std::time::Duration;

use innerworld_core::{
    identity::consent::{MemoryMode, Purpose},
    safety::SafetyState,
};
use innerworld_testkit::{
    hostile_upstream::{Act, HostileUpstream, Script, Wire, response},
    lambda::Delivery,
};
use serde_json::{Value, json};

use crate::{
    functions::{TEEN, agree, complete_as},
    place::Place,
    talk::{Client, Deployed, PATIENCE, opened},
};

/// A message that the local tier cannot judge alone.
const UNSURE: &str =
    "lately i look at the others and feel like i'm already not here, and that is okay";

/// A message in a language without rules.
const UNKNOWN: &str =
    "heute haben wir mit der ganzen klasse den schuppen angestrichen und danach kuchen gegessen";

/// A deployment whose provider answers everything like this, and a teen who agreed to second looks.
async fn looked_at(script: Script) -> (HostileUpstream, Deployed, Client) {
    let upstream = HostileUpstream::start([script]).await;
    let place = Place::with_model(&upstream.base_url()).await;
    complete_as(&place, TEEN, MemoryMode::Off).await;
    agree(&place, TEEN, &[(Purpose::SafetyModel, "OpenRouter", None)]).await;
    let allowed = upstream.address().to_string();
    let deployed = Deployed::over(place, &[("MODEL_ALLOWED_HOSTS", allowed)]).await;
    let client = opened(&deployed).await;
    (upstream, deployed, client)
}

fn verdict(level: &str, category: &str) -> Script {
    let verdict = json!({"level": level, "category": category, "about": "self"});
    Wire::saying(&[&verdict.to_string()]).closing()
}

/// The end of the turn of the message that was said.
async fn ended(client: &mut Client) -> Value {
    let accepted = client.until("accepted").await;
    loop {
        let end = client.until("turn.end").await;
        if end["turn"] == accepted["turn"] {
            return end;
        }
    }
}

/// Models that were asked, in the order of their names.
fn asked(upstream: &HostileUpstream) -> Vec<String> {
    let requests = upstream.requests();
    let models = requests
        .iter()
        .map(|request| request.json()["model"].as_str().unwrap().to_owned());
    let mut models: Vec<_> = models.collect();
    models.sort();
    models
}

#[tokio::test]
async fn a_look_that_finds_nothing_releases_the_answer() {
    let (upstream, deployed, mut client) = looked_at(verdict("none", "none")).await;
    client.say(3, UNSURE).await;
    let end = ended(&mut client).await;
    assert_eq!(end["finish"], "stop");
    let models = ["anthropic/claude-haiku-4.5", "anthropic/claude-sonnet-5.5"];
    assert_eq!(asked(&upstream), models, "one look, one answer");
    assert_eq!(deployed.gateway.failed_calls(), []);
}

#[tokio::test]
async fn a_look_that_finds_danger_brings_help_in_place_of_the_answer() {
    let (upstream, deployed, mut client) = looked_at(verdict("danger", "ideation")).await;
    client.say(3, UNSURE).await;
    let crisis = client.until("safety.crisis").await;
    assert!(!crisis["resources"].as_array().unwrap().is_empty());
    while !client.seen.iter().any(|frame| frame["finish"] == "safety") {
        client.until("turn.end").await;
    }
    let words = |frame: &&Value| {
        frame["type"] == "turn.delta" && frame["d"].as_str().unwrap().contains("danger")
    };
    assert_eq!(
        client.seen.iter().filter(words).count(),
        0,
        "no word of the answer"
    );
    deployed.service.settled().await;
    let record = deployed.place.aws.safety().load(TEEN).await.unwrap();
    assert!(record.is_some(), "the state is kept");
    let looked = asked(&upstream).first().cloned();
    assert_eq!(looked.as_deref(), Some("anthropic/claude-haiku-4.5"));
}

#[tokio::test]
async fn a_look_that_fails_asks_the_teen_in_place_of_the_answer() {
    let unavailable = response("503 Service Unavailable", &[], "{}");
    let (_upstream, deployed, mut client) = looked_at(unavailable).await;
    client.say(3, UNSURE).await;
    let end = ended(&mut client).await;
    assert_eq!(end["finish"], "safety");
    let asked_how = |frame: &Value| frame["type"] == "safety.checkin";
    assert!(client.seen.iter().any(asked_how));
    assert_eq!(deployed.gateway.failed_calls(), []);
}

/// Whoever finds the turn later asks the teen, and no provider a second time.
#[tokio::test]
async fn a_look_whose_process_died_counts_as_one_that_failed() {
    let (upstream, deployed, mut client) = looked_at(vec![Act::Hang]).await;
    deployed.service.deliver(Delivery {
        retries: 0,
        ..Delivery::default()
    });
    client.say(3, UNSURE).await;
    let accepted = client.until("accepted").await;
    tokio::time::timeout(PATIENCE, async {
        while upstream.requests().is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
    assert_eq!(deployed.service.kill("turn-worker"), 1);
    deployed.service.settled().await;
    let asked_before = asked(&upstream).len();
    let welcome = client.seen.iter().find(|frame| frame["type"] == "welcome");
    let session = welcome.unwrap()["session"].as_str().unwrap().to_owned();
    let message = accepted["id"].as_str().unwrap();
    deployed.place.end_lease(&session, message).await;
    let event = json!({
        "user_id": TEEN.to_string(), "session_id": session, "message_id": message,
    });
    assert!(deployed.service.send("turn-worker", event.to_string()));
    client.until("safety.checkin").await;
    deployed.service.settled().await;
    assert_eq!(asked(&upstream).len(), asked_before, "nobody asks twice");
}

/// Where nobody looks, the local tier decides, by what it heard when the message was taken: of a language
/// that it does not know it asks nothing.
#[tokio::test]
async fn without_a_provider_the_local_tier_decides() {
    let place = Place::new().await;
    complete_as(&place, TEEN, MemoryMode::Off).await;
    agree(&place, TEEN, &[(Purpose::SafetyModel, "OpenRouter", None)]).await;
    let deployed = Deployed::over(place, &[]).await;
    let mut client = opened(&deployed).await;
    client.say(3, UNKNOWN).await;
    let end = ended(&mut client).await;
    assert_eq!(end["finish"], "stop");
    let asks = |frame: &&Value| frame["type"] == "safety.checkin" && frame["intensity"] == "ask";
    assert_eq!(client.seen.iter().find(asks), None);
    let record = deployed.place.aws.safety().load(TEEN).await.unwrap();
    let calm = record.is_none_or(|record| record.state == SafetyState::Normal);
    assert!(calm, "nothing was found in it");
}
