//! Each finding, over a socket.

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    clock::Clock as _, identity::consent::Purpose, ids::TeenId, model::call::CallPurpose,
    safety::SafetyState, usage::UsageRecord,
};
use innerworld_testkit::{
    records::Records,
    scripted_look::{ScriptedLook, finding},
    scripted_model::{ScriptedModel, ScriptedReply},
};
use serde_json::json;

use super::{ANSWER, PLAIN, Scene, UNSURE, first, kinds, shown};
use crate::{
    talk::{say, settled, until},
    world::{World, receive, send, settings},
};

#[tokio::test]
async fn nothing_found_lets_the_answer_out_and_shows_nothing_else() {
    let mut scene = Scene::new(ScriptedLook::new([finding("none")])).await;
    say(&mut scene.socket, 1, UNSURE).await;
    let frames = until(&mut scene.socket, "turn.end").await;
    assert!(
        !kinds(&frames)
            .iter()
            .any(|kind| kind.starts_with("safety.")),
        "{frames:?}"
    );
    assert_eq!(shown(&frames), ANSWER);
    let order = &scene.look.orders()[0];
    assert_eq!(order.lines.last().unwrap().text.as_str(), UNSURE);
    let call = &scene.model.calls()[0];
    assert!(
        call.prompt.support.is_some(),
        "the answer was made with care all the same"
    );
}

#[tokio::test]
async fn an_ordinary_message_is_looked_at_by_nobody_and_waits_for_nobody() {
    let mut scene = Scene::new(ScriptedLook::held([finding("none")])).await;
    say(&mut scene.socket, 1, PLAIN).await;
    let frames = until(&mut scene.socket, "turn.end").await;
    assert_eq!(shown(&frames), ANSWER);
    assert!(scene.look.orders().is_empty());
}

#[tokio::test]
async fn not_a_word_is_shown_before_the_look_is_back() {
    let mut scene = Scene::new(ScriptedLook::held([finding("none")])).await;
    say(&mut scene.socket, 1, UNSURE).await;
    let before = until(&mut scene.socket, "turn.status").await;
    assert_eq!(before.last().unwrap()["status"], "screening");
    // The answer is made meanwhile.
    while scene.model.calls().is_empty() || scene.model.open_streams() > 0 {
        tokio::task::yield_now().await;
    }
    send(&mut scene.socket, &json!({"type": "ping", "t": "1"})).await;
    let meanwhile = until(&mut scene.socket, "pong").await;
    assert_eq!(kinds(&meanwhile), ["pong"], "{meanwhile:?}");
    scene.look.let_one_end();
    let frames = until(&mut scene.socket, "turn.end").await;
    assert_eq!(shown(&frames), ANSWER);
}

#[tokio::test]
async fn a_concern_asks_and_lets_the_answer_out() {
    let mut scene = Scene::new(ScriptedLook::new([finding("concern eating")])).await;
    say(&mut scene.socket, 1, UNSURE).await;
    let frames = until(&mut scene.socket, "turn.end").await;
    let question = first(&frames, "safety.checkin").unwrap();
    assert_eq!(
        (&question["intensity"], &question["variant"]),
        (&json!("ask"), &json!("body"))
    );
    assert_eq!(shown(&frames), ANSWER);
    assert_eq!(first(&frames, "safety.state").unwrap()["state"], "check_in");
}

#[tokio::test]
async fn risk_and_danger_bring_the_crisis_frame_and_no_answer() {
    for (found, level) in [
        ("risk ideation", "risk"),
        ("danger intent_plan", "danger"),
        ("risk abuse", "risk"),
    ] {
        let mut scene = Scene::new(ScriptedLook::new([finding(found)])).await;
        say(&mut scene.socket, 1, UNSURE).await;
        let frames = until(&mut scene.socket, "turn.end").await;
        let crisis = first(&frames, "safety.crisis").unwrap();
        assert_eq!(crisis["level"], level);
        assert_eq!(shown(&frames), "");
        let start = first(&frames, "turn.start").unwrap();
        assert_eq!(
            (&start["origin"], &start["ai_generated"]),
            (&json!("safety"), &json!(false))
        );
        let end = frames.last().unwrap();
        assert_eq!((&end["finish"], &end["len"]), (&json!("safety"), &json!(0)));
        say(&mut scene.socket, 2, PLAIN).await;
        let refused = until(&mut scene.socket, "error").await;
        assert_eq!(refused.last().unwrap()["code"], "journal_only");
        // The same message again is the same event, and is not looked at again.
        say(&mut scene.socket, 1, UNSURE).await;
        let again = until(&mut scene.socket, "safety.crisis").await;
        assert_eq!(again.last().unwrap()["event"], crisis["event"]);
        assert_eq!(scene.look.orders().len(), 1);
        let count = counted(&scene.world, "crisis").await;
        assert_eq!(count, 1, "one notice");
    }
}

