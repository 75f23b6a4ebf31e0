//! The request body: its exact bytes, and what may move in front of the breakpoint (nothing).

use std::sync::LazyLock;

use innerworld_core::model::call::{HistoryTurn, ModelCall};
use innerworld_models::{
    config::{Dialect, Privacy, ProviderConfig},
    openai::OpenAiCompatible,
};
use innerworld_testkit::model_calls::{call, history_turn, remote};
use proptest::prelude::*;

use crate::support::{self, SECONDARY};

const MARK: &str = r#","cache_control":{"type":"ephemeral"}"#;

fn client(change: impl FnOnce(&mut ProviderConfig)) -> OpenAiCompatible {
    let mut config = support::provider("http://127.0.0.1:9/v1");
    change(&mut config);
    support::client(&config)
}

fn body(call: &ModelCall) -> String {
    // Building a client reads the trust store of the machine: once is enough.
    static CLIENT: LazyLock<OpenAiCompatible> = LazyLock::new(|| client(|_config| {}));
    String::from_utf8(CLIENT.request_body(call).unwrap()).unwrap()
}

/// Everything before the last breakpoint. Quotes inside texts are escaped, so the mark cannot be
/// part of one.
fn prefix(body: &str) -> &str {
    &body[..body.rfind(MARK).unwrap()]
}

#[test]
fn the_openrouter_request_has_exactly_these_bytes() {
    let mut call = call(1, "I froze again.");
    call.pseudonym = "t_abc".to_owned();
    let client = client(|config| config.model_fallback = Some(SECONDARY.to_owned()));
    let body = String::from_utf8(client.request_body(&call).unwrap()).unwrap();
    insta::assert_snapshot!(body);
    assert_eq!(body.matches(MARK).count(), 2);
    assert!(!body.contains("\"order\""));
}

#[test]
fn the_openai_request_has_exactly_these_bytes() {
    let mut call = call(1, "I froze again.");
    call.prompt.recalled = None;
    call.prompt.support = Some(remote("Be extra gentle."));
    let client = client(|config| {
        config.dialect = Dialect::OpenAi;
        config.privacy = Privacy::Contract("DPA 2026".to_owned());
        config.model_fallback = Some(SECONDARY.to_owned());
    });
    let body = String::from_utf8(client.request_body(&call).unwrap()).unwrap();
    insta::assert_snapshot!(body);
    assert!(!body.contains("cache_control") && !body.contains("zdr"));
}

#[test]
fn limits_of_the_request_hold_whatever_is_asked() {
    let mut wild = call(1, "hi");
    (wild.max_tokens, wild.temperature) = (90_000, 7.5);
    let body = body(&wild);
    assert!(
        body.contains(r#""max_tokens":800,"temperature":1.0"#),
        "{body}"
    );
}

fn line() -> impl Strategy<Value = String> {
    // Quotes, breaks, escapes and marks of every kind.
    prop_oneof![
        "[ -~]{0,60}",
        ".{0,40}",
        Just(format!("\\\"{MARK}")),
        Just("\u{2028}\u{1f642}\n\t\0".to_owned()),
    ]
}

fn turns() -> impl Strategy<Value = Vec<(String, String)>> {
    proptest::collection::vec((line(), line()), 1..12)
}

fn history(turns: &[(String, String)]) -> Vec<HistoryTurn> {
    turns
        .iter()
        .map(|(user, assistant)| history_turn(user, assistant))
        .collect()
}

proptest! {
    #[test]
    fn a_turn_up_to_its_breakpoint_is_a_prefix_of_the_next_one(
        turns in turns(),
        digest in proptest::option::of(line()),
        recalled in proptest::collection::vec(proptest::option::of(line()), 13),
    ) {
        let mut before: Option<String> = None;
        for turn in 0..=turns.len() {
            let message = turns.get(turn).map_or("the last one", |(user, _)| user);
            let mut call = call(u128::try_from(turn).unwrap(), message);
            call.pseudonym = "t_abc".to_owned();
            call.prompt.digest = digest.as_deref().map(remote);
            call.prompt.history = history(&turns[..turn]);
            call.prompt.recalled = recalled[turn].as_deref().map(remote);
            call.prompt.support = (turn % 3 == 1).then(|| remote("Be gentle."));
            let body = body(&call);
            if let Some(before) = &before {
                prop_assert!(body.starts_with(prefix(before)));
            }
            before = Some(body);
        }
    }

    #[test]
    fn recalled_memory_and_other_sessions_move_no_byte_before_the_breakpoint(
        turns in turns(),
        recalled in proptest::option::of(line()),
        message in line(),
        others_digest in line(),
    ) {
        let mut one = call(1, "hello");
        one.prompt.history = history(&turns);
        let mut other = one.clone();
        other.prompt.recalled = recalled.as_deref().map(remote);
        other.prompt.message = remote(&message);
        // Another session is built in between, with its own memory.
        let mut another = call(2, "hello");
        another.prompt.digest = Some(remote(&others_digest));
        let (one, _another, other) = (body(&one), body(&another), body(&other));
        prop_assert_eq!(prefix(&one), prefix(&other));
    }
}
