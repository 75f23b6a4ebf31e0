//! The recall index: what is found, in which order, and what leaves it unchanged.

mod known;

use std::sync::Arc;

use innerworld_core::{
    clock::Timestamp,
    ids::{SessionId, TurnId},
    memory::{
        encoder::{Encoded, Encoder, Vector},
        recall::{MIN_RANKED_TURNS, Query, RecallIndex, Speakers},
        recipe::Recipe,
        store::{EvidenceTurn, Speaker},
        thesaurus::Thesaurus,
    },
};
use proptest::prelude::*;

const TALK: Speakers<'_> = Speakers::Talk { persona: "Comfort" };

/// A turn of session `session`; the teen speaks on even sequences.
pub(crate) fn turn(session: u32, sequence: u32, text: &str) -> EvidenceTurn {
    let is_teen = sequence.is_multiple_of(2);
    EvidenceTurn {
        id: TurnId::from_bits((u128::from(session) << 32) | u128::from(sequence)),
        session: SessionId::from_bits(session.into()),
        sequence,
        speaker: if is_teen {
            Speaker::Teen
        } else {
            Speaker::Persona
        },
        name: if is_teen { "Sam" } else { "Comfort" }.to_owned().into(),
        said_at: Timestamp::from_millis(
            i64::from(session) * 86_400_000 + i64::from(sequence) * 1_000,
        ),
        text: Some(text.to_owned().into()),
        day: "8 May 2026 Friday".to_owned(),
        fact_words: Vec::new(),
        caption: None,
        recalled: false,
        asset_version: String::new(),
        encoded: None,
        emotion: [0.0; 7],
        expires_at: Timestamp::from_millis(i64::MAX),
    }
}

/// Two sessions of ordinary talk.
pub(crate) fn talk() -> Vec<EvidenceTurn> {
    let first = [
        "my best friend maya moved to austin in june",
        "That sounds hard. What do you miss most?",
        "we used to skate behind the library",
        "Skating together is a good memory to keep.",
        "i have a chem quiz with mr. okafor tomorrow",
        "You could try a ten minute review tonight.",
    ];
    let second = [
        "biscuit chewed my left shoe lol",
        "Dogs have opinions about shoes!",
        "practice was long today",
        "How did it feel afterwards?",
        "tired but good, coach says i made the relay",
        "Congratulations on the relay!",
    ];
    let session = |number, texts: [&str; 6]| {
        (0_u32..)
            .zip(texts)
            .map(move |(sequence, text)| turn(number, sequence, text))
            .collect::<Vec<_>>()
    };
    [session(1, first), session(2, second)].concat()
}

fn best(index: &RecallIndex, text: &str) -> String {
    let ranked = index.query(&Query {
        text,
        speakers: TALK,
    });
    let turn = index.turn(ranked.first().unwrap().id).unwrap();
    turn.text().to_owned()
}

#[test]
fn the_turn_that_was_meant_comes_first() {
    let index = RecallIndex::build(&talk(), None);
    assert!(best(&index, "how is maya doing in Austin?").starts_with("my best friend maya"));
    assert!(best(&index, "my dog Biscuit did it again").starts_with("biscuit"));
    assert!(best(&index, "what did you tell me about reviewing?").starts_with("You could try"));
}

#[test]
fn facts_lead_to_the_turn_they_came_from() {
    let mut turns = talk();
    turns[8].fact_words = vec!["Sam trains swimming at the Eastside pool".to_owned().into()];
    let index = RecallIndex::build(&turns, None);
    assert_eq!(best(&index, "the eastside pool"), "practice was long today");
}

#[test]
fn few_turns_are_all_given_oldest_first() {
    let turns = talk();
    let index = RecallIndex::build(&turns[..MIN_RANKED_TURNS - 1], None);
    let ranked = index.query(&Query {
        text: "relay",
        speakers: TALK,
    });
    let ids: Vec<_> = ranked.iter().map(|ranked| ranked.id).collect();
    let expected: Vec<_> = turns[..MIN_RANKED_TURNS - 1].iter().map(|t| t.id).collect();
    assert_eq!(ids, expected);
}

#[test]
fn equal_turns_rank_older_first() {
    let turns: Vec<_> = (0..6)
        .flat_map(|session| [0, 2].map(|sequence| turn(session, sequence, "we had pizza")))
        .collect();
    let index = RecallIndex::build(&turns, None);
    let ranked = index.query(&Query {
        text: "pizza",
        speakers: TALK,
    });
    let ids: Vec<_> = ranked.iter().map(|ranked| ranked.id).collect();
    let expected: Vec<_> = turns.iter().map(|turn| turn.id).collect();
    assert_eq!(ids, expected);
}

#[test]
fn expired_text_is_not_found() {
    let mut turns = talk();
    turns[0].text = None;
    let index = RecallIndex::build(&turns, None);
    assert_eq!(index.len(), turns.len() - 1);
    assert!(index.turn(turns[0].id).is_none());
}

#[test]
fn only_a_lone_name_prefers_its_speaker() {
    let index = RecallIndex::build(&talk(), None);
    let first_speaker = |text| {
        let ranked = index.query(&Query {
            text,
            speakers: Speakers::Pair(["Sam", "Comfort"]),
        });
        index.turn(ranked.first().unwrap().id).unwrap().speaker
    };
    assert_eq!(
        first_speaker("What did Comfort say about the relay?"),
        Speaker::Persona
    );
    assert_eq!(
        first_speaker("What is Sam's place in the relay?"),
        Speaker::Teen
    );
}

