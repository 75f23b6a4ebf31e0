//! The suite is tested too: each deliberately wrong model fails its clause.

use std::sync::Arc;

use innerworld_core::{
    conversation::record::{Finish, TurnOrigin},
    model::chat_model::{ChatModel, ModelError, ModelErrorKind, ModelItem, TokenUsage},
};
use innerworld_testkit::{
    chat_model_contract::{self as contract, Subject},
    scripted_model::{ScriptedModel, ScriptedReply, Step},
};

fn playing(items: Vec<ModelItem>) -> Subject {
    let steps = items.into_iter().map(Step::Item);
    let model = Arc::new(ScriptedModel::new([ScriptedReply::steps(steps)]));
    Subject {
        model: model as Arc<dyn ChatModel>,
        open: Box::new(|| 1),
    }
}

fn started() -> ModelItem {
    ModelItem::Started {
        generation: None,
        model: "m".to_owned(),
        origin: TurnOrigin::Model,
        company: String::new(),
    }
}

fn text(text: &str) -> ModelItem {
    ModelItem::Text(text.to_owned())
}

const END: ModelItem = ModelItem::End(Finish::Stop);

#[tokio::test]
#[should_panic(expected = "assertion")]
async fn a_stream_that_never_ends_well_fails() {
    contract::ends_once(playing(vec![started(), text("a")])).await;
}

#[tokio::test]
#[should_panic(expected = "Alive")]
async fn a_stream_with_something_after_its_end_fails() {
    contract::ends_once(playing(vec![started(), text("a"), END, ModelItem::Alive])).await;
}

#[tokio::test]
#[should_panic(expected = "no Started")]
async fn text_before_started_fails() {
    contract::started_comes_before_text(playing(vec![text("a"), END])).await;
}

#[tokio::test]
#[should_panic(expected = "a late Started")]
async fn a_late_started_fails() {
    contract::started_comes_before_text(playing(vec![started(), text("a"), started(), END])).await;
}

#[tokio::test]
#[should_panic(expected = "End")]
async fn an_end_without_text_fails() {
    contract::an_end_has_text(playing(vec![started(), END])).await;
}

#[tokio::test]
#[should_panic(expected = "Text")]
async fn empty_text_fails() {
    contract::an_end_has_text(playing(vec![started(), text("a"), text(""), END])).await;
}

#[tokio::test]
#[should_panic(expected = "assertion")]
async fn an_error_that_hides_shown_text_fails() {
    let steps = [
        Step::Item(text("a")),
        Step::Error(ModelError::early(ModelErrorKind::Unavailable)),
    ];
    let model = Arc::new(ScriptedModel::new([ScriptedReply::steps(steps)]));
    let subject = Subject {
        model: model as Arc<dyn ChatModel>,
        open: Box::new(|| 0),
    };
    contract::errors_know_their_phase(subject).await;
}

#[tokio::test]
#[should_panic(expected = "Usage")]
async fn usage_twice_fails() {
    let usage = ModelItem::Usage(TokenUsage::default());
    contract::usage_comes_once(playing(vec![text("a"), usage.clone(), usage, END])).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "the source is still held")]
async fn a_source_that_is_held_fails() {
    contract::dropping_lets_the_source_go(playing(vec![started(), text("a"), END])).await;
}

#[tokio::test]
#[should_panic(expected = "assertion")]
async fn calls_that_mix_fail() {
    let replies = ["one ", "two ", "three "].map(ScriptedReply::text);
    let model = Arc::new(ScriptedModel::new(replies));
    let subject = Subject {
        model: model as Arc<dyn ChatModel>,
        open: Box::new(|| 0),
    };
    contract::calls_do_not_mix(subject).await;
}
