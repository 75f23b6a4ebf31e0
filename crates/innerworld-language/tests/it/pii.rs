//! Finding and replacing contact data. All data here is invented.

use innerworld_core::model::call::Scrubber;
use innerworld_language::pii::{Class, Scrub, find};
use proptest::prelude::*;

fn scrub(text: &str) -> String {
    Scrub::new().scrub(text)
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(scrub(text), expected, "{text}");
}

#[test]
fn structured_data_becomes_placeholders() {
    check("mail me: sam.b+x@mail.example.com!", "mail me: [email]!");
    check("my number is (555) 010-2345 x12", "my number is [phone]");
    check("+44 20 7946 0018 is mum's", "[phone] is mum's");
    check("card 4111 1111 1111 1111 12/29", "card [card] 12/29");
    check("4111-1111-1111-1112", "4111-1111-1111-1112");
    check("ssn 987-65-4320 ok", "ssn [ssn] ok");
    check("my social is 987654320", "my social is [ssn]");
    check(
        "IBAN gb82 west 1234 5698 7654 32 and more",
        "IBAN [iban] and more",
    );
    check("GB82WEST12345698765433", "GB82WEST12345698765433");
    check(
        "from 192.0.2.17, then 2001:db8::7: ok",
        "from [ip], then [ip-2]: ok",
    );
    check("see https://sam:pw@files.example.org/a.", "see [url].");
    check("https://example.org/join?token=abc123", "[url]");
    check("look at instagram.com/sam.b_99", "look at [url]");
    check("add me, @sam_b99!", "add me, [handle]!");
    check("I'm at 48.20849, 16.37208 now", "I'm at [location] now");
    check(
        "I was born on May 5th, 2011 in Graz",
        "I was born on [birthdate] in Graz",
    );
    check("I live at 12 Maple Tree Lane, Apt 4", "I live at [address]");
    check("123 north maple street is ours", "[address] is ours");
    check("vivo en la Calle de Alcalá 45", "vivo en la [address]");
    check("my password is Tr0ub4dor&3.", "my password is [password].");
    check("student id: S1234567", "student id: [id]");
    check("my zip code is 90210", "my zip code is [postcode]");
}

#[test]
fn disguises_are_seen_through() {
    check("sam at mail dot com please", "[email] please");
    check("sam (at) example [dot] org", "[email]");
    check("sam.b @ gmail . com", "[email]");
    check("5 5 5 0 1 0 2 3 4 5", "[phone]");
    check("555\u{200b}-010\u{200d}-2345 ok", "[phone] ok");
    check("\u{ff15}\u{ff15}\u{ff15}-010-2345", "[phone]");
    check(
        "five five five, zero one zero, two three four five",
        "[phone]",
    );
    check("s\u{200b}am@mail.example.com", "[email]");
}

#[test]
fn ordinary_talk_stays() {
    for text in [
        "I was born in 2011 and turned 14 on May 5th",
        "the war of 1939-1945 and 2019 2020",
        "2026-11-25 11:34:35, or 25.12.2026, or 12-25-2026",
        "it cost 1 000 000 or $25 000 000 or 12,345,678 euros",
        "we won 21-17 21-19 15-12",
        "10 20 30 40 50 60 and 1 2 3 4 5 6 7 8 9",
        "3.14159265 and version 10.2.3",
        "it is a 20 minutes drive down the road",
        "we were 5 in the street",
        "look at google.com, or https://example.org/wiki/Dogs",
        "my password is wrong and I forgot it",
        "call 911 or text 988",
        "std::vec::Vec and a::b",
        "we meet at the dot com cafe",
        "one two three four five six seven eight",
        "@ school @ 5",
        "12345678 people",
    ] {
        check(text, text);
    }
}

#[test]
fn the_same_address_keeps_its_number() {
    check(
        "a@mail.example.com, b@mail.example.com, A@mail.example.com, c@mail.example.com",
        "[email], [email-2], [email], [email-3]",
    );
    check("555-010-2345 = (555) 010 2345", "[phone] = [phone]");
    check(
        "[phone] or [phone-4], new: 555-010-2345",
        "[phone] or [phone-4], new: [phone-5]",
    );
}

#[test]
fn spans_point_into_the_original() {
    let text = "ünï \u{200b}s\u{200b}am@mail.example.com 日本";
    let spans = find(text);
    assert_eq!(spans.len(), 1);
    assert_eq!(spans[0].class, Class::Email);
    assert_eq!(
        text.get(spans[0].start..spans[0].end),
        Some("s\u{200b}am@mail.example.com")
    );
}

#[test]
fn long_texts_take_time_in_proportion() {
    for piece in [
        "a@",
        "1 ",
        "1.1.",
        "12 a ",
        "at dot ",
        "::",
        "x@y.",
        "born ",
        "5550102345 ",
        "+(",
    ] {
        let text = piece.repeat(64_000 / piece.len());
        // A quadratic scan of 64 KB would not end within the test's patience.
        assert!(scrub(&text).len() <= text.len() * 8);
    }
}

proptest! {
    #[test]
    fn scrubbing_twice_changes_nothing(text in "[ -~\u{200b}é日\n]{0,200}") {
        let once = scrub(&text);
        prop_assert_eq!(scrub(&once), once);
    }

    #[test]
    fn spans_are_ordered_and_on_boundaries(text in any::<String>()) {
        let mut last = 0;
        for span in find(&text) {
            prop_assert!(span.start >= last && span.end > span.start);
            prop_assert!(text.get(span.start..span.end).is_some());
            last = span.end;
        }
    }

    #[test]
    fn numbers_are_found_anywhere(before in "[a-z .,]{0,40}", after in "[ .,!][a-z .,]{0,40}") {
        let text = format!("{before} 4111111111111111{after}");
        prop_assert!(scrub(&text).contains("[card]"));
    }
}
