//! Names that a provider is not told, and the way back.

use innerworld_core::model::{
    call::{HistoryTurn, Prompt, RemoteText},
    veil::{Lifting, PrivateKind, PrivateName, PrivateNames, Veil},
};

/// Knows two names by heart.
struct Two;

impl PrivateNames for Two {
    fn find(&self, text: &str) -> Vec<PrivateName> {
        let mut found: Vec<PrivateName> = [
            ("Maya Torres", 5, PrivateKind::Surname, true),
            ("Lincoln High", 0, PrivateKind::School, false),
        ]
        .into_iter()
        .flat_map(|(words, skip, kind, always)| {
            let end = if skip == 0 {
                "Lincoln".len()
            } else {
                words.len()
            };
            text.match_indices(words).map(move |(at, _)| PrivateName {
                kind,
                start: at + skip,
                end: at + end,
                always,
            })
        })
        .collect();
        found.sort_by_key(|name| name.start);
        found
    }
}

fn text(words: &'static str) -> RemoteText {
    RemoteText::authored(words)
}

fn prompt(history: &[(&'static str, &'static str)], message: &'static str) -> Prompt {
    Prompt {
        system: text("Maya Torres wrote the policy."),
        digest: Some(text("goes to Lincoln High")),
        opening: text("Hi!"),
        history: history
            .iter()
            .map(|(user, assistant)| HistoryTurn {
                user: text(user),
                assistant: text(assistant),
            })
            .collect(),
        recalled: Some(text("knows Maya Torres")),
        support: None,
        message: text(message),
        version: "1".to_owned(),
    }
}

#[test]
fn names_become_placeholders_everywhere_but_in_the_policy() {
    let (veiled, veil) = Veil::over(&prompt(&[], "Torres again, at Lincoln High"), &Two);
    assert_eq!(veiled.system.as_str(), "Maya Torres wrote the policy.");
    assert_eq!(veiled.digest.unwrap().as_str(), "goes to [school-1] High");
    // Nobody said yet whose name "Torres" is.
    assert_eq!(veiled.message.as_str(), "Torres again, at [school-1] High");
    assert_eq!(veiled.recalled.unwrap().as_str(), "knows Maya [surname-1]");
    assert_eq!(
        veil.lift("Maya [Surname-1] [x] [surname-9]"),
        "Maya Torres [x] [surname-9]"
    );
    assert!(!format!("{veil:?}").contains("Torres"));
}

#[test]
fn what_was_sent_is_sent_the_same_in_the_next_turn() {
    let said = "I met Maya Torres";
    let (first, _) = Veil::over(&prompt(&[("Torres?", "Who?")], said), &Two);
    let longer = [("Torres?", "Who?"), (said, "Tell me of Torres, or TORRES!")];
    let (second, _) = Veil::over(&prompt(&longer, "she is kind"), &Two);
    assert_eq!(first.digest, second.digest);
    assert_eq!(first.history[0], second.history[0]);
    assert_eq!(first.message, second.history[1].user);
    assert_eq!(
        second.history[1].assistant.as_str(),
        "Tell me of [surname-1], or [surname-1]!"
    );
}

#[test]
fn a_typed_placeholder_is_nobodys() {
    let (veiled, veil) = Veil::over(&prompt(&[], "[surname-1] and Maya Torres"), &Two);
    assert_eq!(veiled.message.as_str(), "[surname-1] and Maya [surname-2]");
    assert_eq!(veil.lift("[surname-1] [surname-2]"), "[surname-1] Torres");
}

#[test]
fn an_answer_in_pieces_is_the_answer() {
    let (_, veil) = Veil::over(&prompt(&[], "Maya Torres"), &Two);
    let answer = "Is [surname-1] [sic] at [school-1] High? [surname-";
    let whole = "Is Torres [sic] at Lincoln High? [surname-";
    for size in 1..answer.len() {
        let mut lifting = Lifting::new(&veil);
        let mut shown = String::new();
        for piece in answer.as_bytes().chunks(size) {
            shown.push_str(&lifting.push(std::str::from_utf8(piece).unwrap()));
        }
        shown.push_str(&lifting.finish());
        assert_eq!(shown, whole, "in pieces of {size}");
    }
}
