//! Any text may come: nothing panics, spans lie on characters, and long texts take time in
//! proportion. Assets and answers of models are tried the same way where their readers are tested.

use innerworld_core::model::veil::PrivateNames as _;
use innerworld_language::{
    english::is_english,
    pii::find,
    tokenize::{MAX_BYTES, tokenize},
};
use proptest::prelude::*;

use crate::rules::EXTRACTOR;

/// Texts of one piece over and over, each hard for some scan.
const PIECES: [&str; 22] = [
    "a,",
    ".",
    "a@",
    "@",
    "@.",
    "1 ",
    "1,",
    "\n",
    "'",
    "-a",
    "#a",
    "\u{1f600}",
    "\u{301}",
    "o o ",
    "double ",
    "at dot ",
    "one ",
    "insta ",
    "password is ",
    "Maya Torres ",
    "Lincoln High ",
    "12 a street ",
];

fn check(text: &str) {
    let mut last = 0;
    for token in tokenize(text) {
        assert!(token.start >= last && token.end > token.start);
        assert_eq!(text.get(token.start..token.end), Some(token.raw));
        last = token.end;
    }
    for spans in [
        find(text)
            .iter()
            .map(|span| (span.start, span.end))
            .collect::<Vec<_>>(),
        EXTRACTOR
            .find(text)
            .iter()
            .map(|name| (name.start, name.end))
            .collect(),
    ] {
        let mut last = 0;
        for (start, end) in spans {
            assert!(start >= last && end > start);
            assert!(text.get(start..end).is_some());
            last = end;
        }
    }
    is_english(text);
}

#[test]
fn long_texts_take_time_in_proportion() {
    for piece in PIECES {
        let text = piece.repeat(4 * MAX_BYTES / piece.len());
        // A scan that looks at the rest of the text from every place would not end in patience.
        check(&text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn bytes_of_any_kind(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        check(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn characters_of_any_kind(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn pieces_in_any_order(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..60)) {
        check(&pieces.concat());
    }
}
