//! T13, the teen's side: every sentence that a trigger was written for, in every disguise. Content
//! warning: the sentences are of people who say that they are in danger; a failure names them by rule
//! and number alone.

use std::sync::LazyLock;

use innerworld_core::safety::screen::{Before, LocalScreen, LocalVerdict, Views};
use innerworld_language::safety::PhraseScreen;
use innerworld_testkit::weakened::ReadsLiterally;

static SHIPPED: LazyLock<PhraseScreen> = LazyLock::new(|| PhraseScreen::shipped().unwrap());
static EXAMPLES: LazyLock<Vec<Example>> = LazyLock::new(examples);

/// What must still be found of what was found plainly, in the worst disguise.
const LEAST: f64 = 0.95;
/// Most that a screen finds which reads letters alone. A few short words look like themselves.
const BY_LETTERS_ALONE: f64 = 0.2;

/// A sentence on which a rule was written.
struct Example {
    /// The rule and the sentence's number in it.
    name: String,
    text: String,
}

fn examples() -> Vec<Example> {
    let mut all = Vec::new();
    for (_, file) in PhraseScreen::FILES {
        let file: toml::Table = file.parse().unwrap();
        for rule in file.get("rule").unwrap().as_array().unwrap() {
            let id = rule.get("id").unwrap().as_str().unwrap();
            let sentences = rule.get("examples").unwrap().as_array().unwrap();
            all.extend((1..).zip(sentences).map(|(number, text)| Example {
                name: format!("{id} {number}"),
                text: text.as_str().unwrap().to_owned(),
            }));
        }
    }
    all
}

