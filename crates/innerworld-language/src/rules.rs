//! The rule layer: patterns over word lists -> mentions and relations, the first local tier.
//!
//! The lines of a session are read in their order: what one names, the next may call "she". Lines of the
//! persona are context and no source: what they ask tells what an answer of one word is. Questions,
//! conditions and what the persona suggested say nothing.

mod activities;
mod asked;
mod bonds;
mod dates;
mod doings;
mod events;
mod foreign;
mod found;
mod gifts;
mod goals;
mod grades;
mod habits;
mod key_phrases;
mod links;
mod names;
mod people;
mod places;
mod reader;
mod rule;
mod scan;
mod session;
mod tagged;
mod things;
mod together;
mod topics;

use std::{collections::BTreeMap, sync::Arc};

use innerworld_core::{
    clock::Timestamp,
    ids::TurnId,
    memory::{
        encoder::Vector,
        graph::{EmotionWeights, Precision},
        ontology::NodeKind,
        store::{self, EntityExtractor, Extraction, Mention, Relation},
    },
    secret::Text,
};
use jiff::tz::TimeZone;

pub(crate) use self::reader::Vocabulary;
use self::{
    dates::{Dated, When},
    found::{Found, Item, Told},
    scan::Scan,
    session::Session,
};
pub use self::{reader::MessageReader, rule::Rule};
use crate::{
    embed::StaticEncoder,
    lexicon::Lexicon,
    load_error::LoadError,
    tagger::{Entity, Paths, Tagger},
};

/// The extractor that needs no key and no download: rules, and a tagger of names.
#[derive(Debug)]
pub struct LocalExtractor {
    reader: MessageReader,
    tagger: Tagger,
    version: String,
}

impl LocalExtractor {
    /// Reads the word lists and weights. Fails only if one that the program carries is broken.
    pub fn new(encoder: Arc<StaticEncoder>) -> Result<Self, LoadError> {
        let reader = MessageReader::new(encoder)?;
        let vocabulary = reader.vocabulary();
        let (encoder, names) = (&vocabulary.encoder, &vocabulary.names);
        let tagger = Tagger::shipped_with_names(Arc::clone(encoder), Arc::clone(names))?;
        Ok(Self {
            version: format!("{}-{}", reader.version(), tagger.version()),
            reader,
            tagger,
        })
    }

    pub(crate) const fn reader(&self) -> &MessageReader {
        &self.reader
    }
}

impl EntityExtractor for LocalExtractor {
    fn name(&self) -> &'static str {
        "local"
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn extract(&self, lines: &[store::Line<'_>], zone: &str) -> Extraction {
        self.reader.read(lines, zone, Some(&self.tagger))
    }

    /// By rules alone: the tagger takes longer than all else that a message costs.
    fn glance(&self, line: &store::Line<'_>) -> Vec<(NodeKind, Text)> {
        self.reader.glance(line)
    }

    fn direction(&self, name: &str) -> Option<Vector> {
        self.reader.direction(name)
    }

    fn emotions(&self, text: &str) -> EmotionWeights {
        self.reader.emotions(text)
    }
}

/// How thoroughly a line is read.
#[derive(Debug)]
enum Depth<'p> {
    /// By rules alone.
    Rules,
    /// With the tagger too.
    Tagger(&'p Tagger, &'p mut Paths),
}

/// A line with its dates, as the rules read it.
pub(crate) struct Line<'l> {
    scan: Scan<'l>,
    dates: Vec<Dated>,
    /// What the tagger says, for the rules that ask it.
    names: Vec<Entity>,
    lexicon: &'l Lexicon,
    vocabulary: &'l Vocabulary,
}

impl<'l> Line<'l> {
    fn new(
        text: &'l str,
        today: jiff::civil::Date,
        vocabulary: &'l Vocabulary,
        depth: Depth<'_>,
    ) -> Self {
        let lexicon = &vocabulary.lexicon;
        let scan = Scan::new(text, lexicon);
        let dates = dates::find(&scan, today, &lexicon.dates);
        Self {
            names: match depth {
                Depth::Rules => Vec::new(),
                Depth::Tagger(tagger, paths) => tagged::read(&scan, tagger, paths),
            },
            scan,
            dates,
            lexicon,
            vocabulary,
        }
    }

