//! One part of a session as it is put before a model.

use std::collections::BTreeSet;

use super::{
    known::{self, KnownNode},
    prompt,
};
use crate::{
    clock::Timestamp,
    ids::TurnId,
    memory::{
        graph::Graph,
        names,
        ontology::NodeKind,
        store::{EvidenceTurn, Extraction, Speaker},
    },
    secret::Text,
};

/// Tokens of transcript in one call; a session that is longer is read in two.
pub const PART_TOKENS: usize = 6_000;
/// Tokens of transcript beyond which the oldest lines of a part are left out.
const MOST_PART_TOKENS: usize = 12_000;
/// Characters of a persona's line: it is context only.
const PERSONA_CHARS: usize = 400;
/// Tokens of the local tier's candidates.
const CANDIDATE_TOKENS: usize = 200;

/// A line of the transcript.
#[derive(Clone, Debug)]
pub struct ReadLine {
    /// `L1`, `L2`, … over the whole session.
    pub label: String,
    /// The evidence turn.
    pub turn: TurnId,
    /// Who said it.
    pub speaker: Speaker,
    /// When.
    pub said_at: Timestamp,
    /// The scrubbed text.
    pub text: Text,
}

/// A thing that the local tier found.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Its kind.
    pub kind: NodeKind,
    /// The words.
    pub name: Text,
    /// The lines it stands in.
    pub turns: BTreeSet<TurnId>,
}

/// One part of a session, with everything its answer is checked against.
#[derive(Clone, Debug)]
pub struct Excerpt {
    /// The lines.
    pub lines: Vec<ReadLine>,
    /// Things of earlier sessions.
    pub known: Vec<KnownNode>,
    /// What the local tier found.
    pub candidates: Vec<Candidate>,
    /// When the session began.
    pub session_at: Timestamp,
    /// The account's IANA time zone.
    pub zone: String,
}

/// What a session is read from.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// What was said.
    pub said: &'a [EvidenceTurn],
    /// What the local tier found in it.
    pub local: &'a Extraction,
    /// What is known from earlier.
    pub graph: &'a Graph,
    /// When the session began.
    pub session_at: Timestamp,
    /// The account's IANA time zone.
    pub zone: &'a str,
}

/// The parts of a session: one, or two where it is longer than [`PART_TOKENS`], divided at the
/// longest pause. None if the teen said nothing.
pub fn parts(sources: &Sources<'_>) -> Vec<Excerpt> {
    let spoken = sources.said.iter().filter(|turn| !turn.recalled);
    let lines: Vec<ReadLine> = (1_u32..)
        .zip(spoken)
        .filter_map(|(number, turn)| {
            Some(ReadLine {
                label: format!("L{number}"),
                turn: turn.id,
                speaker: turn.speaker,
                said_at: turn.said_at,
                text: turn.text.clone()?,
            })
        })
        .collect();
    if !lines.iter().any(|line| line.speaker == Speaker::Teen) {
        return Vec::new();
    }
    let turns = lines.iter().map(|line| line.turn).collect();
    let whole = Excerpt {
        known: known::choose(sources.graph, &sources.local.mentions, &turns),
        candidates: candidates(sources.local),
        session_at: sources.session_at,
        zone: sources.zone.to_owned(),
        lines,
    };
    if whole.transcript_tokens() <= PART_TOKENS {
        return vec![whole];
    }
    let mut parts = match whole.split() {
        Some((first, second)) => vec![first, second],
        None => vec![whole],
    };
    parts.iter_mut().for_each(Excerpt::shorten);
    parts
}

fn candidates(local: &Extraction) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    for mention in local.mentions.iter().filter(|mention| !mention.tentative) {
        let name = names::display(mention.surface.reveal());
        let key = names::key(mention.kind, &name);
        let same = found.iter_mut().find(|other| {
            other.kind == mention.kind && names::key(other.kind, other.name.reveal()) == key
        });
        match same {
            Some(other) => other.turns.extend(&mention.turns),
            None => found.push(Candidate {
                kind: mention.kind,
                name: name.into(),
                turns: mention.turns.iter().copied().collect(),
            }),
        }
    }
    found
}

impl Excerpt {
    fn transcript_tokens(&self) -> usize {
        self.lines.iter().map(ReadLine::tokens).sum()
    }

    /// Two parts, divided at the longest pause that leaves neither of them too long; without such
    /// a pause, in the middle. A message and its answer stay together. `None` if there is nothing
    /// to divide.
    pub fn split(&self) -> Option<(Self, Self)> {
        let all = self.transcript_tokens();
        let bound = if all > PART_TOKENS {
            PART_TOKENS.max(all * 3 / 5)
        } else {
            all * 3 / 4
        };
        let mut before = 0;
        let mut cuts: Vec<(std::time::Duration, usize, usize)> = Vec::new();
        for (at, pair) in (1..).zip(self.lines.windows(2)) {
            let [earlier, later] = pair else { continue };
            before += earlier.tokens();
            if later.speaker == Speaker::Teen {
                let pause = later.said_at.since(earlier.said_at);
                cuts.push((pause, before.max(all.saturating_sub(before)), at));
            }
        }
        let at = cuts
            .iter()
            .filter(|(_, longer, _)| *longer <= bound)
            .max_by_key(|(pause, longer, _)| (*pause, std::cmp::Reverse(*longer)))
            .or_else(|| cuts.iter().min_by_key(|(_, longer, _)| *longer))?
            .2;
        let (first, second) = self.lines.split_at_checked(at)?;
        Some((self.of(first), self.of(second)))
    }

    fn of(&self, lines: &[ReadLine]) -> Self {
        Self {
            lines: lines.to_vec(),
            ..self.clone()
        }
    }

    /// Leaves out the oldest lines until the part fits into any model.
    fn shorten(&mut self) {
        let mut over = self.transcript_tokens().saturating_sub(MOST_PART_TOKENS);
        self.lines.retain(|line| {
            let goes = over > 0;
            over = over.saturating_sub(if goes { line.tokens() } else { 0 });
            !goes
        });
    }

    /// The candidates that stand in lines of this part, as many as there is room for.
    pub(super) fn candidate_lines(&self) -> Vec<String> {
        let mut left = CANDIDATE_TOKENS;
        let lines = self.candidates.iter().filter_map(|candidate| {
            let here = self.lines.iter();
            let here = here.filter(|line| candidate.turns.contains(&line.turn));
            let labels: Vec<&str> = here.map(|line| line.label.as_str()).collect();
            (!labels.is_empty()).then(|| prompt::candidate_line(candidate, &labels))
        });
        lines
            .take_while(|line| {
                let size = prompt::tokens(line);
                let fits = size <= left;
                left = left.saturating_sub(size);
                fits
            })
            .collect()
    }
}

impl ReadLine {
    /// The text as it is shown.
    pub(super) fn shown(&self) -> String {
        let text = self.text.reveal();
        match self.speaker {
            Speaker::Teen => text.clone(),
            Speaker::Persona => text.chars().take(PERSONA_CHARS).collect(),
        }
    }

    fn tokens(&self) -> usize {
        prompt::tokens(&self.shown())
    }
}
