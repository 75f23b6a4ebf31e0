//! A talk through the gateway and the functions that a message passes.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use innerworld_core::{clock::Clock as _, ids::IdSource as _};
use innerworld_embedded::{OsIds, SystemClock};
use innerworld_testkit::{
    gateway::{Gateway, GatewaySettings, Routes},
    lambda::LambdaService,
    signature::Caller,
};
use serde_json::json;
use tokio::time::Instant;

use super::{
    client::Client,
    figures::{Talk, Turn},
    place::Place,
    process,
    recorder::Recorder,
};
use crate::report;

/// Functions that a talk passes.
const FUNCTIONS: [&str; 5] = [
    "authorizer",
    "connect-handler",
    "conversation-handler",
    "turn-worker",
    "disconnect-handler",
];
/// The two that a message passes.
const HANDLER: &str = "conversation-handler";
const WORKER: &str = "turn-worker";
/// Between two messages: nobody may say more than thirty a minute for long.
const PAUSE: Duration = Duration::from_millis(2_100);
/// Messages before those that count: instances start with them, and read what they need.
const FIRST: u32 = 2;

/// What is said; the same in every run.
const SAID: [&str; 10] = [
    "I have an exam tomorrow and I am not ready at all",
    "my sister has one too, she never studies and always does better",
    "We practised the song again and I still cannot get the bridge right",
    "Mara likes it more every time we play it",
    "there is this concert in spring, maybe we play there",
    "I would be so nervous, last time my hands were shaking",
    "but it was fun too, everybody clapped",
    "my dad wants to come, he is never home on weekends though",
    "anyway, what should I do about the exam",
    "ok, one chapter and then a walk with the dog",
];

/// The functions behind a gateway.
struct Deployed {
    service: LambdaService,
    gateway: Gateway,
    handler: Recorder,
    worker: Recorder,
}

impl Deployed {
    async fn new(place: &Place) -> anyhow::Result<Self> {
        let service = LambdaService::start().await;
        let settings = GatewaySettings {
            stage: "bench".to_owned(),
            routes: Routes::of_the_product(),
            ..GatewaySettings::default()
        };
        let invokes = Arc::new(service.clone());
        let gateway = Gateway::start(settings, invokes, Caller::of_functions()).await;
        let (handler, worker) = (
            Recorder::start(place.tables_at()).await?,
            Recorder::start(place.tables_at()).await?,
        );
        for name in FUNCTIONS {
            let mut function = place.function(name);
            function.tell("WEBSOCKET_ENDPOINT", &gateway.management_endpoint());
            function.tell("AWS_ENDPOINT_URL_LAMBDA", &service.endpoint());
            let recorder = match name {
                HANDLER => Some(&handler),
                WORKER => Some(&worker),
                _ => None,
            };
            if let Some(recorder) = recorder {
                function.tell("AWS_ENDPOINT_URL_DYNAMODB", &recorder.endpoint());
            }
            service.deploy(function);
        }
        Ok(Self {
            service,
            gateway,
            handler,
            worker,
        })
    }

    async fn settled(&self) {
        self.gateway.settled().await;
        self.service.settled().await;
    }

    /// CPU of all instances of a function so far.
    fn cpu_us(&self, function: &str) -> anyhow::Result<u64> {
        let processes = self.service.processes(function);
        processes.into_iter().map(process::cpu_us).sum()
    }

    /// Says one thing and reads the whole answer.
    async fn turn(&self, client: &mut Client, text: &str) -> anyhow::Result<Turn> {
        self.settled().await;
        let (handler_cpu, worker_cpu) = (self.cpu_us(HANDLER)?, self.cpu_us(WORKER)?);
        let starts = (self.service.starts(HANDLER), self.service.starts(WORKER));
        // What was written before is nothing to this turn.
        drop((self.handler.take(), self.worker.take()));
        let id = innerworld_core::ids::MessageId::from_bits(OsIds.ulid(SystemClock.now()));
        let asked = Instant::now();
        client
            .send(json!({"type": "message", "id": id.to_string(), "text": text}))
            .await?;
        let mut accepted_after = None;
        let (mut posts, mut first) = (0, None);
        let end = loop {
            let post = client.post().await?;
            if post.frame("accepted").is_some() {
                accepted_after = Some(post.at - asked);
                continue;
            }
            posts += 1;
            first = first.or(Some(post.at));
            if post.frame("turn.end").is_some() {
                break post.at;
            }
        };
        self.settled().await;
        let after = (self.service.starts(HANDLER), self.service.starts(WORKER));
        let first = first.unwrap_or(end);
        Ok(Turn {
            started: starts != after,
            accepted_after: accepted_after.context("the message was not accepted")?,
            first_after: first - asked,
            stream: end - first,
            posts,
            handler_cpu_us: self.cpu_us(HANDLER)? - handler_cpu,
            worker_cpu_us: self.cpu_us(WORKER)? - worker_cpu,
            handler: self.handler.take(),
            worker: self.worker.take(),
        })
    }

    fn resident(&self) -> anyhow::Result<BTreeMap<String, u64>> {
        let mut resident = BTreeMap::new();
        for name in FUNCTIONS {
            for process in self.service.processes(name) {
                resident.insert(name.to_owned(), process::resident(process)?);
            }
        }
        Ok(resident)
    }
}

/// Holds a talk of so many messages.
pub(super) async fn hold(place: &Place, messages: u32) -> anyhow::Result<Talk> {
    let deployed = Deployed::new(place).await?;
    let talked = Box::pin(talk(&deployed, place, messages)).await;
    talked.inspect_err(|_error| {
        for name in FUNCTIONS {
            report::progress(&format!("{name}: {}", deployed.service.written(name)));
        }
        report::progress(&format!("calls: {:?}", deployed.gateway.failed_calls()));
    })
}

async fn talk(deployed: &Deployed, place: &Place, messages: u32) -> anyhow::Result<Talk> {
    let mut client = Client::connect(deployed.gateway.url(), &place.token()).await?;
    client.open().await?;
    let mut turns = Vec::new();
    let mut resident = BTreeMap::new();
    for (number, text) in (0..FIRST + messages).zip(SAID.iter().cycle()) {
        let turn = deployed.turn(&mut client, text).await?;
        if number < FIRST {
            resident = deployed.resident()?;
        } else {
            ensure!(
                !turn.started,
                "an instance started within a turn; its start would count as the turn's"
            );
            turns.push(turn);
        }
        tokio::time::sleep(PAUSE).await;
    }
    let answered = place.provider.answered();
    ensure!(
        answered == turns.len() + usize::try_from(FIRST)?,
        "the provider was asked {answered} times: the figures are not those of its answers"
    );
    let failed = deployed.gateway.failed_calls();
    ensure!(failed.is_empty(), "calls failed: {failed:?}");
    drop(client);
    deployed.settled().await;
    for (name, bytes) in deployed.resident()? {
        resident.entry(name).or_insert(bytes);
    }
    Ok(Talk { turns, resident })
}
