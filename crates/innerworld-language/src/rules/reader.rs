//! Reading by rules alone: what a message costs while a teen waits for its answer.

use std::sync::Arc;

use innerworld_core::{
    memory::{
        encoder::{Encoder as _, Vector},
        graph::EmotionWeights,
        ontology::NodeKind,
        store::{self, EntityExtractor, Extraction, Speaker},
    },
    secret::Text,
};
use jiff::tz::TimeZone;

use super::{
    Depth, Line, Said, foreign, key_phrases::KeyPhrases, session::Session, together, topics,
};
use crate::{
    embed::StaticEncoder,
    emotion::{self, EmotionModel},
    english::{self, Talk},
    lexicon::{self, Lexicon},
    load_error::LoadError,
    tagger::{NameLists, Paths, Tagger},
};

/// Counts changes of the rules themselves, so that a new rule reads old sessions anew.
const RULES_VERSION: u32 = 6;

/// What the rules know words by.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    pub(crate) lexicon: Lexicon,
    /// Which words are names.
    pub(crate) names: Arc<NameLists>,
    /// Which are ordinary ones, and how rare.
    pub(crate) encoder: Arc<StaticEncoder>,
}

impl Vocabulary {
    /// Whether a word, lower-cased, is an ordinary one: the encoder's vocabulary has it whole.
    pub(crate) fn knows(&self, word: &str) -> bool {
        self.encoder.has_word(word)
    }
}

/// Reads messages by rules alone: moods, what is named, and names that no provider is to see. A program
/// that reads no whole sessions carries no tagger with it.
#[derive(Debug)]
pub struct MessageReader {
    vocabulary: Vocabulary,
    emotions: EmotionModel,
    version: String,
}

impl MessageReader {
    /// Reads the word lists. Fails only if one that the program carries is broken.
    pub fn new(encoder: Arc<StaticEncoder>) -> Result<Self, LoadError> {
        let emotions = EmotionModel::shipped()?;
        Ok(Self {
            version: format!(
                "{}-{RULES_VERSION}-{}-{}",
                env!("CARGO_PKG_VERSION"),
                lexicon::fingerprint(),
                emotions.version(),
            ),
            vocabulary: Vocabulary {
                lexicon: Lexicon::load()?,
                names: Arc::new(NameLists::shipped()?),
                encoder,
            },
            emotions,
        })
    }

    pub(crate) const fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// Reads a session, with the tagger if there is one.
    pub(super) fn read(
        &self,
        lines: &[store::Line<'_>],
        zone: &str,
        tagger: Option<&Tagger>,
    ) -> Extraction {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        let mut extraction = Extraction::default();
        let mut session = Session::default();
        let vocabulary = &self.vocabulary;
        let (mut talk, mut paths) = (Talk::default(), Paths::default());
        let read: Vec<Option<(Said<'_>, Line<'_>, bool)>> = lines
            .iter()
            .map(|line| {
                (line.speaker == Speaker::Teen).then(|| {
                    let said = Said {
                        id: line.id,
                        at: line.said_at,
                        zone: &zone,
                    };
                    let english = talk.is_english(line.text);
                    let depth = match tagger.filter(|_tagger| english) {
                        Some(tagger) => Depth::Tagger(tagger, &mut paths),
                        None => Depth::Rules,
                    };
                    let read = Line::new(line.text, said.day(), vocabulary, depth);
                    if english {
                        let touched = topics::touched(&read.scan, &vocabulary.lexicon.topics);
                        session.skims(touched);
                    }
                    (said, read, english)
                })
            })
            .collect();
        let mut phrases = KeyPhrases::default();
        for (line, read) in lines.iter().zip(&read) {
            let Some((said, read, english)) = read else {
                session.hears(line.text);
                continue;
            };
            let found = if *english {
                read.find(&session)
            } else {
                foreign::find(read)
            };
            session.learns(&found);
            if *english {
                phrases.hear(read, &found, (said.id, said.at));
            }
            said.record(&read.scan, found, &mut extraction);
        }
        together::find(&mut extraction);
        let next = u32::try_from(extraction.mentions.len()).unwrap_or(u32::MAX);
        extraction.mentions.extend(phrases.mentions(next));
        extraction
    }
}

impl EntityExtractor for MessageReader {
    fn name(&self) -> &'static str {
        "rules"
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn extract(&self, lines: &[store::Line<'_>], zone: &str) -> Extraction {
        self.read(lines, zone, None)
    }

    fn glance(&self, line: &store::Line<'_>) -> Vec<(NodeKind, Text)> {
        let said = Said {
            id: line.id,
            at: line.said_at,
            zone: &TimeZone::UTC,
        };
        let read = Line::new(line.text, said.day(), &self.vocabulary, Depth::Rules);
        let found = if english::is_english(line.text) {
            read.find(&Session::default())
        } else {
            foreign::find(&read)
        };
        let items = found.items.into_iter();
        items
            .map(|item| (item.kind, Text::from(item.name)))
            .collect()
    }

    fn direction(&self, name: &str) -> Option<Vector> {
        Some(Vector::of(&self.vocabulary.encoder.encode(name)))
    }

    fn emotions(&self, text: &str) -> EmotionWeights {
        if english::is_english(text) {
            emotion::shares(&self.emotions, text)
        } else {
            emotion::NEUTRAL
        }
    }
}
