//! The parser gives the same events however the bytes are cut.

use innerworld_models::sse::{MAX_LINE_BYTES, SseItem, SseParser, TooLong};
use proptest::prelude::*;

fn parse(pieces: &[&[u8]]) -> Vec<SseItem> {
    let mut parser = SseParser::new();
    let mut found = Vec::new();
    for piece in pieces {
        parser.push(piece, &mut found).unwrap();
    }
    parser.finish(&mut found).unwrap();
    found
}

fn data(text: &str) -> SseItem {
    SseItem::Data(text.to_owned())
}

/// Streams with what they mean.
fn fixtures() -> Vec<(&'static [u8], Vec<SseItem>)> {
    use SseItem::Comment;
    vec![
        (b"", vec![]),
        (b"data: a\n\ndata: b\n\n", vec![data("a"), data("b")]),
        (
            b"data: a\r\n\r\ndata: b\r\n\r\n",
            vec![data("a"), data("b")],
        ),
        (b"data: a\r\rdata: b\r\r", vec![data("a"), data("b")]),
        (b"data: a\r\n\ndata: b\n\r\n", vec![data("a"), data("b")]),
        (b"\xEF\xBB\xBFdata: a\n\n", vec![data("a")]),
        (b"data:a\n\ndata:  b\n\n", vec![data("a"), data(" b")]),
        (b"data: a\ndata: b\ndata\ndata:\n\n", vec![data("a\nb\n\n")]),
        (
            b"event: x\nid: 1\nretry: 5\ndata: a\nunknown: y\nbare\n\n",
            vec![data("a")],
        ),
        (
            b": one\n\n:\ndata: a\n: two\ndata: b\n\n",
            vec![Comment, Comment, Comment, data("a\nb")],
        ),
        (b"data: last\n", vec![data("last")]),
        (b"data: last", vec![data("last")]),
        (b"event: nothing\n\n\n\n", vec![]),
        (
            "data: Sch\u{f6}n \u{1f642}\n\n".as_bytes(),
            vec![data("Sch\u{f6}n \u{1f642}")],
        ),
        (b"data: \xFFbad\n\n", vec![data("\u{fffd}bad")]),
        (
            b"data: \xEF\xBB\xBFinside\n\n",
            vec![data("\u{feff}inside")],
        ),
    ]
}

#[test]
fn h02_every_fixture_means_the_same_cut_at_every_byte() {
    for (bytes, wanted) in fixtures() {
        assert_eq!(parse(&[bytes]), wanted, "{bytes:?}");
        for cut in 0..=bytes.len() {
            let (left, right) = bytes.split_at(cut);
            assert_eq!(parse(&[left, right]), wanted, "{bytes:?} cut at {cut}");
            assert_eq!(parse(&[left, b"", right]), wanted);
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(parse(&single), wanted, "{bytes:?} byte by byte");
    }
}

#[test]
fn h04_a_line_without_end_is_refused_in_bounded_memory() {
    let block = vec![b'x'; 64 * 1024];
    let mut parser = SseParser::new();
    let mut found = Vec::new();
    let taken = (0..1_600)
        .take_while(|_| parser.push(&block, &mut found).is_ok())
        .count();
    assert_eq!(taken, MAX_LINE_BYTES / block.len());
    assert_eq!(parser.push(&block, &mut found), Err(TooLong));
    // Many lines of one event are bounded too.
    let mut parser = SseParser::new();
    let line = [b"data: ".to_vec(), block, b"\n".to_vec()].concat();
    assert!((0..100).any(|_| parser.push(&line, &mut found).is_err()));
    assert!(found.is_empty());
}

proptest! {
    #[test]
    fn h02_any_bytes_mean_the_same_however_they_are_cut(
        text in proptest::collection::vec(
            prop_oneof![
                Just("data:"), Just(" "), Just("\r"), Just("\n"), Just("\r\n"), Just(":"),
                Just("x"), Just("\u{1f642}"), Just("event: e"), Just("\u{feff}"),
            ],
            0..40,
        ),
        cuts in proptest::collection::vec(0_usize..200, 0..8),
    ) {
        let text = text.concat();
        let bytes = text.as_bytes();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
        prop_assert_eq!(parse(&pieces), parse(&[bytes]));
    }
}
