//! An extractor that knows a few phrases, and a scrubber that knows one number.

use innerworld_core::{
    memory::{
        graph::{EmotionWeights, Polarity, Precision},
        ontology::{EdgeKind, NodeKind},
        store::{EntityExtractor, Extraction, Line, Mention, Relation, Speaker},
    },
    model::call::Scrubber,
};

/// A phrase, and the edge from the teen that it means.
struct Phrase {
    words: &'static str,
    thing: (NodeKind, &'static str),
    edge: Option<(EdgeKind, &'static str, Polarity)>,
}

const fn phrase(
    words: &'static str,
    thing: (NodeKind, &'static str),
    edge: Option<(EdgeKind, &'static str, Polarity)>,
) -> Phrase {
    Phrase { words, thing, edge }
}

use EdgeKind::{Involves, RelatesTo};
use NodeKind::{Activity, Event, Goal, Person, Place, Topic};
use Polarity::{Holds, Stopped};

const PHRASES: &[Phrase] = &[
    phrase(
        "best friend Maya",
        (Person, "Maya"),
        Some((RelatesTo, "friend", Holds)),
    ),
    phrase("Maya Lee", (Person, "Maya Lee"), None),
    phrase("Maya", (Person, "Maya"), None),
    // Whom it means, as an extractor finds out.
    phrase("she never", (Person, "Maya"), None),
    phrase(
        "my mom",
        (Person, "my mom"),
        Some((RelatesTo, "mom", Holds)),
    ),
    phrase(
        "go to Lincoln",
        (Place, "Lincoln"),
        Some((RelatesTo, "attends", Holds)),
    ),
    phrase(
        "go to Roosevelt",
        (Place, "Roosevelt"),
        Some((RelatesTo, "attends", Holds)),
    ),
    phrase(
        "play the drums",
        (Activity, "drums"),
        Some((Involves, "", Holds)),
    ),
    phrase(
        "quit the drums",
        (Activity, "drums"),
        Some((Involves, "", Stopped)),
    ),
    phrase(
        "want to join the school band",
        (Goal, "join the school band"),
        Some((RelatesTo, "wants", Holds)),
    ),
    phrase("audition", (Event, "audition"), None),
    phrase("school stress", (Topic, "school stress"), None),
    phrase("sourdough loaves", (Topic, "sourdough loaves"), None),
    phrase("sourdough", (Topic, "sourdough"), None),
];

/// What may have been said in passing.
const TENTATIVE: &str = "sourdough";

/// Finds the phrases above in the teen's lines.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Phrasebook(pub(crate) &'static str);

impl EntityExtractor for Phrasebook {
    fn name(&self) -> &'static str {
        "local"
    }

    fn version(&self) -> &'static str {
        self.0
    }

    fn extract(&self, lines: &[Line<'_>], _zone: &str) -> Extraction {
        let mut found = Extraction::default();
        for line in lines.iter().filter(|line| line.speaker == Speaker::Teen) {
            for phrase in PHRASES {
                if let Some(at) = line.text.find(phrase.words) {
                    add(&mut found, line, phrase, u32::try_from(at).unwrap());
                }
            }
        }
        found
    }

    fn emotions(&self, text: &str) -> EmotionWeights {
        let joy = if text.contains("happy") { 0.9 } else { 0.0 };
        [0.0, 0.0, 0.0, joy, 1.0 - joy, 0.0, 0.0]
    }
}

fn add(found: &mut Extraction, line: &Line<'_>, phrase: &Phrase, at: u32) {
    let index = u32::try_from(found.mentions.len()).unwrap();
    let span = (at, at + u32::try_from(phrase.words.len()).unwrap());
    found.mentions.push(Mention {
        index,
        kind: phrase.thing.0,
        surface: phrase.thing.1.to_owned().into(),
        qualifier: None,
        attrs: phrase
            .words
            .strip_suffix(" Maya")
            .map(|role| ("role".to_owned(), role.to_owned().into()))
            .into_iter()
            .collect(),
        span,
        turns: vec![line.id],
        said_at: line.said_at,
        confidence: 0.9,
        by: String::new(),
        tentative: phrase.words.starts_with(TENTATIVE),
    });
    if let Some((kind, slot, polarity)) = phrase.edge {
        found.relations.push(Relation {
            kind,
            from: None,
            to: index,
            slot: slot.to_owned(),
            polarity,
            valid_at: line.said_at,
            precision: Precision::Day,
            turns: vec![line.id],
            span,
            confidence: 0.9,
            emotion: [0.0; 7],
            by: String::new(),
        });
    }
}

/// Knows one telephone number.
#[derive(Debug)]
pub(crate) struct OneNumber;

impl Scrubber for OneNumber {
    fn scrub(&self, text: &str) -> String {
        text.replace("555-0123", "[phone-1]")
    }
}
