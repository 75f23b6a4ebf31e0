//! H15 and H17: what was used, and what it cost.

use innerworld_core::model::chat_model::{ModelItem, TokenUsage};
use innerworld_testkit::{
    hostile_upstream::{Wire, scripts},
    model_calls::text_of,
};

use crate::support::{Bench, Items, OFFLINE_WORDS, ask};

fn usage(items: &Items) -> TokenUsage {
    let found = items.iter().find_map(|item| match item {
        Ok(ModelItem::Usage(usage)) => Some(*usage),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("no usage: {items:?}"))
}

#[tokio::test]
async fn h15_classes_of_tokens_do_not_overlap_and_the_providers_cost_is_kept() {
    let usage = usage(&ask(Wire::good().chunked()).await);
    assert_eq!(
        usage,
        TokenUsage {
            input: 300,
            cache_read: 600,
            cache_write: 100,
            output: 20,
            reasoning: 5,
            cost_nanousd: Some(1_230_000),
            estimated: false,
        }
    );
}

#[tokio::test]
async fn h15_missing_usage_is_estimated_and_marked() {
    for given in [None, Some("{}"), Some("null"), Some("\"free\"")] {
        let usage = usage(&ask(scripts::h15_usage(given)).await);
        assert!(usage.estimated, "{given:?}");
        assert!(usage.input > 0 && usage.output > 0, "{given:?}");
    }
}

#[tokio::test]
async fn h15_nonsense_never_overflows() {
    let given = r#"{"prompt_tokens":10,"completion_tokens":1,"cost":-5,
        "prompt_tokens_details":{"cached_tokens":99,"cache_write_tokens":99},
        "completion_tokens_details":{"reasoning_tokens":7}}"#;
    let given = given.replace(['\n', ' '], "");
    let usage = usage(&ask(scripts::h15_usage(Some(&given))).await);
    assert_eq!(
        (usage.input, usage.cache_read, usage.cache_write),
        (0, 10, 0)
    );
    assert_eq!(
        (usage.output, usage.reasoning, usage.cost_nanousd),
        (7, 7, None)
    );
}

#[tokio::test]
async fn h15_an_empty_failed_answer_is_not_charged() {
    let bench = Bench::new([scripts::h15_zero_completion()]).await;
    assert_eq!(text_of(&bench.ask().await), OFFLINE_WORDS);
    let record = bench.settled().await.remove(0);
    assert_eq!(record.tokens.input + record.tokens.output, 0);
    assert!(!record.tokens.estimated);
    assert_eq!(record.tokens.cost_nanousd.unwrap_or(0), 0);
}

#[tokio::test]
async fn h15_what_failed_tries_used_is_added_to_the_record() {
    let empty = Wire::new().finish("stop").usage().done().closing();
    let bench = Bench::new([empty, Wire::good().chunked()]).await;
    assert_eq!(text_of(&bench.ask().await), "Hello there.");
    let record = bench.settled().await.remove(0);
    assert_eq!(record.retries, 1);
    assert_eq!(record.tokens.output, 40);
    assert_eq!(record.tokens.cost_nanousd, Some(2_460_000));
}

#[tokio::test]
async fn h17_cached_tokens_that_are_suddenly_zero_reach_the_ledger() {
    let bench = Bench::new([Wire::good().chunked(), scripts::h17_nothing_cached()]).await;
    for _ in 0..2 {
        bench.ask().await;
    }
    let records = bench.settled().await;
    // Both calls have the same id in this test, so the ledger holds the later one in its place.
    let read: Vec<u32> = records
        .iter()
        .map(|record| record.tokens.cache_read)
        .collect();
    assert!(read.contains(&0), "{read:?}");
    let breakpoints = |body: &[u8]| {
        let body = String::from_utf8(body.to_vec()).unwrap();
        body.matches("\"cache_control\":{\"type\":\"ephemeral\"}")
            .count()
    };
    for request in bench.upstream.requests() {
        assert_eq!(breakpoints(&request.body), 2);
    }
}