#[test]
fn debug_output_shows_no_words() {
    let index = RecallIndex::build(&talk(), None);
    let shown = format!("{index:?}").to_lowercase();
    for word in ["maya", "austin", "okafor", "biscuit", "sam", "relay"] {
        assert!(!shown.contains(word), "{word} is shown");
    }
}

/// Knows a few subjects by their words; each is a direction of its own.
struct Subjects(&'static str);

impl Encoder for Subjects {
    fn version(&self) -> &str {
        self.0
    }

    fn dimensions(&self) -> usize {
        3
    }

    fn encode(&self, text: &str) -> Vec<f32> {
        let subjects: [&[&str]; 3] = [
            &["maya", "friend", "bestie"],
            &["dog", "biscuit", "puppy"],
            &["relay", "coach", "running"],
        ];
        let counts = subjects.map(|words| u8::from(words.iter().any(|word| text.contains(word))));
        let length = f32::from(counts.iter().sum::<u8>().max(1)).sqrt();
        counts.map(|count| f32::from(count) / length).into()
    }
}

fn subjects() -> Arc<dyn Encoder> {
    Arc::new(Subjects("subjects-1"))
}

#[test]
fn with_an_encoder_other_words_for_the_same_are_found() {
    let index = RecallIndex::build(&talk(), Some(subjects()));
    assert!(best(&index, "got a new puppy").starts_with("biscuit"));
    assert!(best(&index, "miss my bestie").starts_with("my best friend maya"));
}

#[test]
fn a_stored_vector_counts_only_if_this_encoder_made_it() {
    let lie = |encoder: &str, components: &[f32]| {
        let mut turns = talk();
        turns[6].encoded = Some(Encoded {
            encoder: encoder.to_owned(),
            vector: Vector::of(components),
        });
        RecallIndex::build(&turns, Some(subjects()))
    };
    let query = Query {
        text: "got a new puppy",
        speakers: TALK,
    };
    let right = RecallIndex::build(&talk(), Some(subjects())).query(&query);
    assert_ne!(lie("subjects-1", &[1.0, 0.0, 0.0]).query(&query), right);
    assert_eq!(lie("subjects-0", &[1.0, 0.0, 0.0]).query(&query), right);
    assert_eq!(lie("subjects-1", &[1.0, 0.0]).query(&query), right);
}

/// Knows one pair of words.
struct Pair(&'static str, &'static str);

impl Thesaurus for Pair {
    fn version(&self) -> &'static str {
        "pair-1"
    }

    fn near(&self, stem: &str, take: &mut dyn FnMut(&str, f32)) {
        if stem == self.0 {
            take(self.1, 0.5);
        }
    }
}

#[test]
fn with_a_thesaurus_near_words_are_found_if_the_recipe_wants_them() {
    let build = || RecallIndex::build(&talk(), None);
    let pair = || -> Option<Arc<dyn Thesaurus>> { Some(Arc::new(Pair("pup", "biscuit"))) };
    let asked = "any news of the pup";
    let index = build().with_thesaurus(pair());
    assert!(best(&index, asked).starts_with("biscuit"));
    let query = Query {
        text: asked,
        speakers: TALK,
    };
    let reference = |index: RecallIndex| index.with_recipe(Recipe::REFERENCE).query(&query);
    assert_eq!(
        reference(build().with_thesaurus(pair())),
        reference(build())
    );
}

#[test]
fn an_answer_is_found_by_the_question_before_it() {
    let mut turns = talk();
    turns[9].text = Some("Which colour is your new bicycle?".to_owned().into());
    turns[10].text = Some("dark green".to_owned().into());
    let asked = "what colour was my bicycle again";
    assert_eq!(best(&RecallIndex::build(&turns, None), asked), "dark green");
    turns[9].text = Some("I would paint your bicycle in a colour.".to_owned().into());
    assert_ne!(best(&RecallIndex::build(&turns, None), asked), "dark green");
}

#[test]
fn a_turn_is_found_by_the_day_it_speaks_of() {
    let mut turns = talk();
    turns[6].text = Some("we got the puppy yesterday".to_owned().into());
    let index = RecallIndex::build(&turns, None);
    let asked = "what happened on the 7th of may, thursday 7 may?";
    assert_eq!(best(&index, asked), "we got the puppy yesterday");
}

proptest! {
    /// Adding turn by turn, and replacing a turn, give what building at once gives.
    #[test]
    fn updating_equals_building(
        texts in prop::collection::vec(
            prop::collection::vec("(maya|skate|quiz|dog|the|relay|pool)( (blue|coach|run|shoe)){0,3}", 1..6),
            1..6,
        ),
        replaced in 0_usize..30,
    ) {
        let turns: Vec<_> = (0_u32..)
            .zip(&texts)
            .flat_map(|(session, texts)| {
                (0_u32..).zip(texts).map(move |(at, text)| turn(session, at, text))
            })
            .collect();
        for encoder in [None, Some(subjects())] {
        let mut updated = RecallIndex::build(&[], encoder.clone());
        for turn in &turns {
            updated.add(turn.clone());
        }
        let place = replaced % turns.len();
        let mut other = turns[place].clone();
        other.text = Some("something else".to_owned().into());
        updated.add(other);
        updated.add(turns[place].clone());
        let built = RecallIndex::build(&turns, encoder);
        let query = Query { text: "did maya skate with the dog?", speakers: TALK };
        prop_assert_eq!(updated.query(&query), built.query(&query));
        }
    }
}
