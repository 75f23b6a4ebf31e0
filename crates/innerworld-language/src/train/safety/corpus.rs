//! The invented messages that the scorer learns from, a JSON object a line.

use innerworld_core::safety::screen::Category;
use serde::Deserialize;

use crate::train::TrainError;

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// Help should be shown.
    Risk,
    /// It should not.
    Benign,
}

/// A message of the corpus.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CorpusLine {
    /// Which.
    pub id: String,
    /// The words.
    pub text: String,
    /// What it is.
    pub label: Label,
    /// What the danger is, of a risk.
    #[serde(default)]
    pub category: Option<Category>,
    /// Whether it holds a phrase that says so plainly, by its author's judgement.
    #[serde(default)]
    pub explicit: bool,
    /// Lines of one idea.
    pub family: String,
    /// Who wrote it.
    pub author: String,
    /// Language, as `en`.
    pub lang: String,
    /// The scripted conversation that it is a line of.
    #[serde(default)]
    pub session: Option<String>,
}

impl CorpusLine {
    /// Whether it is an ordinary message: one of every day that was not written to sound like more.
    pub fn is_ordinary(&self) -> bool {
        self.label == Label::Benign && self.is_of("plain-")
    }

    /// Whether its family, without its author, begins like this.
    pub fn is_of(&self, family: &str) -> bool {
        let own = self.family.strip_prefix(&self.author);
        let own = own.unwrap_or(&self.family).trim_start_matches('-');
        own.starts_with(family)
    }
}

/// Reads a file.
///
/// # Errors
/// [`TrainError::Data`] names the first line that is no message, or a risk of no category.
pub fn read_corpus(content: &str) -> Result<Vec<CorpusLine>, TrainError> {
    let lines = (1..).zip(content.lines());
    lines
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(line, json)| {
            let bad = |reason| TrainError::Data { line, reason };
            let read: CorpusLine = serde_json::from_str(json)
                .map_err(|_error| bad("a message of the corpus is expected"))?;
            if read.label == Label::Risk && read.category.is_none() {
                return Err(bad("a risk has a category"));
            }
            Ok(read)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(rest: &str) -> String {
        format!(
            r#"{{"id":"a-1","text":"the <means> is here","family":"a-plain-x","author":"a","lang":"en",{rest}}}"#
        )
    }

    #[test]
    fn a_risk_has_a_category() {
        assert!(read_corpus(&line(r#""label":"risk""#)).is_err());
        assert!(read_corpus("no json").is_err());
        let read = read_corpus(&line(r#""label":"benign""#)).unwrap();
        assert!(read.iter().all(CorpusLine::is_ordinary));
    }
}
