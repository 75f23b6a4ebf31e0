//! Tokens stand in order, on characters, and are the text at their place.
#![no_main]

use innerworld_language::{english::is_english, tokenize::tokenize};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut last = 0;
    for token in tokenize(text) {
        assert!(token.start >= last && token.end > token.start);
        assert_eq!(text.get(token.start..token.end), Some(token.raw));
        last = token.end;
    }
    is_english(text);
});