/// Referral notices of this action.
async fn counted(world: &World, action: &str) -> u64 {
    let store = world.stores.safety();
    let counts = store.counts("1970-01-01", "9999-12-31").await.unwrap();
    let wanted = counts
        .into_iter()
        .filter(|(count, _)| count.action == action);
    wanted
        .map(|(count, n)| {
            assert_eq!(count.tier, "model");
            n
        })
        .sum()
}

#[tokio::test]
async fn a_cancelled_turn_does_not_cancel_what_the_look_finds() {
    let mut scene = Scene::new(ScriptedLook::held([finding("danger attempt")])).await;
    say(&mut scene.socket, 1, UNSURE).await;
    let frames = until(&mut scene.socket, "accepted").await;
    let turn = frames.last().unwrap()["turn"].clone();
    until(&mut scene.socket, "turn.status").await;
    send(&mut scene.socket, &json!({"type": "cancel", "turn": turn})).await;
    until(&mut scene.socket, "turn.end").await;
    scene.look.let_one_end();
    until(&mut scene.socket, "safety.crisis").await;
}

#[tokio::test]
async fn a_message_that_waits_behind_another_turn_is_looked_at_at_once() {
    let slow = ScriptedReply::text("One moment.").after(Duration::from_secs(3_600));
    let look = ScriptedLook::new([finding("risk nssi")]);
    let mut scene = Scene::with(
        look,
        ScriptedModel::new([slow, ScriptedReply::text(ANSWER)]),
        40,
    )
    .await;
    say(&mut scene.socket, 1, PLAIN).await;
    until(&mut scene.socket, "turn.status").await;
    say(&mut scene.socket, 2, UNSURE).await;
    // The crisis stops the answer that was being made, and the one that waited is never made.
    let mut frames = until(&mut scene.socket, "turn.end").await;
    frames.extend(until(&mut scene.socket, "turn.end").await);
    assert!(first(&frames, "safety.crisis").is_some());
    assert_eq!(shown(&frames), "");
    let ends = frames.iter().filter(|frame| frame["type"] == "turn.end");
    assert!(
        ends.into_iter().all(|end| end["finish"] == "safety"),
        "{frames:?}"
    );
    assert_eq!(scene.model.calls().len(), 1);
}

#[tokio::test]
async fn a_crisis_also_ends_a_plain_message_that_waits() {
    let slow = ScriptedReply::text("One moment.").after(Duration::from_secs(3_600));
    let mut scene = Scene::with(
        ScriptedLook::new([finding("none")]),
        ScriptedModel::new([slow, ScriptedReply::text(ANSWER)]),
        40,
    )
    .await;
    say(&mut scene.socket, 1, PLAIN).await;
    until(&mut scene.socket, "turn.status").await;
    say(&mut scene.socket, 2, "and the fence too").await;
    until(&mut scene.socket, "turn.status").await;
    // Refused, since two turns are under way, and screened before that.
    say(&mut scene.socket, 3, "i want to kill myself").await;
    until(&mut scene.socket, "safety.crisis").await;
    let mut frames = until(&mut scene.socket, "turn.end").await;
    frames.extend(until(&mut scene.socket, "turn.end").await);
    assert_eq!(shown(&frames), "");
    assert_eq!(
        scene.model.calls().len(),
        1,
        "the message that waited is not answered"
    );
}

#[tokio::test]
async fn a_language_without_rules_is_looked_at_too() {
    let mut scene = Scene::new(ScriptedLook::new([finding("risk ideation")])).await;
    let french = "je ne veux plus me réveiller demain, je n'en peux plus de tout ça";
    say(&mut scene.socket, 1, french).await;
    until(&mut scene.socket, "safety.crisis").await;
}

