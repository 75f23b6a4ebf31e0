//! When a session is read again, and when the local reading is final.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use innerworld_core::{
    identity::consent::{MemoryMode, Purpose},
    ids::TeenId,
    memory::model_tier::{
        patch::ModelPatch,
        reader::{ReadFailure, ReadOrder, ReadOutcome, ReadReport, SessionReader},
        validate,
    },
};
use innerworld_testkit::scripted_model::ScriptedModel;
use serde_json::json;

use crate::{
    talk::{say, settled, until},
    world::{World, send, settings},
};

pub(super) const COMPANY: &str = "Small Models";

/// Plays results, in order; then it has nothing to say any more.
#[derive(Default)]
pub(super) struct Results {
    results: Mutex<VecDeque<Option<ReadFailure>>>,
    orders: Mutex<usize>,
}

impl Results {
    /// `None` is a good answer.
    pub(super) fn new(results: impl IntoIterator<Item = Option<ReadFailure>>) -> Arc<Self> {
        Arc::new(Self {
            results: Mutex::new(results.into_iter().collect()),
            orders: Mutex::default(),
        })
    }

    pub(super) fn orders(&self) -> usize {
        *self.orders.lock().unwrap()
    }
}

#[async_trait]
impl SessionReader for Results {
    fn version(&self) -> &'static str {
        "test 1"
    }

    fn company(&self) -> &'static str {
        COMPANY
    }

    async fn read(&self, order: ReadOrder) -> ReadOutcome {
        let answer = json!({"nodes": [{"t":"n1","kind":"Goal","name":"being a vet","aliases":[],
            "existing_id":null,"lines":["L1"],"quote":"the plan is being a vet"}],
            "edges": [], "emotions": []});
        *self.orders.lock().unwrap() += 1;
        let next = self
            .results
            .lock()
            .unwrap()
            .pop_front()
            .expect("it is not asked so often");
        let good = || validate::check(&order.parts[0], &answer.to_string()).result;
        ReadOutcome {
            result: next.map_or_else(|| Ok(good().unwrap_or_else(|_| ModelPatch::default())), Err),
            report: ReadReport::default(),
        }
    }
}

/// A session in which the plan was told, ended and read locally.
async fn told(reader: &Arc<Results>) -> (World, TeenId) {
    let model = Arc::new(ScriptedModel::saying("That sounds good."));
    let world = World::read_by(Arc::clone(reader) as _, model, settings()).await;
    let teen = world.teen(1, MemoryMode::Full).await;
    world
        .consent_to(teen, (Purpose::ExtractionModel, COMPANY), true)
        .await;
    let token = world.token(teen, Duration::from_secs(600));
    let mut socket = settled(&world, &token).await;
    say(
        &mut socket,
        1,
        "maya is my best friend and the plan is being a vet",
    )
    .await;
    until(&mut socket, "turn.end").await;
    send(&mut socket, &json!({"type": "session.end"})).await;
    until(&mut socket, "memory.updated").await;
    (world, teen)
}

/// The extractors whose lists are stored, and how many jobs wait.
pub(super) async fn state(world: &World, teen: TeenId) -> (Vec<String>, usize) {
    let lists = world.stores.graph().mention_lists(teen).await.unwrap();
    let names = lists.into_iter().map(|list| list.extractor).collect();
    let now = world.app.now();
    let (jobs, _) = world.stores.jobs().backlog(now).await.unwrap();
    (names, jobs)
}

/// Waits for this state.
async fn comes_to(world: &World, teen: TeenId, extractor: &str, jobs: usize) {
    let wanted = (vec![extractor.to_owned()], jobs);
    let began = std::time::Duration::from_secs(20);
    let there = async {
        while state(world, teen).await != wanted {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let came = tokio::time::timeout(began, there).await;
    assert!(
        came.is_ok(),
        "{:?} and not {wanted:?}",
        state(world, teen).await
    );
}

/// Waits until the model was asked so often, and the job that asked was put back or is done: a clock
/// that moves in between would move its next time along.
async fn asked(world: &World, reader: &Results, times: usize) {
    let is_due = async || {
        let due = world.stores.jobs().due(world.app.now(), 1).await;
        !due.unwrap().is_empty()
    };
    let there = async {
        while reader.orders() < times || is_due().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(
        tokio::time::timeout(Duration::from_secs(20), there)
            .await
            .is_ok()
    );
    assert_eq!(reader.orders(), times);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_was_read_locally_is_upgraded_later() {
    let reader = Results::new([
        Some(ReadFailure::Unavailable),
        Some(ReadFailure::Timeout),
        None,
    ]);
    let (world, teen) = told(&reader).await;
    asked(&world, &reader, 1).await;
    comes_to(&world, teen, "local", 1).await;
    world.clock.advance(Duration::from_secs(3 * 60));
    asked(&world, &reader, 2).await;
    comes_to(&world, teen, "local", 1).await;
    world.clock.advance(Duration::from_secs(6 * 60));
    asked(&world, &reader, 3).await;
    comes_to(&world, teen, "model", 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_twenty_hours_the_local_reading_is_final() {
    let reader = Results::new([Some(ReadFailure::Unavailable)]);
    let (world, teen) = told(&reader).await;
    asked(&world, &reader, 1).await;
    comes_to(&world, teen, "local", 1).await;
    world.clock.advance(Duration::from_secs(20 * 3_600));
    comes_to(&world, teen, "local", 0).await;
    assert_eq!(reader.orders(), 1, "it is too late to ask");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_is_refused_is_sent_twice_at_most() {
    let refused = Some(ReadFailure::Refused);
    let reader = Results::new([refused, refused]);
    let (world, teen) = told(&reader).await;
    asked(&world, &reader, 1).await;
    comes_to(&world, teen, "local", 1).await;
    world.clock.advance(Duration::from_secs(3 * 60));
    comes_to(&world, teen, "local", 0).await;
    assert_eq!(reader.orders(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_was_taken_back_ends_the_tries() {
    let reader = Results::new([Some(ReadFailure::Unavailable)]);
    let (world, teen) = told(&reader).await;
    asked(&world, &reader, 1).await;
    world
        .consent_to(teen, (Purpose::ExtractionModel, COMPANY), false)
        .await;
    world.clock.advance(Duration::from_secs(3 * 60));
    comes_to(&world, teen, "local", 0).await;
    assert_eq!(reader.orders(), 1);
}
