//! The time that a client signs: `Thu Nov 5 09:07:03 UTC 2026`, in English whatever its language.

use jiff::civil::DateTime;

use crate::clock::Timestamp;

const READ: &str = "%a %b %d %H:%M:%S UTC %Y";
const WRITE: &str = "%a %b %-d %H:%M:%S UTC %Y";
/// Bytes of the longest stamp.
const LONGEST: usize = 28;

/// `now` in whole seconds, as it travels.
pub fn stamp(now: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(now.as_millis())
        .unwrap_or_default()
        .strftime(WRITE)
        .to_string()
}

/// Reads what [`stamp`] writes, and nothing else: a day has no leading zero and is the weekday it
/// says.
pub fn read_stamp(text: &str) -> Option<Timestamp> {
    if text.len() > LONGEST {
        return None;
    }
    let read = DateTime::strptime(READ, text).ok()?;
    let instant = jiff::tz::Offset::UTC.to_timestamp(read).ok()?;
    let instant = Timestamp::from_millis(instant.as_millisecond());
    (stamp(instant) == text).then_some(instant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_form_is_read() {
        let text = "Thu Nov 5 09:07:03 UTC 2026";
        let read = read_stamp(text).unwrap();
        assert_eq!(read.to_rfc3339(), "2026-11-05T09:07:03Z");
        assert_eq!(stamp(read), text);
        for wrong in [
            "",
            "Thu Nov 05 09:07:03 UTC 2026",
            "Fri Nov 5 09:07:03 UTC 2026",
            "Thu Nov 5 9:07:03 UTC 2026",
            "Thu Nov 5 09:07:03 CET 2026",
            "Thu Nov 5 09:07:03 +0000 2026",
            "Thu Nov 31 09:07:03 UTC 2026",
            "Thu Nov 5 25:07:03 UTC 2026",
            "Do Nov 5 09:07:03 UTC 2026",
            "2026-11-05T09:07:03Z",
            " Thu Nov 5 09:07:03 UTC 2026",
            "Thu Nov 5 09:07:03 UTC 2026 and so on",
        ] {
            assert_eq!(read_stamp(wrong), None, "{wrong}");
        }
    }
}
