//! A model's second look over a real connection: what is sent, and that no failure passes for a
//! verdict.

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    identity::consent::Purpose,
    model::call::RemoteText,
    safety::{
        Category, Level,
        look::{Line, LookFailure, LookLevel, LookOrder, LookVerdict, SafetyModel as _},
    },
    usage::UsageRecord,
};
use innerworld_models::{
    chain::hops,
    config::ProviderConfig,
    second_look::{SecondLook, hasty},
};
use innerworld_testkit::{
    hostile_upstream::{Act, HostileUpstream, Script, Wire, scripts},
    model_calls,
    scripted_model::ScriptedModel,
};
use serde_json::json;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use crate::support::{COMPANY, Consents, CountingIds, Ledger, StillClock, ports, provider};

const DEADLINE: Duration = Duration::from_millis(1_500);
const GOOD: &str = r#"{"level":"risk","category":"nssi","about":"self"}"#;

/// A look through the whole stack at a provider that plays scripts.
struct Bench {
    upstream: HostileUpstream,
    look: SecondLook,
    consents: Arc<Consents>,
    ledger: Arc<Ledger>,
    tasks: TaskTracker,
}

impl Bench {
    async fn new(scripts: impl IntoIterator<Item = Script>) -> Self {
        let upstream = HostileUpstream::start(scripts).await;
        let base = provider(&upstream.base_url());
        let provider = ProviderConfig {
            model_fallback: Some("test/other".to_owned()),
            limits: hasty(&base.limits, DEADLINE),
            ..base
        };
        let (ledger, consents) = (Arc::new(Ledger::default()), Arc::new(Consents::default()));
        let ports = ports(&ledger, &consents, &Arc::new(ScriptedModel::saying("")));
        let tasks = TaskTracker::new();
        let look = SecondLook {
            hops: hops(&provider, &ports, &tasks).unwrap(),
            company: COMPANY.to_owned(),
            deadline: DEADLINE,
            clock: Arc::new(StillClock),
            ids: Arc::new(CountingIds::default()),
        };
        Self {
            upstream,
            look,
            consents,
            ledger,
            tasks,
        }
    }

    async fn agreed(scripts: impl IntoIterator<Item = Script>) -> Self {
        let bench = Self::new(scripts).await;
        let purpose = Purpose::SafetyModel;
        bench.consents.record(purpose, COMPANY, "2", true);
        bench
    }

    async fn look(&self) -> Result<LookVerdict, LookFailure> {
        let call = model_calls::call(1, "");
        let line = |by_teen, text: &str| Line {
            by_teen,
            text: RemoteText::from_scrubbed_record(&text.to_owned().into()),
        };
        let order = LookOrder {
            teen: call.teen,
            session: call.session,
            turn: call.turn,
            persona: call.persona,
            lines: vec![
                line(false, "How was it?"),
                line(true, "as if i was not there"),
            ],
        };
        self.look.look(order).await
    }

    async fn settled(&self) -> Vec<UsageRecord> {
        self.tasks.close();
        self.tasks.wait().await;
        self.ledger.records()
    }
}

/// How a look at a provider with this script and its records print.
pub(crate) async fn printed(script: Script) -> (String, String) {
    let bench = Bench::agreed([script]).await;
    let found = bench.look().await;
    (format!("{found:?}"), format!("{:?}", bench.settled().await))
}

fn says(text: &str) -> Script {
    Wire::saying(&[text]).chunked()
}

#[tokio::test]
async fn a_verdict_comes_back_and_the_call_is_in_the_ledger() {
    let bench = Bench::agreed([says(GOOD)]).await;
    let found = bench.look().await.unwrap();
    assert_eq!(found.level, LookLevel::Some(Level::Risk));
    assert_eq!(found.category, Some(Category::Nssi));
    let body = bench.upstream.requests()[0].json();
    assert_eq!(
        (&body["max_tokens"], &body["temperature"]),
        (&json!(60), &json!(0.0))
    );
    assert_eq!(body["response_format"]["json_schema"]["strict"], true);
    let said = body["messages"].to_string();
    assert!(said.contains("as if i was not there") && said.contains("How was it?"));
    let ledger = bench.settled().await;
    assert_eq!(ledger.len(), 1);
    assert_eq!(ledger[0].consent_version, "2");
    assert_eq!(ledger[0].prompt_version, "safety-1");
}

#[tokio::test]
async fn without_a_consent_for_it_nobody_is_even_connected_to() {
    let bench = Bench::new([says(GOOD)]).await;
    // Consents for other purposes, other companies and other texts do not count.
    let consents = &bench.consents;
    consents.record(Purpose::ChatModel, COMPANY, "2", true);
    consents.record(Purpose::SafetyModel, "Somebody else", "2", true);
    consents.record(Purpose::SafetyModel, COMPANY, "1", true);
    assert_eq!(bench.look().await, Err(LookFailure::NoConsent));
    consents.record(Purpose::SafetyModel, COMPANY, "2", true);
    consents.record(Purpose::SafetyModel, COMPANY, "2", false);
    assert_eq!(bench.look().await, Err(LookFailure::NoConsent));
    assert_eq!(bench.upstream.connections(), 0);
    assert_eq!(bench.settled().await, []);
}

