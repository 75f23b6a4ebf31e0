//! Fact words for recorded conversations, as the end of a session gives them to the turns.

use innerworld_core::{
    calendar::day_in,
    memory::{
        reading::Reading,
        store::{EvidenceTurn, Speaker},
        transcript::{Transcript, TranscriptLine},
    },
};
use innerworld_language::{LocalExtractor, pii::Scrub};
use jiff::civil::Date;

use super::conversations::Conversation;

/// The days of sessions are taken as they are written.
const ZONE: &str = "UTC";

/// Reads every session as a teen's, and gives its turns the words of what was found. Where both
/// people are no persona each of them is read as the teen in turn.
pub(super) fn add(conversation: &mut Conversation, extractor: &LocalExtractor) {
    let teens: &[Speaker] = if conversation.with_persona {
        &[Speaker::Teen]
    } else {
        &[Speaker::Teen, Speaker::Persona]
    };
    let sessions = conversation
        .turns
        .chunk_by_mut(|one, other| one.session == other.session);
    for turns in sessions {
        for teen in teens {
            let reading = Reading::of(&transcript(turns, *teen), extractor, &Scrub::new());
            for read in reading.evidence {
                let line = Reading::line_of(read.id);
                let turn = line.and_then(|line| turns.get_mut(line));
                if let Some(turn) = turn.filter(|turn| turn.speaker == *teen) {
                    turn.fact_words = read.fact_words;
                }
            }
        }
    }
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
