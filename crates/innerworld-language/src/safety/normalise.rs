//! The readings of a message that the rules see. What is stored or shown never changes.
//!
//! The order of the steps is fixed: compatibility forms and case, look-alikes of other alphabets,
//! repeated letters and chat forms, then the three views.

mod folded;
mod letters;
mod spelled;
pub(super) mod vocabulary;
mod words;

use innerworld_core::{safety::screen::Views, secret::Text};

use self::{
    folded::{folded, without_look_alikes},
    letters::{lone, symbols_as_letters, unstretched},
    spelled::stands_alone,
    vocabulary::Vocabulary,
    words::words,
};

/// Reads `text`. Never fails, takes time in proportion to its length, and reading `plain` again
/// gives `plain`.
pub(super) fn read(text: &str, known: &Vocabulary) -> Views {
    let folded = folded(text);
    let latin = without_look_alikes(&folded);
    let plain = words(&latin);
    // Most texts have one reading only.
    let another = |other: Option<String>| other.filter(|other| *other != plain).map(Text::new);
    let once = unstretched(&latin).map(|once| words(&once));
    let letters = symbols_as_letters(once.as_deref().unwrap_or(&plain));
    let letters = another(letters.map(|letters| words(&letters)).or(once));
    let joined = another(spelled::joined(&latin, known));
    Views {
        text: Text::new(text.to_owned()),
        plain: Text::new(plain),
        letters,
        joined,
        odds: f32::NEG_INFINITY,
    }
}

/// A message in plain letters and full words only.
#[cfg(feature = "train")]
pub(super) fn plain(text: &str) -> String {
    words(&without_look_alikes(&folded(text)))
}

/// What [`read`] gives for these messages with a space between them, from what it gave for each.
pub(super) fn together(parts: &[&Views], known: &Vocabulary) -> Views {
    side_by_side(parts).unwrap_or_else(|| read(&spaced(parts, |part| part.text.reveal()), known))
}

/// `None` where what stands in one message could change how another is read.
fn side_by_side(parts: &[&Views]) -> Option<Views> {
    let alone = |part: &&Views| {
        part.text.reveal().is_ascii()
            && !part.plain.reveal().is_empty()
            && part.joined.is_none()
            && !part
                .plain
                .reveal()
                .split(' ')
                .any(|token| lone(token).is_some())
    };
    if !parts.iter().all(alone) {
        return None;
    }
    for (before, after) in parts.iter().zip(parts.iter().skip(1)) {
        let spelled = stands_alone(before.text.reveal().chars().rev())
            && stands_alone(after.text.reveal().chars());
        let one_word = |view: fn(&Views) -> &str| {
            view(before).ends_with("my") && view(after).starts_with("self")
        };
        if spelled || one_word(plain_of) || one_word(letters_of) {
            return None;
        }
    }
    let other = parts.iter().any(|part| part.letters.is_some());
    Some(Views {
        text: Text::new(spaced(parts, |part| part.text.reveal())),
        plain: Text::new(spaced(parts, plain_of)),
        letters: other.then(|| Text::new(spaced(parts, letters_of))),
        joined: None,
        odds: f32::NEG_INFINITY,
    })
}

fn plain_of(views: &Views) -> &str {
    views.plain.reveal()
}

fn letters_of(views: &Views) -> &str {
    views.letters.as_ref().unwrap_or(&views.plain).reveal()
}

fn spaced<'a>(parts: &[&'a Views], view: impl Fn(&'a Views) -> &'a str) -> String {
    let parts: Vec<&str> = parts.iter().map(|part| view(part)).collect();
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::{vocabulary::Collector, *};

    static KNOWN: LazyLock<Vocabulary> = LazyLock::new(|| {
        let mut words = Collector::default();
        words.add_sentence("i want to kill myself tonight, and i am so sorry");
        words.vocabulary()
    });

    fn all(texts: &[&str]) -> (Views, Views) {
        let parts: Vec<Views> = texts.iter().map(|text| read(text, &KNOWN)).collect();
        (
            together(&parts.iter().collect::<Vec<_>>(), &KNOWN),
            read(&texts.join(" "), &KNOWN),
        )
    }

    #[test]
    fn a_word_that_runs_over_two_messages_is_read_as_one() {
        for texts in [
            ["hurt my", "self"],
            ["s o r", "r y"],
            ["i k i", "l l"],
            ["soo my", "s3lf!"],
        ] {
            let (together, at_once) = all(&texts);
            assert!(together == at_once, "{texts:?}");
        }
    }

    proptest! {
        #[test]
        fn messages_side_by_side_read_as_one_text(
            texts in prop::collection::vec("[ -~]{1,30}|[a-em-y' .!13]{1,30}|(hurt )?my|self( ok)?", 1..4),
        ) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let (together, at_once) = all(&texts);
            prop_assert!(together == at_once, "{texts:?}");
        }

        #[test]
        fn so_do_messages_of_any_alphabet(texts in prop::collection::vec(any::<String>(), 1..4)) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let (together, at_once) = all(&texts);
            prop_assert!(together == at_once);
        }
    }
}
