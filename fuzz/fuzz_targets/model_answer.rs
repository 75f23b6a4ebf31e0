//! What a model answers when it is asked for a session's memory: any text is read, and what is
//! believed of it comes from the teen's own lines.
#![no_main]

use std::sync::LazyLock;

use innerworld_core::{
    clock::Timestamp,
    ids::TurnId,
    memory::{
        model_tier::{
            excerpt::{Excerpt, ReadLine},
            validate::check,
        },
        store::Speaker,
    },
};
use libfuzzer_sys::fuzz_target;

const SAID: [(Speaker, &str); 4] = [
    (Speaker::Teen, "my best friend maya moved to austin"),
    (Speaker::Persona, "Does running help you?"),
    (Speaker::Teen, "running helps me calm down"),
    (Speaker::Teen, "i want to join the school band"),
];

static EXCERPT: LazyLock<Excerpt> = LazyLock::new(|| {
    let at = Timestamp::from_millis(1_780_000_000_000);
    let lines = (1_u128..)
        .zip(SAID)
        .map(|(number, (speaker, text))| ReadLine {
            label: format!("L{number}"),
            turn: TurnId::from_bits(number),
            speaker,
            said_at: at,
            text: text.to_owned().into(),
        });
    Excerpt {
        lines: lines.collect(),
        known: Vec::new(),
        candidates: Vec::new(),
        session_at: at,
        zone: "America/Chicago".to_owned(),
    }
});

fuzz_target!(|answer: &str| {
    let Ok(patch) = check(&EXCERPT, answer).result else {
        return;
    };
    for node in &patch.nodes {
        for said in &node.said {
            assert!(matches!(said.source.turn.bits(), 1 | 3 | 4));
        }
    }
});