    /// Every rule in turn: what one has read, the next does not read as something else.
    fn find(&self, session: &Session) -> Found {
        let mut found = Found::new(&self.scan, Rule::Answer);
        asked::find(self, session.asked, &mut found);
        grades::find(self, &mut found);
        let stays = places::find(self, &mut found);
        things::named(self, &mut found);
        people::find(self, &mut found);
        session.again(self, &mut found);
        session.pronouns(self, &mut found);
        people::told::find(self, &mut found);
        session.settle(&mut found);
        bonds::find(self, &mut found);
        places::settle(self, stays, &mut found);
        things::find(self, &mut found);
        gifts::find(self, &mut found);
        tagged::find(self, &mut found);
        places::homes::whereabouts(self, &mut found);
        events::find(self, &mut found);
        doings::find(self, &mut found);
        activities::find(self, &mut found);
        habits::find(self, &mut found);
        goals::find(self, &mut found);
        gifts::wanted(self, &mut found);
        session.helped(self, &mut found);
        session.happening(self, &mut found);
        topics::find(self, session, &mut found);
        links::find(self, &mut found);
        let stop_heads = &self.lexicon.words.stop_heads;
        found.refuse(|item| {
            if tagged::is_called(self, item) {
                return true;
            }
            let mut words = item.name.split_whitespace();
            words.all(|word| stop_heads.contains(&word.to_lowercase()))
        });
        found
    }

    fn is_dated(&self, at: usize) -> bool {
        self.dates.iter().any(|date| date.tokens.contains(&at))
    }

    /// The date said in the clause of `at`.
    fn when_in_clause(&self, at: usize) -> Option<When> {
        let clause = self.scan.clause_of(at)?;
        let date = |date: &&Dated| clause.range.contains(&date.tokens.start);
        self.dates.iter().find(date).map(|date| date.when)
    }

    /// The date at which something began or ended, if the clause tells of a change: in "soccer
    /// on friday" the day says nothing about that.
    fn change_date(&self, at: usize, stopped: bool) -> Option<When> {
        let clause = self.scan.clause_of(at)?;
        let changes = |at: usize| match self.scan.low(at) {
            "since" | "started" | "joined" | "began" | "adopted" => true,
            "got" => self.scan.low(at + 1) == "a",
            _ => false,
        };
        (stopped || clause.range.clone().any(changes))
            .then(|| self.when_in_clause(at))
            .flatten()
    }
}

/// Where and when a line was said.
struct Said<'z> {
    id: TurnId,
    at: Timestamp,
    zone: &'z TimeZone,
}

impl Said<'_> {
    fn day(&self) -> jiff::civil::Date {
        jiff::Timestamp::from_millisecond(self.at.as_millis())
            .unwrap_or_default()
            .to_zoned_datetime(self.zone.clone())
            .date()
    }

    /// First instant of a day in the teen's zone.
    fn start_of(&self, day: jiff::civil::Date) -> Timestamp {
        day.to_zoned_datetime(self.zone.clone())
            .map_or(self.at, |start| {
                Timestamp::from_millis(start.timestamp().as_millisecond())
            })
    }

    /// Appends what was found in the line to the session's lists.
    fn record(&self, scan: &Scan<'_>, found: Found, extraction: &mut Extraction) {
        let first = u32::try_from(extraction.mentions.len()).unwrap_or(u32::MAX);
        let number = |item: usize| first.saturating_add(u32::try_from(item).unwrap_or(u32::MAX));
        for (place, item) in found.items.into_iter().enumerate() {
            extraction
                .mentions
                .push(self.mention(number(place), item, scan));
        }
        for told in found.ties {
            extraction
                .relations
                .push(self.relation(&number, told, scan));
        }
    }

    fn mention(&self, index: u32, item: Item, scan: &Scan<'_>) -> Mention {
        let span = scan.span(&item.tokens);
        let attrs: BTreeMap<String, Text> = item
            .attrs
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        Mention {
            index,
            kind: item.kind,
            surface: item.name.into(),
            qualifier: item.qualifier.map(Text::from),
            attrs,
            span,
            turns: vec![self.id],
            said_at: self.at,
            confidence: item.confidence,
            by: item
                .by
                .map_or_else(String::new, |rule| rule.id().to_owned()),
            tentative: false,
        }
    }

    fn relation(
        &self,
        number: &impl Fn(usize) -> u32,
        Told { tie, by }: Told,
        scan: &Scan<'_>,
    ) -> Relation {
        let (valid_at, precision) = match tie.when {
            Some(when) => (self.start_of(when.from), when.precision),
            None => (self.at, Precision::Unknown),
        };
        Relation {
            kind: tie.kind,
            from: tie.from.map(number),
            to: number(tie.to),
            slot: tie.slot,
            polarity: tie.polarity,
            valid_at,
            precision,
            turns: vec![self.id],
            span: scan.span(&tie.tokens),
            confidence: tie.confidence,
            emotion: [0.0; 7],
            by: by.id().to_owned(),
        }
    }
}

/// How a precision is written in an event's attributes.
const fn precision_name(precision: Precision) -> &'static str {
    match precision {
        Precision::Day => "day",
        Precision::Week => "week",
        Precision::Month => "month",
        Precision::Year => "year",
        Precision::Unknown => "unknown",
    }
}
