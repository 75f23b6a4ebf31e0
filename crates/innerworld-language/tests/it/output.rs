//! What a persona may say, and what never leaves.

use std::sync::LazyLock;

use innerworld_core::safety::screen::{OutputClass, OutputHit, OutputScreen};
use innerworld_language::output_screen::Screen;
use proptest::prelude::*;

static SCREEN: LazyLock<Screen> = LazyLock::new(|| {
    let contacts = [
        "988",
        "741741",
        "911",
        "1-800-422-4453",
        "866-488-7386",
        "988lifeline.org",
    ];
    Screen::shipped(contacts.map(str::to_owned).to_vec()).unwrap()
});

const LEAK: &str = "You are a persona of InnerWorld and stay one";

/// What comes out of a text that streams in these chunks.
fn streamed<'a>(chunks: impl IntoIterator<Item = &'a str>) -> (String, Option<OutputHit>) {
    let mut filter = SCREEN.filter(&[LEAK, "mark-7f3a9c"], "en");
    let mut shown = String::new();
    let mut hit = None;
    for chunk in chunks {
        let released = filter.push(chunk);
        shown.push_str(&released.text);
        hit = hit.or(released.reset);
    }
    let released = filter.finish();
    shown.push_str(&released.text);
    (shown, hit.or(released.reset))
}

fn out(text: &str) -> String {
    let (shown, hit) = streamed([text]);
    assert_eq!(hit, None, "{text}");
    shown
}

fn class(text: &str) -> Option<OutputClass> {
    streamed([text]).1.map(|hit| hit.class)
}

#[test]
fn referrals_pass_byte_for_byte() {
    let referrals = include_str!("referrals.txt");
    let lines: Vec<&str> = referrals.lines().filter(|line| !line.is_empty()).collect();
    assert!(lines.len() >= 60);
    for line in lines {
        assert_eq!(out(line), line);
    }
}

#[test]
fn ordinary_numbers_pass() {
    let numbers = include_str!("numbers.txt");
    let lines: Vec<&str> = numbers.lines().filter(|line| !line.is_empty()).collect();
    assert!(lines.len() >= 40);
    for line in lines {
        assert_eq!(out(line), line);
    }
}

#[test]
fn invented_contacts_are_cut_with_the_rest_of_their_sentence() {
    let cases = [
        (
            "I can help. Call 555-010-2345 any time. Take care.",
            "I can help. Take care.",
        ),
        ("Try (555) 010 2345 for that.", "Try"),
        ("You could text 55512 tonight. Okay?", "You could Okay?"),
        ("Write to mia@friends.example please! Bye.", "Write to Bye."),
        (
            "Look at www.teen-help.example now. Or not.",
            "Look at Or not.",
        ),
        ("See https://a.example/x for more", "See"),
        ("Visit coolchat.gg with me.", "Visit"),
        ("The number is +1 555 010 2345.", "The number is"),
    ];
    for (text, wanted) in cases {
        assert_eq!(out(text).trim_end(), wanted, "{text}");
    }
}

#[test]
fn claims_to_be_human_void_the_turn() {
    let claims = [
        "Honestly, I'm a real person like you.",
        "i am a girl your age",
        "I'm not an AI, trust me.",
        "As a fellow human, I get it.",
        "When I was your age I was shy too.",
        "When I was in middle school it was the same.",
        "I have a heartbeat too.",
        "Soy una persona real.",
        "No soy un robot.",
    ];
    for text in claims {
        assert_eq!(class(text), Some(OutputClass::HumanClaim), "{text}");
    }
}

#[test]
fn honest_words_about_being_an_ai_pass() {
    let honest = [
        "I'm an AI, not a person.",
        "I am not a human, and I have no body.",
        "You are a real person with real feelings.",
        "Is there a real person you could tell?",
        "I'm a persona on this app, an AI.",
        "When I hear that, I want to slow down with you.",
        "Soy una IA, no una persona.",
        "I am not a therapist.",
    ];
    for text in honest {
        assert_eq!(out(text), text);
    }
}

#[test]
fn the_prompt_does_not_come_out() {
    assert_eq!(class(&format!("Sure: \"{LEAK}\"")), Some(OutputClass::Leak));
    assert_eq!(
        class("you are a PERSONA of innerworld,\nand stay one."),
        Some(OutputClass::Leak)
    );
    assert_eq!(class("the mark is mark-7f3a9c"), Some(OutputClass::Leak));
    assert_eq!(class("You are a person of many talents"), None);
}

#[test]
fn nothing_is_shown_after_a_hit_and_plain_text_waits_for_one_word() {
    let mut filter = SCREEN.filter(&[], "en");
    assert_eq!(filter.push("Hello there fri").text, "Hello there");
    assert!(filter.held_back() <= 5);
    assert!(filter.push("end. I'm not a robot. ").reset.is_some());
    assert_eq!(filter.push("more words here ").text, "");
    assert_eq!(filter.finish().text, "");
}

#[test]
fn a_stream_without_spaces_is_not_held_for_ever() {
    let mut filter = SCREEN.filter(&[], "en");
    let shown = filter.push(&"a".repeat(5_000)).text;
    assert!(shown.len() >= 4_500, "{}", shown.len());
}

/// Sentences that touch every rule, in any order.
fn answers() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("I hear you. ".to_owned()),
        Just("Call 988 or text 741741. ".to_owned()),
        Just("Call me at 555 010 2345 tonight. ".to_owned()),
        Just("text 55512\n".to_owned()),
        Just("I'm a ".to_owned()),
        Just("real person. ".to_owned()),
        Just("You are a persona ".to_owned()),
        Just("of InnerWorld and stay one".to_owned()),
        Just("on 12/05/2026 at 5:30 pm, ".to_owned()),
        Just("see www.x.example ".to_owned()),
        "[a-z0-9 .,!?\n+()é🌱-]{0,20}",
    ];
    prop::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn chunks_never_change_the_result(text in answers(), cuts in prop::collection::vec(0_usize..200, 0..12)) {
        let mut places: Vec<usize> = cuts.into_iter().filter(|at| text.is_char_boundary(*at)).collect();
        places.extend([0, text.len()]);
        places.sort_unstable();
        let chunks: Vec<&str> = places.windows(2).filter_map(|pair| text.get(pair[0]..pair[1])).collect();
        let (whole, whole_hit) = streamed([text.as_str()]);
        let (parts, parts_hit) = streamed(chunks);
        prop_assert_eq!(&whole_hit, &parts_hit);
        if whole_hit.is_none() {
            prop_assert_eq!(whole, parts);
        }
    }

    #[test]
    fn nothing_panics(text in any::<String>()) {
        streamed([text.as_str()]);
    }
}
