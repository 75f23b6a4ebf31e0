//! Ways to write so that a list of words does not see it.

/// One way.
#[derive(Clone, Copy, Debug)]
pub(super) enum Disguise {
    Capitals,
    Digits,
    Stretched,
    Invisible,
    LookAlikes,
    Starred,
    Spelled,
}

impl Disguise {
    pub(super) const ALL: [Self; 7] = [
        Self::Capitals,
        Self::Digits,
        Self::Stretched,
        Self::Invisible,
        Self::LookAlikes,
        Self::Starred,
        Self::Spelled,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Capitals => "in capitals",
            Self::Digits => "digits for letters",
            Self::Stretched => "stretched vowels",
            Self::Invisible => "invisible characters",
            Self::LookAlikes => "look-alikes of another alphabet",
            Self::Starred => "marks inside of words",
            Self::Spelled => "the longest words letter by letter",
        }
    }

    /// The text in this disguise.
    pub(super) fn wear(self, text: &str) -> String {
        match self {
            Self::Capitals => text.to_uppercase(),
            Self::Digits => swapped(text, &[('i', '1'), ('e', '3'), ('o', '0'), ('a', '4')]),
            Self::Stretched => stretched(text),
            Self::Invisible => text
                .chars()
                .flat_map(|letter| [letter, '\u{200b}'])
                .collect(),
            Self::LookAlikes => swapped(text, &[('a', 'а'), ('e', 'е'), ('o', 'о')]),
            Self::Starred => words(text, |word| match word.char_indices().nth(1) {
                Some((at, _)) if word.chars().count() >= 4 => {
                    let (first, rest) = word.split_at(at);
                    format!("{first}*{rest}")
                }
                _ => word.to_owned(),
            }),
            Self::Spelled => words(text, |word| {
                let letters = word.chars().filter(|letter| letter.is_alphabetic()).count();
                if letters >= 5 {
                    let letters: Vec<String> = word.chars().map(String::from).collect();
                    letters.join(" ")
                } else {
                    word.to_owned()
                }
            }),
        }
    }
}

fn swapped(text: &str, pairs: &[(char, char)]) -> String {
    let swap = |letter: char| {
        let pair = pairs.iter().find(|(from, _)| *from == letter);
        pair.map_or(letter, |(_, to)| *to)
    };
    text.chars().map(swap).collect()
}

/// Every word's last vowel, four times.
fn stretched(text: &str) -> String {
    words(text, |word| {
        let vowel = word
            .char_indices()
            .rev()
            .find(|(_, letter)| "aeiou".contains(*letter));
        match vowel {
            Some((at, letter)) if word.chars().count() >= 4 => {
                let (before, after) = word.split_at(at);
                format!("{before}{}{after}", letter.to_string().repeat(3))
            }
            _ => word.to_owned(),
        }
    })
}

fn words(text: &str, change: impl Fn(&str) -> String) -> String {
    let words: Vec<String> = text.split(' ').map(change).collect();
    words.join(" ")
}
