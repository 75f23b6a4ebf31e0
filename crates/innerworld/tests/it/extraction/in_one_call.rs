//! An ended session in a process that does not stay: whatever is done of it is done when the call
//! returns.

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    conversation::{
        record::{EndReason, EventRecord, SessionEvent, SessionRecord, SessionState, TurnRecord},
        store::SessionLog,
    },
    identity::consent::{MemoryMode, Purpose},
    ids::TeenId,
    memory::{
        job::MemoryJob,
        model_tier::reader::{ReadFailure, SessionReader},
    },
};
use innerworld_engine::{
    app::App,
    connection::{Gone, Sends},
    services::{Part, Settings},
    stateless::{self, JobEnd},
};
use innerworld_testkit::{records::Records, scripted_model::ScriptedModel};
use serde_json::Value;

use super::over_a_day::{COMPANY, Results, state};
use crate::world::{World, settings};

const SAID: &str = "maya is my best friend and the plan is being a vet";

/// A connection that keeps what it was sent.
#[derive(Default)]
struct Heard(Vec<Value>);

impl Sends for Heard {
    async fn send(&mut self, frame: &str) -> Result<(), Gone> {
        self.0.push(serde_json::from_str(frame).unwrap());
        Ok(())
    }
}

/// A world in which a session just ended; its own job runner comes to it too late.
struct Ended {
    world: World,
    teen: TeenId,
    log: SessionLog,
    job: MemoryJob,
}

impl Ended {
    async fn new() -> Self {
        let world = World::start(Arc::new(ScriptedModel::saying("Hm.")), settings()).await;
        let teen = world.teen(1, MemoryMode::Full).await;
        let extraction = (Purpose::ExtractionModel, COMPANY);
        world.consent_to(teen, extraction, true).await;
        let (records, now) = (Records::named("in one call"), world.app.now());
        let log = records.ended_session(teen, now.minus(Duration::from_secs(60)), &[SAID]);
        let store = world.stores.conversations();
        let open = SessionRecord {
            state: SessionState::Active,
            ..log.session.clone()
        };
        store
            .open_session(&open, &[records.event(1)])
            .await
            .unwrap();
        let turn = TurnRecord {
            seq_accepted: None,
            seq_start: Some(2),
            seq_end: Some(3),
            expires_at: open.expires_at,
            ..log.turns[0].clone()
        };
        store.insert_turn(teen, &turn, &[]).await.unwrap();
        let stored = store.session(teen, open.id, now).await.unwrap().unwrap();
        let session = SessionRecord {
            state: SessionState::Queued,
            ended: Some((now, EndReason::Client)),
            seq: 4,
            ..stored.session
        };
        let end = EventRecord {
            seq: 4,
            event: SessionEvent::Ended {
                reason: EndReason::Client,
                duration_s: 60,
                turns: 1,
                remaining_s: 60,
                memory_pending: true,
            },
        };
        let job = records.remember(teen, open.id, now.plus(Duration::from_secs(3_600)));
        store.close_session(&session, &[end], &job).await.unwrap();
        let log = store.session(teen, open.id, now).await.unwrap().unwrap();
        Self {
            world,
            teen,
            log,
            job,
        }
    }

    /// A process with this reader and these settings.
    fn process(&self, reader: Option<&Arc<Results>>, settings: Settings) -> Arc<App> {
        let mut services = self.world.app.services.clone();
        services.reader = reader.map(|reader| Arc::clone(reader) as Arc<dyn SessionReader>);
        let part = Part::Answers;
        App::new(services, Settings { part, ..settings })
    }

    /// How many turns are left of what was said.
    async fn turns(&self) -> usize {
        let store = self.world.stores.conversations();
        let now = self.world.app.now();
        let log = store.session(self.teen, self.log.session.id, now).await;
        log.unwrap().unwrap().turns.len()
    }
}

#[tokio::test]
async fn a_model_reads_it_before_the_call_returns() {
    let ended = Ended::new().await;
    let reader = Results::new([Some(ReadFailure::Unavailable), None]);
    let app = ended.process(Some(&reader), settings());
    let mut heard = Heard::default();
    let local = || (vec!["local".to_owned()], 1);
    let first = stateless::remember(&app, &ended.job, Some(&mut heard)).await;
    assert_eq!(first.unwrap(), JobEnd::Waits, "the model was away");
    assert_eq!(state(&ended.world, ended.teen).await, local());
    assert_eq!((reader.orders(), ended.turns().await), (1, 1));
    let kinds: Vec<_> = heard.0.iter().map(|frame| &frame["type"]).collect();
    assert_eq!(kinds, ["memory.updated"]);
    assert_eq!(heard.0[0]["seq"], ended.log.session.seq + 1);

    // Told again before the pause is over.
    let early = MemoryJob {
        attempts: 1,
        ..ended.job.clone()
    };
    let again = stateless::remember(&app, &early, Some(&mut heard)).await;
    assert_eq!(again.unwrap(), JobEnd::Waits);
    assert_eq!((reader.orders(), heard.0.len()), (1, 1));
    let due = MemoryJob {
        not_before: app.now(),
        ..early
    };
    for _twice in 0..2 {
        let done = stateless::remember(&app, &due, Some(&mut heard)).await;
        assert_eq!(done.unwrap(), JobEnd::Done);
        let model = (vec!["model".to_owned()], 0);
        assert_eq!(state(&ended.world, ended.teen).await, model);
        assert_eq!((reader.orders(), ended.turns().await), (2, 0));
    }
    assert_eq!(heard.0.len(), 1, "told once");
}

#[tokio::test]
async fn no_more_is_remembered_than_the_operator_allows() {
    for (ceiling, lists, lines) in [
        (MemoryMode::Off, 0, 0),
        (MemoryMode::FactsOnly, 1, 0),
        // What the teen said, and what was answered.
        (MemoryMode::Full, 1, 2),
    ] {
        let ended = Ended::new().await;
        let app = ended.process(
            None,
            Settings {
                memory_mode_max: ceiling,
                ..settings()
            },
        );
        let done = stateless::remember(&app, &ended.job, None::<&mut Heard>).await;
        assert_eq!(done.unwrap(), JobEnd::Done);
        let (names, jobs) = state(&ended.world, ended.teen).await;
        let kept = ended.world.stores.graph().evidence_ids(ended.teen).await;
        let found = (names.len(), kept.unwrap().len(), jobs, ended.turns().await);
        assert_eq!(found, (lists, lines, 0, 0), "{ceiling:?}");
    }
}
