//! H1 to H6: streams that are odd, and what of them is an answer.

use std::time::Duration;

use innerworld_core::{
    conversation::record::Finish,
    model::chat_model::{ModelErrorKind, ModelItem, ModelPhase},
};
use innerworld_models::config::Clocks;
use innerworld_testkit::{
    hostile_upstream::scripts,
    model_calls::{error_of, text_of},
};

use crate::support::{Bench, Items, OFFLINE_WORDS, ask, ask_with, count, patient_clocks};

fn assert_good(items: &Items, name: &str) {
    assert_eq!(text_of(items), "Hello there.", "{name}: {items:?}");
    assert_eq!(
        items.last(),
        Some(&Ok(ModelItem::End(Finish::Stop))),
        "{name}"
    );
}

#[tokio::test]
async fn h01_comments_are_signs_of_life_and_no_text() {
    let items = ask(scripts::h01_comments_everywhere()).await;
    assert_good(&items, "comments");
    let alive = count(&items, |item| *item == ModelItem::Alive);
    assert!(alive >= 53, "{alive}");
    let first_text = items
        .iter()
        .position(|item| matches!(item, Ok(ModelItem::Text(_))));
    assert!(first_text.unwrap() >= 50);
}

#[tokio::test]
async fn h01_comments_never_count_as_the_first_token() {
    let script = scripts::h01_comments_only(Duration::from_millis(20));
    let clocks = Clocks {
        first_token: Duration::from_millis(500),
        ..patient_clocks()
    };
    let items = ask_with(script, clocks).await;
    assert_eq!(error_of(&items).unwrap().kind, ModelErrorKind::Timeout);
    assert!(count(&items, |item| *item == ModelItem::Alive) > 0);
}

#[tokio::test]
async fn h02_bytes_one_by_one_give_the_same_answer() {
    let items = ask(scripts::h02_byte_by_byte()).await;
    assert_eq!(text_of(&items), "Sch\u{f6}n \u{1f642}");
    assert_eq!(items.last(), Some(&Ok(ModelItem::End(Finish::Stop))));
}

#[tokio::test]
async fn h03_done_may_be_missing_early_late_or_doubled() {
    for (name, script) in scripts::h03_done_variants() {
        let items = ask(script).await;
        assert_good(&items, name);
        let provider_usage = count(
            &items,
            |item| matches!(item, ModelItem::Usage(usage) if !usage.estimated),
        );
        assert_eq!(provider_usage, 1, "{name}: {items:?}");
    }
}

#[tokio::test]
async fn h03_a_closed_socket_is_no_success() {
    for (name, script) in scripts::h03_no_finish_reason() {
        let items = ask(script).await;
        let error = error_of(&items).unwrap_or_else(|| panic!("{name}: {items:?}"));
        assert_eq!(error.kind, ModelErrorKind::Truncated, "{name}");
        assert_eq!(error.phase, ModelPhase::AfterFirstToken, "{name}");
        assert_eq!(text_of(&items), "Hello", "{name}");
    }
}

#[tokio::test]
async fn h04_floods_are_cut_off_early_and_in_bounded_memory() {
    for (name, script) in scripts::h04_floods() {
        let since = tokio::time::Instant::now();
        let before = resident_kib();
        let items = ask(script).await;
        let error = error_of(&items).unwrap_or_else(|| panic!("{name}: no error"));
        let kinds = [ModelErrorKind::Truncated, ModelErrorKind::Unavailable];
        assert!(kinds.contains(&error.kind), "{name}: {error:?}");
        assert_eq!(text_of(&items), "", "{name}");
        // Far below the 100 MB that were on their way; other tests run beside this one.
        let grown = resident_kib().saturating_sub(before);
        assert!(grown < 40 * 1024, "{name}: {grown} KiB");
        assert!(since.elapsed() < Duration::from_secs(14), "{name}");
    }
}

/// Memory of this process; zero where there is no `/proc`.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.and_then(|line| line.split_whitespace().nth(1))
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

#[tokio::test]
async fn h04_an_endless_error_body_is_read_to_its_limit() {
    let items = ask(scripts::h04_endless_error()).await;
    let error = error_of(&items).unwrap();
    assert_eq!(error.kind, ModelErrorKind::Unavailable);
    assert_eq!(error.provider_status, Some(500));
}

#[tokio::test]
async fn h04_a_compressed_body_is_refused() {
    let items = ask(scripts::h04_gzip()).await;
    assert_eq!(error_of(&items).unwrap().kind, ModelErrorKind::Truncated);
}

#[tokio::test]
async fn h04_every_framing_is_understood() {
    for (name, script) in scripts::h04_framings() {
        assert_good(&ask(script).await, name);
    }
}

#[tokio::test]
async fn h05_missing_null_and_unknown_fields_cost_nothing() {
    for (name, script) in scripts::h05_odd_events() {
        assert_good(&ask(script).await, name);
    }
}

#[tokio::test]
async fn h05_the_answering_model_is_named() {
    let items = ask(scripts::h06_finish("stop")).await;
    let named = count(&items, |item| {
        matches!(item, ModelItem::Started { model, generation, .. }
            if model == "test/answering" && generation.as_deref() == Some("gen-1"))
    });
    assert_eq!(named, 1, "{items:?}");
}

#[tokio::test]
async fn h06_an_answer_without_text_is_a_failure() {
    for (name, script) in scripts::h06_no_text() {
        let items = ask(script).await;
        let error = error_of(&items).unwrap_or_else(|| panic!("{name}: {items:?}"));
        assert_eq!(error.kind, ModelErrorKind::Truncated, "{name}");
        assert_eq!(error.phase, ModelPhase::BeforeFirstToken, "{name}");
    }
}

#[tokio::test]
async fn h06_an_answer_without_text_is_tried_once_more_and_then_given_up() {
    let (_name, empty) = scripts::h06_no_text().remove(0);
    let bench = Bench::new([empty]).await;
    let items = bench.ask().await;
    assert_eq!(text_of(&items), OFFLINE_WORDS);
    assert_eq!(bench.upstream.requests().len(), 2);
}

#[tokio::test]
async fn h06_finish_reasons_have_their_meaning() {
    for (reason, wanted) in [
        ("stop", Finish::Stop),
        ("length", Finish::Length),
        ("tool_calls", Finish::Stop),
        ("something_new", Finish::Stop),
    ] {
        let items = ask(scripts::h06_finish(reason)).await;
        assert_eq!(items.last(), Some(&Ok(ModelItem::End(wanted))), "{reason}");
    }
    for (reason, wanted) in [
        ("content_filter", ModelErrorKind::Refused),
        ("error", ModelErrorKind::Unavailable),
    ] {
        let items = ask(scripts::h06_finish(reason)).await;
        let error = error_of(&items).unwrap();
        assert_eq!(
            (error.kind, error.phase),
            (wanted, ModelPhase::AfterFirstToken)
        );
    }
}

#[tokio::test]
async fn h06_a_filtered_answer_is_refused_and_no_other_model_is_asked() {
    let bench = Bench::new([scripts::h06_filtered()]).await;
    let items = bench.ask().await;
    assert_eq!(error_of(&items).unwrap().kind, ModelErrorKind::Refused);
    assert_eq!(bench.upstream.requests().len(), 1);
    assert!(bench.offline.calls().is_empty());
}
