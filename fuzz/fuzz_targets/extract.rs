//! A session, a line each: every mention names words of its own line.
#![no_main]

use std::sync::{Arc, LazyLock};

use innerworld_core::{
    clock::Timestamp,
    ids::TurnId,
    memory::store::{EntityExtractor as _, Line, Speaker},
};
use innerworld_language::{LocalExtractor, embed::StaticEncoder};
use libfuzzer_sys::fuzz_target;

static EXTRACTOR: LazyLock<LocalExtractor> = LazyLock::new(|| {
    let encoder = StaticEncoder::shipped().expect("the shipped table is whole");
    LocalExtractor::new(Arc::new(encoder)).expect("the shipped assets are whole")
});

fuzz_target!(|text: &str| {
    let said: Vec<&str> = text.lines().collect();
    let lines: Vec<Line<'_>> = (0_u128..)
        .zip(&said)
        .map(|(number, text)| Line {
            id: TurnId::from_bits(number),
            // Every fourth line is the persona's.
            speaker: if number % 4 == 3 {
                Speaker::Persona
            } else {
                Speaker::Teen
            },
            said_at: Timestamp::from_millis(1_780_000_000_000),
            text,
        })
        .collect();
    let found = EXTRACTOR.extract(&lines, "America/Chicago");
    for mention in &found.mentions {
        let line = mention.turns.first().expect("a mention is of a turn");
        let line = said[usize::try_from(line.bits()).expect("a small number")];
        let (start, end) = (mention.span.0 as usize, mention.span.1 as usize);
        assert!(line.get(start..end).is_some_and(|words| !words.is_empty()));
    }
    for relation in &found.relations {
        let ends = relation.from.into_iter().chain([relation.to]);
        for end in ends {
            assert!(found.mentions.iter().any(|mention| mention.index == end));
        }
    }
});
