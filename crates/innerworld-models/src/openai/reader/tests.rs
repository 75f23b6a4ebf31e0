//! The clocks, on paused time and a body in memory.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};

use super::*;
use crate::produce::produce;

/// Seconds to wait, then what arrives.
type Arrivals = Vec<(u64, &'static str)>;

const COMMENT: &str = ": processing\n\n";
const EMPTY: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"\"}}]}\n\n";
const WORD: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"word \"}}]}\n\n";
const STOP: &str = "data: {\"choices\":[{\"finish_reason\":\"stop\"}]}\n\n";
const USAGE: &str =
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}\n\n";

/// Plays `arrivals`, then silence, against the default clocks. Returns the seconds until the end
/// and the last item.
async fn play(arrivals: Arrivals) -> (u64, Result<ModelItem, ModelError>) {
    let since = Instant::now();
    let body = stream::iter(arrivals).then(|(seconds, bytes)| async move {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        Ok::<Bytes, ModelError>(Bytes::from_static(bytes.as_bytes()))
    });
    let body = Box::pin(body.chain(stream::pending()));
    let mut items = produce(|out| async move {
        let reading = Reading {
            clocks: Clocks::default(),
            sent: since,
            model_asked: "m",
            company: "c",
            prompt_tokens: 1,
            flags_sent: true,
        };
        Reader::new(reading, &out).run(body).await;
    });
    let mut last = Ok(ModelItem::Alive);
    while let Some(item) = items.next().await {
        last = item;
    }
    (since.elapsed().as_secs(), last)
}

/// Plays `arrivals` and expects a time-out after `seconds`.
async fn check(name: &str, arrivals: Arrivals, seconds: u64, phase: ModelPhase) {
    let (elapsed, last) = play(arrivals).await;
    let error = last.unwrap_err();
    assert_eq!(
        (elapsed, error.kind),
        (seconds, ModelErrorKind::Timeout),
        "{name}"
    );
    assert_eq!(error.phase, phase, "{name}");
}

#[tokio::test(start_paused = true)]
async fn h11_the_clocks_are_reset_by_what_the_table_says() {
    use ModelPhase::{AfterFirstToken, BeforeFirstToken};
    check("nothing", vec![], 15, BeforeFirstToken).await;
    let comments = (0..20).map(|_| (1, COMMENT)).collect();
    check("comments", comments, 15, BeforeFirstToken).await;
    let empty = (0..20).map(|_| (1, EMPTY)).collect();
    check("empty deltas", empty, 15, BeforeFirstToken).await;

    check("idle", vec![(1, WORD)], 11, AfterFirstToken).await;
    let mut comments = vec![(1, WORD)];
    comments.extend((0..20).map(|_| (1, COMMENT)));
    check("comments do not reset idle", comments, 11, AfterFirstToken).await;
    check(
        "content resets idle",
        vec![(1, WORD), (9, WORD)],
        20,
        AfterFirstToken,
    )
    .await;

    let slow = (0..20).map(|_| (9, WORD)).collect();
    check("total", slow, 60, AfterFirstToken).await;
}

#[tokio::test(start_paused = true)]
async fn h11_liveness_is_reset_by_any_byte() {
    // Only reached with a longer first-token clock: any byte counts, nothing else ends it.
    let since = Instant::now();
    let body = stream::iter([25_u64, 25]).then(|seconds| async move {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        Ok::<Bytes, ModelError>(Bytes::from_static(b":"))
    });
    let body = Box::pin(body.chain(stream::pending()));
    let mut items = produce(|out| async move {
        let patient = Duration::from_secs(500);
        let reading = Reading {
            clocks: Clocks {
                first_token: patient,
                total: patient,
                ..Clocks::default()
            },
            sent: since,
            model_asked: "m",
            company: "c",
            prompt_tokens: 1,
            flags_sent: true,
        };
        Reader::new(reading, &out).run(body).await;
    });
    let error = items.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind, ModelErrorKind::Timeout);
    assert_eq!(since.elapsed(), Duration::from_secs(80));
}

#[tokio::test(start_paused = true)]
async fn h03_usage_is_waited_for_only_shortly_after_the_finish() {
    let end = Ok(ModelItem::End(Finish::Stop));
    let (elapsed, last) = play(vec![(1, WORD), (0, STOP)]).await;
    assert_eq!((elapsed, &last), (3, &end));
    let (elapsed, last) = play(vec![
        (1, WORD),
        (0, STOP),
        (1, USAGE),
        (0, "data: [DONE]\n\n"),
    ])
    .await;
    assert_eq!((elapsed, &last), (2, &end));
}
