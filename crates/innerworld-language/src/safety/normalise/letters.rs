//! View 1: what stands for a letter, read as one.

/// Letters that stand three times or more in a row, once; `None` where none do. "Kiiill" is no word with
/// two, "killll" none with one: this is read beside the other.
pub(super) fn unstretched(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let alike = |three: &[u8]| three.windows(2).all(|two| two.first() == two.last());
    if text.is_ascii() && !bytes.windows(3).any(alike) {
        return None;
    }
    let mut three = text
        .chars()
        .zip(text.chars().skip(1))
        .zip(text.chars().skip(2));
    if !three.any(|((a, b), c)| a == b && b == c && c.is_alphabetic()) {
        return None;
    }
    let mut once = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let mut times = 1;
        while rest.next_if_eq(&c).is_some() {
            times += 1;
        }
        let stretched = times > 2 && c.is_alphabetic();
        once.extend(std::iter::repeat_n(c, if stretched { 1 } else { times }));
    }
    Some(once)
}

/// The word that digits or a symbol alone stand for where other words are written with digits too.
pub(super) fn lone(token: &str) -> Option<&'static str> {
    Some(match token {
        "1" => "i",
        "4" | "@" => "a",
        "15" => "is",
        "17" => "it",
        "45" => "as",
        "47" => "at",
        "50" => "so",
        "70" => "to",
        _ => return None,
    })
}

/// Words with digits for letters that make it so.
const FEWEST_MIXED: usize = 2;

/// View 1: what stands for a letter inside a token that has letters.
pub(super) fn symbols_as_letters(text: &str) -> Option<String> {
    let is_symbol = |c: char| matches!(c, '0'..='9' | '!' | '$' | '@' | '*' | '-' | '.');
    // A mark that ends a word is none inside it.
    let inside = |token: &str| token.trim_end_matches(['.', '!', ',']).contains(is_symbol);
    if !text.contains(is_symbol) || !text.split(' ').any(inside) {
        return None;
    }
    let mixed = |token: &&str| inside(token) && token.chars().any(char::is_alphabetic);
    let digits = |token: &&str| mixed(token) && token.contains(|c: char| c.is_ascii_digit());
    let written_so = text.split(' ').filter(digits).count() >= FEWEST_MIXED;
    let mut read = String::with_capacity(text.len());
    for (place, token) in text.split(' ').enumerate() {
        if place > 0 {
            read.push(' ');
        }
        let word = lone(token).filter(|_| written_so);
        if mixed(&token) {
            push_without_inner_marks(&mut read, &letters_of(token));
        } else if let Some(word) = word {
            read.push_str(word);
        } else {
            read.push_str(token);
        }
    }
    Some(read)
}

fn letters_of(token: &str) -> String {
    let mut letters: Vec<char> = Vec::with_capacity(token.len());
    let mut inside = false;
    // From the end, since an exclamation mark counts only before more of the word.
    for c in token.chars().rev() {
        inside = inside || c.is_alphanumeric() || matches!(c, '$' | '@');
        letters.push(match c {
            '1' => 'i',
            '!' if inside => 'i',
            '3' => 'e',
            '0' => 'o',
            '$' | '5' => 's',
            '@' | '4' => 'a',
            '7' => 't',
            _ => c,
        });
    }
    letters.into_iter().rev().collect()
}

/// Drops a single `*`, `-` or `.` between two letters; a row of them separates words.
fn push_without_inner_marks(read: &mut String, token: &str) {
    let mut before = ' ';
    let mut rest = token.chars().peekable();
    while let Some(c) = rest.next() {
        let inner = matches!(c, '*' | '-' | '.')
            && before.is_alphanumeric()
            && rest.peek().is_some_and(|next| next.is_alphanumeric());
        if !inner {
            read.push(c);
        }
        before = c;
    }
}
