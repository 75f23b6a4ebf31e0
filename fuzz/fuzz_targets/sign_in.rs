//! What a client sends to sign in by SRP: any text is a value of the group, a number, a time, or
//! refused, and each is read as it is written.
#![no_main]

use innerworld_core::identity::srp::{
    PublicValue, Server, number_text, read_number, read_stamp, stamp,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Some(bytes) = read_number(text) {
        assert_eq!(read_number(&number_text(&bytes)), Some(bytes));
        // Whatever is stored as a verifier, the server has a value to show for it.
        if let Some(server) = Server::new(&bytes, &[7; 32]) {
            let shown = server.public();
            assert_eq!(PublicValue::parse(&shown.to_string()), Some(shown));
        }
    }
    if let Some(value) = PublicValue::parse(text) {
        assert_eq!(PublicValue::from_bytes(&value.to_bytes()), Some(value));
    }
    if let Some(instant) = read_stamp(text) {
        assert_eq!(stamp(instant), text);
    }
});
