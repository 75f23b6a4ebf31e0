//! A session as a user gives it, as text and as JSON.
#![no_main]

use innerworld_core::memory::transcript::{Setting, Transcript};
use jiff::civil::date;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let setting = Setting {
        date: date(2026, 5, 8),
        zone: "America/Chicago",
    };
    let _ = Transcript::of_text(text, &setting);
    let _ = Transcript::of_json(text, &setting);
});
