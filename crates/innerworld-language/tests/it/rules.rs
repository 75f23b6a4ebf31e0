//! What the rules read out of ordinary teen talk. All sentences are invented.

use std::{
    fmt::Write,
    sync::{Arc, LazyLock},
};

use innerworld_core::{
    clock::Timestamp,
    ids::TurnId,
    memory::{
        graph::{Polarity, Precision},
        store::{EntityExtractor, Extraction, Line, Mention, Speaker},
    },
};
use innerworld_language::{LocalExtractor, Rule, embed::StaticEncoder};
use proptest::prelude::*;

/// Wednesday, 20 May 2026, in the afternoon.
const NOW: &str = "2026-05-20T20:30:00Z";
const ZONE: &str = "America/Chicago";

pub(crate) static EXTRACTOR: LazyLock<LocalExtractor> =
    LazyLock::new(|| LocalExtractor::new(Arc::new(StaticEncoder::shipped().unwrap())).unwrap());

pub(super) fn read(lines: &[(Speaker, &str)]) -> Extraction {
    let said_at = Timestamp::parse_rfc3339(NOW).unwrap();
    let lines: Vec<Line<'_>> = (1_u128..)
        .zip(lines)
        .map(|(id, (speaker, text))| Line {
            id: TurnId::from_bits(id),
            speaker: *speaker,
            said_at,
            text,
        })
        .collect();
    EXTRACTOR.extract(&lines, ZONE)
}

/// What is named for sure.
fn firm(found: &Extraction) -> impl Iterator<Item = &Mention> {
    found.mentions.iter().filter(|mention| !mention.tentative)
}

/// Mentions and relations as lines of text, in order.
pub(super) fn show(extraction: &Extraction) -> String {
    let name = |index: Option<u32>| {
        index.map_or_else(
            || "teen".to_owned(),
            |index| {
                let mention = extraction.mentions.iter().find(|m| m.index == index);
                mention.unwrap().surface.reveal().clone()
            },
        )
    };
    let mut out = String::new();
    for mention in firm(extraction) {
        write!(
            out,
            "  {} {}",
            mention.kind.name(),
            mention.surface.reveal()
        )
        .unwrap();
        if let Some(qualifier) = &mention.qualifier {
            write!(out, " [{}]", qualifier.reveal()).unwrap();
        }
        for (attr, value) in &mention.attrs {
            write!(out, " {attr}={}", value.reveal()).unwrap();
        }
        out.push('\n');
    }
    for relation in &extraction.relations {
        let sign = match relation.polarity {
            Polarity::Holds => '+',
            Polarity::Stopped => '-',
        };
        write!(
            out,
            "  {sign} {} {} {} {}",
            name(relation.from),
            relation.kind.name(),
            relation.slot,
            name(Some(relation.to)),
        )
        .unwrap();
        if relation.precision != Precision::Unknown {
            let at = relation.valid_at.to_rfc3339();
            write!(out, " @ {} {:?}", at.get(..10).unwrap(), relation.precision).unwrap();
        }
        out.push('\n');
    }
    out
}

fn teen(text: &str) -> Extraction {
    read(&[(Speaker::Teen, text)])
}

#[test]
fn sentences() {
    let mut out = String::new();
    for text in include_str!("sentences.txt").lines() {
        writeln!(out, "{text}\n{}", show(&teen(text))).unwrap();
    }
    insta::assert_snapshot!(out);
}

#[test]
fn nothing_is_read_from_questions_conditions_suggestions_and_small_talk() {
    let read: Vec<_> = include_str!("nothing.txt")
        .lines()
        .map(|text| (text, show(&teen(text))))
        .filter(|(_, shown)| !shown.is_empty())
        .collect();
    assert!(read.is_empty(), "{read:#?}");
}

#[test]
fn the_persona_is_no_source() {
    let lines = [
        (
            Speaker::Persona,
            "Your best friend Maya and coach Dan would love the swim meet on Friday.",
        ),
        (Speaker::Teen, "yeah totally"),
    ];
    assert_eq!(read(&lines), Extraction::default());
}

