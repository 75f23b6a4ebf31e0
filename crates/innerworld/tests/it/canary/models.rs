//! The same with every model that there is: one that answers, one that takes a second look, one that
//! reads ended sessions. Each does well first and then fails with words of its own.

use std::{
    fmt::Debug,
    io::Write,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
};

use innerworld_core::secret::Text;
use innerworld_testkit::{
    hostile_upstream::{HostileUpstream, Script, Wire, response, scripts},
    weakened::Loud,
};
use serde_json::json;

use super::{ANSWER, API_KEY, EMAIL, FRIEND, NAME, QUOTED, SAID, export, scan::Scanner};
use crate::{
    guest::{Guest, ask, http},
    life::provider,
    second_look::UNSURE,
    serving::{Home, PATIENCE, Serving},
    talk::{say, until},
    world::send,
};

/// A goal that only a model sees in it.
const GOAL: &str = "a glasswright of tollenbury";
/// Of the message that a second look is taken at.
const UNSURE_WORDS: &str = "look at the others and feel";

fn says(text: &str) -> Script {
    Wire::saying(&[text]).chunked()
}

/// Failures that quote.
fn failures() -> Vec<Script> {
    let body =
        json!({"error": {"message": QUOTED, "metadata": {"raw": [SAID, UNSURE]}}}).to_string();
    let fail = |status: &str| response(status, &["content-type: application/json"], &body);
    vec![
        fail("400 Bad Request"),
        says(&format!("{QUOTED}: {UNSURE}")),
        fail("500 Internal Server Error"),
        Wire::new().data(&body).closing(),
        scripts::h10_redirect(&format!("https://models.example/?said={SAID}")),
    ]
}

fn with_failures(good: Script) -> Vec<Script> {
    std::iter::once(good).chain(failures()).collect()
}

