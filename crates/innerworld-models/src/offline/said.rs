//! What was said in this session, so that no line comes twice.

use innerworld_core::secret::Text;

/// Earlier answers, in words: lower case, without punctuation.
pub(super) struct Said(Vec<String>);

impl Said {
    pub(super) fn new(answers: &[Text]) -> Self {
        Self(answers.iter().map(|text| words(text.reveal())).collect())
    }

    /// The newest answer that holds `line`, by its position; `None` if no answer does. Of a line
    /// with a placeholder its longest fixed part is looked for.
    pub(super) fn last(&self, line: &str) -> Option<usize> {
        let fixed = fixed_parts(line).max_by_key(String::len)?;
        self.0.iter().rposition(|answer| answer.contains(&fixed))
    }

    /// Whether any answer holds this text.
    pub(super) fn holds(&self, text: &str) -> bool {
        let text = words(text);
        text.trim().is_empty() || self.0.iter().any(|answer| answer.contains(&text))
    }
}

/// The parts of a line around its placeholders (`{name}`), each as words.
fn fixed_parts(line: &str) -> impl Iterator<Item = String> + '_ {
    line.split('{').map(|part| {
        let fixed = part
            .split_once('}')
            .map_or(part, |(_placeholder, rest)| rest);
        words(fixed)
    })
}

/// Words with one space around each, so that parts match at word boundaries only.
fn words(text: &str) -> String {
    let lower = text.to_lowercase();
    let mut words = " ".to_owned();
    for word in lower.split(|c: char| !c.is_alphanumeric()) {
        if !word.is_empty() {
            words.push_str(word);
            words.push(' ');
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_with_names_added_and_placeholders_filled() {
        let said = Said::new(&[
            Text::new("That sounds heavy, Sam. What part does Maya play in this?".to_owned()),
            Text::new("You said: you like maps. Still so?".to_owned()),
        ]);
        assert_eq!(said.last("That sounds heavy."), Some(0));
        assert_eq!(said.last("What part does {name} play in this?"), Some(0));
        assert_eq!(said.last("You said: {fact}. Still so?"), Some(1));
        assert_eq!(said.last("That sounds heavier."), None);
        assert!(said.holds("you like maps"));
        assert!(!said.holds("you like map"));
    }
}
