//! Words that are written letter by letter, and what is said plainly. Content warning: sentences of people
//! who say that they are in danger; all are invented.

use std::sync::LazyLock;

use innerworld_core::{
    safety::screen::{Before, LocalScreen as _, LocalVerdict, Views},
    secret::Text,
};
use innerworld_language::safety::PhraseScreen;
use proptest::prelude::*;

static SHIPPED: LazyLock<PhraseScreen> = LazyLock::new(|| PhraseScreen::shipped().unwrap());

fn triggers_after(text: &str, recent: &[&str]) -> bool {
    let recent: Vec<Views> = recent.iter().map(|text| SHIPPED.read(text)).collect();
    let before = Before {
        recent: &recent.iter().collect::<Vec<_>>(),
        ..Before::default()
    };
    let verdict = SHIPPED.screen(&SHIPPED.read(text), &before);
    matches!(verdict, LocalVerdict::Trigger { .. })
}

fn triggers(text: &str) -> bool {
    triggers_after(text, &[])
}

fn joined(text: &str) -> Option<String> {
    SHIPPED.read(text).joined.map(Text::into_inner)
}

#[test]
fn the_edges_of_words_that_were_spelled_out_are_found_again() {
    for (text, read) in [
        ("i want to k i l l  m y s e l f", "i want to kill myself"),
        (
            "i k i l l m y s e l f t o n i g h t",
            "i kill myself tonight",
        ),
        ("s.u.i.c.i.d.e", "suicide"),
        ("k-i-l-l-m-y-s-e-l-f", "kill myself"),
        ("s_u_i_c_i_d_a_l again", "suicidal again"),
        ("w a n t t o d i e", "want to die"),
        ("i want to d i e", "i want to die"),
        ("k 1 l l m y s 3 l f", "kill myself"),
        ("i d o n t w a n t t o l i v e", "i do not want to live"),
        ("i d o n ' t w a n t t o l i v e", "i do not want to live"),
    ] {
        assert_eq!(joined(text).as_deref(), Some(read), "{text}");
    }
}

#[test]
fn what_is_spelled_out_is_found() {
    for text in [
        "i want to k i l l  m y s e l f",
        "K I L L I N G M Y S E L F t o n i g h t",
        "i feel s.u.i.c.i.d.a.l",
        "i am s-u-i-c-i-d-a-l again",
        "thinking about s u i c i d e a lot",
        "i w a n t t o d i e",
        "i want to d.i.e",
        "i do not w a n t t o b e a l i v e",
        "i k e e p t h i n k i n g a b o u t k i l l i n g m y s e l f",
    ] {
        assert!(triggers(text), "{text}");
    }
    // Also where the letters run over messages.
    assert!(triggers_after("m y s e l f", &["i want to", "k i l l"]));
    assert!(triggers_after("l l m y s e l f", &["i want to k i"]));
}

#[test]
fn letters_that_stand_for_something_else_say_nothing() {
    for text in [
        "a b c d e f g h i j k l m n o p q r s t u v w x y z",
        "a b c d e f g",
        "my initials are k m s and hers are d i",
        "j. r. r. tolkien and c. s. lewis",
        "the f b i and the c i a in one movie",
        "n-a-s-a launched again",
        "it is spelled m a y a not m a i a",
        "her name is k i l l i a n, with two l",
        "gimme an s gimme a p, s p i r i t, what does it spell",
        "r e s p e c t, find out what it means to me",
        "my tutor says s k i l l s m a t t e r, like a rapper",
        "the answers are a, b, d, c, a, a, b",
        "1 2 3 4 5 6 7 8 9 0",
        "vitamin a, b, c, d, e, k",
    ] {
        assert!(!triggers(text), "{text}");
    }
    assert_eq!(joined("1 2 3 4 5 6 7"), None);
    assert_eq!(joined("a b c"), None);
    assert_eq!(joined("i am ok, a bit tired"), None);
}

#[test]
fn a_no_in_another_sentence_takes_nothing_back() {
    for text in [
        "i'm not ok. i tried to kill myself",
        "everyone thinks i was ill. i wasn't. i tried to die",
        "did i eat? no, never! i want to die",
        "my dad hits me. there, i wrote it",
    ] {
        assert!(triggers(text), "{text}");
    }
    assert!(!triggers("i did not try to kill myself"));
    assert!(!triggers("i would never kill myself"));
}

#[test]
fn what_is_said_plainly_in_other_words_is_found() {
    for text in [
        "wish i'd never been born",
        "gonna end it",
        "i want my life to be over",
        "suicide feels like the only way out",
        "i'd be happier dead",
        "can't stop thinkign abuot suicide",
        "i nearly killed myself on sunday",
        "i will be dead by morning",
        "yeah i cut, so what",
        "i'm scared he will hit me again",
        "my online boyfriend is 28 and i'm 14",
        "el viernes me mato, ya lo tengo decidido",
        "me da igual si me muero",
        // Hedges, fillers and chat forms between the words that carry it.
        "been lowkey rly wanting to just not be alive tbh",
        "told my mom i kinda want to be dead and she laughed",
        "some part of me really truly wants to die",
        "idk i guess im sort of suicidal?",
        "n i jus keep thinkin bout ending my own life",
        "i wnat to be ded",
        "the only reason i'm not dead is my dog",
        "a veces se me cruza la idea de matarme",
    ] {
        assert!(triggers(text), "{text}");
    }
    for text in [
        "this essay is so long, gonna end it with a quote",
        "this test is going to end me",
        "i wish i was never born in a month with this many tests",
        "dying would be easier than taking this test",
        "i've been cutting sugar since january",
        "im gonna end it all (the match)",
        "my brain tells me to eat another cookie",
        "este calor va a acabar conmigo",
        "i'd never kill myself, my dog would be confused",
        "in no danger, no wish to die, just hungry",
        "sad songs don't make me want to end my life",
        "my friend jokes about wanting to die every exam season",
        "they ask us every day if we have thoughts of hurting ourselves",
        "that song that goes i want to die in your arms",
    ] {
        assert!(!triggers(text), "{text}");
    }
}

proptest! {
    /// Whatever stands between the letters, and wherever else the edges of words went.
    #[test]
    fn any_mark_between_letters_is_seen_through(
        between in "[ ._*-]| - | \\. ",
        words in "(really |just )?(want to die|kill myself|feel suicidal)( tonight)?",
    ) {
        let letters: Vec<String> = words
            .chars()
            .filter(|letter| *letter != ' ')
            .map(String::from)
            .collect();
        let spelled = letters.join(&between);
        prop_assert!(triggers(&format!("i {spelled}")), "{spelled}");
    }

    #[test]
    fn reading_what_was_joined_again_joins_nothing(text in "([a-eik-mst1.,' -]{1,3} ){0,40}") {
        if let Some(joined) = joined(&text) {
            let again = SHIPPED.read(&joined);
            prop_assert!(again.joined.is_none_or(|again| *again.reveal() == joined));
        }
    }

    #[test]
    fn any_letters_are_read(text in "(\\PC[ .*-]{1,3}){0,60}") {
        triggers(&text);
    }
}

#[test]
fn spelled_letters_take_time_in_proportion() {
    for piece in ["a ", "k i l l m y s e l f ", "i.", "z-", "é "] {
        // A quadratic search would not end within the test's patience.
        let text = piece.repeat(30_000 / piece.len());
        triggers_after(&text, &[&text]);
    }
}