/// Ways in which a provider fails, and what each counts as.
fn broken() -> Vec<(&'static str, Script, LookFailure)> {
    let status = |status: &str| scripts::h07_status(status, &[], false);
    let endless = scripts::h11_endless_tokens(Duration::from_millis(5));
    vec![
        ("hangs", vec![Act::Hang], LookFailure::Timeout),
        (
            "silent after headers",
            scripts::h11_silent_after_headers(),
            LookFailure::Timeout,
        ),
        (
            "drips",
            scripts::h10_one_byte_at_a_time(Duration::from_millis(30)),
            LookFailure::Timeout,
        ),
        (
            "comments",
            scripts::h01_comments_only(Duration::from_millis(10)),
            LookFailure::Timeout,
        ),
        ("endless", endless, LookFailure::Timeout),
        (
            "429",
            status("429 Too Many Requests"),
            LookFailure::Unavailable,
        ),
        (
            "500",
            status("500 Internal Server Error"),
            LookFailure::Unavailable,
        ),
        ("401", status("401 Unauthorized"), LookFailure::Unavailable),
        ("403", status("403 Forbidden"), LookFailure::Refused),
        ("reset", vec![Act::Reset], LookFailure::Unavailable),
        (
            "error as success",
            scripts::h08_error_as_success("text/event-stream"),
            LookFailure::Unavailable,
        ),
    ]
}

/// Answers that are no verdict, and what each counts as.
fn useless() -> Vec<(&'static str, Script, LookFailure)> {
    vec![
        ("filtered", scripts::h06_filtered(), LookFailure::Refused),
        (
            "no text",
            Wire::new().finish("stop").done().closing(),
            LookFailure::Malformed,
        ),
        ("prose", says("It is fine."), LookFailure::Malformed),
        (
            "another shape",
            says(r#"{"level":"none"}"#),
            LookFailure::Malformed,
        ),
        (
            "two answers",
            says(&format!("{GOOD}{GOOD}")),
            LookFailure::Malformed,
        ),
        ("too long", says(&"x".repeat(5_000)), LookFailure::Malformed),
        (
            "says no",
            says("I'm sorry, but I can't."),
            LookFailure::Refused,
        ),
        (
            "cut short",
            Wire::new()
                .token(r#"{"level":"no"#)
                .finish("length")
                .done()
                .closing(),
            LookFailure::Malformed,
        ),
    ]
}

#[tokio::test]
async fn no_failure_passes_for_a_verdict_and_none_outlasts_the_deadline() {
    for (what, script, failure) in broken().into_iter().chain(useless()) {
        let bench = Bench::agreed([script]).await;
        let began = Instant::now();
        assert_eq!(bench.look().await, Err(failure), "{what}");
        assert!(
            began.elapsed() < DEADLINE * 3,
            "{what}: {:?}",
            began.elapsed()
        );
    }
}

#[tokio::test]
async fn another_model_is_asked_in_the_time_that_is_left() {
    let broken = scripts::h07_status("500 Internal Server Error", &[], false);
    let bench = Bench::agreed([broken, says(GOOD)]).await;
    assert!(bench.look().await.is_ok());
    let models: Vec<_> = bench
        .upstream
        .requests()
        .iter()
        .map(|request| request.json()["model"].clone())
        .collect();
    assert_eq!(models.len(), 2);
    assert_eq!(models[1], "test/other");
    // A text that one refused is not sent to another.
    let bench = Bench::agreed([says("I'm sorry, but I can't."), says(GOOD)]).await;
    assert_eq!(bench.look().await, Err(LookFailure::Refused));
    assert_eq!(bench.upstream.requests().len(), 1);
}

/// T15: whatever one model does and then the other, no pair of failures passes for a verdict.
#[tokio::test]
async fn t15_no_two_failures_together_pass_for_a_verdict() {
    let hasty = |script: &Script| !script.iter().any(|act| matches!(act, Act::Pause(_)));
    let all: Vec<_> = broken().into_iter().chain(useless()).collect();
    // Of those that only take time, one is enough: none leaves any for the other model.
    let quick: Vec<_> = all
        .iter()
        .filter(|(what, script, failure)| {
            *what == "hangs" || (hasty(script) && *failure != LookFailure::Timeout)
        })
        .collect();
    assert!(quick.len() >= 10);
    let mut looks = tokio::task::JoinSet::new();
    for (first, one, _) in &quick {
        for (second, other, _) in &quick {
            let (name, scripts) = (format!("{first}, {second}"), [one.clone(), other.clone()]);
            looks.spawn(async move {
                let bench = Bench::agreed(scripts).await;
                let found = bench.look().await;
                assert!(found.is_err(), "{name}: {found:?}");
            });
        }
    }
    looks.join_all().await;
}
