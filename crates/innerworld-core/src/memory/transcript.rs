//! A session as a file: a line for everything that was said, in plain text or as JSON.
//!
//! ```json
//! {"date": "2026-05-08", "zone": "America/Chicago",
//!  "lines": [{"id": "L1", "speaker": "teen", "at": "16:05", "text": "hi"}]}
//! ```
//!
//! `date`, `zone`, `id` and `at` may be absent. `at` is an instant (`2026-05-08T21:05:00Z`), a
//! local time with its day (`2026-05-08T16:05`) or without (`16:05`). Other fields are ignored.

use std::time::Duration;

use jiff::{
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};

use self::parse::{RawLine, RawSession};
use super::store::Speaker;
use crate::{calendar, clock::Timestamp, secret::Text};

mod parse;

/// Bytes of one line.
pub const LINE_BYTES: usize = 16 * 1024;
/// Lines of one session.
pub const LINES: usize = 2_000;
/// The time of day of a first line that does not say it; each next line is a minute later.
const NOON: Time = Time::constant(12, 0, 0, 0);

/// A session that was written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcript {
    /// The day it was said on.
    pub date: Date,
    /// The teen's IANA time zone.
    pub zone: String,
    /// What was said, in order.
    pub lines: Vec<TranscriptLine>,
}

/// One line of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TranscriptLine {
    /// What the file calls it; `L1`, `L2` and so on where it does not.
    pub id: String,
    /// Who said it.
    pub speaker: Speaker,
    /// When.
    pub said_at: Timestamp,
    /// The words.
    pub text: Text,
}

/// What holds where a session does not say it.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The day.
    pub date: Date,
    /// The IANA time zone.
    pub zone: &'a str,
}

/// Why a transcript cannot be read. Never repeats what is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTranscript {
    /// Not JSON, or not of this form.
    #[error("line {line}, column {column}: {reason}")]
    Json {
        /// Line of the file, from 1.
        line: usize,
        /// Column in it, from 1.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
    /// The time zone is unknown.
    #[error("the time zone is not one of the IANA list, such as America/Chicago")]
    Zone,
    /// A line says more than is read.
    #[error("line {0} is longer than {LINE_BYTES} bytes")]
    LongLine(usize),
    /// There are more lines than are read.
    #[error("there are more than {LINES} lines")]
    Lines,
    /// A line's time is none.
    #[error(
        "line {0} of the session: `at` is neither an instant (2026-05-08T21:05:00Z) nor a time \
        of day (16:05)"
    )]
    At(usize),
}

impl Transcript {
    /// Reads plain text: each line that is not blank was said by the teen.
    ///
    /// # Errors
    /// What is over a limit, or an unknown zone.
    pub fn of_text(text: &str, setting: &Setting<'_>) -> Result<Self, BadTranscript> {
        let said = (1..).zip(text.lines());
        let lines = said
            .filter(|(_, text)| !text.trim().is_empty())
            .map(|(number, text)| (number, RawLine::of_teen(text)));
        Self::new(lines, setting)
    }

    /// Reads a session in JSON.
    ///
    /// # Errors
    /// Where the text is no session of this form; what is over a limit; an unknown zone.
    pub fn of_json(json: &str, setting: &Setting<'_>) -> Result<Self, BadTranscript> {
        let session: RawSession = serde_json::from_str(json).map_err(|error| of_json(&error))?;
        let own = Setting {
            date: session.date.unwrap_or(setting.date),
            zone: session.zone.as_deref().unwrap_or(setting.zone),
        };
        Self::new((1..).zip(session.lines), &own)
    }

    /// Takes lines with their numbers in the file.
    fn new(
        said: impl Iterator<Item = (usize, RawLine)>,
        setting: &Setting<'_>,
    ) -> Result<Self, BadTranscript> {
        let zone = calendar::zone(setting.zone).ok_or(BadTranscript::Zone)?;
        let mut lines = Vec::new();
        for (place, (number, line)) in said.enumerate() {
            if line.text.len() > LINE_BYTES {
                return Err(BadTranscript::LongLine(number));
            }
            if place == LINES {
                return Err(BadTranscript::Lines);
            }
            let said_at = match &line.at {
                Some(at) => instant(at, setting.date, &zone).ok_or(BadTranscript::At(number))?,
                None => by_place(place, setting.date, &zone),
            };
            lines.push(TranscriptLine {
                id: line.id.unwrap_or_else(|| format!("L{number}")),
                speaker: line.speaker,
                said_at,
                text: line.text.into(),
            });
        }
        Ok(Self {
            date: setting.date,
            zone: setting.zone.to_owned(),
            lines,
        })
    }
}

/// Where a line stands says when it was said, if nothing else does.
fn by_place(place: usize, date: Date, zone: &TimeZone) -> Timestamp {
    let minutes = u64::try_from(place).unwrap_or(0);
    local(date.to_datetime(NOON), zone)
        .unwrap_or_default()
        .plus(Duration::from_secs(60 * minutes))
}

fn instant(at: &str, date: Date, zone: &TimeZone) -> Option<Timestamp> {
    Timestamp::parse_rfc3339(at).or_else(|| {
        let time: Result<Time, _> = at.parse();
        let said: DateTime = match time {
            Ok(time) if at.len() < "2026-01-01".len() => date.to_datetime(time),
            _ => at.parse().ok()?,
        };
        local(said, zone)
    })
}

fn local(said: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    let zoned = said.to_zoned_datetime(zone.clone()).ok()?;
    Some(Timestamp::from_millis(zoned.timestamp().as_millisecond()))
}

/// What the reader of JSON says, without the words that it found.
fn of_json(error: &serde_json::Error) -> BadTranscript {
    let said = error.to_string();
    let reason = match said.rsplit_once(" at line ") {
        // "invalid type: string "...": here the reader quotes.
        Some((reason, _)) if reason.starts_with("invalid") && error.is_data() => {
            "something of another type is expected here: lines are objects, texts are strings"
        }
        Some((reason, _)) => reason,
        None => "not a session in JSON",
    };
    BadTranscript::Json {
        line: error.line(),
        column: error.column(),
        reason: reason.to_owned(),
    }
}
