//! An extractor that knows a history's notes by heart.

use std::collections::BTreeMap;

use innerworld_core::{
    calendar,
    ids::TurnId,
    memory::{
        graph::{EmotionWeights, Polarity, Precision},
        ontology::NodeKind,
        store::{self, EntityExtractor, Extraction, Mention, Relation, Speaker},
    },
    secret::Text,
};

use super::{
    form::{Fact, History, Line, Name},
    teller::turn_id,
};

/// How sure the notes are.
const SURE: f32 = 0.9;

/// The notes of every line, by its turn.
#[derive(Debug)]
pub(super) struct Notes {
    lines: BTreeMap<TurnId, Line>,
    version: &'static str,
}

impl Notes {
    pub(super) fn of(history: &History, version: &'static str) -> Self {
        let sessions = history.session.iter().enumerate();
        let lines = sessions.flat_map(|(session, told)| {
            let lines = told.line.iter().enumerate();
            lines.map(move |(line, noted)| (turn_id(history, (session, line)), noted.clone()))
        });
        Self {
            lines: lines.collect(),
            version,
        }
    }
}

impl EntityExtractor for Notes {
    fn name(&self) -> &'static str {
        "local"
    }

    fn version(&self) -> &'static str {
        self.version
    }

    fn extract(&self, lines: &[store::Line<'_>], zone: &str) -> Extraction {
        let mut extraction = Extraction::default();
        for said in lines.iter().filter(|line| line.speaker == Speaker::Teen) {
            if let Some(noted) = self.lines.get(&said.id) {
                Reading { said, zone }.record(noted, &mut extraction);
            }
        }
        extraction
    }

    fn emotions(&self, _text: &str) -> EmotionWeights {
        [0.0; 7]
    }
}

/// A line being read.
struct Reading<'l> {
    said: &'l store::Line<'l>,
    zone: &'l str,
}

impl Reading<'_> {
    fn record(&self, noted: &Line, extraction: &mut Extraction) {
        let first = extraction.mentions.len();
        for name in &noted.names {
            self.mention(name, first, extraction);
        }
        for fact in &noted.facts {
            let from = fact.from.as_ref();
            let from = from.map(|name| self.mention(name, first, extraction));
            let to = self.mention(&fact.to, first, extraction);
            let place = extraction.relations.len();
            extraction
                .relations
                .push(self.relation(fact, (from, to), place));
        }
    }

    /// The number of the thing's mention, the same for the same name within a line.
    fn mention(&self, name: &Name, first: usize, extraction: &mut Extraction) -> u32 {
        let kind = name.kind.unwrap_or(NodeKind::Topic);
        let known = extraction.mentions.iter().skip(first).find(|mention| {
            let qualifier = mention.qualifier.as_ref().map(Text::reveal);
            mention.kind == kind
                && *mention.surface.reveal() == name.surface
                && qualifier == name.qualifier.as_ref()
        });
        if let Some(known) = known {
            return known.index;
        }
        let index = u32::try_from(extraction.mentions.len()).unwrap();
        extraction.mentions.push(Mention {
            index,
            kind,
            surface: name.surface.clone().into(),
            qualifier: name.qualifier.clone().map(Into::into),
            attrs: BTreeMap::new(),
            span: (index, index + 1),
            turns: vec![self.said.id],
            said_at: self.said.said_at,
            confidence: SURE,
            by: String::new(),
            tentative: false,
        });
        index
    }

    fn relation(&self, fact: &Fact, ends: (Option<u32>, u32), place: usize) -> Relation {
        let said_at = self.said.said_at;
        let (valid_at, precision) = match fact.when {
            Some(when) => (calendar::start_of(self.zone, when.first), when.precision),
            None => (said_at, Precision::Unknown),
        };
        let place = u32::try_from(place).unwrap();
        Relation {
            kind: fact.kind,
            from: ends.0,
            to: ends.1,
            slot: fact.slot.clone(),
            polarity: if fact.holds {
                Polarity::Holds
            } else {
                Polarity::Stopped
            },
            valid_at,
            precision,
            turns: vec![self.said.id],
            span: (place, place + 1),
            confidence: SURE,
            emotion: [0.0; 7],
            by: String::new(),
        }
    }
}
