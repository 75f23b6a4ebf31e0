//! Invented talk for the benches, the same in every run: the repository's own annotated sessions
//! and small talk, in another order, with other names and some words that nobody knows.
//!
//! Names change every few sessions, so that a graph grows as a life does; an invented word in some
//! messages keeps the long tail that a vocabulary has.

use std::{collections::BTreeMap, fs, time::Duration};

use anyhow::{Context as _, ensure};
use innerworld_core::{
    clock::Timestamp,
    conversation::{
        record::{EndReason, Finish, SessionState, TurnState},
        store::SessionLog,
    },
    ids::TeenId,
    memory::{store::Speaker, transcript::Transcript},
};
use innerworld_testkit::{
    SeededIds,
    records::{NOW, Records},
};
use toml::Table;

use crate::{
    bench::extraction::{annotated, small_talk},
    workspace::root,
};

/// Sessions in which the same people are spoken of.
const SESSIONS_PER_CAST: u64 = 6;
/// Exchanges of small talk between two subjects.
const SMALL_TALK: usize = 3;
/// One message in so many has a word that was never said before.
const INVENTED_EVERY: u64 = 4;
const DAY: Duration = Duration::from_secs(86_400);
const SYLLABLES: [&str; 16] = [
    "ba", "do", "fen", "gri", "hol", "ja", "ki", "lum", "mo", "nar", "pli", "quo", "ri", "su",
    "tev", "wo",
];

/// What people say to each other.
#[derive(Debug)]
pub(super) struct Talk {
    exchanges: Vec<Exchange>,
    names: Vec<String>,
    places: BTreeMap<String, usize>,
}

/// A message and its answer.
#[derive(Debug, Clone)]
struct Exchange {
    message: String,
    answer: String,
}

impl Talk {
    /// Reads what lies under `tests/extraction`.
    pub(super) fn read() -> anyhow::Result<Self> {
        let folder = root().join("tests/extraction");
        let mut talks: Vec<Vec<Exchange>> = annotated(&folder)?.iter().map(exchanges).collect();
        let small = exchanges(&small_talk(&folder.join("small-talk.txt"))?);
        talks.extend(small.chunks(SMALL_TALK).map(<[Exchange]>::to_vec));
        ensure!(
            talks.len() > 100,
            "there is hardly any talk in {}",
            folder.display()
        );
        shuffle(&mut talks);
        let exchanges = talks.into_iter().flatten().collect();
        let names = names()?;
        let places = names.iter().cloned().zip(0..).collect();
        Ok(Self {
            exchanges,
            names,
            places,
        })
    }

    /// The log of the session number `number`, a day after the one before, ended and not yet
    /// remembered.
    pub(super) fn session(&self, teen: TeenId, number: u64, exchanges: u64) -> SessionLog {
        let records = Records::named(&format!("session {number}"));
        let started_at = day(number);
        let mut session = records.session_at(teen, started_at);
        session.state = SessionState::Queued;
        let said = (0..exchanges).map(|at| {
            let exchange = self.exchange(number * exchanges + at, number);
            let mut turn = records.turn(&session, 2 * at, 2 * at + 2);
            let asked_at = started_at.plus(Duration::from_secs(30 * at));
            turn.id = innerworld_core::ids::TurnId::from_bits(records.ulid(asked_at));
            turn.created_at = asked_at;
            turn.expires_at = asked_at.plus(DAY);
            if let Some(message) = &mut turn.message {
                message.text = exchange.message.clone().into();
                message.prompt_text = exchange.message.into();
            }
            turn.answer = exchange.answer.into();
            turn.state = TurnState::Ended;
            turn.finish = Some(Finish::Stop);
            turn
        });
        let turns = said.collect();
        session.ended = Some((
            started_at.plus(Duration::from_secs(30 * exchanges)),
            EndReason::Client,
        ));
        SessionLog {
            session,
            turns,
            events: Vec::new(),
        }
    }

