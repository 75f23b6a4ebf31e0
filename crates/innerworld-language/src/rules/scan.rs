//! One line, cut into sentences and clauses, with how each clause is meant.

use std::ops::Range;

use crate::{
    lexicon::{Lexicon, Phrases},
    tokenize::{Token, TokenKind, tokenize},
};

/// Words by which the teen is the subject.
const FIRST_PERSON: &[&str] = &[
    "i", "i'm", "im", "i've", "ive", "i'll", "i'd", "id", "we", "we're", "we've", "we'll", "me",
];

/// After "and" these begin a clause of their own, though no subject is said.
const RESTARTS: &[&str] = &[
    "started", "start", "joined", "picked", "began", "took", "play", "playing", "now", "got",
    "moved", "switched",
];

/// A stretch of a sentence that is meant in one way.
#[derive(Clone, Debug)]
pub(super) struct Clause {
    /// Its tokens.
    pub(super) range: Range<usize>,
    /// Number of its sentence.
    pub(super) sentence: usize,
    /// From this token on it is less sure: "maybe" speaks of all, "i might" of what follows.
    pub(super) perhaps: Option<usize>,
    /// Told in the past.
    pub(super) past: bool,
    /// Ends with "anymore" or the like.
    pub(super) anymore: bool,
    /// A phrase that ends what held: its tokens.
    pub(super) stop: Option<Range<usize>>,
}

/// A line as the rules read it.
#[derive(Debug)]
pub(super) struct Scan<'a> {
    tokens: Vec<Token<'a>>,
    sentences: Vec<Sentence>,
    clauses: Vec<Clause>,
}