#[tokio::test]
async fn a_refused_message_is_left_to_the_local_tier() {
    let mut scene = Scene::new(ScriptedLook::new([finding("none")])).await;
    let long = format!("{UNSURE} {}", "and on ".repeat(2_500));
    say(&mut scene.socket, 1, &long).await;
    let frames = until(&mut scene.socket, "error").await;
    assert_eq!(frames.last().unwrap()["code"], "message_too_long");
    assert!(scene.look.orders().is_empty());
}

#[tokio::test]
async fn the_looks_of_a_day_are_limited() {
    let look = ScriptedLook::new([finding("none")]);
    let mut scene = Scene::with(look, ScriptedModel::saying(ANSWER), 2).await;
    for number in 1..=3 {
        say(&mut scene.socket, number, UNSURE).await;
        let frames = until(&mut scene.socket, "turn.end").await;
        let asked = first(&frames, "safety.checkin").is_some();
        assert_eq!(
            asked,
            number == 3,
            "then the local tier decides: {frames:?}"
        );
    }
    assert_eq!(scene.look.orders().len(), 2);
    scene.world.clock.advance(Duration::from_secs(86_400));
    let mut socket = settled(&scene.world, &scene.token).await;
    say(&mut socket, 4, UNSURE).await;
    until(&mut socket, "turn.end").await;
    assert_eq!(scene.look.orders().len(), 3, "a new day");
}

#[tokio::test]
async fn a_restart_does_not_forget_the_looks_of_the_day() {
    let look = ScriptedLook::new([finding("none")]);
    let mut scene = Scene::with(look, ScriptedModel::saying(ANSWER), 1).await;
    let earlier = UsageRecord {
        purpose: CallPurpose::Safety,
        ..Records::named("a look before the restart").usage("one", scene.world.clock.now())
    };
    let teen = TeenId::from_subject_bits(7);
    let ledger = scene.world.stores.usage();
    ledger.started(teen, &earlier).await.unwrap();
    say(&mut scene.socket, 1, UNSURE).await;
    let frames = until(&mut scene.socket, "turn.end").await;
    assert!(
        first(&frames, "safety.checkin").is_some(),
        "the local tier decides"
    );
    assert!(scene.look.orders().is_empty());
}

#[tokio::test]
async fn without_a_consent_nobody_looks() {
    let mut scene = Scene::new(ScriptedLook::new([finding("none")])).await;
    let teen = TeenId::from_subject_bits(7);
    let to = (Purpose::SafetyModel, ScriptedLook::COMPANY);
    scene.world.consent_to(teen, to, false).await;
    let mut socket = settled(&scene.world, &scene.token).await;
    say(&mut socket, 1, UNSURE).await;
    let frames = until(&mut socket, "turn.end").await;
    assert_eq!(
        first(&frames, "safety.checkin").unwrap()["intensity"],
        "ask"
    );
    assert_eq!(shown(&frames), ANSWER);
    assert!(scene.look.orders().is_empty());
    let _open = &mut scene.socket;
}

#[tokio::test]
async fn a_process_that_dies_while_somebody_looks_asks_the_teen_when_it_is_back() {
    let mut scene = Scene::new(ScriptedLook::held([finding("none")])).await;
    say(&mut scene.socket, 1, UNSURE).await;
    until(&mut scene.socket, "turn.status").await;
    let (stores, clock) = (scene.world.stores.clone(), Arc::clone(&scene.world.clock));
    let look = Arc::new(ScriptedLook::new([finding("none")]));
    let model = Arc::new(ScriptedModel::saying(ANSWER));
    let world = World::looked_at_by(
        Arc::clone(&look) as _,
        (stores, clock),
        Arc::clone(&model) as _,
        settings(),
    )
    .await;
    let record = world
        .stores
        .safety()
        .load(TeenId::from_subject_bits(7))
        .await
        .unwrap();
    assert_eq!(record.unwrap().state, SafetyState::CheckIn);
    let mut socket = world.socket(&scene.token).await.unwrap();
    send(&mut socket, &crate::talk::hello()).await;
    let mut frames = Vec::new();
    while first(&frames, "safety.checkin").is_none() {
        frames.push(receive(&mut socket).await.unwrap());
    }
    assert_eq!(shown(&frames), "", "no answer was shown");
    assert!(look.orders().is_empty() && model.calls().is_empty());
}
