//! T15 in pairs: a second look that fails while the stores are away, or the model that answers fails.

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    identity::consent::{MemoryMode, Purpose},
    model::chat_model::{ModelError, ModelErrorKind},
    safety::look::SafetyModel,
};
use innerworld_embedded::{Embedded, OsIds};
use innerworld_testkit::{
    FakeClock,
    fates::{Fated, Fates},
    scripted_look::{Finding, ScriptedLook, finding},
    scripted_model::{ScriptedModel, ScriptedReply},
    weakened::BelievesFailures,
};
use serde_json::Value;

use super::{ANSWER, UNSURE, first, shown};
use crate::{
    talk::{say, settled, until},
    world::{Socket, World, settings},
};

/// Every way in which a look can fail but one: that it never ends.
const FAILURES: [&str; 4] = ["timeout", "unavailable", "refused", "malformed"];

/// A talk over stores that a test can take away: the database, and the spool beside it.
struct Scene {
    /// Keeps the server.
    _world: World,
    look: Arc<ScriptedLook>,
    database: Arc<Fates>,
    spool: Arc<Fates>,
    socket: Socket,
}

impl Scene {
    /// A look that ends only when it is let.
    async fn new(findings: Option<Finding>, model: ScriptedModel) -> Self {
        let look = Arc::new(ScriptedLook::held(findings));
        Self::with(Arc::clone(&look), Arc::clone(&look) as _, model).await
    }

    async fn with(
        look: Arc<ScriptedLook>,
        used: Arc<dyn SafetyModel>,
        model: ScriptedModel,
    ) -> Self {
        let clock = Arc::new(FakeClock::default());
        let stores = Embedded::in_memory(Arc::clone(&clock) as _, Arc::new(OsIds)).unwrap();
        let [database, spool] = [(); 2].map(|()| Arc::new(Fates::default()));
        let parts = (Arc::new(model) as _, settings());
        let world = World::build(stores, clock, parts, |services, _cognito| {
            services.safety_model = Some(used);
            let (conversations, safety) = (&services.conversations, &services.safety);
            let talk = Fated::new(Arc::clone(conversations), Arc::clone(&database));
            let record = Fated::new(Arc::clone(safety), Arc::clone(&database));
            let beside = Fated::new(Arc::clone(&services.spool), Arc::clone(&spool));
            services.conversations = Arc::new(talk);
            services.safety = Arc::new(record);
            services.spool = Arc::new(beside);
        })
        .await;
        let teen = world.teen(7, MemoryMode::Full).await;
        let to = (Purpose::SafetyModel, ScriptedLook::COMPANY);
        world.consent_to(teen, to, true).await;
        let token = world.token(teen, Duration::from_secs(86_400));
        let socket = settled(&world, &token).await;
        Self {
            _world: world,
            look,
            database,
            spool,
            socket,
        }
    }

    fn take_away(&self, away: bool, with_spool: bool) {
        self.database.set_away(away);
        self.spool.set_away(away && with_spool);
    }
}

/// A question with help came, and of an answer nothing.
fn asked(frames: &[Value], what: &str) {
    let question = first(frames, "safety.checkin").unwrap_or_else(|| panic!("{what}: {frames:?}"));
    assert_eq!(question["intensity"], "ask", "{what}");
    assert!(
        !question["resources"].as_array().unwrap().is_empty(),
        "{what}"
    );
    let text = question["text"].as_str().unwrap();
    assert!(!text.is_empty(), "{what}");
    // The question stands in place of an answer where that can be stored.
    let shown = shown(frames);
    assert!(shown.is_empty() || shown == text, "{what}: {frames:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn t15_without_a_store_a_question_comes_with_the_error() {
    for with_spool in [false, true] {
        let look = Some(finding("none"));
        let mut scene = Scene::new(look, ScriptedModel::saying(ANSWER)).await;
        scene.take_away(true, with_spool);
        say(&mut scene.socket, 1, UNSURE).await;
        let mut frames = until(&mut scene.socket, "error").await;
        assert_eq!(frames.last().unwrap()["code"], "storage_unavailable");
        if first(&frames, "safety.checkin").is_none() {
            frames.extend(until(&mut scene.socket, "safety.checkin").await);
        }
        asked(&frames, "store away");
        assert!(
            scene.look.orders().is_empty(),
            "what is not stored goes nowhere"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t15_every_failure_of_the_look_while_the_stores_go_away_asks() {
    for with_spool in [false, true] {
        for name in FAILURES.into_iter().map(Some).chain([None]) {
            let what = format!("{name:?}, {with_spool}");
            let model = ScriptedModel::saying(ANSWER);
            let mut scene = Scene::new(name.map(finding), model).await;
            say(&mut scene.socket, 1, UNSURE).await;
            until(&mut scene.socket, "turn.status").await;
            scene.take_away(true, with_spool);
            if name.is_some() {
                scene.look.let_one_end();
            }
            let mut frames = until(&mut scene.socket, "safety.checkin").await;
            scene.take_away(false, with_spool);
            frames.extend(until(&mut scene.socket, "turn.end").await);
            asked(&frames, &what);
            // What could not be stored ends with an error that says so: not in silence.
            let end = frames.last().unwrap();
            let said = end["finish"] == "safety" || end["code"] == "storage_unavailable";
            assert!(said, "{what}: {end}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t15_every_failure_of_the_look_and_of_the_answer_asks() {
    let kinds = [
        ModelErrorKind::Unavailable,
        ModelErrorKind::Throttled,
        ModelErrorKind::Refused,
        ModelErrorKind::Timeout,
    ];
    let failing = |kind: Option<ModelErrorKind>| match kind {
        Some(kind) => ScriptedReply::failing(ModelError::early(kind)),
        None => ScriptedReply::hanging_after(ANSWER),
    };
    for name in FAILURES {
        for kind in kinds.map(Some).into_iter().chain([None]) {
            let model = ScriptedModel::new([failing(kind)]);
            let mut scene = Scene::new(Some(finding(name)), model).await;
            scene.look.let_one_end();
            say(&mut scene.socket, 1, UNSURE).await;
            let frames = until(&mut scene.socket, "turn.end").await;
            asked(&frames, &format!("{name}, {kind:?}"));
        }
    }
}

/// What stops the answer is that a failure counts: where one is taken for a clean bill, it gets out.
#[tokio::test(flavor = "multi_thread")]
async fn t15_a_look_that_takes_failures_for_nothing_lets_the_answer_out() {
    for name in FAILURES {
        let look = Arc::new(ScriptedLook::new([finding(name)]));
        let used = Arc::new(BelievesFailures(Arc::clone(&look) as _));
        let mut scene = Scene::with(look, used, ScriptedModel::saying(ANSWER)).await;
        say(&mut scene.socket, 1, UNSURE).await;
        let frames = until(&mut scene.socket, "turn.end").await;
        assert_eq!(shown(&frames), ANSWER, "{name}");
        assert!(first(&frames, "safety.checkin").is_none(), "{name}");
    }
}
