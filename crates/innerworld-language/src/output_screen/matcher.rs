//! The automaton over one answer, word by word.

use std::{collections::VecDeque, sync::Arc};

use super::{
    automaton::{Automaton, Place, Token, Unless},
    reading::{Break, Other, Reading, Word},
};

/// Most characters that a match may span.
pub(super) const SPAN_CHARS: usize = 240;
/// Words that are kept for what cancels a match.
const HISTORY: usize = 120;
/// A sentence of fewer words does not part the words of a row: "I. Love. You."
const SHORT_SENTENCE: usize = 3;
/// Fewest single letters that make a word.
const FEWEST_LETTERS: usize = 4;

/// Where a match began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Origin {
    /// Number of its first word.
    word: usize,
    /// Number of its first piece.
    piece: usize,
    /// Characters before that piece.
    chars: usize,
}

/// A match under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Thread {
    place: Place,
    origin: Origin,
}

/// A match that what follows may still cancel.
#[derive(Debug)]
struct Pending {
    rule: u32,
    origin: Origin,
    /// Places of the rows that cancel; `None` before the first word.
    places: Option<Vec<Place>>,
}

#[derive(Clone, Copy, Debug)]
struct Past {
    token: Token,
    after: Break,
}

/// Letters that stand alone, one after another.
#[derive(Debug)]
struct Letters {
    run: String,
    before: Vec<Thread>,
    origin: Origin,
}

/// All rules over one answer.
#[derive(Debug)]
pub(super) struct Matcher {
    automaton: Arc<Automaton>,
    /// Sentences do not part rows.
    across: bool,
    threads: Vec<Thread>,
    pending: Vec<Pending>,
    letters: Option<Letters>,
    history: VecDeque<Past>,
    /// Where the next word stands.
    next: Origin,
    in_sentence: usize,
}

impl Matcher {
    pub(super) fn new(automaton: Arc<Automaton>, across: bool) -> Self {
        Self {
            automaton,
            across,
            threads: Vec::new(),
            pending: Vec::new(),
            letters: None,
            history: VecDeque::new(),
            next: Origin {
                word: 0,
                piece: 0,
                chars: 0,
            },
            in_sentence: SHORT_SENTENCE,
        }
    }

    /// Takes a piece of this many characters; returns the rules that stand with it.
    pub(super) fn take(&mut self, reading: &Reading, chars: usize) -> Vec<u32> {
        let mut hits = Vec::new();
        match reading.letter {
            Some(letter) => self.add_letter(letter),
            None => self.end_letters(&mut hits),
        }
        let apart = reading
            .words
            .first()
            .is_some_and(|word| self.parts(word.after));
        let before = if reading.others.is_empty() || apart {
            Vec::new()
        } else {
            self.threads.clone()
        };
        let origin = self.next;
        for word in &reading.words {
            self.take_word(word, &mut hits);
        }
        for other in &reading.others {
            let (threads, ended) = match other {
                Other::Words(words) => self.other_words(words, before.clone(), origin),
                Other::Joined(letters) => self.joined(letters, &before, (origin, false)),
            };
            self.add(threads);
            self.end(&ended, &mut hits);
        }
        self.next.piece += 1;
        self.next.chars += chars;
        self.let_go(&mut hits);
        hits
    }

    /// The answer is over: nothing can cancel a match any more.
    pub(super) fn finish(&mut self) -> Vec<u32> {
        let mut hits = Vec::new();
        self.end_letters(&mut hits);
        hits.extend(self.pending.drain(..).map(|pending| pending.rule));
        hits
    }

    /// How many of the last pieces may still become part of a hit.
    pub(super) fn open_pieces(&self) -> usize {
        let threads = self.threads.iter().map(|thread| thread.origin);
        let pending = self.pending.iter().map(|pending| pending.origin);
        let letters = self.letters.iter().map(|letters| letters.origin);
        let earliest = threads.chain(pending).chain(letters);
        earliest
            .map(|origin| self.next.piece - origin.piece)
            .max()
            .unwrap_or(0)
    }

    /// Drops what spans too much.
    fn let_go(&mut self, hits: &mut Vec<u32>) {
        let now = self.next.chars;
        let fits = |origin: Origin| now.saturating_sub(origin.chars) <= SPAN_CHARS;
        self.threads.retain(|thread| fits(thread.origin));
        if self.letters.as_ref().is_some_and(|run| !fits(run.origin)) {
            self.end_letters(hits);
        }
        self.pending.retain(|pending| {
            let open = fits(pending.origin);
            if !open {
                hits.push(pending.rule);
            }
            open
        });
    }

