//! Recorded conversations as memory has them: the words that the end of a session gives to its turns,
//! and the graphs.

use innerworld_core::{
    calendar::day_in,
    memory::{
        graph::Graph,
        reading::{Reading, graph_of},
        store::{EvidenceTurn, MentionList, Speaker},
        transcript::{Transcript, TranscriptLine},
    },
    secret::Text,
};
use innerworld_language::{LocalExtractor, pii::Scrub};
use jiff::civil::Date;

use super::conversations::Conversation;

/// The days of sessions are taken as they are written.
pub(super) const ZONE: &str = "UTC";

/// What was read from a conversation.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Words of facts, by the place of their turn.
    words: Vec<(usize, Vec<Text>)>,
    /// The graph of each person who was read as a teen.
    pub(super) graphs: Vec<Graph>,
}

impl Told {
    /// Reads every session as a teen's. Where both people are no persona each of them is read as
    /// the teen in turn.
    pub(super) fn of(conversation: &Conversation, extractor: &LocalExtractor) -> Self {
        let teens: &[Speaker] = if conversation.with_persona {
            &[Speaker::Teen]
        } else {
            &[Speaker::Teen, Speaker::Persona]
        };
        let mut told = Self::default();
        for teen in teens {
            let mut lists = Vec::new();
            let mut first = 0;
            let sessions = conversation
                .turns
                .chunk_by(|one, other| one.session == other.session);
            for turns in sessions {
                let reading = Reading::of(&transcript(turns, *teen), extractor, &Scrub::new());
                for read in &reading.evidence {
                    let place = Reading::line_of(read.id).filter(|place| {
                        let turn = turns.get(*place);
                        turn.is_some_and(|turn| turn.speaker == *teen)
                    });
                    let words = place.map(|place| (first + place, read.fact_words.clone()));
                    told.words.extend(words);
                }
                lists.push(renamed(reading.list, turns));
                first += turns.len();
            }
            told.graphs.push(graph_of(&lists, extractor));
        }
        told
    }

    /// Gives the turns the words of their facts.
    pub(super) fn give_words(&self, turns: &mut [EvidenceTurn]) {
        for (place, words) in &self.words {
            if let Some(turn) = turns.get_mut(*place) {
                turn.fact_words.clone_from(words);
            }
        }
    }
}

/// The list with the conversation's own ids.
fn renamed(mut list: MentionList, turns: &[EvidenceTurn]) -> MentionList {
    if let Some(first) = turns.first() {
        list.session = first.session;
    }
    let mentions = list.mentions.iter_mut().map(|mention| &mut mention.turns);
    let relations = list.relations.iter_mut();
    for ids in mentions.chain(relations.map(|relation| &mut relation.turns)) {
        for id in ids {
            let turn = Reading::line_of(*id).and_then(|line| turns.get(line));
            *id = turn.map_or(*id, |turn| turn.id);
        }
    }
    list
}

fn transcript(turns: &[EvidenceTurn], teen: Speaker) -> Transcript {
    let line = |turn: &EvidenceTurn| TranscriptLine {
        id: turn.sequence.to_string(),
        speaker: if turn.speaker == teen {
            Speaker::Teen
        } else {
            Speaker::Persona
        },
        said_at: turn.said_at,
        text: turn.text.clone().unwrap_or_else(|| String::new().into()),
    };
    Transcript {
        date: turns
            .first()
            .map_or(Date::default(), |turn| day_in(ZONE, turn.said_at)),
        zone: ZONE.to_owned(),
        lines: turns.iter().map(line).collect(),
    }
}
