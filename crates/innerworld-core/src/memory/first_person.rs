//! A question about two people, put as one of them would say it.

/// Replaces every name of a speaker by "I", and with a possessive by "my": a name in a question
/// draws an encoder to the turns that say the name, which are the other speaker's.
pub(super) fn in_first_person(text: &str, speakers: &[&str]) -> String {
    let mut said = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let inside_a_word = said.chars().next_back().is_some_and(is_word);
        let name = speakers
            .iter()
            .filter(|_| !inside_a_word)
            .find_map(|name| after_name(rest, name));
        if let Some((put, after)) = name {
            said.push_str(put);
            rest = after;
        } else {
            said.push(letter);
            rest = rest.get(letter.len_utf8()..).unwrap_or_default();
        }
    }
    said
}

/// What stands for `name` at the start of `text`, and what comes after it.
fn after_name<'t>(text: &'t str, name: &str) -> Option<(&'static str, &'t str)> {
    let (head, after) = text.split_at_checked(name.len())?;
    if name.is_empty() || !head.eq_ignore_ascii_case(name) {
        return None;
    }
    let possessive = ["'s", "’s"]
        .into_iter()
        .find_map(|mark| after.strip_prefix(mark));
    match possessive {
        Some(after) if ends_word(after) => Some(("my", after)),
        _ => ends_word(after).then_some(("I", after)),
    }
}

fn ends_word(after: &str) -> bool {
    !after.chars().next().is_some_and(is_word)
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_the_first_person() {
        let asked = |text| in_first_person(text, &["Ana", "Bo"]);
        assert_eq!(asked("What did Ana buy?"), "What did I buy?");
        assert_eq!(asked("When was ana's party?"), "When was my party?");
        assert_eq!(asked("Ana’s and BO's dog"), "my and my dog");
        assert_eq!(asked("Anabel and Bob at Nana"), "Anabel and Bob at Nana");
        assert_eq!(asked("Did Bo meet Ana"), "Did I meet I");
        assert_eq!(asked("你好 Bo"), "你好 I");
        assert_eq!(in_first_person("a", &[""]), "a");
    }
}
