//! Labelled sentences: a word a line, its label behind a tab, an empty line after each sentence.

use super::TrainError;

/// A sentence with its labels as they are written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tagged {
    /// The words.
    pub words: Vec<String>,
    /// A label each.
    pub labels: Vec<String>,
}

/// Reads the sentences of a file. A line of nothing but white space ends a sentence too.
///
/// # Errors
/// [`TrainError::Data`] names the first line that has a word and no label.
pub fn read_tagged(content: &str) -> Result<Vec<Tagged>, TrainError> {
    let mut sentences = Vec::new();
    let mut sentence = Tagged::default();
    for (place, line) in content.trim_start_matches('\u{feff}').lines().enumerate() {
        if line.trim().is_empty() {
            if !sentence.words.is_empty() {
                sentences.push(std::mem::take(&mut sentence));
            }
            continue;
        }
        let (word, label) = line.rsplit_once(['\t', ' ']).ok_or(TrainError::Data {
            line: place + 1,
            reason: "a word, a tab and a label are expected",
        })?;
        let word = word.split('\t').next().unwrap_or(word);
        sentence.words.push(word.trim().to_owned());
        sentence.labels.push(label.trim().to_owned());
    }
    if !sentence.words.is_empty() {
        sentences.push(sentence);
    }
    Ok(sentences)
}

impl Tagged {
    /// Mends tweets whose handles and tags were cut in two: `@` and the name become one word that
    /// is no name (but for "at" before a place), `#` and the word one word with the word's label.
    #[must_use]
    pub fn with_handles_joined(self) -> Self {
        let mut mended = Self::default();
        let mut pairs = self.words.into_iter().zip(self.labels).peekable();
        while let Some((mut word, mut label)) = pairs.next() {
            let next = pairs.peek().map(|(_, label)| label.as_str());
            let at_a_place = label == "O" && next == Some("B-LOC");
            let is_cut = (word == "@" && !at_a_place) || word == "#";
            if is_cut && let Some((name, named)) = pairs.next() {
                label = if word == "#" { named } else { "O".to_owned() };
                word.push_str(&name);
            }
            mended.words.push(word);
            mended.labels.push(label);
        }
        mended
    }

    /// The words as clusters and name lists have them: lower case, digits as 0, without `#`.
    pub fn listed(&self) -> Vec<String> {
        let words = self.words.iter();
        words.map(|word| crate::tagger::listed(word)).collect()
    }

    /// The same in lower case, as teens write.
    #[must_use]
    pub fn lower_case(&self) -> Self {
        Self {
            words: self.words.iter().map(|word| word.to_lowercase()).collect(),
            labels: self.labels.clone(),
        }
    }
}
