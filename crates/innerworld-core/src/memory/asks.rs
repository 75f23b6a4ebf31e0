//! What a message asks memory for, read off fixed phrases.

use std::{collections::BTreeSet, sync::LazyLock};

use super::tokens::{each_stem, each_word};

static MEMORY_QUESTIONS: LazyLock<Vec<String>> =
    LazyLock::new(|| phrases(include_str!("../../data/memory/memory_questions.txt")));
static PERSONA_SAID: LazyLock<Vec<String>> =
    LazyLock::new(|| phrases(include_str!("../../data/memory/persona_said.txt")));

/// Stems of the words of both lists.
static ASKING: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let mut stems = BTreeSet::new();
    for phrase in MEMORY_QUESTIONS.iter().chain(&*PERSONA_SAID) {
        each_stem(phrase, |stem| {
            stems.insert(stem.to_owned());
        });
    }
    stems
});

/// Whether the message asks outright for something told earlier ("do you remember …").
pub fn asks_for_memory(message: &str) -> bool {
    holds_any(message, &MEMORY_QUESTIONS) || asks_what_persona_said(message)
}

/// Whether the message asks for what the persona said ("what did you tell me …").
pub fn asks_what_persona_said(message: &str) -> bool {
    holds_any(message, &PERSONA_SAID)
}

/// Stems of what the message asks about, the words of asking left out.
pub fn asked_stems(message: &str) -> BTreeSet<String> {
    let mut stems = BTreeSet::new();
    each_stem(message, |stem| {
        if !ASKING.contains(stem) {
            stems.insert(stem.to_owned());
        }
    });
    stems
}

/// Phrases with a space on both sides, so that a plain search keeps to word bounds.
fn phrases(list: &str) -> Vec<String> {
    list.lines()
        .filter(|line| !line.is_empty())
        .map(|line| format!(" {line} "))
        .collect()
}

fn holds_any(message: &str, phrases: &[String]) -> bool {
    let words = spaced_words(message);
    phrases.iter().any(|phrase| words.contains(phrase.as_str()))
}

/// The words of a text, each with a space before and after it.
pub(super) fn spaced_words(text: &str) -> String {
    let mut words = String::with_capacity(text.len() + 2);
    words.push(' ');
    each_word(text, |word| {
        words.push_str(word);
        words.push(' ');
    });
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_questions_are_found_at_word_bounds() {
        for text in [
            "Do you remember my dog?",
            "what did I tell you about tryouts",
            "u remember maya right",
            "don't you remember?",
            "what did you tell me about sleep?",
        ] {
            assert!(asks_for_memory(text), "{text}");
        }
        for text in [
            "i can't remember where i put it",
            "my mom told you know who",
            "",
        ] {
            assert!(!asks_for_memory(text), "{text}");
        }
    }

    #[test]
    fn what_is_asked_about_is_told_from_the_asking() {
        let about = |message| asked_stems(message).into_iter().collect::<Vec<_>>();
        assert_eq!(about("do you remember the camping trip?"), ["camp", "trip"]);
        assert!(about("what do you know about me, do you remember?").is_empty());
    }

    #[test]
    fn persona_questions_are_told_from_others() {
        assert!(asks_what_persona_said("You said something about breathing"));
        assert!(asks_what_persona_said("what was your advice again"));
        assert!(!asks_what_persona_said("she said you are nice"));
    }
}