#[derive(Debug)]
struct Sentence {
    range: Range<usize>,
    /// From this token on nothing is said to be so.
    real_until: usize,
}

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a str, lexicon: &Lexicon) -> Self {
        let mut scan = Self {
            tokens: tokenize(text),
            sentences: Vec::new(),
            clauses: Vec::new(),
        };
        for range in scan.sentence_ranges() {
            let real_until = scan.real_until(&range, lexicon);
            let sentence = scan.sentences.len();
            for part in scan.clause_ranges(&range, lexicon) {
                let clause = scan.clause(part, sentence, lexicon);
                scan.clauses.push(clause);
            }
            scan.sentences.push(Sentence { range, real_until });
        }
        scan
    }

    fn sentence_ranges(&self) -> Vec<Range<usize>> {
        let mut ranges = Vec::new();
        let mut start = 0;
        for (at, token) in self.tokens.iter().enumerate() {
            let ends =
                token.kind == TokenKind::Mark && token.raw.starts_with(['.', '!', '?', '\n']);
            if ends || at + 1 == self.tokens.len() {
                ranges.push(start..at + 1);
                start = at + 1;
            }
        }
        ranges
    }

    /// A question says nothing; "if ..." takes the rest of its sentence with it.
    fn real_until(&self, sentence: &Range<usize>, lexicon: &Lexicon) -> usize {
        let words = &lexicon.words;
        let (first, second) = (self.low(sentence.start), self.low(sentence.start + 1));
        let asked = words.ask_first.contains(first) && words.subjects.contains(second);
        let asked = asked || (words.ask_words.contains(first) && second != "a");
        if asked || self.raw(sentence.end.saturating_sub(1)).contains('?') {
            return sentence.start;
        }
        sentence
            .clone()
            .find(|at| self.phrase(&words.unreal, *at).is_some())
            .unwrap_or(sentence.end)
    }

    fn clause_ranges(&self, sentence: &Range<usize>, lexicon: &Lexicon) -> Vec<Range<usize>> {
        let mut ranges = Vec::new();
        let mut start = sentence.start;
        for at in sentence.clone() {
            if at > start && self.starts_clause(at, lexicon) {
                ranges.push(start..at);
                start = at;
            }
        }
        ranges.push(start..sentence.end);
        ranges
    }

    fn starts_clause(&self, at: usize, lexicon: &Lexicon) -> bool {
        let words = &lexicon.words;
        let low = self.low(at);
        let is_break = |token: &Token<'_>| {
            token.kind == TokenKind::Sign
                || (token.kind == TokenKind::Mark
                    && token.raw.starts_with([';', ':', '(', '—', ',']))
        };
        let next = self.low(at + 1);
        words.clause_starts.contains(low)
            || (low == "and" && (words.clause_subjects.contains(next) || RESTARTS.contains(&next)))
            || at
                .checked_sub(1)
                .and_then(|before| self.tokens.get(before))
                .is_some_and(is_break)
    }

    fn clause(&self, range: Range<usize>, sentence: usize, lexicon: &Lexicon) -> Clause {
        let words = &lexicon.words;
        let holds = |list: &Phrases<()>| range.clone().any(|at| self.phrase(list, at).is_some());
        let perhaps = range
            .clone()
            .filter(|at| self.phrase(&words.perhaps, *at).is_some());
        let perhaps = perhaps.map(|at| match self.low(at) {
            "might" => at,
            _adverb => range.start,
        });
        let is_past = |at: usize| {
            let low = self.low(at);
            let regular = low.len() > 4 && low.ends_with("ed") && !low.ends_with("eed");
            words.past.contains(low) || regular
        };
        Clause {
            sentence,
            perhaps: perhaps.min(),
            past: range.clone().any(is_past),
            anymore: holds(&words.stops_after),
            stop: self.stop(&range, lexicon),
            range,
        }
    }

    /// The first phrase of a clause that ends what held.
    fn stop(&self, clause: &Range<usize>, lexicon: &Lexicon) -> Option<Range<usize>> {
        let words = &lexicon.words;
        let mut at = clause.start;
        while at < clause.end {
            if let Some(length) = self.phrase(&words.no_denial, at) {
                at += length;
            } else if let Some(length) = self.phrase(&words.stops_before, at) {
                return Some(at..at + length);
            } else {
                at += 1;
            }
        }
        None
    }

    /// Lower-cased token, empty where there is none.
    pub(super) fn low(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.low.as_str())
    }

    /// The same without a possessive `'s`.
    pub(super) fn base(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.base.as_str())
    }

    /// Lower-cased token `back` places before `at`, empty where there is none.
    pub(super) fn before(&self, at: usize, back: usize) -> &str {
        at.checked_sub(back).map_or("", |place| self.low(place))
    }

    pub(super) fn raw(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.raw)
    }

    pub(super) fn token(&self, at: usize) -> Option<&Token<'a>> {
        self.tokens.get(at)
    }

    pub(super) fn has_s(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(Token::has_s)
    }

    /// Whether the token is a word of letters.
    pub(super) fn is_word(&self, at: usize) -> bool {
        self.tokens
            .get(at)
            .is_some_and(|token| token.kind == TokenKind::Word)
    }

    /// Whether it starts with a capital that says something: not the first of a sentence, and not
    /// where everything is written in capitals.
    pub(super) fn is_marked_capital(&self, at: usize) -> bool {
        let capital = |at: usize| self.token(at).is_some_and(Token::is_capital);
        let Some(sentence) = self.sentences.iter().find(|s| s.range.contains(&at)) else {
            return false;
        };
        let words = sentence
            .range
            .clone()
            .filter(|at| self.is_word(*at))
            .count();
        let capitals = sentence.range.clone().filter(|at| capital(*at)).count();
        capital(at) && at != sentence.range.start && (capitals * 2 <= words || words < 4)
    }

    pub(super) fn is_capital(&self, at: usize) -> bool {
        self.token(at).is_some_and(Token::is_capital)
    }

    /// Number of words of the longest listed phrase at `at`.
    pub(super) fn phrase<T>(&self, list: &Phrases<T>, at: usize) -> Option<usize> {
        list.at(at, |place| self.low(place))
            .map(|(length, _)| length)
    }

    /// The longest listed phrase at `at`; its last word may carry a possessive.
    pub(super) fn find<'l, T>(&self, list: &'l Phrases<T>, at: usize) -> Option<(usize, &'l T)> {
        list.at(at, |place| self.base(place))
    }

    /// Tokens that are said to be so.
    pub(super) fn real(&self) -> impl Iterator<Item = usize> + '_ {
        let sentences = self.sentences.iter();
        sentences.flat_map(|sentence| sentence.range.start..sentence.real_until)
    }

    /// The sentences, in their order.
    pub(super) fn sentences(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        self.sentences.iter().map(|sentence| sentence.range.clone())
    }

    pub(super) fn sentence_of(&self, at: usize) -> Range<usize> {
        let found = self.sentences.iter().find(|s| s.range.contains(&at));
        found.map_or(at..at, |sentence| sentence.range.clone())
    }

    pub(super) fn clause_of(&self, at: usize) -> Option<&Clause> {
        self.clauses
            .iter()
            .find(|clause| clause.range.contains(&at))
    }

    /// End of the clause that holds `at`.
    pub(super) fn clause_end(&self, at: usize) -> usize {
        self.clause_of(at).map_or(at, |clause| clause.range.end)
    }

    /// Whether something at `at` is said to have ended or not to be.
    pub(super) fn is_stopped(&self, at: usize) -> bool {
        self.clause_of(at).is_some_and(|clause| {
            let stopped = clause.stop.as_ref().is_some_and(|stop| stop.start < at);
            stopped || (clause.anymore && clause.stop.is_some())
        })
    }

    /// Half as sure where the clause says "maybe".
    pub(super) fn sureness(&self, at: usize) -> f32 {
        let clause = self.clause_of(at);
        let perhaps = clause.and_then(|clause| clause.perhaps);
        if perhaps.is_some_and(|from| at >= from) {
            0.5
        } else {
            1.0
        }
    }

    /// The place of the last first-person word before `at` in its clause.
    pub(super) fn first_person_before(&self, at: usize) -> Option<usize> {
        let clause = self.clause_of(at)?;
        // "were at lincoln high": who leaves out apostrophes.
        let we = |place: usize| self.low(place) == "were" && place == clause.range.start;
        (clause.range.start..at)
            .rev()
            .find(|place| FIRST_PERSON.contains(&self.low(*place)) || we(*place))
    }

    /// Text of some tokens as written, a last possessive taken off.
    pub(super) fn text(&self, range: &Range<usize>) -> String {
        let mut words: Vec<&str> = range.clone().map(|at| self.raw(at)).collect();
        if let (Some(last), Some(token)) = (
            words.last_mut(),
            range.end.checked_sub(1).and_then(|at| self.token(at)),
        ) && token.has_s()
        {
            *last = last
                .strip_suffix("'s")
                .or_else(|| last.strip_suffix("’s"))
                .unwrap_or(last);
        }
        words.join(" ")
    }

    /// Byte span of some tokens.
    pub(super) fn span(&self, range: &Range<usize>) -> (u32, u32) {
        let start = self.token(range.start).map_or(0, |token| token.start);
        let last = range.end.checked_sub(1).and_then(|at| self.token(at));
        let end = last.map_or(start, |token| token.end);
        (
            u32::try_from(start).unwrap_or(u32::MAX),
            u32::try_from(end).unwrap_or(u32::MAX),
        )
    }

    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }
}
