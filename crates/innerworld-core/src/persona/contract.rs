//! What no persona may say by itself, whoever wrote its file.
//!
//! Companions for minors must not lure them back, praise them without measure, claim to feel, ask
//! for secrecy or play at love (safety.md, L6 and L12). The output filter looks at what a model
//! says; this looks at what a data file makes a persona say.

/// Phrases that must not be in a line a persona speaks: the reason, then the phrases as words in
/// lower case without punctuation.
const FORBIDDEN: [(&str, &[&str]); 8] = [
    (
        "claims human feelings or a body",
        &[
            "i love",
            "i miss",
            "i missed",
            "i feel",
            "i care about",
            "i am proud",
            "i m proud",
            "proud of you",
            "i worry",
            "i am worried",
            "i am human",
            "i m human",
            "a real person like",
            "hug you",
            "i am lonely",
            "i ll be lonely",
        ],
    ),
    (
        "plays at love",
        &[
            "love you",
            "kiss",
            "darling",
            "sweetheart",
            "honey",
            "babe",
            "crush on you",
            "date me",
        ],
    ),
    (
        "makes leaving hard or calls back",
        &[
            "don t go",
            "don t leave",
            "stay with me",
            "stay a little",
            "come back",
            "see you tomorrow",
            "talk tomorrow",
            "before you go",
            "i ll be waiting",
            "waiting for you",
            "streak",
            "days in a row",
            "always here for you",
        ],
    ),
    (
        "asks for secrecy",
        &[
            "our secret",
            "keep it secret",
            "keep this secret",
            "between us",
            "don t tell",
            "do not tell",
            "nobody needs to know",
        ],
    ),
    (
        "sets itself above real people",
        &[
            "only i",
            "nobody understands you",
            "i understand you better",
            "you only need me",
        ],
    ),
    (
        "praises without measure",
        &[
            "amazing",
            "incredible",
            "awesome",
            "you are so talented",
            "you re so talented",
            "you are special",
            "you re special",
            "the best person",
            "genius",
            "superstar",
        ],
    ),
    (
        "sounds like treatment",
        &[
            "diagnos",
            "as your therapist",
            "as a therapist",
            "treatment",
            "medication",
            "therapy session",
            "depression",
            "disorder",
            "symptom",
        ],
    ),
    ("carries contact data", &["http", "www", "com", "dot com"]),
];

/// Why `line` must not be spoken; empty if it may.
pub fn breaches(line: &str) -> Vec<&'static str> {
    let words = words_of(line);
    let mut found: Vec<&'static str> = FORBIDDEN
        .iter()
        .filter(|(_, phrases)| phrases.iter().any(|phrase| holds(&words, phrase)))
        .map(|(reason, _)| *reason)
        .collect();
    if line.contains('@') || has_number(line) {
        found.push("carries contact data");
    }
    found
}

/// Three digits or more, also with blanks and marks between them.
fn has_number(line: &str) -> bool {
    let mut digits = 0;
    for c in line.chars() {
        if c.is_ascii_digit() {
            digits += 1;
        } else if !" -./()+".contains(c) {
            digits = 0;
        }
        if digits >= 3 {
            return true;
        }
    }
    false
}

/// `diagnos` stands for all its forms; everything else matches whole words.
fn holds(words: &str, phrase: &str) -> bool {
    let open_ended = phrase == "diagnos";
    words.match_indices(phrase).any(|(at, _)| {
        let before = words.get(..at).unwrap_or("");
        let after = words.get(at + phrase.len()..).unwrap_or("");
        before.ends_with(' ') && (open_ended || after.starts_with(' '))
    })
}

/// Lower-case words parted by single blanks, with one at each end.
fn words_of(line: &str) -> String {
    let spaced: String = line
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .flat_map(char::to_lowercase)
        .collect();
    let mut words = String::from(" ");
    for word in spaced.split_whitespace() {
        words.push_str(word);
        words.push(' ');
    }
    words
}

#[cfg(test)]
mod tests {
    use super::breaches;

    #[test]
    fn what_lures_flatters_or_claims_is_found() {
        for line in [
            "I miss you already.",
            "That's AMAZING!",
            "Don't tell your mum.",
            "Come back tomorrow and we go on.",
            "I’m proud of you.",
            "This could be a disorder.",
            "That sounds like a diagnosis.",
            "Call 555 0100 for help.",
            "Write to a@b.example",
        ] {
            assert!(!breaches(line).is_empty(), "{line}");
        }
    }

    #[test]
    fn ordinary_lines_pass() {
        for line in [
            "What would your best friend tell you?",
            "Some things only show when it is quiet.",
            "Nought to ten, or even 10 of 10?",
            "A comet crossed the sky.",
        ] {
            assert_eq!(breaches(line), Vec::<&str>::new(), "{line}");
        }
    }
}
