//! T9: whatever a provider does, nothing of its words, of the teen's and of the key is in what comes of
//! a call: errors with their causes, items, records, verdicts, readings.

use std::{error::Error, fmt::Write as _};

use innerworld_core::{
    identity::apple::AppleService as _,
    model::chat_model::{ModelError, ModelItem},
};
use innerworld_models::{apple::AppleHttp, egress::endpoint, secret::ProviderSecret};
use innerworld_testkit::{
    hostile_upstream::{
        Act, HostileUpstream, Script, Wire, response,
        scripts::{self, QUOTED},
    },
    model_calls,
    weakened::Loud,
};

use crate::{
    extraction, second_look,
    support::{Bench, KEY, SECONDARY},
};

/// What the teen says; a provider may say it back.
const SAID: &str = "flomberwick juddering";

/// All words that must not come out.
fn found_in(printed: &str) -> Vec<&'static str> {
    let words = [QUOTED, SAID, KEY];
    words
        .into_iter()
        .filter(|word| printed.contains(word))
        .collect()
}

/// An error as a log line could have it: as it is, as it prints, and all its causes.
fn chain_of(error: &(dyn Error + 'static)) -> String {
    let mut text = format!("{error:?}");
    let mut next = Some(error);
    while let Some(error) = next {
        write!(text, " | {error} {error:?}").unwrap();
        next = error.source();
    }
    text
}

/// What comes of a call but the words of the answer themselves, which are the teen's to read.
fn printed(items: &[Result<ModelItem, ModelError>]) -> String {
    items.iter().fold(String::new(), |mut text, item| {
        match item {
            Ok(ModelItem::Text(_)) => {}
            Ok(other) => write!(text, "{other:?}").unwrap(),
            Err(error) => text.push_str(&chain_of(error)),
        }
        text
    })
}

/// Every way to fail in which a provider says back what it was told.
fn quoting() -> Vec<(String, Script)> {
    let mut all = Vec::new();
    let mut add = |name: String, script: Script| all.push((name, script));
    for status in [
        "400 Bad Request",
        "401 Unauthorized",
        "402 Payment Required",
        "403 Forbidden",
        "404 Not Found",
        "413 Too Large",
        "429 Too Many Requests",
        "500 Internal Server Error",
        "502 Bad Gateway",
    ] {
        for html in [false, true] {
            let script = scripts::h07_status(status, &[], html);
            add(format!("{status}, {html}"), script);
        }
        let both = format!("{SAID} by {KEY}");
        add(
            format!("{status}, message"),
            scripts::h07_message(status, &both),
        );
    }
    for kind in ["application/json", "text/event-stream", "text/html"] {
        add(kind.to_owned(), scripts::h08_error_as_success(kind));
    }
    for (name, event) in scripts::h09_error_events() {
        let early = Wire::new().data(&event).closing();
        add(format!("{name}, early"), early);
        let late = Wire::new().token("Hello").data(&event).closing();
        add(format!("{name}, late"), late);
    }
    let headers = [
        format!("location: https://models.example/?said={QUOTED}"),
        format!("x-request-id: {QUOTED}"),
        format!("retry-after: {QUOTED}"),
        format!("content-type: {QUOTED}"),
        format!("set-cookie: said={QUOTED}"),
    ];
    for header in headers {
        for status in ["307 Temporary Redirect", "429 Too Many Requests", "200 OK"] {
            add(
                format!("{status}, {header}"),
                response(status, &[&header], QUOTED),
            );
        }
    }
    // A name that is none.
    let names = format!(
        r#"{{"id":"{SAID}","model":"{SAID}","choices":[{{"index":0,"delta":{{"content":"Hi."}}}}]}}"#
    );
    add(
        "names".to_owned(),
        Wire::new().data(names).finish("stop").closing(),
    );
    let status_line = format!("HTTP/1.1 500 {QUOTED}\r\ncontent-length: 0\r\n\r\n");
    add("status line".to_owned(), raw(&status_line));
    add("no HTTP".to_owned(), raw(&format!("{QUOTED}\r\n\r\n")));
    all
}

fn raw(bytes: &str) -> Script {
    vec![Act::Send(bytes.as_bytes().to_vec()), Act::Close]
}

#[tokio::test]
async fn t09_no_failure_of_a_provider_carries_its_words() {
    for (name, script) in quoting() {
        let bench = Bench::with([script], |config| {
            config.model_fallback = Some(SECONDARY.to_owned());
        })
        .await;
        let said = model_calls::call(1, SAID);
        let come = match bench.chain.model.stream(said).await {
            Ok(stream) => printed(&model_calls::collect(stream).await),
            Err(error) => chain_of(&error),
        };
        let records = format!("{:?}", bench.settled().await);
        for what in [&come, &records] {
            assert_eq!(found_in(what), Vec::<&str>::new(), "{name}: {what}");
        }
        let asked = bench.upstream.requests();
        let body = String::from_utf8_lossy(&asked[0].body).into_owned();
        assert!(body.contains(SAID), "{name}: it was told");
    }
}

#[tokio::test]
async fn t09_no_failure_of_a_model_that_looks_or_reads_carries_its_words() {
    for (name, script) in quoting() {
        let (verdict, records) = second_look::printed(script.clone()).await;
        for what in [&verdict, &records] {
            assert_eq!(found_in(what), Vec::<&str>::new(), "{name}: {what}");
        }
        let (outcome, records) = extraction::printed(script).await;
        for what in [&outcome, &records] {
            assert_eq!(found_in(what), Vec::<&str>::new(), "{name}: {what}");
        }
    }
}

#[tokio::test]
async fn t09_neither_does_a_secret_an_address_or_apple() {
    let with_words = [
        format!("https://{QUOTED}:{SAID}@models.example/v1"),
        format!("https://models.example/v1?key={QUOTED}"),
        format!("{QUOTED}://models.example"),
    ];
    for url in with_words {
        let refused = endpoint(&url, false).unwrap_err();
        assert_eq!(found_in(&chain_of(&refused)), Vec::<&str>::new(), "{url}");
    }
    for text in [format!("{{\"api_key\":{QUOTED}}}"), QUOTED.to_owned()] {
        let refused = ProviderSecret::parse(&text).unwrap_err();
        assert_eq!(found_in(&chain_of(&refused)), Vec::<&str>::new());
    }
    for (name, script) in quoting() {
        let upstream = HostileUpstream::start([script]).await;
        let apple = AppleHttp::new(&upstream.base_url(), true).unwrap();
        if let Err(error) = apple.keys().await {
            let text = chain_of(&error);
            assert_eq!(found_in(&text), Vec::<&str>::new(), "{name}: {text}");
        }
    }
}

/// An error that holds what a provider said in a type that prints: the same look finds it.
#[test]
fn t09_an_error_that_prints_what_a_provider_said_is_found() {
    #[derive(Debug, thiserror::Error)]
    #[error("the provider failed")]
    struct Telling(#[source] Cause);
    #[derive(Debug, thiserror::Error)]
    #[error("it said something")]
    struct Cause(Loud);
    let telling = Telling(Cause(Loud(format!("{SAID} {QUOTED} {KEY}"))));
    assert_eq!(found_in(&chain_of(&telling)), [QUOTED, SAID, KEY]);
}
