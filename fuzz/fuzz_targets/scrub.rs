//! Contact data: spans stand in order, on characters, and are gone from what is kept.
#![no_main]

use innerworld_core::model::call::Scrubber as _;
use innerworld_language::pii::{Scrub, find};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut last = 0;
    for span in find(text) {
        assert!(span.start >= last && span.end > span.start);
        assert!(text.get(span.start..span.end).is_some());
        last = span.end;
    }
    Scrub.scrub(text);
});