#[test]
fn whoever_is_spoken_to_is_not_spoken_of() {
    for text in [
        "thanks luna",
        "luna, guess what",
        "Luna i did it",
        "ok Luna",
        "night, luna!",
    ] {
        let found = read(&[(Speaker::Teen, text)]);
        assert!(
            found
                .mentions
                .iter()
                .all(|mention| mention.surface.reveal().to_lowercase() != "luna"),
            "{text}"
        );
    }
    let found = read(&[(Speaker::Teen, "i went to the mall with Luna yesterday")]);
    assert!(
        found
            .mentions
            .iter()
            .any(|mention| mention.surface.reveal() == "Luna")
    );
}

#[test]
fn a_glance_finds_what_the_rules_find() {
    let text = "my best friend maya plays the cello";
    let line = Line {
        id: TurnId::from_bits(1),
        speaker: Speaker::Teen,
        said_at: Timestamp::parse_rfc3339(NOW).unwrap(),
        text,
    };
    let found = EXTRACTOR.glance(&line);
    let names: Vec<&str> = found
        .iter()
        .map(|(_, name)| name.reveal().as_str())
        .collect();
    assert!(
        names.contains(&"maya") && names.contains(&"cello"),
        "{names:?}"
    );
}

#[test]
fn spans_and_turns_point_at_the_words() {
    let text = "ok so… my best friend Zoë’s brother plays the cello";
    let extraction = read(&[(Speaker::Persona, "Hi!"), (Speaker::Teen, text)]);
    assert!(!extraction.mentions.is_empty());
    for mention in &extraction.mentions {
        let (start, end) = mention.span;
        let words = text.get(start as usize..end as usize).unwrap();
        // A doing is named by its "-ing" form: "plays the cello".
        let surface = mention.surface.reveal().to_lowercase();
        assert!(
            words
                .to_lowercase()
                .contains(surface.trim_start_matches("playing "))
        );
        assert_eq!(mention.turns, [TurnId::from_bits(2)]);
    }
}

#[test]
fn feelings_are_weighed_with_negation_and_emphasis() {
    let strongest = |text: &str| {
        let weights = EXTRACTOR.emotions(text);
        assert!((weights.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        let best = weights.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
        best.unwrap().0
    };
    for (text, class) in [
        ("i'm so mad at my brother", 0),
        ("that cafeteria food is gross", 1),
        ("i'm really nervous about tomorrow", 2),
        ("i'm so happy i made the team", 3),
        ("the bus comes at seven", 4),
        ("i feel so lonely and sad", 5),
        ("not happy", 5),
        ("omg wow", 6),
        ("", 4),
    ] {
        assert_eq!(strongest(text), class, "{text}");
    }
    assert_ne!(strongest("i'm not scared"), 2, "denied");
}

proptest! {
    /// No text makes the extractor panic or point outside of it.
    #[test]
    fn any_text_can_be_read(text in ".{0,300}|(my|i|want|to|friend|dog|in|june|quit|[a-z]{1,6}|[.,?!'’]| ){0,60}") {
        let extraction = teen(&text);
        for mention in &extraction.mentions {
            prop_assert!(text.get(mention.span.0 as usize..mention.span.1 as usize).is_some());
        }
        for relation in &extraction.relations {
            prop_assert!((relation.to as usize) < extraction.mentions.len());
        }
        prop_assert_eq!(&extraction, &teen(&text));
    }
}

/// The rules by which anything is found in an example.
fn rules_in(example: &str) -> Vec<String> {
    let lines: Vec<(Speaker, &str)> = example
        .split(" / ")
        .map(|line| match line.strip_prefix("> ") {
            Some(asked) => (Speaker::Persona, asked),
            None => (Speaker::Teen, line),
        })
        .collect();
    let found = read(&lines);
    let mentions = found.mentions.into_iter().map(|mention| mention.by);
    let relations = found.relations.into_iter().map(|relation| relation.by);
    mentions.chain(relations).collect()
}

#[test]
fn every_rule_reads_something_of_its_example() {
    let silent: Vec<String> = Rule::ALL
        .iter()
        .map(|rule| (rule, rules_in(rule.example())))
        .filter(|(rule, found)| !found.iter().any(|by| by == rule.id()))
        .map(|(rule, found)| format!("{}: {found:?}", rule.id()))
        .collect();
    assert!(silent.is_empty(), "{silent:#?}");
}

#[test]
fn rules_are_in_the_order_of_their_names() {
    assert!(Rule::ALL.is_sorted_by(|a, b| a.id() < b.id()));
}
