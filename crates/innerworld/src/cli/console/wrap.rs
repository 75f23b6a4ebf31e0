//! Breaks lines between words, also while the words are still coming.

use unicode_width::UnicodeWidthChar as _;

/// Narrower terminals get their lines unbroken.
const NARROWEST: usize = 20;

/// Where the current line of a terminal is, and the word that is not complete yet.
#[derive(Debug, Default)]
pub(super) struct Wrap {
    /// Cells of the terminal; `None` breaks nothing.
    width: Option<usize>,
    column: usize,
    word: String,
    word_width: usize,
    /// Inside of a colour sequence, which takes no cell.
    escape: bool,
}

impl Wrap {
    /// Sets the width of the terminal, which a person may change at any time.
    pub(super) fn set_width(&mut self, width: Option<usize>) {
        self.width = width.filter(|width| *width >= NARROWEST);
    }

    /// Takes text; gives what can be written. The last word waits until it is complete.
    pub(super) fn push(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() + 8);
        for c in text.chars() {
            match c {
                '\n' => {
                    self.place(&mut out);
                    out.push('\n');
                    self.column = 0;
                }
                ' ' if !self.escape => {
                    self.place(&mut out);
                    // A blank that would stand behind the last cell is what the break replaces.
                    if self.width.is_none_or(|width| self.column < width) {
                        out.push(' ');
                        self.column += 1;
                    }
                }
                _ => self.add(c),
            }
        }
        out
    }

    /// Completes the last word.
    pub(super) fn flush(&mut self) -> String {
        let mut out = String::new();
        self.place(&mut out);
        out
    }

    /// A person ended the line.
    pub(super) fn line_ended(&mut self) {
        self.column = 0;
    }

    fn add(&mut self, c: char) {
        self.word.push(c);
        if self.escape {
            self.escape = c != 'm';
        } else if c == '\u{1b}' {
            self.escape = true;
        } else {
            self.word_width += c.width().unwrap_or(0);
        }
    }

    fn place(&mut self, out: &mut String) {
        let fits = |width| self.column + self.word_width <= width;
        if self.column > 0 && !self.width.is_none_or(fits) {
            out.push('\n');
            self.column = 0;
        }
        out.push_str(&self.word);
        self.column += self.word_width;
        self.word.clear();
        self.word_width = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(width: usize, pieces: &[&str]) -> String {
        let mut wrap = Wrap::default();
        wrap.set_width(Some(width));
        let mut out: String = pieces.iter().map(|piece| wrap.push(piece)).collect();
        out.push_str(&wrap.flush());
        out
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(
            wrapped(20, &["one two three four five six"]),
            "one two three four \nfive six"
        );
        // Exactly full: the blank is the break.
        assert_eq!(
            wrapped(20, &["one two three fourty seven"]),
            "one two three fourty\nseven"
        );
    }

    #[test]
    fn pieces_of_a_word_stay_together() {
        let whole = wrapped(20, &["it comes word by wonderful word"]);
        let pieces = wrapped(20, &["it com", "es wor", "d by won", "der", "ful ", "word"]);
        assert_eq!(whole, pieces);
        assert_eq!(whole, "it comes word by \nwonderful word");
    }

    #[test]
    fn colours_take_no_room_and_wide_letters_two_cells() {
        assert_eq!(
            wrapped(20, &["\u{1b}[1mCourage:\u{1b}[0m one two three"]),
            "\u{1b}[1mCourage:\u{1b}[0m one two \nthree"
        );
        assert_eq!(
            wrapped(20, &["日本語日本語日本 語語"]),
            "日本語日本語日本 \n語語"
        );
    }

    #[test]
    fn without_a_width_nothing_changes() {
        let text = "a line that is longer than twenty cells, and so on\n\n  x";
        let mut wrap = Wrap::default();
        let mut out = wrap.push(text);
        out.push_str(&wrap.flush());
        assert_eq!(out, text);
        wrap.set_width(Some(3));
        assert_eq!(wrap.push("a b c d e f\n"), "a b c d e f\n");
    }
}