/// A way to write one sentence as one or more messages: its name, and every form of a sentence.
type Disguise = (&'static str, fn(&str) -> Vec<Vec<String>>);

/// One message, each character changed.
fn each(text: &str, change: impl Fn(char) -> String) -> Vec<Vec<String>> {
    vec![vec![text.chars().map(change).collect()]]
}

fn swapped(text: &str, pairs: &[(char, char)]) -> Vec<Vec<String>> {
    let text = text.to_lowercase();
    each(&text, |letter| {
        let pair = pairs.iter().find(|(from, _)| *from == letter);
        pair.map_or(letter, |(_, to)| *to).to_string()
    })
}

/// Every letter with `mark` behind it.
fn marked(text: &str, mark: char) -> Vec<Vec<String>> {
    each(text, |letter| format!("{letter}{mark}"))
}

/// Every word letter by letter, with `between` between letters and `gap` between words.
fn spelled(text: &str, between: &str, gap: &str) -> Vec<Vec<String>> {
    let word = |word: &str| {
        let letters: Vec<String> = word.chars().map(String::from).collect();
        letters.join(between)
    };
    let words: Vec<String> = text.split(' ').map(word).collect();
    vec![vec![words.join(gap)]]
}

/// Mathematical and full-width letters, which are letters to a reader.
fn lettered(text: &str, first: u32) -> Vec<Vec<String>> {
    let text = text.to_lowercase();
    each(&text, |letter| {
        let place = u32::from(letter).wrapping_sub(u32::from('a'));
        let other = (place < 26).then(|| char::from_u32(first + place).unwrap());
        other.unwrap_or(letter).to_string()
    })
}

/// Cut at spaces into so many messages, in every way.
fn cut(text: &str, messages: usize) -> Vec<Vec<String>> {
    let words: Vec<&str> = text.split(' ').collect();
    let part = |words: &[&str]| words.join(" ");
    let mut all = Vec::new();
    for first in 1..words.len() {
        let (before, rest) = words.split_at(first);
        if messages == 2 {
            all.push(vec![part(before), part(rest)]);
            continue;
        }
        for second in 1..rest.len() {
            let (middle, last) = rest.split_at(second);
            all.push(vec![part(before), part(middle), part(last)]);
        }
    }
    all
}

const DIGITS: &[(char, char)] = &[('i', '1'), ('e', '3'), ('o', '0'), ('a', '4')];
const MORE_DIGITS: &[(char, char)] = &[
    ('i', '1'),
    ('e', '3'),
    ('o', '0'),
    ('a', '4'),
    ('s', '5'),
    ('t', '7'),
];
const SYMBOLS: &[(char, char)] = &[('a', '@'), ('s', '$'), ('e', '3'), ('o', '0')];
const CYRILLIC: &[(char, char)] = &[
    ('a', 'а'),
    ('e', 'е'),
    ('o', 'о'),
    ('i', 'і'),
    ('c', 'с'),
    ('p', 'р'),
    ('y', 'у'),
];
const GREEK: &[(char, char)] = &[('a', 'α'), ('o', 'ο'), ('i', 'ι'), ('v', 'ν')];

/// Of one message each.
const DISGUISES: &[Disguise] = &[
    ("digits for letters", |text| swapped(text, DIGITS)),
    ("more digits for letters", |text| swapped(text, MORE_DIGITS)),
    ("symbols for letters", |text| swapped(text, SYMBOLS)),
    ("letter by letter", |text| spelled(text, " ", "  ")),
    ("letter by letter, without edges of words", |text| {
        spelled(text, " ", " ")
    }),
    ("letters with dots between", |text| spelled(text, ".", " ")),
    ("letters with dashes between", |text| {
        spelled(text, "-", " ")
    }),
    ("zero-width spaces", |text| marked(text, '\u{200b}')),
    ("zero-width joiners", |text| marked(text, '\u{200d}')),
    ("soft hyphens", |text| marked(text, '\u{ad}')),
    ("word joiners", |text| marked(text, '\u{2060}')),
    ("byte order marks", |text| marked(text, '\u{feff}')),
    ("Cyrillic letters", |text| swapped(text, CYRILLIC)),
    ("Greek letters", |text| swapped(text, GREEK)),
    ("full-width letters", |text| lettered(text, 0xff41)),
    ("mathematical letters", |text| lettered(text, 0x1d41a)),
];

/// Of several messages.
const CUTS: &[Disguise] = &[
    ("in two messages", |text| cut(text, 2)),
    ("in three messages", |text| cut(text, 3)),
];

/// Whether one of these messages triggers, as each arrives.
fn caught(screen: &dyn LocalScreen, messages: &[String]) -> bool {
    let read: Vec<Views> = messages.iter().map(|text| screen.read(text)).collect();
    (0..read.len()).any(|place| {
        let (before, rest) = read.split_at(place);
        let recent: Vec<&Views> = before.iter().collect();
        let before = Before {
            recent: &recent,
            ..Before::default()
        };
        let verdict = screen.screen(rest.first().unwrap(), &before);
        matches!(verdict, LocalVerdict::Trigger { .. })
    })
}

/// How many forms of the examples there are, and which of them were not caught.
fn attack(
    screen: &dyn LocalScreen,
    (_, wear): &Disguise,
    counts: impl Fn(&[String]) -> bool,
) -> (usize, Vec<&'static str>) {
    let (mut forms, mut missed) = (0, Vec::new());
    for example in EXAMPLES.iter() {
        for messages in wear(&example.text) {
            if counts(&messages) {
                forms += 1;
                if !caught(screen, &messages) {
                    missed.push(example.name.as_str());
                }
            }
        }
    }
    (forms, missed)
}

/// Cuts of which no part is found by itself: what is said stands over the edges.
fn no_part_says_it(messages: &[String]) -> bool {
    messages
        .iter()
        .all(|text| !caught(&*SHIPPED, std::slice::from_ref(text)))
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand")]
fn share(part: usize, of: usize) -> f64 {
    part as f64 / of as f64
}

#[test]
fn t13_no_disguise_hides_what_a_rule_was_written_for() {
    assert!(EXAMPLES.len() > 300);
    let hidden = DISGUISES.iter().filter_map(|disguise| {
        let (forms, missed) = attack(&*SHIPPED, disguise, |_| true);
        let found = share(forms - missed.len(), forms);
        let name = disguise.0;
        (found < LEAST).then(|| format!("{name}: {found:.3} of {forms}, not {missed:?}"))
    });
    let hidden: Vec<String> = hidden.collect();
    assert!(hidden.is_empty(), "{hidden:#?}");
}

#[test]
fn t13_nor_does_cutting_it_into_messages() {
    for disguise in CUTS {
        let (forms, missed) = attack(&*SHIPPED, disguise, no_part_says_it);
        assert!(forms > 300, "{forms}");
        let found = share(forms - missed.len(), forms);
        let name = disguise.0;
        assert!(
            found >= LEAST,
            "{name}: {found:.3} of {forms}, not {missed:?}"
        );
    }
}

/// The same rules without any reading behind the letters let the same disguises through.
#[test]
fn t13_a_screen_that_reads_letters_alone_is_passed_in_every_disguise() {
    let literal = ReadsLiterally(&*SHIPPED);
    for disguise in DISGUISES {
        let (forms, missed) = attack(&literal, disguise, |_| true);
        let found = share(forms - missed.len(), forms);
        assert!(found <= BY_LETTERS_ALONE, "{}: {found:.3}", disguise.0);
    }
    for disguise in CUTS {
        let (forms, missed) = attack(&literal, disguise, no_part_says_it);
        assert_eq!(missed.len(), forms, "{}", disguise.0);
    }
}
