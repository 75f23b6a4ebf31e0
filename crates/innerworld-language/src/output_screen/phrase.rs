//! Rows of words that must not be said, matched word by word.

use innerworld_core::safety::screen::OutputHit;

/// A row of words.
#[derive(Clone, Debug)]
pub(super) struct Phrase {
    steps: Vec<Step>,
    hit: OutputHit,
}

#[derive(Clone, Debug)]
struct Step {
    words: Vec<String>,
    optional: bool,
}

impl Phrase {
    /// A row as the files write it: `a|b` is a choice, `?` makes it optional.
    pub(super) fn choices(row: &str, hit: OutputHit) -> Self {
        let steps = row
            .split_whitespace()
            .map(|step| {
                let words = step.trim_end_matches('?');
                Step {
                    words: words.split('|').map(folded).collect(),
                    optional: step.ends_with('?'),
                }
            })
            .collect();
        Self { steps, hit }
    }

    /// The words of a text as they stand.
    pub(super) fn exact(text: &str, hit: OutputHit) -> Self {
        let steps = text
            .split_whitespace()
            .map(folded)
            .filter(|word| !word.is_empty())
            .map(|word| Step {
                words: vec![word],
                optional: false,
            })
            .collect();
        Self { steps, hit }
    }
}

/// A match under way: which phrase, the next step, and how many words it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Partial {
    phrase: usize,
    step: usize,
    words: usize,
}

/// All phrases over one answer.
#[derive(Debug)]
pub(super) struct Phrases {
    phrases: Vec<Phrase>,
    open: Vec<Partial>,
}

impl Phrases {
    pub(super) fn new(phrases: Vec<Phrase>) -> Self {
        Self {
            phrases,
            open: Vec::new(),
        }
    }

    /// Takes a word; a phrase that is complete with it is a hit.
    pub(super) fn take(&mut self, word: &str) -> Option<OutputHit> {
        let word = folded(word);
        if word.is_empty() {
            // A dash or an emoji between two words does not part a phrase.
            for partial in &mut self.open {
                partial.words += 1;
            }
            return None;
        }
        let fresh = (0..self.phrases.len()).map(|phrase| Partial {
            phrase,
            step: 0,
            words: 0,
        });
        let mut next: Vec<Partial> = Vec::new();
        for partial in std::mem::take(&mut self.open).into_iter().chain(fresh) {
            let Some(phrase) = self.phrases.get(partial.phrase) else {
                continue;
            };
            for step in taken(phrase, partial.step, &word) {
                let words = partial.words + 1;
                if phrase.steps.iter().skip(step).all(|step| step.optional) {
                    return Some(phrase.hit.clone());
                }
                let partial = Partial {
                    step,
                    words,
                    ..partial
                };
                if !next.contains(&partial) {
                    next.push(partial);
                }
            }
        }
        self.open = next;
        None
    }

    /// How many of the last words may still become part of a hit.
    pub(super) fn open_words(&self) -> usize {
        self.open
            .iter()
            .map(|partial| partial.words)
            .max()
            .unwrap_or(0)
    }
}

/// The steps after each step from `from` on that takes `word`; optional ones may be left out.
fn taken(phrase: &Phrase, from: usize, word: &str) -> Vec<usize> {
    let mut after = Vec::new();
    for (at, step) in phrase.steps.iter().enumerate().skip(from) {
        if step.words.iter().any(|choice| choice == word) {
            after.push(at + 1);
        }
        if !step.optional {
            break;
        }
    }
    after
}

/// Lower case, straight apostrophes, nothing around the letters and digits.
fn folded(word: &str) -> String {
    word.to_lowercase()
        .replace(['’', '‘'], "'")
        .trim_matches(|c: char| !c.is_alphanumeric())
        .to_owned()
}