    fn take_word(&mut self, word: &Word, hits: &mut Vec<u32>) {
        let after = self.effective(word.after);
        let token = self.automaton.token(word);
        self.follow_up(token, after, hits);
        if after == Break::Sentence {
            self.threads.clear();
        }
        let mut ended = Vec::new();
        let threads = std::mem::take(&mut self.threads);
        self.threads = self.step(&threads, (token, after, self.next), &mut ended);
        if self.history.len() == HISTORY {
            self.history.pop_front();
        }
        self.history.push_back(Past { token, after });
        self.next.word += 1;
        self.end(&ended, hits);
    }

    fn effective(&mut self, after: Break) -> Break {
        let parts = self.parts(after);
        if after == Break::Sentence {
            self.in_sentence = 0;
        }
        self.in_sentence += 1;
        match (after, parts) {
            (Break::Sentence, false) => Break::Clause,
            _ => after,
        }
    }

    /// Whether no row goes on after this break.
    const fn parts(&self, after: Break) -> bool {
        matches!(after, Break::Sentence) && self.in_sentence >= SHORT_SENTENCE && !self.across
    }

    /// Every thread one word further, and those that begin with it.
    fn step(
        &self,
        threads: &[Thread],
        (token, after, origin): (Token, Break, Origin),
        ended: &mut Vec<Thread>,
    ) -> Vec<Thread> {
        let automaton = &*self.automaton;
        let mut next = Vec::new();
        let mut enter = |thread: Thread| {
            if !next.contains(&thread) {
                next.push(thread);
                if automaton.is_last(thread.place) {
                    ended.push(thread);
                }
            }
        };
        for thread in threads {
            for place in automaton.after(thread.place, token) {
                enter(Thread { place, ..*thread });
            }
        }
        for place in automaton.beginning(token) {
            if after > Break::None || !automaton.begins_clause(place) {
                enter(Thread { place, origin });
            }
        }
        next
    }

    fn other_words(
        &self,
        words: &[Word],
        mut threads: Vec<Thread>,
        origin: Origin,
    ) -> (Vec<Thread>, Vec<Thread>) {
        let mut ended = Vec::new();
        for word in words {
            let token = self.automaton.token(word);
            threads = self.step(&threads, (token, word.after, origin), &mut ended);
        }
        (threads, ended)
    }

    /// Letters read as words without anything between them. `anywhere`: a match may begin and end
    /// between any two letters.
    fn joined(
        &self,
        letters: &str,
        before: &[Thread],
        (origin, anywhere): (Origin, bool),
    ) -> (Vec<Thread>, Vec<Thread>) {
        let automaton = &*self.automaton;
        let (mut open, mut ended) = (Vec::new(), Vec::new());
        let mut reached: Vec<(Thread, usize)> = Vec::new();
        let mut enter = |thread: Thread, at: usize, reached: &mut Vec<(Thread, usize)>| {
            let over = at == letters.len();
            if automaton.is_last(thread.place) && (over || anywhere) {
                ended.push(thread);
            }
            if over {
                open.push(thread);
            } else if !reached.contains(&(thread, at)) {
                reached.push((thread, at));
            }
        };
        for (from, _) in letters.char_indices() {
            for (until, word) in self.words_at(letters, from) {
                if from == 0 {
                    for thread in before {
                        for place in automaton.after(thread.place, word) {
                            enter(Thread { place, ..*thread }, until, &mut reached);
                        }
                    }
                }
                if from == 0 || anywhere {
                    for place in automaton.beginning(word) {
                        enter(Thread { place, origin }, until, &mut reached);
                    }
                }
            }
        }
        let mut done = 0;
        while let Some((thread, from)) = reached.get(done).copied() {
            done += 1;
            for (until, word) in self.words_at(letters, from) {
                for place in automaton.after(thread.place, word) {
                    enter(Thread { place, ..thread }, until, &mut reached);
                }
            }
        }
        (open, ended)
    }

