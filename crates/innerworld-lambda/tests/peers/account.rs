//! The HTTP routes through the program `account-api`, with tables behind it.

mod apple;
mod machine;
mod requests;

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    clock::Timestamp,
    identity::consent::MemoryMode,
    ids::TeenId,
    memory::{Memory, MemoryPorts},
};
use innerworld_language::{LocalExtractor, embed::StaticEncoder, pii::Scrub};
use innerworld_testkit::{
    FakeClock, SeededIds,
    fifo_queue::FifoQueue,
    hostile_upstream::{HostileUpstream, Wire},
    lambda::{Invokes as _, LambdaService, Outcome},
};
use serde_json::{Value, json};

use self::{
    machine::OneMachine,
    requests::{Asked, Side, Told, everything, seed},
};
use crate::{
    functions::{TEEN, complete_as},
    place::{Place, wall_clock},
    queues::queue,
    talk::{Client, Deployed, opened},
};

const NAME: &str = "account-api";

/// The program beside the others, and its queue.
struct Api<'a> {
    service: &'a LambdaService,
    queue: FifoQueue,
}

impl<'a> Api<'a> {
    async fn deployed(place: &Place, service: &'a LambdaService, gateway: &str) -> Self {
        Self::told(place, service, gateway, &[]).await
    }

    /// The same, told `also`.
    async fn told(
        place: &Place,
        service: &'a LambdaService,
        gateway: &str,
        also: &[(&str, String)],
    ) -> Self {
        let queue = queue("privacy-jobs").await;
        let mut told = also.to_vec();
        told.push(("WEBSOCKET_ENDPOINT", gateway.to_owned()));
        told.push(("PRIVACY_QUEUE_URL", queue.url().to_owned()));
        let mut function = place.deployment(NAME, env!("CARGO_BIN_EXE_account-api"), &told);
        // A debug build reads its models for seconds.
        function.timeout = function.timeout.max(Duration::from_secs(60));
        service.deploy(function);
        Self { service, queue }
    }

    async fn ask(&self, asked: &Asked) -> Told {
        let outcome = self.service.invoke(NAME, asked.event()).await;
        let Outcome::Answered(answer) = outcome else {
            panic!("{outcome:?} for {asked:?}: {}", self.service.written(NAME));
        };
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let headers = answer["headers"].as_object().unwrap();
        let headers = headers
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()));
        Told::of(
            u16::try_from(answer["statusCode"].as_u64().unwrap()).unwrap(),
            headers.collect(),
            answer["body"].as_str().unwrap(),
        )
    }

    /// What was queued.
    async fn job(&self) -> Value {
        let delivered = self.queue.next(5).await.expect("something is queued");
        let body = delivered["Records"][0]["body"].as_str().unwrap();
        serde_json::from_str(body).unwrap()
    }
}