/// Three companies at three places.
fn config(guard: &HostileUpstream, reader: &HostileUpstream) -> String {
    let another = |name: &str, upstream: &HostileUpstream| {
        format!(
            "[[providers]]\nname = \"{name}\"\ncompany = \"{name} Company\"\n\
             dialect = \"openai\"\nprivacy = \"contract\"\nagreement = \"test\"\n\
             allow_private = true\napi_key_file = \"model.key\"\nbase_url = \"{}\"\n",
            upstream.base_url()
        )
    };
    [
        another("guard", guard),
        another("reader", reader),
        "[safety.model]\nprovider = \"guard\"\nmodel = \"test/guard\"\nfallback = \"test/guard\"\n"
            .to_owned(),
        "[extraction]\nprovider = \"reader\"\nmodel = \"test/reader\"\n".to_owned(),
        "[telemetry]\nfilter = \"trace\"\n".to_owned(),
    ]
    .concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn t09_nor_by_models_that_look_and_read_whether_they_answer_or_fail() {
    let answer = Wire::saying(&["I heard of ", &format!("{ANSWER}. "), "Tell me more."]);
    let model = HostileUpstream::start([answer.chunked()]).await;
    let verdict = json!({"level": "none", "category": "none", "about": "self"});
    let guard = HostileUpstream::start(with_failures(says(&verdict.to_string()))).await;
    let goal = json!({"nodes": [{"t": "n1", "kind": "Goal", "name": format!("being {GOAL}"),
        "aliases": [], "existing_id": null, "lines": ["L1"],
        "quote": format!("the plan since forever is being {GOAL}")}], "edges": [], "emotions": []});
    let reader = HostileUpstream::start(with_failures(says(&goal.to_string()))).await;
    let home = Home::new(&provider(&model, &config(&guard, &reader)));
    home.secret("model.key", API_KEY);
    let server = home.start();
    let teen = Guest::arrive(&server, EMAIL, NAME).await;

    let plan = format!("{FRIEND} says the plan since forever is being {GOAL}, {SAID}");
    talk(&teen, &[&plan, UNSURE]).await;
    remembered(&teen, GOAL).await;
    talk(&teen, &[&format!("{FRIEND} again, {SAID}"), UNSURE, UNSURE]).await;
    asked(&reader, 2).await;
    for (what, upstream, word) in [
        ("the answer", &model, SAID),
        ("the look", &guard, UNSURE_WORDS),
        ("the reading", &reader, GOAL),
    ] {
        let requests = upstream.requests();
        assert!(requests.len() >= 2, "{what}");
        for request in &requests {
            assert_eq!(request.line, "POST /v1/chat/completions", "{what}");
        }
        let bodies: Vec<u8> = requests.into_iter().flat_map(|one| one.body).collect();
        let told = String::from_utf8_lossy(&bodies).contains(word);
        assert!(told, "{what} was told of it");
    }
    let export = export(&teen).await;
    for word in [EMAIL, NAME, FRIEND, SAID, ANSWER, GOAL, UNSURE_WORDS] {
        assert!(export.contains(word), "{word}: {export}");
    }
    nothing_is_left(&home, server).await;
}

/// Looks through all that the server leaves and shows.
async fn nothing_is_left(home: &Home, server: Serving) {
    let scanner = Scanner::new(&[
        ("the address", EMAIL),
        ("the name", NAME),
        ("a friend", FRIEND),
        ("what was said", SAID),
        ("what was looked at", UNSURE_WORDS),
        ("the answer", ANSWER),
        ("what was read", GOAL),
        ("a provider's words", QUOTED),
        ("the key", API_KEY),
    ]);
    let metrics = ask(http().get(format!("{}/metrics", server.url("admin_url")))).await;
    assert!(
        metrics
            .text
            .contains("innerworld_extraction_sessions_total")
    );
    scanner.clean("the metrics", metrics.text);
    scanner.clean_folder(&home.data());
    server.terminate();
    let (status, output) = server.wait();
    assert!(status.success(), "{status}");
    let log = String::from_utf8_lossy(&output);
    for part in ["TRACE", "a second look failed", "session ended"] {
        assert!(log.contains(part), "{part} is not in the log");
    }
    scanner.clean("the log", &output);
    scanner.clean_folder(&home.data());
    let doctor = home.verb("doctor").output().unwrap();
    scanner.clean("doctor", [doctor.stdout, doctor.stderr].concat());
}

/// A session with these messages.
async fn talk(teen: &Guest, messages: &[&str]) {
    static NEXT: Mutex<u32> = Mutex::new(0);
    let mut socket = teen.talking().await;
    for message in messages {
        let number = {
            let mut next = NEXT.lock().unwrap();
            *next += 1;
            *next
        };
        say(&mut socket, number, message).await;
        until(&mut socket, "turn.end").await;
    }
    send(&mut socket, &json!({"type": "session.end"})).await;
    until(&mut socket, "memory.updated").await;
}

/// Waits until memory holds this.
async fn remembered(teen: &Guest, word: &str) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !teen
        .get("/v1/me/memory?view=nodes")
        .await
        .text
        .contains(word)
    {
        assert!(tokio::time::Instant::now() < deadline, "not remembered");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// Waits until a provider was asked so often.
async fn asked(upstream: &HostileUpstream, times: usize) {
    let what = format!("asked {times} times");
    crate::serving::eventually(&what, || upstream.requests().len() >= times).await;
}

/// What a log is written to.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A line of a log that holds this value, as an event's field and in its sentence.
fn logged(value: &dyn Debug) -> Vec<u8> {
    let kept = Kept::default();
    let writer = kept.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        tracing::info!(said = ?value, "a message came: {value:?}");
    });
    let lines = kept.0.lock().unwrap().clone();
    assert!(!lines.is_empty());
    lines
}

/// What a panic says that holds this value.
fn panicked(value: &dyn Debug) -> Vec<u8> {
    let stopped = catch_unwind(AssertUnwindSafe(|| panic!("what came is {value:?}")));
    let said = stopped.unwrap_err().downcast::<String>().unwrap();
    said.into_bytes()
}

/// What keeps words out is that their types do not print. One that does is found by the same look, in a
/// log, a panic and an error.
#[test]
fn t09_a_type_that_prints_its_words_is_found() {
    let scanner = Scanner::new(&[("what was said", SAID)]);
    let silent = Text::new(SAID.to_owned());
    let loud = Loud(SAID.to_owned());
    for (silent, loud) in [
        (logged(&silent), logged(&loud)),
        (panicked(&silent), panicked(&loud)),
        (
            format!("{:?}", anyhow::anyhow!("it was {silent:?}")).into_bytes(),
            format!("{:?}", anyhow::anyhow!("it was {loud:?}")).into_bytes(),
        ),
    ] {
        assert_eq!(scanner.find(&silent), Vec::<&str>::new());
        assert_eq!(scanner.find(&loud), ["what was said"]);
    }
}
