//! How fast the local models read, and what loading them takes.

use innerworld_core::{
    clock::Timestamp,
    ids::TurnId,
    memory::{
        encoder::Encoder as _,
        store::{EntityExtractor as _, Line, Speaker},
    },
    model::call::Scrubber as _,
};
use innerworld_language::tokenize::tokenize;

use super::{
    child::{Child, Found},
    figures::{Figure, Must, percentile},
    talk::{Talk, day},
    world::Models,
};
use crate::bench::{figure, timed};

/// Tokens of a session, as the gate says.
const SESSION_TOKENS: usize = 4_000;
const SESSIONS: u64 = 200;
/// Fresh processes that load the assets.
const LOADS: usize = 5;
const MB: f64 = 1e6;

/// Language gate 6: every line scrubbed, read by rules and tagger, its mood weighed, encoded.
pub(super) fn speed(models: &Models, talk: &Talk) -> Vec<Figure> {
    let (mut ms, mut tokens, mut all_us) = (Vec::new(), 0, 0.0);
    read(models, &session(talk, 10_000), day(0));
    for number in 0..SESSIONS {
        let lines = session(talk, number);
        tokens += lines.iter().map(|line| tokenize(line).len()).sum::<usize>();
        let ((), us) = timed(|| read(models, &lines, day(number)));
        all_us += us;
        ms.push(us / 1e3);
    }
    vec![
        Figure::gate(
            "language 6",
            "the local tier: scrubbing, rules, tagger, mood, vector; one core",
            (figure(tokens) * 1e6 / all_us, "tokens/s"),
            Must::AtLeast(100_000.0),
        ),
        Figure::gate(
            "language 6",
            format!("a session of {SESSION_TOKENS} tokens of the teen's, 99 % of {SESSIONS}"),
            (percentile(&mut ms, 99), "ms"),
            Must::AtMost(100.0),
        ),
    ]
}

/// Messages of a teen, together as long as the gate says.
fn session(talk: &Talk, number: u64) -> Vec<String> {
    let mut tokens = 0;
    let lines = talk.messages(number, 1_000).into_iter();
    lines
        .take_while(|line| {
            let before = tokens;
            tokens += tokenize(line).len();
            before < SESSION_TOKENS
        })
        .collect()
}

fn read(models: &Models, lines: &[String], at: Timestamp) {
    let scrubbed: Vec<String> = lines
        .iter()
        .map(|line| models.scrubber.scrub(line))
        .collect();
    let said: Vec<Line<'_>> = (1_u128..)
        .zip(&scrubbed)
        .map(|(number, text)| Line {
            id: TurnId::from_bits(number),
            speaker: Speaker::Teen,
            said_at: at,
            text,
        })
        .collect();
    std::hint::black_box(models.extractor.extract(&said, "America/Chicago"));
    for text in &scrubbed {
        std::hint::black_box(models.extractor.emotions(text));
        std::hint::black_box(models.encoder.encode(text));
    }
}

/// Language gate 8.
pub(super) fn loading() -> anyhow::Result<Vec<Figure>> {
    let mut found = Vec::new();
    for _load in 0..LOADS {
        found.push(Child::Assets.ask()?);
    }
    let of = |what: fn(&Found) -> f64| {
        let mut values: Vec<f64> = found.iter().map(what).collect();
        percentile(&mut values, 50)
    };
    Ok(vec![
        Figure::gate(
            "language 8",
            format!("cold load of all assets in a fresh process, half of {LOADS}"),
            (of(|found| found.ms), "ms"),
            Must::AtMost(150.0),
        ),
        Figure::beside(
            "the phrase rules of the safety screen after them, which are no asset",
            (of(|found| found.rules_ms), "ms"),
        ),
        Figure::beside(
            "resident before, with the program",
            (of(|found| found.before) / MB, "MB"),
        ),
        Figure::gate(
            "language 8",
            "resident after, with the program",
            (of(|found| found.after) / MB, "MB"),
            Must::AtMost(60.0),
        ),
        Figure::gate(
            "language 8",
            "most ever resident, with the program",
            (of(|found| found.peak) / MB, "MB"),
            Must::AtMost(60.0),
        ),
    ])
}
