//! What a client sends: any text is a frame or a plain error, and a frame is read as it is written.
#![no_main]

use innerworld_protocol::client::ClientFrame;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(frame) = ClientFrame::parse(text) {
        let written = frame.encode();
        let read = ClientFrame::parse(&written).map(|again| again.encode());
        assert_eq!(read.ok(), Some(written));
    }
});
