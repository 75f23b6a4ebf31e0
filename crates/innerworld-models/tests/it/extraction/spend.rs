//! What extraction may cost in a day.

use std::{sync::Arc, time::Duration};

use innerworld_core::model::chat_model::{ChatModel, ModelErrorKind, ModelItem, TokenUsage};
use innerworld_models::spend_gate::{Price, Spend, SpendGate};
use innerworld_testkit::{
    fake_clock::FakeClock,
    model_calls,
    scripted_model::{ScriptedModel, ScriptedReply, Step},
};

const PRICE: Price = Price {
    input_nanousd: 1_000,
    output_nanousd: 5_000,
};

/// A call of 1,000 prompt tokens and 100 answer tokens: 1.5 thousandths of a dollar.
fn reply(cost_nanousd: Option<u64>) -> ScriptedReply {
    let usage = TokenUsage {
        input: 600,
        cache_read: 400,
        output: 100,
        cost_nanousd,
        ..TokenUsage::default()
    };
    ScriptedReply::steps([Step::Item(ModelItem::Usage(usage))])
}

async fn asks(gate: &SpendGate) -> bool {
    match gate.stream(model_calls::call(1, "hello")).await {
        Ok(stream) => {
            model_calls::collect(stream).await;
            true
        }
        Err(error) => {
            assert_eq!(error.kind, ModelErrorKind::Budget);
            false
        }
    }
}

fn gate(cost: Option<u64>, limit_nanousd: u64) -> (SpendGate, Arc<ScriptedModel>, Arc<FakeClock>) {
    let model = Arc::new(ScriptedModel::new([reply(cost)]));
    let clock = Arc::new(FakeClock::default());
    let spend = Arc::new(Spend::new(PRICE, limit_nanousd, Arc::clone(&clock) as _));
    let gate = SpendGate::new(Arc::clone(&model) as Arc<dyn ChatModel>, spend);
    (gate, model, clock)
}

#[tokio::test]
async fn no_call_leaves_once_the_days_limit_is_spent_and_the_next_day_begins_anew() {
    let (gate, model, clock) = gate(None, 3_000_000);
    assert!(asks(&gate).await && asks(&gate).await);
    assert!(!asks(&gate).await);
    assert_eq!(model.calls().len(), 2);
    clock.advance(Duration::from_secs(86_400));
    assert!(asks(&gate).await);
}

#[tokio::test]
async fn what_the_provider_says_wins_over_the_configured_price() {
    let (gate, _, _) = gate(Some(3_000_000), 3_000_000);
    assert!(asks(&gate).await);
    assert!(!asks(&gate).await);
}
