//! What kind of message it is, as far as a few phrases tell. Everything else is talk.

/// What a message asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Whether this is a human being.
    AsksNature,
    /// Whether something is remembered.
    AsksMemory,
    /// The end of the talk.
    Farewell,
    /// A bare greeting.
    Greeting,
    /// A bare thank-you.
    Thanks,
    /// Some other question.
    Question,
    /// Anything else.
    Talk,
}

const NATURE: [&str; 14] = [
    "are you real",
    "are you human",
    "are you a human",
    "are you a person",
    "are you a real",
    "are you actually real",
    "are you an ai",
    "are you a bot",
    "are you a robot",
    "are you chatgpt",
    "are u real",
    "are u human",
    "am i talking to a",
    "who are you",
];
const MEMORY: [&str; 6] = [
    "do you remember",
    "do u remember",
    "you remember what",
    "remember when i",
    "what do you know about me",
    "remember me",
];
const FAREWELLS: [&str; 10] = [
    "bye",
    "goodbye",
    "good night",
    "goodnight",
    "gotta go",
    "got to go",
    "have to go",
    "see you",
    "see ya",
    "talk later",
];
const GREETINGS: [&str; 9] = [
    "hi",
    "hey",
    "hello",
    "yo",
    "hiya",
    "good morning",
    "good evening",
    "heyy",
    "sup",
];
const THANKS: [&str; 6] = ["thanks", "thank you", "thx", "ty", "thank u", "cheers"];

/// Most words of a bare greeting, thank-you or farewell.
const BARE_WORDS: usize = 5;

impl Act {
    pub(super) fn of(message: &str) -> Self {
        let lower = message.to_lowercase();
        let words: Vec<&str> = lower
            .split(|c: char| !c.is_alphanumeric() && c != '\'')
            .filter(|word| !word.is_empty())
            .collect();
        let text = format!(" {} ", words.join(" "));
        let says = |phrases: &[&str]| {
            phrases
                .iter()
                .any(|phrase| text.contains(&format!(" {phrase} ")))
        };
        let begins = |phrases: &[&str]| {
            phrases
                .iter()
                .any(|phrase| text.starts_with(&format!(" {phrase} ")))
        };
        let bare = words.len() <= BARE_WORDS;
        let asks = lower.trim_end().ends_with('?');
        if says(&NATURE) {
            Self::AsksNature
        } else if says(&MEMORY) {
            Self::AsksMemory
        } else if asks {
            Self::Question
        } else if bare && says(&FAREWELLS) {
            Self::Farewell
        } else if bare && begins(&GREETINGS) {
            Self::Greeting
        } else if bare && begins(&THANKS) {
            Self::Thanks
        } else {
            Self::Talk
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_told_apart() {
        let cases = [
            ("are you a real person?", Act::AsksNature),
            ("wait, are you human", Act::AsksNature),
            ("do you remember my sister?", Act::AsksMemory),
            ("ok gotta go", Act::Farewell),
            ("good night!", Act::Farewell),
            ("he said bye to everyone but not to me", Act::Talk),
            ("hi", Act::Greeting),
            ("Hey Courage :)", Act::Greeting),
            ("hi, I failed the test and my dad is furious", Act::Talk),
            ("thanks", Act::Thanks),
            ("what should I do?", Act::Question),
            ("hey how are you?", Act::Question),
            ("I froze again", Act::Talk),
            ("", Act::Talk),
        ];
        for (message, wanted) in cases {
            assert_eq!(Act::of(message), wanted, "{message}");
        }
    }
}