    /// Messages of the session number `number`, as questions to what is known.
    pub(super) fn messages(&self, number: u64, count: u64) -> Vec<String> {
        let said = (0..count).map(|at| self.exchange(number * count + at, number).message);
        said.collect()
    }

    fn exchange(&self, at: u64, session: u64) -> Exchange {
        let place = usize::try_from(at).unwrap_or(0) % self.exchanges.len();
        let Some(exchange) = self.exchanges.get(place) else {
            return Exchange {
                message: String::new(),
                answer: String::new(),
            };
        };
        let cast = usize::try_from(session / SESSIONS_PER_CAST).unwrap_or(0);
        let mut message = self.recast(&exchange.message, cast);
        if at.is_multiple_of(INVENTED_EVERY) {
            message.push_str(" like in ");
            message.push_str(&invented(at));
        }
        Exchange {
            message,
            answer: self.recast(&exchange.answer, cast),
        }
    }

    /// The same with other first names.
    fn recast(&self, text: &str, cast: usize) -> String {
        let words = text.split(' ').map(|word| {
            let bare = word.trim_matches(|letter: char| !letter.is_alphabetic());
            let bare = bare.strip_suffix("'s").unwrap_or(bare);
            let listed = self.places.get(&bare.to_lowercase());
            let new = listed.and_then(|place| {
                let place = (place + 37 * cast) % self.names.len().max(1);
                self.names.get(place)
            });
            new.map_or_else(|| word.to_owned(), |new| word.replace(bare, new))
        });
        words.collect::<Vec<_>>().join(" ")
    }
}

/// The start of the session number `number`.
pub(super) fn day(number: u64) -> Timestamp {
    NOW.plus(DAY * u32::try_from(number).unwrap_or(u32::MAX))
}

/// Messages with the answers that follow them; an answer stands for a message without one.
fn exchanges(said: &Transcript) -> Vec<Exchange> {
    let mut exchanges = Vec::new();
    let mut lines = said.lines.iter().peekable();
    while let Some(line) = lines.next() {
        if line.speaker != Speaker::Teen {
            continue;
        }
        let answer = lines.next_if(|next| next.speaker == Speaker::Persona);
        exchanges.push(Exchange {
            message: line.text.reveal().clone(),
            answer: answer.map_or_else(|| "I see.".to_owned(), |line| line.text.reveal().clone()),
        });
    }
    exchanges
}

/// The same order in every run.
fn shuffle(talks: &mut [Vec<Exchange>]) {
    let ids = SeededIds::new(4);
    for last in (1..talks.len()).rev() {
        let bits = ids.next() % (last as u64 + 1);
        talks.swap(last, usize::try_from(bits).unwrap_or(0));
    }
}

/// First names that are nothing else.
fn names() -> anyhow::Result<Vec<String>> {
    let path = root().join("crates/innerworld-language/lexicon/names.toml");
    let text =
        fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
    let lists: Table = text.parse()?;
    let sure = lists.get("sure").and_then(toml::Value::as_str);
    let sure = sure.context("names.toml has no list `sure`")?;
    Ok(sure.split_whitespace().map(str::to_owned).collect())
}

fn invented(number: u64) -> String {
    let mut left = number.wrapping_mul(0x9E37_79B9) % 65_536;
    let mut word = String::new();
    for _syllable in 0..4 {
        let place = usize::try_from(left % 16).unwrap_or(0);
        word.push_str(SYLLABLES.get(place).copied().unwrap_or_default());
        left /= 16;
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn talk_is_the_same_in_every_run_and_other_people_come_into_it() {
        let teen = TeenId::from_subject_bits(1);
        let session = |number| Talk::read().unwrap().session(teen, number, 40);
        assert_eq!(session(3).turns, session(3).turns);
        assert_eq!(session(0).turns.len(), 40);
        let talk = Talk::read().unwrap();
        let recast = talk.recast("saw Maya's dog, maya!", 1);
        assert!(recast.starts_with("saw ") && !recast.to_lowercase().contains("maya"));
        assert_eq!(talk.recast("saw the dog", 1), "saw the dog");
    }
}