/// Memory as the function that remembers has it.
fn memory(place: &Place) -> Memory {
    let encoder = Arc::new(StaticEncoder::shipped().unwrap());
    let extractor = LocalExtractor::new(Arc::clone(&encoder)).unwrap();
    let ports = MemoryPorts {
        graph: place.aws.graph(),
        namer: place.aws.namers(),
        extractor: Arc::new(extractor),
        encoder: Some(encoder),
        thesaurus: None,
        scrubber: Arc::new(Scrub::new()),
        clock: Arc::new(FakeClock::new(wall_clock())),
        ids: Arc::new(SeededIds::named("account")),
    };
    Memory::new(ports, Duration::from_secs(30 * 86_400), 0)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_requests_get_the_same_answers_as_on_one_machine() {
    let place = Place::new().await;
    let service = LambdaService::start().await;
    let api = Api::deployed(&place, &service, "http://127.0.0.1:9/test").await;
    let machine = OneMachine::new(&place.pool).await;
    let began = wall_clock();
    seed(machine.conversations(), &machine.memory(), began).await;
    let expected = everything(Side::Machine(&machine), &place.pool).await;
    seed(place.aws.conversations(), &memory(&place), began).await;
    let found = everything(Side::Function(&api), &place.pool).await;
    for (wanted, got) in expected.iter().zip(&found) {
        assert_eq!(got, wanted);
    }
    assert_eq!(found.len(), expected.len());
    assert!(found.len() > 40, "{}", found.len());
    // No socket was open, so the pool alone had to be told of the sign-out.
    assert_eq!(place.pool.signed_out(), [TEEN.to_string()]);
    assert_eq!(service.starts(NAME), 1);
    let written = service.written(NAME);
    for word in [
        "Maya",
        "Robin",
        "violin",
        &TEEN.to_string(),
        "ERROR",
        "WARN",
    ] {
        assert!(!written.contains(word), "{word}: {written}");
    }
}

/// A token issued a second from now: the mark of a sign-out has milliseconds, tokens have not.
fn later(at: Timestamp) -> Timestamp {
    at.plus(Duration::from_secs(1))
}

fn signed(deployed: &Deployed, method: &'static str, path: &str, at: Timestamp) -> Asked {
    Asked::new(method, path).by(&deployed.place.pool.token(TEEN, at))
}

/// Tells a client's socket from one that is still open: what was said last before it closed.
async fn closed(client: &mut Client) -> (Value, Value) {
    let last = client.last_words().await;
    (last["code"].clone(), last["close"].clone())
}

#[tokio::test]
async fn who_signs_out_is_out_at_the_pool_the_door_and_the_sockets() {
    let deployed = Deployed::new().await;
    let (gateway, service) = (&deployed.gateway, &deployed.service);
    let api = Api::deployed(&deployed.place, service, &gateway.management_endpoint()).await;
    let before = wall_clock();
    let mut talking = opened(&deployed).await;
    let mut silent = deployed.client().await;
    // The pool has its own name for whoever comes from another provider.
    let pool = &deployed.place.pool;
    pool.federate(TEEN, "SignInWithApple_7");
    let asked = signed(&deployed, "POST", "/v1/me/sign-out", before);
    let told = api.ask(&asked).await;
    assert_eq!(told.status, 204, "{told:?}");
    assert_eq!(pool.signed_out(), ["SignInWithApple_7"]);
    let said = (json!("token_invalid"), json!(4_401));
    assert_eq!(closed(&mut talking).await, said);
    assert_eq!(closed(&mut silent).await, said);
    let rows = deployed.place.aws.connections();
    assert_eq!(rows.of_teen(TEEN, wall_clock()).await.unwrap(), []);

    let me = signed(&deployed, "GET", "/v1/me", before);
    assert_eq!(api.ask(&me).await.status, 401);
    assert_eq!(deployed.refused(before).await, 403);
    let me = signed(&deployed, "GET", "/v1/me", later(wall_clock()));
    let told = api.ask(&me).await;
    assert_eq!((told.status, &told.body["state"]), (200, &json!("active")));
    assert_eq!(gateway.failed_calls(), []);
}

/// What was said before a memory is changed by hand may name what was forgotten: a talk that goes on sends
/// it to nobody any more.
#[tokio::test]
async fn a_talk_goes_on_without_what_was_said_before_memory_changed() {
    let wires = ["How long have you had it?", "I see.", "And now?"];
    let wires = wires.map(|said| Wire::saying(&[said]).closing());
    let upstream = HostileUpstream::start(wires).await;
    let place = Place::with_model(&upstream.base_url()).await;
    complete_as(&place, TEEN, MemoryMode::FactsOnly).await;
    let allowed = upstream.address().to_string();
    let deployed = Deployed::over(place, &[("MODEL_ALLOWED_HOSTS", allowed)]).await;
    let (gateway, service) = (&deployed.gateway, &deployed.service);
    let api = Api::deployed(&deployed.place, service, &gateway.management_endpoint()).await;
    let mut client = opened(&deployed).await;
    let mut prompts = Vec::new();
    for (number, said) in (3..).zip(["we got a hamster", "it is brown", "what do I do today"]) {
        if number == 5 {
            let mode = signed(&deployed, "PUT", "/v1/me/memory/settings", wall_clock());
            let told = api.ask(&mode.with(&json!({"mode": "off"}))).await;
            assert_eq!(told.status, 200, "{told:?}");
        }
        client.say(number, said).await;
        // Frames may come again.
        let own = |frame: &Value| frame["id"].as_str().unwrap().ends_with(&number.to_string());
        let accepted = loop {
            let frame = client.until("accepted").await;
            if own(&frame) {
                break frame;
            }
        };
        while client.until("turn.end").await["turn"] != accepted["turn"] {}
        let asked = upstream.requests();
        assert_eq!(asked.len(), prompts.len() + 1);
        prompts.push(String::from_utf8(asked.last().unwrap().body.clone()).unwrap());
    }
    let named: Vec<bool> = prompts
        .iter()
        .map(|prompt| prompt.contains("hamster"))
        .collect();
    assert_eq!(named, [true, true, false]);
}

/// Nobody is shown, or keeps, more than the operator lets be remembered.
#[tokio::test]
async fn the_operators_ceiling_is_what_a_teen_is_shown() {
    let place = Place::new().await;
    complete_as(&place, TEEN, MemoryMode::Full).await;
    let service = LambdaService::start().await;
    let ceiling = [("MEMORY_MODE_MAX", "facts_only".to_owned())];
    let api = Api::told(&place, &service, "https://127.0.0.1:9/test", &ceiling).await;
    let me = Asked::new("GET", "/v1/me").by(&place.pool.token(TEEN, wall_clock()));
    let told = api.ask(&me).await;
    assert_eq!(told.body["memory"], "facts_only", "{told:?}");
}

/// Whoever looked for connections did not see this one yet.
#[tokio::test]
async fn a_connection_that_a_sign_out_overlooked_joins_no_session() {
    let deployed = Deployed::new().await;
    let mut client = deployed.client().await;
    let mark = wall_clock().plus(Duration::from_millis(1));
    let accounts = deployed.place.aws.accounts();
    accounts.deny_before(TEEN, mark).await.unwrap();
    client.hello().await;
    let said = (json!("token_invalid"), json!(4_401));
    assert_eq!(closed(&mut client).await, said);
    let open = deployed.place.aws.conversations();
    let open = open.live_session(TEEN, wall_clock()).await.unwrap();
    assert!(open.is_none());
}

#[tokio::test]
async fn who_erases_the_account_can_rely_on_it_at_once() {
    let deployed = Deployed::new().await;
    let (place, gateway) = (&deployed.place, &deployed.gateway);
    let api = Api::deployed(place, &deployed.service, &gateway.management_endpoint()).await;
    let mut talking = opened(&deployed).await;
    let asked = signed(&deployed, "DELETE", "/v1/me", wall_clock());
    assert_eq!(api.ask(&asked).await.status, 202);
    assert_eq!(
        closed(&mut talking).await,
        (json!("forbidden"), json!(4_403))
    );
    let job = json!({"v": 1, "user_id": TEEN.to_string(), "kind": "erase", "step": 0});
    assert_eq!(api.job().await, job);
    let key = json!({"user_id": {"S": TEEN.to_string()}});
    assert!(place.item(&place.names().teen_keys, key).await.is_null());
    let job = json!({"user_id": {"S": TEEN.to_string()}, "item": {"S": "job#erase"}});
    assert!(place.item(&place.names().teens, job).await.is_object());
    // No token of the teen counts any more, whenever it was issued.
    let again = signed(&deployed, "DELETE", "/v1/me", later(wall_clock()));
    assert_eq!(api.ask(&again).await.status, 401);
    assert_eq!(deployed.refused(later(wall_clock())).await, 403);
    assert_eq!(gateway.failed_calls(), []);
}

/// A teen who is too young learns so, and nothing of them stays; the gateway is away meanwhile.
#[tokio::test]
async fn who_is_too_young_is_erased_though_sockets_cannot_be_closed() {
    const YOUNG: TeenId = TeenId::from_subject_bits(8);
    let place = Place::new().await;
    let service = LambdaService::start().await;
    let api = Api::deployed(&place, &service, "http://127.0.0.1:9/test").await;
    let profile = json!({
        "birth_date": "2020-01-01", "country": "US", "time_zone": "America/New_York",
        "locale": "en-US",
    });
    let asked = Asked::new("PATCH", "/v1/me/profile").with(&profile);
    let told = api
        .ask(&asked.by(&place.pool.token(YOUNG, wall_clock())))
        .await;
    assert_eq!(
        (told.status, &told.body["error"]["code"]),
        (403, &json!("forbidden"))
    );
    assert_eq!(api.job().await["user_id"], YOUNG.to_string());
    assert!(place.aws.erasure().is_fenced(YOUNG).await.unwrap());
}