    /// Words of rules that begin at a place of `letters`, and where they end.
    fn words_at(&self, letters: &str, from: usize) -> Vec<(usize, Token)> {
        let most = letters.len().min(from + self.automaton.longest_word());
        let token = |until: usize| {
            let word = self.automaton.word(letters.get(from..until)?)?;
            let token = Token {
                word: Some(word),
                number: false,
            };
            Some((until, token))
        };
        (from + 1..=most).filter_map(token).collect()
    }

    fn add_letter(&mut self, letter: char) {
        let run = self.letters.get_or_insert_with(|| Letters {
            run: String::new(),
            before: self.threads.clone(),
            origin: self.next,
        });
        run.run.push(letter);
    }

    fn end_letters(&mut self, hits: &mut Vec<u32>) {
        let Some(run) = self.letters.take() else {
            return;
        };
        if run.run.chars().count() < FEWEST_LETTERS {
            return;
        }
        let (threads, ended) = self.joined(&run.run, &run.before, (run.origin, true));
        self.add(threads);
        self.end(&ended, hits);
    }

    fn add(&mut self, threads: Vec<Thread>) {
        for thread in threads {
            if !self.threads.contains(&thread) {
                self.threads.push(thread);
            }
        }
    }

    /// Matches are complete: what stands before and after them may cancel them.
    fn end(&mut self, ended: &[Thread], hits: &mut Vec<u32>) {
        for thread in ended {
            let rule = self.automaton.rule_of(thread.place);
            let Some(found) = self.automaton.rules.get(rule as usize) else {
                continue;
            };
            if self.is_cancelled(&found.before, &found.earlier, thread.origin) {
                continue;
            }
            if found.after.is_empty() {
                hits.push(rule);
            } else {
                self.pending.push(Pending {
                    rule,
                    origin: thread.origin,
                    places: None,
                });
            }
        }
    }

    /// One word after matches that what follows may cancel.
    fn follow_up(&mut self, token: Token, after: Break, hits: &mut Vec<u32>) {
        let automaton = Arc::clone(&self.automaton);
        self.pending.retain_mut(|pending| {
            if after == Break::Sentence {
                hits.push(pending.rule);
                return false;
            }
            let unless = automaton.rules.get(pending.rule as usize);
            let next: Vec<Place> = match &pending.places {
                None => unless.map_or_else(Vec::new, |rule| {
                    automaton.first(&rule.after, token).collect()
                }),
                Some(places) => {
                    let next = places.iter().flat_map(|p| automaton.after(*p, token));
                    next.collect()
                }
            };
            if next.iter().any(|place| automaton.is_last(*place)) {
                return false;
            }
            if next.is_empty() {
                hits.push(pending.rule);
                return false;
            }
            pending.places = Some(next);
            true
        });
    }

    fn is_cancelled(&self, before: &Unless, earlier: &Unless, origin: Origin) -> bool {
        if before.is_empty() && earlier.is_empty() {
            return false;
        }
        let kept_from = self.next.word - self.history.len();
        let Some(start) = origin.word.checked_sub(kept_from) else {
            return false;
        };
        let past = |at: usize| self.history.get(at);
        // Words before the match, back to the beginning of its sentence and of its clause.
        let back_to = |parts: Break| {
            let mut from = start;
            while from > 0 && past(from).is_none_or(|word| word.after < parts) {
                from -= 1;
            }
            from
        };
        let clause = back_to(Break::Clause);
        let sentence = back_to(Break::Sentence);
        (clause..start).any(|from| self.reaches(before, from, start, true))
            || (sentence..start).any(|from| self.reaches(earlier, from, start, false))
    }

    /// Whether a row that cancels stands from `from` on, and ends right at `until` if it must.
    fn reaches(&self, unless: &Unless, from: usize, until: usize, right_at: bool) -> bool {
        let automaton = &*self.automaton;
        let mut places: Option<Vec<Place>> = None;
        for (at, past) in self.history.range(from..until).enumerate() {
            let next: Vec<Place> = match &places {
                None => automaton.first(unless, past.token).collect(),
                Some(places) => {
                    let next = places.iter().flat_map(|p| automaton.after(*p, past.token));
                    next.collect()
                }
            };
            let over = from + at + 1 == until;
            if (over || !right_at) && next.iter().any(|place| automaton.is_last(*place)) {
                return true;
            }
            if next.is_empty() {
                return false;
            }
            places = Some(next);
        }
        false
    }
}
