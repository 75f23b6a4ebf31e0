//! About how wide a text is, without a font at hand, and how to cut it.

/// Widths in parts of the font's size, as those of usual sans-serif fonts, or a little more.
fn of_char(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '’' | '|' | '!' | 'I' => 0.29,
        'f' | 't' | 'r' | '(' | ')' | '-' | ' ' | '/' => 0.36,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '—' => 0.88,
        'A'..='Z' | '&' => 0.69,
        '\u{0}'..='\u{24f}' => 0.57,
        '\u{300}'..='\u{36f}' => 0.0,
        _wide => 1.02,
    }
}

/// The width of `text` in a font of this size.
pub(super) fn of(text: &str, size: f64) -> f64 {
    text.chars().map(of_char).sum::<f64>() * size
}

/// As much of `text` as fits, with an ellipsis where it was cut.
pub(super) fn cut(text: &str, size: f64, most: f64) -> String {
    if of(text, size) <= most {
        return text.to_owned();
    }
    let room = most - of("…", size);
    let mut used = 0.0;
    let kept = text.chars().take_while(|c| {
        used += of_char(*c) * size;
        used <= room
    });
    let kept: String = kept.collect();
    format!("{}…", kept.trim_end())
}

/// `text` inside of an element or an attribute. What XML cannot hold becomes a space.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push(' '),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A count as a length.
pub(super) fn real(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// A length with one decimal at most.
pub(super) fn short(length: f64) -> String {
    let rounded = (length * 10.0).round() / 10.0;
    // No "-0".
    format!("{}", rounded + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_text_fits() {
        for text in [
            "short",
            &"wide enough to be cut ".repeat(9),
            &"漢".repeat(40),
        ] {
            assert!(of(&cut(text, 14.0, 120.0), 14.0) <= 120.0, "{text}");
        }
        assert_eq!(cut("short", 14.0, 120.0), "short");
    }

    #[test]
    fn what_xml_cannot_hold_is_not_written() {
        assert_eq!(escape("<a> & \"b\"\u{1}"), "&lt;a&gt; &amp; &quot;b&quot; ");
    }

    #[test]
    fn lengths_are_short() {
        assert_eq!([short(1.0), short(2.25), short(-0.01)], ["1", "2.3", "0"]);
    }
}
