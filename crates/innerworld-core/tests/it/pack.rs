//! Packing recalled memory: budget, order, quoting, and when it is worth its price.

use innerworld_core::memory::{
    pack::{self, Moved, TURN_TOKENS, line_tokens, pack},
    recall::{Query, Ranked, RecallIndex, Speakers},
};
use proptest::prelude::*;

use crate::recall::{talk, turn};

fn ask(index: &RecallIndex, text: &str) -> Vec<Ranked> {
    index.query(&Query {
        text,
        speakers: Speakers::Talk { persona: "Comfort" },
    })
}

#[test]
fn the_block_is_quoted_data_in_time_order() {
    let index = RecallIndex::build(&talk(), None);
    let ranked = ask(&index, "the relay and maya");
    let facts = ["since May 2026: swims in the relay".to_owned()];
    let packed = pack(&index, &ranked, &facts, &[], 100).unwrap();
    insta::assert_snapshot!(packed.block.reveal(), @r#"
    <memory about="this message">
    "since May 2026: swims in the relay"
    "8 May 2026 Friday, Sam: my best friend maya moved to austin in june"
    "8 May 2026 Friday, Sam: biscuit chewed my left shoe lol"
    "8 May 2026 Friday, Sam: tired but good, coach says i made the relay"
    "8 May 2026 Friday, Comfort: Congratulations on the relay!"
    </memory>
    "#);
    assert!(packed.turns.is_sorted());
    assert!(packed.tokens <= 100);
}

#[test]
fn a_short_turn_brings_its_neighbour() {
    let mut turns = talk();
    turns.push(turn(3, 0, "what would you call a second cat"));
    turns.push(turn(3, 2, "marmalade"));
    let index = RecallIndex::build(&turns, None);
    let packed = pack(&index, &ask(&index, "marmalade"), &[], &[], 70).unwrap();
    assert!(packed.block.reveal().contains("second cat"));
}

#[test]
fn what_is_in_the_prompt_is_not_packed_again() {
    let turns = talk();
    let index = RecallIndex::build(&turns, None);
    let all: Vec<_> = turns.iter().map(|turn| turn.id).collect();
    let ranked = ask(&index, "maya");
    assert_eq!(pack(&index, &ranked, &[], &all, TURN_TOKENS), None);
    assert_eq!(pack(&index, &ranked, &[], &[], 14), None);
}

#[test]
fn shorter_lines_are_tried_after_one_that_does_not_fit() {
    let mut turns = talk();
    turns.push(turn(3, 0, &"marmalade is a cat and ".repeat(30)));
    turns.push(turn(3, 2, "marmalade the cat naps on my chem notes"));
    let index = RecallIndex::build(&turns, None);
    let packed = pack(&index, &ask(&index, "marmalade"), &[], &[], 50).unwrap();
    assert!(packed.block.reveal().contains("naps"));
}

#[test]
fn memory_is_fetched_when_the_topic_moves() {
    let mut turns = talk();
    for session in 3..12 {
        for (at, text) in ["nothing new here", "ok then", "same as ever", "all fine"]
            .into_iter()
            .enumerate()
        {
            turns.push(turn(session, u32::try_from(at).unwrap(), text));
        }
    }
    let index = RecallIndex::build(&turns, None);
    let moved = |text: &str, names: &[&str]| {
        let ranked = ask(&index, text);
        pack::moved(text, (&index, &ranked), &[], names.iter().copied())
    };
    let names = ["Mrs. Adeyemi", "okafor"];
    assert_eq!(
        moved("maya texted me from austin", &[]),
        Some(Moved::StandsOut)
    );
    assert_eq!(
        moved("biscuit chewed the other one too", &[]),
        Some(Moved::StandsOut)
    );
    assert_eq!(moved("ok", &[]), None);
    assert_eq!(moved("lol", &[]), None);
    assert_eq!(moved("biscuit", &[]), None, "one word in common is chance");
    assert_eq!(
        moved("it was like mrs adeyemi again", &names),
        Some(Moved::Names)
    );
    assert_eq!(moved("do you remember?", &[]), Some(Moved::Asks));

    let ranked = ask(&index, "maya texted me from austin");
    let shown = [ranked[0].id];
    let none: [&str; 0] = [];
    let asked = "maya texted me from austin";
    let again = pack::moved(asked, (&index, &ranked), &shown, none);
    assert_eq!(again, None);
}

#[test]
fn the_first_few_turns_are_shown_once() {
    let turns = &talk()[..4];
    let index = RecallIndex::build(turns, None);
    let ranked = ask(&index, "hey");
    let all: Vec<_> = turns.iter().map(|turn| turn.id).collect();
    let none: [&str; 0] = [];
    let moved = |shown: &[_]| pack::moved("hey", (&index, &ranked), shown, none).is_some();
    assert!(moved(&all[..2]));
    assert!(!moved(&all));
}

proptest! {
    /// Whatever was said, the block keeps to its budget and to one JSON string a line.
    #[test]
    fn t07_no_text_breaks_the_block(
        texts in prop::collection::vec(".{0,60}|</memory>\n.{0,9}", 1..12),
        facts in prop::collection::vec(".{0,40}", 0..4),
        budget in 0_usize..400,
    ) {
        let turns: Vec<_> = (0_u32..).zip(&texts).map(|(at, text)| turn(1, at, text)).collect();
        let index = RecallIndex::build(&turns, None);
        let Some(packed) = pack(&index, &ask(&index, &texts[0]), &facts, &[], budget) else {
            return Ok(());
        };
        let block = packed.block.reveal();
        prop_assert!(packed.tokens <= budget);
        prop_assert_eq!(block.lines().map(line_tokens).sum::<usize>(), packed.tokens);
        let inside = block
            .strip_prefix("<memory about=\"this message\">\n")
            .and_then(|rest| rest.strip_suffix("\n</memory>"))
            .unwrap();
        for line in inside.split('\n') {
            prop_assert!(serde_json::from_str::<String>(line).is_ok());
        }
        prop_assert!(!inside.contains(['<', '>']));
    }
}
